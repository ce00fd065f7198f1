// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/kprobe.h"
#include "kernel/messages.h"
#include "kernel/program_slots.h"
#include "kernel/tracepoint.h"
#include "plugins/plugin_load.h"

#define KERNEL_ENOTSUPP 524 /* the kernel's own ENOTSUPP, which user space has no name for */

void plugin_trace_detach(struct plugin_trace *trace)
{
	while (trace->n_links > 0)
		bpf_link__destroy(trace->links[--trace->n_links]);
	while (trace->n_slots > 0) {
		struct plugin_slot *slot = &trace->slots[--trace->n_slots];
		fd_close(&slot->map);
		fd_close(&slot->program);
	}
}

static int cannot_attach(const struct program *program, const struct bpf_program *each, int error,
	struct failure *failure)
{
	const char *section = bpf_program__section_name(each);

	failure_set(failure, error, "Cannot attach %s to %.80s: %s", program->type->name, section,
		error == -ENOENT ? "this kernel has none of that name" : strerror(-error));
	if (bpf_program__type(each) == BPF_PROG_TYPE_TRACEPOINT && error == -ENODEV) {
		failure_set(failure, error, "Cannot attach %s to %.80s: tracefs is not mounted",
			program->type->name, section);
		failure_remedy(failure, "As root: mount -t tracefs tracefs /sys/kernel/tracing");
	}
	/* arm64 before 6.4 loads them and has no trampolines to attach them by. */
	if (bpf_program__type(each) == BPF_PROG_TYPE_TRACING && error == -KERNEL_ENOTSUPP)
		failure_set(failure, -EOPNOTSUPP,
			"Cannot attach %s to %.80s: this kernel has no fentry and fexit on this machine",
			program->type->name, section);
	if (bpf_program__type(each) == BPF_PROG_TYPE_KPROBE && kprobe_probe() == -EOPNOTSUPP)
		failure_set(failure, -EOPNOTSUPP,
			"Cannot attach %s to %.80s: this kernel has no kprobes",
			program->type->name, section);
	return failure_cause(failure, "%s", messages_text());
}

static void note_attached(struct plugin_trace *trace, const char *section)
{
	const char *slash = strchr(section, '/');
	size_t length = strlen(trace->attached);

	snprintf(trace->attached + length, sizeof(trace->attached) - length, "%s%.60s",
		length > 0 ? ", " : "", slash != NULL ? slash + 1 : section);
}

/* Reads a tracepoint's number once: x0top may have given up the right to by the time it is switched on again. */
static struct bpf_link *attach_one(const struct bpf_program *each, int *tracepoint)
{
	if (bpf_program__type(each) != BPF_PROG_TYPE_TRACEPOINT)
		return bpf_program__attach(each);
	if (*tracepoint <= 0)
		*tracepoint = tracepoint_number(strchr(bpf_program__section_name(each), '/') + 1);
	if (*tracepoint > 0)
		return tracepoint_attach(each, *tracepoint);
	errno = -*tracepoint;
	return NULL;
}

/* Returns whether it is one of those that are attached here. */
static bool is_tracing(const struct bpf_program *each)
{
	const struct plugin_section *section = plugin_section(bpf_program__section_name(each));

	return section != NULL && section->hook == PLUGIN_TRACE && bpf_program__autoload(each);
}

/* --- slots ------------------------------------------------------------------------------------ */

static void name_slot(struct plugin_slot *slot, const struct bpf_program *program)
{
	snprintf(slot->section, sizeof(slot->section), "%s", bpf_program__section_name(program));
	snprintf(slot->name, sizeof(slot->name), "%s", bpf_program__name(program));
}

static int make_slot(const struct program *program, struct plugin_trace *trace,
	struct bpf_program *each, struct failure *failure)
{
	struct plugin_slot *slot = &trace->slots[trace->n_slots];
	char name[16];

