// SPDX-License-Identifier: BSD-2-Clause
/* Limits of mesh rules in the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <string.h>

#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/packets.h"

static const struct shared_map maps[] = {
	{ .name = "mesh_set" },
	{ .name = "mesh_rules" },
	{ .name = "mesh_banks" },
	{ .name = "mesh_lines" },
	{ .name = "mesh_disabled" },
	{ .name = "mesh_sets" },
	{ .name = "mesh_rule_counts" },
	{ .name = "mesh_limits" },
	{ .name = "mesh_filter_control" },
	{ .name = NULL },
};

static struct {
	struct bpf_object *object;
	struct map_registry registry;
	int program;
	struct frame frame;
} test;

/* A burst passes at once, and no more. */
static void bursts(void **state)
{
	struct mesh_rule rule;
	struct failure failure = { 0 };
	struct rule_edit flush = { .kind = RULE_EDIT_FLUSH }, add = { .kind = RULE_EDIT_ADD };

	(void)state;
	assert_int_equal(rule_parse("limit 1/s burst 50 all", &rule, &failure), 0);
	add.rule = rule;
	assert_int_equal(rules_change(&test.registry, &flush, &failure), 0);
	assert_int_equal(rules_change(&test.registry, &add, &failure), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(bpf_program_run(test.program, test.frame.bytes, test.frame.length),
			XDP_PASS);
	assert_int_equal(
		bpf_program_run(test.program, test.frame.bytes, test.frame.length), XDP_DROP);
}

static int start(void **state)
{
	(void)state;
	test.object = bpf_program_open("xdp_mesh_filter");
	bpf_program_load(test.object);
	test.program = bpf_program_fd(test.object, "xdp_mesh_filter");
	map_registry_init(&test.registry);
	map_registry_declare(&test.registry, maps);
	assert_int_equal(map_registry_keep(&test.registry, test.object), 0);
	assert_int_equal(rules_set_enforce(&test.registry, true), 0);
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&test.frame, 40000, 9);
	frame_payload(&test.frame, 100);
	frame_finish(&test.frame);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	map_registry_close(&test.registry);
	bpf_object__close(test.object);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts),
	};

	return cmocka_run_group_tests_name("mesh limits", tests, start, stop);
}
