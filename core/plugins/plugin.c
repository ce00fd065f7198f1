// SPDX-License-Identifier: BSD-2-Clause
/* Reads plugins, and checks what libbpf and the kernel would do with them before either does it. */
#include "plugins/plugin.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/object_verify.h"
#include "plugins/place.h"
#include "plugins/plugin_file.h"
#include "plugins/plugin_sign.h"

/* --- sections -------------------------------------------------------------------------------- */

static const struct plugin_section sections[] = {
	{ "xdp", PLUGIN_XDP, "XDP" },
	{ "xdp.frags", PLUGIN_XDP, "XDP" },
	{ "tc", PLUGIN_TC, "TC" },
	{ "classifier", PLUGIN_TC, "TC" },
	{ "tc/ingress", PLUGIN_TC, "TC" },
	{ "tc/egress", PLUGIN_TC, "TC" },
	{ "tcx/ingress", PLUGIN_TC, "TC" },
	{ "tcx/egress", PLUGIN_TC, "TC" },
	{ "classifier/ingress", PLUGIN_TC, "TC" },
	{ "classifier/egress", PLUGIN_TC, "TC" },
	{ "tracepoint/", PLUGIN_TRACE, "tracepoint" },
	{ "tp/", PLUGIN_TRACE, "tracepoint" },
	{ "raw_tracepoint/", PLUGIN_TRACE, "tracepoint" },
	{ "raw_tp/", PLUGIN_TRACE, "tracepoint" },
	{ "tp_btf/", PLUGIN_TRACE, "tracepoint" },
	{ "kprobe/", PLUGIN_TRACE, "kprobe" },
	{ "kretprobe/", PLUGIN_TRACE, "kprobe" },
	{ "fentry/", PLUGIN_TRACE, "fentry" },
	{ "fexit/", PLUGIN_TRACE, "fentry" },
};

const struct plugin_section *plugin_section(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const char *prefix = sections[i].prefix;
		size_t length = strlen(prefix);
		if (prefix[length - 1] == '/'
				? strncmp(name, prefix, length) == 0 && name[length] != '\0'
				: strcmp(name, prefix) == 0)
			return &sections[i];
	}
	return NULL;
}

uint32_t plugin_tc_hook(const char *section, const char *program)
{
	const char *slash = strchr(section, '/');

	/* "tc" alone says no direction; authors put it into the name. */
	return strstr(slash != NULL ? slash : program, "egress") != NULL ? TC_HOOK_EGRESS
									 : TC_HOOK_INGRESS;
}

static int wrong_section(const struct plugin *plugin, const struct verified_function *function,
	struct failure *failure)
{
	failure_set(failure, -ENOTSUP,
		"%s: no program of a plugin attaches as %.60s does: section %.60s", plugin->name,
		function->name, function->section);
	return failure_remedy(
		failure, "Use xdp, tc, tcx/, tracepoint/, raw_tp/, tp_btf/, kprobe/ or fentry/");
}

/* Learns from the sections what the plugin is. Functions in .text are called by programs. */
static int read_sections(
	struct plugin *plugin, const struct object_report *report, struct failure *failure)
{
	uint32_t xdp = 0, programs = 0, tc[TC_HOOKS] = { 0 };

	for (uint32_t i = 0; i < report->n_functions; i++) {
		const struct verified_function *function = &report->functions[i];
		if (strcmp(function->section, ".text") == 0)
			continue;
		const struct plugin_section *section = plugin_section(function->section);
		if (section == NULL)
			return wrong_section(plugin, function, failure);
		if (programs++ == 0)
			plugin->kind = section->kind;
		xdp += section->hook == PLUGIN_XDP;
		tc[plugin_tc_hook(function->section, function->name)] += section->hook == PLUGIN_TC;
		plugin->hooks |= 1U << section->hook;
	}
	if (programs == 0)
		return failure_set(failure, -EBADMSG, "%s has no program", plugin->name);
	if (programs > PLUGIN_OBJECT_PROGRAMS)
		return failure_set(failure, -E2BIG, "%s has %u programs, more than %d",
			plugin->name, programs, PLUGIN_OBJECT_PROGRAMS);
	if (xdp > 1)
		return failure_set(failure, -E2BIG,
			"%s has %u XDP programs, and an object is one stage of the chain",
			plugin->name, xdp);
	if (tc[TC_HOOK_INGRESS] > 1 || tc[TC_HOOK_EGRESS] > 1)
		return failure_set(failure, -E2BIG,
			"%s has more than one TC program of a direction", plugin->name);
	return 0;
}

