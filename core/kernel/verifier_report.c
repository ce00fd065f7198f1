// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/verifier_report.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/messages.h"
#include "kernel/object.h"

/* Asks the verifier for its statistics alone (BPF_LOG_STATS, kernel 5.2). */
#define LOG_STATISTICS 4

/* Room for the log of a refusal. */
#define LOG_BYTES (256 * 1024)

static const struct verifier_variant plain[] = { { .name = "" }, { .name = NULL } };

static int configure(struct bpf_object *object, const struct verifier_variant *variant)
{
	const uint32_t all_slots = UINT32_MAX;
	int error = 0;

	if (variant->constant != NULL)
		error = object_set_constant(
			object, variant->constant, &variant->value, variant->size);
	if (variant->without_map != NULL && error == 0) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, variant->without_map);
		error = map == NULL ? -ENOENT : bpf_map__set_autocreate(map, false);
	}
	/* Enables the events that only the plain latency tracer has. */
	object_set_constant(object, "slow_slots", &all_slots, sizeof(all_slots));
	return error;
}

/*
 * Reads the counts at the end of the verifier's log: "processed N insns", and "stack depth A+B" by
 * function, or from 7.3 on "stack depth max N" of the deepest chain of calls.
 */
static void read_statistics(const char *log, struct verifier_report *report)
{
	const char *processed = strstr(log, "processed ");
	const char *stack = strstr(log, "stack depth ");

	if (processed != NULL)
		report->verified = (uint32_t)strtoul(processed + strlen("processed "), NULL, 10);
	if (stack == NULL)
		return;
	char *next;
	stack += strlen("stack depth ");
	report->deepest = strncmp(stack, "max ", strlen("max ")) == 0;
	if (report->deepest)
		stack += strlen("max ");
	report->stack = (uint32_t)strtoul(stack, &next, 10);
	while (*next == '+')
		report->stack += (uint32_t)strtoul(next + 1, &next, 10);
}

static void load_alone(
	struct bpf_object *object, const char *name, char *log, struct verifier_report *report)
{
	struct bpf_program *program, *wanted = NULL;

	bpf_object__for_each_program (program, object) {
		bool is_wanted = strcmp(bpf_program__name(program), name) == 0;
		bpf_program__set_autoload(program, is_wanted);
		if (is_wanted)
			wanted = program;
	}
	log[0] = '\0';
	bpf_program__set_log_level(wanted, LOG_STATISTICS);
	bpf_program__set_log_buf(wanted, log, LOG_BYTES);
	if (object_load(object, report->object, &report->failure) < 0) {
		failure_cause(&report->failure, "%s%s", messages_text(), log);
		return;
	}
	read_statistics(log, report);
	report->instructions = (uint32_t)bpf_program__insn_cnt(wanted);
}

/* Verifies one program of an object opened for it: an object loads only once. */
static void verify_program(const char *object_name, const char *folder,
	const struct bpf_program *program, const struct verifier_variant *variant, char *log,
	struct verifier_report *report)
{
	struct bpf_object *object;

	memset(report, 0, sizeof(*report));
	snprintf(report->object, sizeof(report->object), "%s", object_name);
	snprintf(report->program, sizeof(report->program), "%s", bpf_program__name(program));
	snprintf(
		report->section, sizeof(report->section), "%s", bpf_program__section_name(program));
	snprintf(report->variant, sizeof(report->variant), "%s", variant->name);
	if (object_open(object_name, folder, &object, &report->failure) < 0)
		return;
	int error = configure(object, variant);
	if (error < 0)
		failure_set(&report->failure, error,
			"%s lacks constants or maps that x0top expects", object_name);
	else
		load_alone(object, report->program, log, report);
	bpf_object__close(object);
}

int verifier_report_object(const char *name, const char *folder,
	const struct verifier_variant *variants, verifier_report_callback callback, void *context,
	struct failure *failure)
{
	struct bpf_object *object;
	struct bpf_program *program;
	int error = object_open(name, folder, &object, failure);

	if (error < 0)
		return error;
	char *log = malloc(LOG_BYTES);
	struct verifier_report *report = malloc(sizeof(*report));
	if (log == NULL || report == NULL) {
		error = failure_set(failure, -ENOMEM, "Not enough memory to verify %s", name);
		goto out;
	}
	bpf_object__for_each_program (program, object) {
		for (const struct verifier_variant *variant = variants != NULL ? variants : plain;
			variant->name != NULL; variant++) {
			verify_program(name, folder, program, variant, log, report);
			callback(report, context);
		}
	}
out:
	free(report);
	free(log);
	bpf_object__close(object);
	return error;
}
