// SPDX-License-Identifier: BSD-2-Clause
/* x0top programs verify: checks objects, and loads them for the kernel's verdict. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/command_programs.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/object_verify.h"
#include "kernel/verifier_report.h"
#include "plugins/plugin_file.h"
#include "programs/plugin_names.h"
#include "programs/programs.h"

#define OBJECT_SUFFIX ".bpf.o"

static void print_report(const char *name, const struct object_report *report)
{
	printf("%s: good\n", name);
	printf("  64-bit ELF for BPF, licence \"%s\", %u sections, %u symbols, %u relocations, "
	       "%u maps, BTF of %u types%s\n",
		report->license, report->n_sections, report->symbols, report->relocations,
		report->maps, report->btf_types, report->btf_ext ? " with line information" : "");
	for (uint32_t i = 0; i < report->n_sections; i++)
		if (report->sections[i].code && report->sections[i].bytes > 0)
			printf("  section %-28s %6llu instructions, %u relocations\n",
				report->sections[i].name,
				(unsigned long long)report->sections[i].bytes / 8,
				report->sections[i].relocations);
	for (uint32_t i = 0; i < report->n_functions; i++)
		printf("  function %-27s %6u instructions\n", report->functions[i].name,
			report->functions[i].instructions);
}

static const char *verdict(int error)
{
	switch (error) {
	case -EPERM:
		return "not asked";
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return "no verdict"; /* it did not come to it */
	default:
		return "refused";
	}
}

static void print_verifier_report(const struct verifier_report *report, void *context)
{
	const bool *verbose = context;

	printf("  this kernel: %-23s ", report->program);
	if (report->failure.error == 0)
		printf("%6u verified, stack %u bytes%s", report->verified, report->stack,
			report->deepest ? " at the deepest" : " in all functions");
	else
		printf("%s", verdict(report->failure.error));
	printf("%s%s\n", report->variant[0] == '\0' ? "" : ", ", report->variant);
	if (report->failure.error < 0)
		printf("    %s.\n", report->failure.what);
	if (*verbose && report->failure.cause[0] != '\0')
		printf("%s\n", report->failure.cause);
}

/* Checks the contents and, before loading, that libbpf survives the file. */
static int verify_bytes(
	const char *name, const uint8_t *data, size_t size, bool load, struct failure *failure)
{
	struct object_report *report = malloc(sizeof(*report));

	if (report == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to verify %s", name);
	int error = object_verify(data, size, name, report, failure);
	if (error == 0 && load)
		error = object_verify_load(data, size, name, failure);
	if (error == 0)
		print_report(name, report);
	free(report);
	return error;
}

static int verify_built_in(const char *name, bool verbose, struct failure *failure)
{
	const uint8_t *data;
	size_t size;
	int error = object_built_in_bytes(name, &data, &size, failure);

	if (error == 0)
		error = verify_bytes(name, data, size, false, failure);
	if (error == 0)
		error = verifier_report_object(name, "", program_object_variants(name),
			print_verifier_report, &verbose, failure);
	return error;
}

/* Verifies a file. Loads it into the kernel only if its name ends in OBJECT_SUFFIX. */
static int verify_file(const char *path, bool verbose, struct failure *failure)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	size_t length = strlen(base);
	bool load = length > strlen(OBJECT_SUFFIX) &&
		    strcmp(base + length - strlen(OBJECT_SUFFIX), OBJECT_SUFFIX) == 0;
	char folder[512] = ".", name[NAME_LEN * 2];
	uint8_t *data;
	size_t size;
	int error = object_read_file(path, &data, &size, failure);

	if (error < 0)
		return error;
	error = verify_bytes(path, data, size, load, failure);
	free(data);
	if (error < 0 || !load)
		return error;
	if (slash != NULL)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	snprintf(name, sizeof(name), "%.*s", (int)(length - strlen(OBJECT_SUFFIX)), base);
	return verifier_report_object(name, slash == path ? "/" : folder,
		program_object_variants(name), print_verifier_report, &verbose, failure);
}

/* Verifies a file, or what a name without folder stands for: a built-in object, or a plugin of PLUGIN_FOLDER. */
static int verify_one(const char *file, bool verbose, struct failure *failure)
{
	char path[SETTINGS_PATH_LEN];
	const uint8_t *data;
	size_t size;

	if (strchr(file, '/') != NULL || access(file, F_OK) == 0)
		return verify_file(file, verbose, failure);
	if (object_built_in_bytes(file, &data, &size, failure) == 0)
		return verify_built_in(file, verbose, failure);
	if (snprintf(path, sizeof(path), PLUGIN_FOLDER "/%s" PLUGIN_SUFFIX, file) <
			(int)sizeof(path) &&
		access(path, F_OK) == 0)
		return verify_file(path, verbose, failure);
	return verify_file(file, verbose, failure);
}

static int verify_all(bool verbose)
{
	char paths[PLUGINS_MAX][SETTINGS_PATH_LEN];
	struct failure failure;
	int status = EXIT_ALL_RAN;
	const char *name;

	for (uint32_t i = 0; (name = object_built_in(i)) != NULL; i++)
		if (verify_built_in(name, verbose, &failure) < 0)
			status = command_failed(&failure, verbose);
	int n = plugin_file_list(PLUGIN_FOLDER, paths[0], sizeof(paths[0]), PLUGINS_MAX, &failure);
	if (n < 0)
		status = command_failed(&failure, verbose);
	for (int i = 0; i < n; i++)
		if (verify_file(paths[i], verbose, &failure) < 0)
			status = command_failed(&failure, verbose);
	return status;
}

int programs_verify(int n, char **files, bool verbose)
{
	struct failure failure;
	int status = EXIT_ALL_RAN;

	messages_capture(false);
	if (n == 0)
		return verify_all(verbose);
	for (int i = 0; i < n; i++)
		if (verify_one(files[i], verbose, &failure) < 0)
			status = command_failed(&failure, verbose);
	return status;
}
