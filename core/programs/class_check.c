// SPDX-License-Identifier: BSD-2-Clause
#include "programs/class_check.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/cgroup.h"
#include "kernel/interface_table.h"
#include "kernel/map_value.h"
#include "kernel/object.h"
#include "programs/class_maps.h"
#include "programs/programs.h"

enum { LOOPBACK = 1 }; /* where BPF_PROG_RUN has packets that are from nowhere */

static int map_of(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map == NULL ? -ENOENT : bpf_map__fd(map);
}

/* The maps of this x0top, but for those that lines are put into. */
static struct map_registry maps_of(
	const struct program_context *context, const struct bpf_object *object)
{
	struct map_registry maps = context->maps;

	for (uint32_t i = 0; i < maps.n; i++)
		if (strncmp(maps.maps[i].name, "class_", strlen("class_")) == 0)
			maps.fds[i] = map_of(object, maps.maps[i].name);
	return maps;
}

static int put_lines(const struct program_context *context, const struct bpf_object *object,
	const struct class_lines *lines, const struct class_packet *packet,
	struct class_checked *checked, struct failure *failure)
{
	const struct interface_entry entry = { .ifindex = packet->ifindex != 0 ? packet->ifindex
									       : LOOPBACK };
	const struct map_registry maps = maps_of(context, object);
	struct class_maps state = { 0 };
	int error = class_maps_put(&maps, lines, &state, failure);

	checked->unmet = state.unmet;
	if (error < 0)
		return error;
	error = interface_table_put(map_of(object, "tc_interfaces"), &entry);
	return error < 0
		       ? failure_set(failure, error, "Cannot ask the kernel: %s", strerror(-error))
		       : 0;
}

/* --- cgroups ------------------------------------------------------------------------------------ */

/* Looks up the number that lines in force have for a cgroup. Returns whether they name it. */
static bool is_named(const struct bpf_object *object, const char *path, uint32_t *number)
{
	struct class_cgroup_key key = { .id = 0 };
	struct class_bank bank;
	uint32_t zero = 0;

	if (cgroup_id(path, (uint64_t *)&key.id) < 0 ||
		map_value_read(map_of(object, "class_bank"), &zero, &bank, sizeof(bank)) < 0)
		return false;
	key.generation = bank.generation;
	return bpf_map_lookup_elem(map_of(object, "class_cgroups"), &key, number) == 0;
}

/* Leaves away the levels that the kernel does not look at. */
static void cut_levels(char *path)
{
	for (int level = 1; path != NULL && (path = strchr(path, '/')) != NULL; level++, path++)
		if (level == CLASS_CGROUP_LEVELS) {
			*path = '\0';
			break;
		}
}

/* Finds the number of the innermost cgroup around a path that lines name, as the kernel does for a sender; 0: none. */
static int find_cgroup(const struct bpf_object *object, const char *cgroup, uint32_t *number,
	struct failure *failure)
{
	char path[CLASS_CHECK_CGROUP_LEN];
	uint64_t id;

	*number = 0;
	if (cgroup == NULL)
		return 0;
	if (strstr(cgroup, "..") != NULL || strlen(cgroup) >= sizeof(path) ||
		cgroup_id(cgroup, &id) < 0)
		return failure_set(failure, -ENOENT, "There is no cgroup %.160s", cgroup);
	strcpy(path, cgroup);
	cut_levels(path);
	while (!is_named(object, path, number)) {
		char *last = strrchr(path, '/');
		if (last == NULL)
			break;
		*last = '\0';
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------------ */

static int run(const struct bpf_object *object, const struct class_packet *packet, uint32_t cgroup)
{
	struct __sk_buff context = { .ifindex = packet->ifindex, .mark = cgroup };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet->frame,
		.data_size_in = (__u32)packet->size, .ctx_in = &context,
		.ctx_size_in = sizeof(context), .repeat = 1);
	int program = object_program_fd(object, packet->sent ? "tc_egress" : "tc_ingress");

	return bpf_prog_test_run_opts(program, &options) < 0 ? -errno : 0;
}

static int ask(const struct program_context *context, const struct bpf_object *object,
	const struct class_packet *packet, uint32_t cgroup, struct class_checked *checked)
{
	struct class_scratch scratch;
	uint32_t zero = 0;
	int error = run(object, packet, cgroup);

	if (error == 0) /* it ran on one CPU: the sum is what is there */
		error = percpu_sum(&context->percpu, map_of(object, "class_scratch"), &zero,
			&scratch, sizeof(scratch));
	if (error < 0)
		return error;
	checked->line = -ENOENT;
	checked->class = CLASS_BEST_EFFORT;
	if (scratch.decision == MESH_NO_RULE)
		return 0;
	checked->line = (int)CLASS_LINE_OF_DECISION(scratch.decision);
	checked->class = (uint8_t)CLASS_OF_DECISION(scratch.decision);
	return 0;
}

int class_check(const struct program_context *context, const struct class_lines *lines,
	const struct class_packet *packet, struct class_checked *checked, struct failure *failure)
{
	const char *name = program_tc_classifier.name;
	const bool telling = true;
	struct bpf_object *object = NULL;
	uint32_t cgroup = 0;
	int error = object_open(name, context->settings->objects, &object, failure);

	if (error < 0)
		return error;
	error = object_set_constant(object, "class_telling", &telling, sizeof(telling));
	error = error < 0
			? failure_set(failure, error, "Cannot ask the kernel: %s", strerror(-error))
			: object_load(object, name, failure);
	if (error == 0)
		error = put_lines(context, object, lines, packet, checked, failure);
	if (error == 0)
		error = find_cgroup(object, packet->cgroup, &cgroup, failure);
	if (error == 0) {
		error = ask(context, object, packet, cgroup, checked);
		if (error < 0)
			failure_set(
				failure, error, "The kernel does not answer: %s", strerror(-error));
	}
	bpf_object__close(object);
	return error;
}
