// SPDX-License-Identifier: BSD-2-Clause
/* The lab's scenes: which are chosen, and when each is played. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab/flows.h"
#include "lab/scenes.h"

static void test_scenes_are_chosen_by_name(void **state)
{
	struct scene_plan plan = { 0 };
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(scene_choose(&plan, "port-scan", &failure), 0);
	assert_int_equal(plan.chosen, 1 << SCENE_PORT_SCAN);
	assert_true(plan.quiet_ms > 30000); /* samples of a second, before anything is known */
	assert_int_equal(scene_choose(&plan, "udp-flood", &failure), 0);
	assert_int_equal(plan.chosen, 1 << SCENE_PORT_SCAN | 1 << SCENE_UDP_FLOOD);
	assert_int_equal(scene_choose(&plan, "all", &failure), 0);
	assert_int_equal(plan.chosen, (1 << SCENES) - 1);
	assert_int_equal(scene_choose(&plan, "nonesuch", &failure), -EINVAL);
	assert_int_equal(plan.chosen, (1 << SCENES) - 1);
	for (int i = 0; i < SCENES; i++)
		assert_non_null(strstr(failure.remedy, scene_names[i].name));
}

static void test_they_are_played_one_after_another(void **state)
{
	const struct scene_plan plan = { 1 << 1 | 1 << 4, 100, 10, 5 };

	(void)state;
	assert_int_equal(scene_wait(&plan, (enum scene)1, 0), 100);
	assert_int_equal(scene_wait(&plan, (enum scene)4, 0), 115);
	assert_int_equal(scene_wait(&plan, (enum scene)1, 99), 1);
	for (int64_t at = 100; at < 110; at++)
		assert_int_equal(scene_wait(&plan, (enum scene)1, at), 0);
	assert_int_equal(scene_wait(&plan, (enum scene)1, 110), 20);
	assert_int_equal(scene_wait(&plan, (enum scene)4, 110), 5);
	assert_int_equal(scene_wait(&plan, (enum scene)4, 115), 0);
	assert_int_equal(scene_wait(&plan, (enum scene)1, 130), 0); /* again */
	assert_int_equal(scene_wait(&plan, (enum scene)4, 130), 15);
}

/* Two are never played at once, however long it goes on. */
static void test_no_two_at_once(void **state)
{
	struct scene_plan plan = { 0 };
	struct failure failure = { 0 };

	(void)state;
	scene_choose(&plan, "all", &failure);
	for (int64_t at = 0; at < 1000000; at += 100) {
		int on = 0;
		for (int i = 0; i < SCENES; i++)
			on += scene_wait(&plan, (enum scene)i, at) == 0;
		assert_true(on <= 1);
	}
}

static void test_each_has_flows_to_this_host(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < n_scene_flows; i++) {
		const struct scene_flow *scene = &scene_flows[i];
		const bool floods =
			scene->flow.kind == FLOW_FLOOD_UDP || scene->flow.kind == FLOW_FLOOD_SYN;
		seen |= 1U << scene->scene;
		assert_int_equal(scene->flow.to, NODE_X0);
		assert_true(scene->flow.from != NODE_X0 && scene->flow.period_ms > 0);
		assert_int_equal(scene->sources > 0, floods);
	}
	assert_int_equal(seen, (1 << SCENES) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes_are_chosen_by_name),
		cmocka_unit_test(test_they_are_played_one_after_another),
		cmocka_unit_test(test_no_two_at_once),
		cmocka_unit_test(test_each_has_flows_to_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
