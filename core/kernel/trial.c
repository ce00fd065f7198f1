// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/trial.h"

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

/*
 * In which forms an object is loaded. Constants that switch code on are set, so that the verifier
 * sees all of it; of two maps of which only one is created, the other is left out.
 */
struct variant {
	const char *object;
	const char *name;
	const char *constant;
	uint32_t value;
	uint32_t size;
	const char *without_map;
};

static const struct variant variants[] = {
	{ .object = "xdp_root", .name = "", .constant = "timing", .value = 1, .size = 1 },
	{ .object = "tracepoint_net", .name = "", .constant = "netns_inum", .value = 1, .size = 4 },
	{ .object = "kprobe_syscall_latency",
		.name = "LRU hash",
		.constant = "task_storage",
		.value = 0,
		.size = 1,
		.without_map = "in_flight_storage" },
	{ .object = "kprobe_syscall_latency",
		.name = "task storage",
		.constant = "task_storage",
		.value = 1,
		.size = 1,
		.without_map = "in_flight_lru" },
};
static const struct variant plain = { .name = "" };

/* The variant of an object after `previous` (NULL: the first), or NULL. Each has one at least. */
static const struct variant *variant_next(const char *object, const struct variant *previous)
{
	const struct variant *end = variants + sizeof(variants) / sizeof(variants[0]);

	if (previous == &plain)
		return NULL;
	for (const struct variant *v = previous == NULL ? variants : previous + 1; v < end; v++)
		if (strcmp(v->object, object) == 0)
			return v;
	return previous == NULL ? &plain : NULL;
}

static int configure(struct bpf_object *object, const struct variant *variant)
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
	/* Only the plain latency tracer has events to switch on. */
	object_set_constant(object, "slow_slots", &all_slots, sizeof(all_slots));
	return error;
}

/*
 * Takes what the verifier counted from the end of its log: "processed N insns", and "stack depth A+B",
 * of each function; 7.3 says "stack depth max N" instead, of the deepest chain of calls.
 */
static void read_statistics(const char *log, struct trial *trial)
{
	const char *processed = strstr(log, "processed ");
	const char *stack = strstr(log, "stack depth ");

	if (processed != NULL)
		trial->verified = (uint32_t)strtoul(processed + strlen("processed "), NULL, 10);
	if (stack == NULL)
		return;
	char *next;
	stack += strlen("stack depth ");
	trial->deepest = strncmp(stack, "max ", strlen("max ")) == 0;
	if (trial->deepest)
		stack += strlen("max ");
	trial->stack = (uint32_t)strtoul(stack, &next, 10);
	while (*next == '+')
		trial->stack += (uint32_t)strtoul(next + 1, &next, 10);
}

static void load_alone(struct bpf_object *object, const char *name, char *log, struct trial *trial)
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
	if (object_load(object, trial->object, &trial->failure) < 0) {
		failure_cause(&trial->failure, "%s%s", messages_text(), log);
		return;
	}
	read_statistics(log, trial);
	trial->instructions = (uint32_t)bpf_program__insn_cnt(wanted);
}

/* A loaded object cannot be loaded again: each trial opens its own. */
static void try_program(const char *object_name, const char *folder,
	const struct bpf_program *program, const struct variant *variant, char *log,
	struct trial *trial)
{
	struct bpf_object *object;

	memset(trial, 0, sizeof(*trial));
	snprintf(trial->object, sizeof(trial->object), "%s", object_name);
	snprintf(trial->program, sizeof(trial->program), "%s", bpf_program__name(program));
	snprintf(trial->section, sizeof(trial->section), "%s", bpf_program__section_name(program));
	snprintf(trial->variant, sizeof(trial->variant), "%s", variant->name);
	if (object_open(object_name, folder, &object, &trial->failure) < 0)
		return;
	int error = configure(object, variant);
	if (error < 0)
		failure_set(&trial->failure, error,
			"%s has not the constants and maps that x0top expects", object_name);
	else
		load_alone(object, trial->program, log, trial);
	bpf_object__close(object);
}

int trial_object(const char *name, const char *folder, trial_report report, void *context,
	struct failure *failure)
{
	struct bpf_object *object;
	struct bpf_program *program;
	int error = object_open(name, folder, &object, failure);

	if (error < 0)
		return error;
	char *log = malloc(LOG_BYTES);
	struct trial *trial = malloc(sizeof(*trial));
	if (log == NULL || trial == NULL) {
		error = failure_set(failure, -ENOMEM, "No memory to try %s", name);
		goto out;
	}
	bpf_object__for_each_program (program, object) {
		for (const struct variant *variant = variant_next(name, NULL); variant != NULL;
			variant = variant_next(name, variant)) {
			try_program(name, folder, program, variant, log, trial);
			report(trial, context);
		}
	}
out:
	free(trial);
	free(log);
	bpf_object__close(object);
	return error;
}