	name_slot(slot, each);
	snprintf(name, sizeof(name), PLUGIN_KERNEL_NAME "%.11s", bpf_program__name(each));
	int error = program_slot_make(
		each, plugin_of(program)->license, name, &slot->map, &slot->program);
	if (error < 0)
		return failure_set(failure, error, "Cannot load %s: what calls its %s: %s",
			program->type->name, bpf_program__name(each), strerror(-error));
	trace->n_slots++;
	return 0;
}

static struct plugin_slot *find_slot(struct plugin_trace *trace, const struct bpf_program *program)
{
	struct plugin_slot wanted;

	name_slot(&wanted, program);
	for (uint32_t i = 0; i < trace->n_slots; i++)
		if (strcmp(trace->slots[i].section, wanted.section) == 0 &&
			strcmp(trace->slots[i].name, wanted.name) == 0)
			return &trace->slots[i];
	return NULL;
}

static int check_slots(const struct program *program, struct plugin_trace *trace,
	const struct bpf_object *object, struct failure *failure)
{
	struct bpf_program *each;
	uint32_t n = 0;

	bpf_object__for_each_program (each, object) {
		if (!is_tracing(each))
			continue;
		n++;
		if (find_slot(trace, each) != NULL)
			continue;
		failure_set(failure, -EBADMSG, "%s has no program %.40s at %.80s, which is new",
			program->type->name, bpf_program__name(each),
			bpf_program__section_name(each));
		return failure_remedy(failure, "Start x0top again with the new file");
	}
	if (n == trace->n_slots)
		return 0;
	failure_set(failure, -EBADMSG, "%s has %u tracing programs, and the new file %u",
		program->type->name, trace->n_slots, n);
	return failure_remedy(failure, "Start x0top again with the new file");
}

void plugin_trace_put_back(const struct plugin_trace *trace)
{
	for (uint32_t i = 0; i < trace->n_slots; i++)
		program_slot_put(trace->slots[i].map, trace->slots[i].program);
}

void plugin_trace_settle(struct plugin_trace *trace, const struct bpf_object *object)
{
	struct bpf_program *each;

	bpf_object__for_each_program (each, object) {
		struct plugin_slot *slot = is_tracing(each) ? find_slot(trace, each) : NULL;
		if (slot == NULL)
			continue;
		int fd = fcntl(bpf_program__fd(each), F_DUPFD_CLOEXEC, 0);
		fd_close(&slot->program);
		slot->program = fd;
	}
}

int plugin_trace_replace(const struct program *program, struct plugin_trace *trace,
	const struct bpf_object *object, struct failure *failure)
{
	struct bpf_program *each;
	int error = check_slots(program, trace, object, failure);

	if (error < 0)
		return error;
	bpf_object__for_each_program (each, object) {
		struct plugin_slot *slot = is_tracing(each) ? find_slot(trace, each) : NULL;
		if (slot != NULL && error == 0)
			error = program_slot_put(slot->map, bpf_program__fd(each));
	}
	if (error == 0)
		return 0;
	plugin_trace_put_back(trace);
	return failure_set(
		failure, error, "Cannot replace %s: %s", program->type->name, strerror(-error));
}

/* --- attaching -------------------------------------------------------------------------------- */

static int attach_program(const struct program *program, struct plugin_trace *trace,
	struct bpf_program *each, int *tracepoint, struct failure *failure)
{
	int error = make_slot(program, trace, each, failure);

	if (error < 0)
		return error;
	struct bpf_link *link = attach_one(each, tracepoint);
	if (link == NULL)
		return cannot_attach(program, each, -errno, failure);
	trace->links[trace->n_links++] = link;
	note_attached(trace, bpf_program__section_name(each));
	return 0;
}

int plugin_trace_attach(const struct program *program, struct plugin_trace *trace,
	struct bpf_object *object, struct failure *failure)
{
	struct bpf_program *each;
	uint32_t place = 0;
	int error = 0;

	messages_clear();
	trace->attached[0] = '\0';
	bpf_object__for_each_program (each, object)
		if (is_tracing(each) && error == 0)
			error = attach_program(
				program, trace, each, &trace->tracepoints[place++], failure);
	if (error < 0)
		plugin_trace_detach(trace);
	return error;
}
