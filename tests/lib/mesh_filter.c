// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/mesh_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mesh/rules.h"
#include "tests/lib/bpf_program.h"

static const struct shared_map maps[] = {
	{ .name = "mesh_near" },
	{ .name = "mesh_rules" },
	{ .name = "mesh_banks" },
	{ .name = "mesh_lines" },
	{ .name = "mesh_shorts" },
	{ .name = "mesh_disabled" },
	{ .name = "mesh_sets" },
	{ .name = "mesh_rule_counts" },
	{ .name = "mesh_limits" },
	{ .name = "mesh_filter_control" },
	{ .name = NULL },
};

void mesh_filter_load(struct mesh_filter_loaded *filter)
{
	filter->object = bpf_program_open("xdp_mesh_filter");
	bpf_program_load(filter->object);
	filter->program = bpf_program_fd(filter->object, "xdp_mesh_filter");
	map_registry_init(&filter->registry);
	map_registry_declare(&filter->registry, maps);
	assert_int_equal(map_registry_keep(&filter->registry, filter->object), 0);
	assert_int_equal(rules_set_enforce(&filter->registry, true), 0);
}

void mesh_filter_unload(struct mesh_filter_loaded *filter)
{
	map_registry_close(&filter->registry);
	bpf_object__close(filter->object);
}
