// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: a copy of it on each interface, one class table for all. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/classes.h"
#include "control/state.h"
#include "kernel/object.h"
#include "qos/classes.h"

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
static int load_class_table(struct orchestrator *o, struct failure *failure)
{
	if (o->classes_loaded)
		return 0;
	struct class_maps *maps = calloc(1, sizeof(*maps));
	if (maps == NULL)
		return failure_set(failure, -ENOMEM, "No memory for the class table");
	classes_fill(o->settings.classes, o->settings.n_classes, maps);
	int error = write_table(&o->maps, maps);
	free(maps);
	if (error < 0)
		return failure_set(
			failure, error, "The class table cannot be loaded: %s", strerror(-error));
	o->classes_loaded = true;
	return 0;
}

/* --- life ------------------------------------------------------------------------------------ */

/* Opens and loads the copy for one interface. Returns 0 with *object to be closed. */
static int load_copy(
	struct orchestrator *o, uint32_t slot, struct bpf_object **object, struct failure *failure)
{
	uint32_t raw_ip = o->interfaces[slot].interface.raw_ip;
	int error = object_open("tc_classifier", o->settings.objects, object, failure);

	if (error < 0)
		return error;
	if (object_set_constant(*object, "interface_slot", &slot, sizeof(slot)) < 0 ||
		object_set_constant(*object, "raw_ip", &raw_ip, sizeof(raw_ip)) < 0)
		error = failure_set(
			failure, -EBADMSG, "tc_classifier is not the one of this x0top");
	if (error == 0)
		error = map_registry_share(&o->maps, *object, failure);
	if (error == 0)
		error = object_load(*object, "tc_classifier", failure);
	if (error == 0)
		error = map_registry_keep(&o->maps, *object);
	if (error < 0)
		bpf_object__close(*object);
	return error;
}

static int attach_to(struct orchestrator *o, struct program *program, uint32_t slot)
{
	struct watched_interface *watched = &o->interfaces[slot];
	double started = monotonic_seconds();
	struct bpf_object *object;

	watched->tc_failure.error = 0;
	int error = load_copy(o, slot, &object, &watched->tc_failure);
	if (error < 0)
		return error;
	program_measure(program, object, started);
	error = load_class_table(o, &watched->tc_failure);
	if (error == 0)
		error = tc_attach(&watched->tc, object, &watched->interface, &watched->tc_failure);
	bpf_object__close(object);
	return error;
}

void tc_attach_interfaces(struct orchestrator *o)
{
	struct program *program = program_find(o, "tc_classifier");

	if (!program->asked)
		return;
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		struct watched_interface *watched = &o->interfaces[slot];
		if (watched->used && watched->present && watched->tc.kind == TC_NONE)
			attach_to(o, program, slot);
	}
}

static void stop(struct orchestrator *o, struct program *program)
{
	(void)program;
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		if (o->interfaces[slot].used)
			tc_detach(&o->interfaces[slot].tc);
}

/* What fails on an interface is kept with it: the program then runs on the others. */
static int start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	(void)program;
	(void)failure;
	tc_attach_interfaces(o);
	return 0;
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct orchestrator *o, uint32_t slot)
{
	uint32_t kind = o->interfaces[slot].tc.kind;

	return kind == TC_NONE ? NULL : kind_names[kind];
}

static const struct failure *why_not(const struct orchestrator *o, uint32_t slot)
{
	return &o->interfaces[slot].tc_failure;
}

static void sample(struct orchestrator *o, struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	int map = map_registry_fd(&o->maps, "tc_counters");
	struct run_stats runs;
	uint32_t zero = 0;

	program_describe(o, program, how_attached, why_not, shown);
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		const struct watched_interface *watched = &o->interfaces[slot];
		struct snapshot_tc_interface interface = {
			.ifindex = watched->interface.ifindex,
		};
		if (!watched->used)
			continue;
		bool attached = watched->tc.kind != TC_NONE;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		snprintf(interface.attached, sizeof(interface.attached), "%s",
			kind_names[watched->tc.kind]);
		if (!attached)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->tc_failure.what);
		collect_classes(&o->percpu, attached ? map : -1, slot, &interface, before, now);
	}
	percpu_sum(&o->percpu, map_registry_fd(&o->maps, "tc_runs"), &zero, &runs, sizeof(runs));
	program_set_runs(program, &runs, before, now, shown);
}

const struct program_driver tc_driver = {
	.start = start,
	.stop = stop,
	.sample = sample,
};