/* --- maps ------------------------------------------------------------------------------------ */

/* Refuses what the kernel would take and the host would miss. */
static int check_maps(
	const struct plugin *plugin, const struct bpf_object *object, struct failure *failure)
{
	const uint64_t bytes = object_wanted_map_bytes(object);
	struct bpf_map *map;
	uint32_t n = 0;

	bpf_object__for_each_map (map, object)
		n++;
	if (n > PLUGIN_OBJECT_MAPS)
		return failure_set(failure, -E2BIG, "%s has %u maps, more than %d", plugin->name, n,
			PLUGIN_OBJECT_MAPS);
	if (bytes <= OBJECT_MAP_BYTES_MAX)
		return 0;
	failure_set(failure, -E2BIG, "The maps of %s take %llu MiB of memory, more than %llu",
		plugin->name, (unsigned long long)(bytes >> 20),
		(unsigned long long)(OBJECT_MAP_BYTES_MAX >> 20));
	return failure_remedy(failure, "Give them fewer elements");
}

/* Checks what libbpf makes of the object, which it has survived. */
static int check_opened(struct plugin *plugin, struct failure *failure)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = plugin->name);
	struct bpf_object *object = bpf_object__open_mem(plugin->data, plugin->size, &options);

	if (object == NULL)
		return failure_set(
			failure, -EBADMSG, "%s is damaged: libbpf cannot read it", plugin->name);
	int error = check_maps(plugin, object, failure);
	if (error == 0)
		error = place_read(plugin, object, failure);
	bpf_object__close(object);
	return error;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Lets a process of its own open the object. Without the right to start one, the file is root's still. */
static int try_apart(const struct plugin *plugin, struct failure *failure)
{
	int error = object_verify_load(plugin->data, plugin->size, plugin->name, failure);

	return error == -EPERM && plugin->later ? 0 : error;
}

int plugin_check(struct plugin *plugin, struct failure *failure)
{
	struct object_report *report = malloc(sizeof(*report));

	if (report == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to check %s", plugin->name);
	int error = object_verify(plugin->data, plugin->size, plugin->name, report, failure);
	if (error == 0)
		error = read_sections(plugin, report, failure);
	if (error == 0)
		error = try_apart(plugin, failure);
	if (error == 0)
		error = check_opened(plugin, failure);
	if (error == 0)
		memcpy(plugin->license, report->license, sizeof(plugin->license));
	free(report);
	return error;
}

void plugin_read(struct plugin *plugin, const char *path)
{
	*plugin = (struct plugin) { .kind = "plugin" };
	snprintf(plugin->path, sizeof(plugin->path), "%s", path);
	failure_make_harmless(plugin->path);
	plugin_name(path, plugin->name);
	int error = plugin_file_read(path, &plugin->data, &plugin->size, &plugin->refused);
	if (error == 0)
		error = plugin_sign_check(
			path, plugin->data, plugin->size, plugin->signer, &plugin->refused);
	if (error == 0)
		error = plugin_check(plugin, &plugin->refused);
	if (error < 0)
		plugin->hooks = 0;
}

void plugin_free(struct plugin *plugin)
{
	free(plugin->data);
	plugin->data = NULL;
}

const struct plugin *plugin_of(const struct program *program)
{
	return (const struct plugin *)program->type;
}

/* Of all that is in its type, this alone is learnt later. */
void plugin_is_proved(const struct program *program, bool passes)
{
	((struct plugin *)plugin_of(program))->proved = passes;
}
