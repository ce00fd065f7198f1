// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: counts by class on each interface, and the tc part of a snapshot. */
#include "tc_classifier.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/tc_attach.h"
#include "model/rate.h"
#include "programs/programs.h"
#include "qos/classes.h"

struct classifier {
	uint32_t next; /* slot of the interface that a copy is opened for */
	bool classes_loaded; /* the class table is in the kernel */
	struct tc_attachment attachments[INTERFACES_MAX];
	struct failure failures[INTERFACES_MAX]; /* why it is not attached */
};

static const char *const kind_names[] = {
	[TC_NONE] = "", [TC_TCX] = "TCX", [TC_CLSACT] = "clsact"
};

/* --- class table ----------------------------------------------------------------------------- */

static int write_table(const struct map_registry *registry, const struct class_maps *maps)
{
	int table = map_registry_fd(registry, "class_table");
	int ports = map_registry_fd(registry, "class_ports");
	int ethertypes = map_registry_fd(registry, "class_ethertypes");
	uint32_t zero = 0;

	if (table < 0 || ports < 0 || ethertypes < 0)
		return -ENOENT;
	if (bpf_map_update_elem(table, &zero, &maps->table, BPF_ANY) < 0)
		return -errno;
	for (uint32_t i = 0; i < maps->n_ports; i++)
		if (bpf_map_update_elem(ports, &maps->ports[i], &maps->port_classes[i], BPF_ANY) <
			0)
			return -errno;
	for (uint32_t i = 0; i < maps->n_ethertypes; i++)
		if (bpf_map_update_elem(ethertypes, &maps->ethertypes[i],
			    &maps->ethertype_classes[i], BPF_ANY) < 0)
			return -errno;
	return 0;
}

/* To be called when the first copy has brought the maps, before a packet meets it. */
static int load_class_table(struct program *program, struct failure *failure)
{
	const struct settings *settings = program->context->settings;
	struct classifier *classifier = program->state;

	if (classifier->classes_loaded)
		return 0;
	struct class_maps *maps = calloc(1, sizeof(*maps));
	if (maps == NULL)
		return failure_set(failure, -ENOMEM, "No memory for the class table");
	classes_fill(settings->classes, settings->n_classes, maps);
	int error = write_table(&program->context->maps, maps);
	free(maps);
	if (error < 0)
		return failure_set(
			failure, error, "The class table cannot be loaded: %s", strerror(-error));
	classifier->classes_loaded = true;
	return 0;
}

/* --- life ------------------------------------------------------------------------------------ */

static int set_constants(
	struct program *program, uint32_t slot, struct bpf_object *object, struct failure *failure)
{
	uint32_t raw_ip = program->context->interfaces.slots[slot].interface.raw_ip;

	if (object_set_constant(object, "interface_slot", &slot, sizeof(slot)) < 0 ||
		object_set_constant(object, "raw_ip", &raw_ip, sizeof(raw_ip)) < 0)
		return program_foreign_object(program, failure);
	return 0;
}

/* Opens a copy for the interface that comes next, if there is one. */
static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	struct classifier *classifier = program->state;
	const struct interfaces *interfaces = &program->context->interfaces;

	while (classifier->next < INTERFACES_MAX && !interfaces->slots[classifier->next].present)
		classifier->next++;
	if (classifier->next == INTERFACES_MAX)
		return 0;
	int error = object_open(
		program->type->name, program->context->settings->objects, object, failure);
	if (error < 0)
		return error;
	error = set_constants(program, classifier->next, *object, failure);
	if (error < 0) {
		bpf_object__close(*object);
		*object = NULL;
	}
	return error;
}

/* Attaches a copy to an interface: the one that was loaded for it, or another. */
static int attach_to(struct program *program, uint32_t slot)
{
	struct classifier *classifier = program->state;
	struct failure *failure = &classifier->failures[slot];
	int error = 0;

	failure->error = 0;
	if (program->object == NULL) {
		classifier->next = slot;
		error = program_load(program, failure);
	}
	if (error < 0)
		return error;
	error = load_class_table(program, failure);
	if (error == 0)
		error = tc_attach(&classifier->attachments[slot], program->object,
			&program->context->interfaces.slots[slot].interface, failure);
	program_close_object(program);
	return error;
}

