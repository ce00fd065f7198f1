// SPDX-License-Identifier: BSD-2-Clause
/* The orchestrator's list of programs: which are asked for, who owns a verb, which maps are shared. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/state.h"
#include "programs/verb.h"

static struct orchestrator *o;

static int setup(void **state)
{
	(void)state;
	o = calloc(1, sizeof(*o));
	assert_non_null(o);
	settings_default(&o->settings);
	map_registry_init(&o->context.maps);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	orchestrator_free_programs(o);
	free(o);
	return 0;
}

static uint32_t types(void)
{
	uint32_t n = 0;

	while (program_types[n] != NULL)
		n++;
	return n;
}

static void test_list(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_list_programs(o), 0);
	assert_int_equal(o->n_programs, types());
	for (uint32_t i = 0; i < o->n_programs; i++) {
		const struct program *program = &o->programs[i];
		const uint8_t *bytes = program->state;

		assert_ptr_equal(program->type, program_types[i]);
		assert_ptr_equal(program->context, &o->context);
		assert_int_equal(program->stage_fd, -1);
		assert_int_equal(program->status, PROGRAM_OFF);
		assert_false(program->running);
		for (size_t at = 0; at < program->type->state_size; at++)
			assert_int_equal(bytes[at], 0);
		for (const struct shared_map *map = program->type->maps;
			map != NULL && map->name != NULL; map++)
			assert_true(map_registry_lacks(&o->context.maps, map->name));
	}
	orchestrator_free_programs(o);
	assert_int_equal(o->n_programs, 0);
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_list_programs(o), 0);
	for (uint32_t i = 0; i < o->n_programs; i++)
		assert_ptr_equal(orchestrator_find(o, program_types[i]->name), &o->programs[i]);
	assert_null(orchestrator_find(o, "nothing"));
	assert_null(orchestrator_find(o, ""));
}

/* Each verb of a program is its own; those of control are nobody's. */
static void test_owner(void **state)
{
	static const struct verb verb = { .object = "x" };
	uint32_t verbs = 0;

	(void)state;
	assert_int_equal(orchestrator_list_programs(o), 0);
	for (uint32_t i = 0; i < o->n_programs; i++)
		for (const struct verb *own = program_types[i]->verbs;
			own != NULL && own->object != NULL; own++, verbs++)
			assert_ptr_equal(orchestrator_owner(o, own), &o->programs[i]);
	assert_true(verbs > 10);
	assert_null(orchestrator_owner(o, &verb));
}

/* Without a list all are asked for that the settings want; with one, those of it and no others. */
static void test_asked(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_list_programs(o), 0);
	for (uint32_t i = 0; i < o->n_programs; i++) {
		const struct program_type *type = program_types[i];

		assert_int_equal(
			o->programs[i].asked, type->wanted == NULL || type->wanted(&o->settings));
	}
	for (uint32_t chosen = 0; chosen < types(); chosen++) {
		const struct program_type *type = program_types[chosen];

		orchestrator_free_programs(o);
		o->settings.n_only = 2;
		strcpy(o->settings.only[0], "nothing");
		strcpy(o->settings.only[1], type->name);
		assert_int_equal(orchestrator_list_programs(o), 0);
		for (uint32_t i = 0; i < o->n_programs; i++)
			assert_int_equal(o->programs[i].asked,
				i == chosen &&
					(type->wanted == NULL || type->wanted(&o->settings)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_asked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
