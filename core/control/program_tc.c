// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: one pair of programs on all interfaces, and their class table. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collect/classes.h"
#include "control/program_tc.h"
#include "control/state.h"
#include "kernel/interface_table.h"
#include "kernel/object.h"
#include "qos/classes.h"

/* With more interfaces, TCX links take too long to come and to go: see tc_attach(). */
#define TCX_INTERFACES_MAX 16

_Static_assert((int)TC_HOOK_INGRESS == (int)DIRECTION_INGRESS &&
		       (int)TC_HOOK_EGRESS == (int)DIRECTION_EGRESS,
	"a hook sees one direction");

const struct tc_programs tc_programs_none = {
	.object = "tc_classifier",
	.names = { "tc_ingress", "tc_egress" },
	.fds = { -1, -1 },
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

/* To be called when the object has brought the maps, before a packet meets it. */
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

static void unload(struct orchestrator *o)
{
	for (int i = 0; i < TC_HOOKS; i++)
		if (o->tc_programs.fds[i] >= 0)
			close(o->tc_programs.fds[i]);
	netlink_close(&o->tc_netlink);
	o->tc_programs = tc_programs_none;
}

static int keep_programs(struct tc_programs *programs, const struct bpf_object *object)
{
	for (int i = 0; i < TC_HOOKS; i++) {
		int fd = object_program_fd(object, programs->names[i]);
		programs->fds[i] = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (programs->fds[i] < 0)
			return -EBADMSG;
	}
	return 0;
}

static int open_netlink(struct orchestrator *o, struct failure *failure)
{
	int error = netlink_open(&o->tc_netlink);

	o->tc_programs.netlink = &o->tc_netlink;
	if (error == 0)
		return 0;
	return failure_set(failure, error, "No netlink socket can be opened: %s", strerror(-error));
}

/* Loads the programs, with the class table. */
static int load(struct orchestrator *o, struct program *program, struct failure *failure)
{
	double started = monotonic_seconds();
	struct bpf_object *object;
	int error = object_open(tc_programs_none.object, o->settings.objects, &object, failure);

	if (error < 0)
		return error;
	error = map_registry_share(&o->maps, object, failure);
	if (error == 0)
		error = object_load(object, tc_programs_none.object, failure);
	if (error == 0 && (map_registry_keep(&o->maps, object) < 0 ||
				  keep_programs(&o->tc_programs, object) < 0))
		error = failure_set(failure, -EBADMSG, "%s is not the one of this x0top",
			tc_programs_none.object);
	if (error == 0) {
		program_measure(program, object, started);
		error = load_class_table(o, failure);
	}
	if (error == 0)
		error = open_netlink(o, failure);
	bpf_object__close(object);
	if (error < 0)
		unload(o);
	return error;
}

static int enter_table(const struct orchestrator *o, uint32_t slot)
{
	const struct interface *interface = &o->watch.interfaces[slot].interface;
	const struct interface_entry entry = {
		.ifindex = interface->ifindex,
		.slot = (uint16_t)slot,
		.flags = interface->raw_ip ? INTERFACE_RAW_IP : 0,
	};

	return interface_table_put(map_registry_fd(&o->maps, "tc_interfaces"), &entry);
}

static void attach_to(struct orchestrator *o, uint32_t slot, uint32_t kind)
{
	struct watched_interface *watched = &o->watch.interfaces[slot];
	int error = enter_table(o, slot);

	watched->tc_failure.error = 0;
	if (error < 0)
		failure_set(&watched->tc_failure, error,
			"%s has no place in the table of interfaces: %s", watched->interface.name,
			strerror(-error));
	else
		tc_attach(&watched->tc, &o->tc_programs, kind, &watched->interface,
			&watched->tc_failure);
}

static uint32_t count_present(const struct watch *watch)
{
	uint32_t present = 0;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		present += watch->interfaces[slot].used && watch->interfaces[slot].present;
	return present;
}

void tc_attach_interfaces(struct orchestrator *o)
{
	uint32_t kind = count_present(&o->watch) > TCX_INTERFACES_MAX ? TC_CLSACT : TC_TCX;

	if (o->tc_programs.fds[0] < 0)
		return;
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &o->watch.interfaces[slot];
		if (watched->used && watched->present && watched->tc.kind == TC_NONE)
			attach_to(o, slot, kind);
	}
}

int tc_classifier_remove_leftovers(void)
{
	struct tc_programs programs = tc_programs_none;
	struct netlink netlink;
	struct interface *list;
	int removed = 0, error = netlink_open(&netlink);

	if (error < 0)
		return error;
	programs.netlink = &netlink;
	int n = interface_list(&list);
	for (int i = 0; i < n; i++)
		removed += tc_remove_leftovers(list[i].ifindex, &programs);
	if (n >= 0)
		free(list);
	netlink_close(&netlink);
	return n < 0 ? n : removed;
}

static void stop(struct orchestrator *o, struct program *program)
{
	(void)program;
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++)
		tc_detach(&o->watch.interfaces[slot].tc, &o->tc_programs);
	unload(o);
}

/* What fails on an interface is kept with it: the program then runs on the others. */
static int start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	int error = load(o, program, failure);

	if (error == 0)
		tc_attach_interfaces(o);
	return error;
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct orchestrator *o, uint32_t slot)
{
	uint32_t kind = o->watch.interfaces[slot].tc.kind;

	return kind == TC_NONE ? NULL : kind_names[kind];
}

static const struct failure *why_not(const struct orchestrator *o, uint32_t slot)
{
	return &o->watch.interfaces[slot].tc_failure;
}

static void sample(struct orchestrator *o, struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	int map = map_registry_fd(&o->maps, "tc_counters");
	struct run_stats runs;
	uint32_t zero = 0;

	program_describe(o, program, how_attached, why_not, shown);
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &o->watch.interfaces[slot];
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