static void interfaces_changed(struct program *program)
{
	struct classifier *classifier = program->state;

	if (!program->running)
		return;
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		const struct watched_interface *watched = &program->context->interfaces.slots[slot];
		struct tc_attachment *attachment = &classifier->attachments[slot];
		if (watched->used && !watched->present && attachment->kind != TC_NONE)
			tc_detach(attachment);
		if (watched->used && watched->present && attachment->kind == TC_NONE)
			attach_to(program, slot);
	}
}

static void stop(struct program *program)
{
	struct classifier *classifier = program->state;

	classifier->next = 0;
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		if (classifier->attachments[slot].kind != TC_NONE)
			tc_detach(&classifier->attachments[slot]);
}

/* What fails on an interface is kept with it: the program then runs on the others. */
static int start(struct program *program, struct failure *failure)
{
	(void)failure;
	program->running = true;
	interfaces_changed(program);
	return 0;
}

/* --- samples --------------------------------------------------------------------------------- */

static const struct snapshot_tc_interface *find(const struct snapshot *snapshot, uint32_t ifindex)
{
	if (snapshot == NULL)
		return NULL;
	for (uint32_t i = 0; i < snapshot->tc.n_interfaces; i++)
		if (snapshot->tc.interfaces[i].ifindex == ifindex)
			return &snapshot->tc.interfaces[i];
	return NULL;
}

/* Adds an interface with its counts and those of the sum; a negative `map` adds it without counts. */
static void sample_interface(const struct percpu *percpu, int map, uint32_t slot,
	const struct snapshot_tc_interface *interface, const struct snapshot *before,
	struct snapshot *now)
{
	struct tc_interface_counters counts;

	struct snapshot_tc_interface *added = SNAPSHOT_ADD(now, &now->tc, interfaces);

	if (added == NULL)
		return;
	*added = *interface;
	if (map < 0 || percpu_sum(percpu, map, &slot, &counts, sizeof(counts)) < 0)
		return;
	now->tc.available = true;
	const struct snapshot_tc_interface *old = find(before, added->ifindex);
	for (int c = 0; c < TRAFFIC_CLASSES; c++)
		for (int d = 0; d < TRAFFIC_DIRECTIONS; d++) {
			struct traffic *traffic = &added->classes[c].directions[d];
			traffic_update(traffic, old ? &old->classes[c].directions[d] : NULL,
				&counts.classes[d][c], now->interval);
			traffic_add(&now->tc.classes[c].directions[d], traffic);
		}
}

static const char *how_attached(const struct program *program, uint32_t slot)
{
	const struct classifier *classifier = program->state;
	uint32_t kind = classifier->attachments[slot].kind;

	return kind == TC_NONE ? NULL : kind_names[kind];
}

static const struct failure *why_not(const struct program *program, uint32_t slot)
{
	const struct classifier *classifier = program->state;

	return &classifier->failures[slot];
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	const struct classifier *classifier = program->state;
	const struct program_context *context = program->context;
	int map = map_registry_fd(&context->maps, "tc_counters");
	struct run_stats runs;
	uint32_t zero = 0;

	program_describe_interfaces(program, how_attached, why_not, shown);
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		const struct watched_interface *watched = &context->interfaces.slots[slot];
		struct snapshot_tc_interface interface = {
			.ifindex = watched->interface.ifindex,
		};
		if (!watched->used)
			continue;
		uint32_t kind = classifier->attachments[slot].kind;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		snprintf(interface.attached, sizeof(interface.attached), "%s", kind_names[kind]);
		if (kind == TC_NONE)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->present ? classifier->failures[slot].what
						 : watched->absent.what);
		sample_interface(&context->percpu, kind == TC_NONE ? -1 : map, slot, &interface,
			before, now);
	}
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "tc_runs"), &zero, &runs,
		sizeof(runs));
	program_set_runs(program, &runs, before, now, shown);
}

static const struct shared_map maps[] = {
	{ "class_table", false },
	{ "class_ports", false },
	{ "class_ethertypes", false },
	{ "tc_counters", false },
	{ "tc_runs", false },
	{ NULL, false },
};

const struct program_type program_tc_classifier = {
	.name = "tc_classifier",
	.kind = "TC",
	.capabilities = NETWORK_CAPABILITIES,
	.maps = maps,
	.state_size = sizeof(struct classifier),
	.open = open_object,
	.start = start,
	.stop = stop,
	.sample = sample,
	.interfaces_changed = interfaces_changed,
};
