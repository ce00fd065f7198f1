// SPDX-License-Identifier: BSD-2-Clause
/* The maps that are smaller on a host of little memory, as each program opens its object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "mesh_tables.h"
#include "programs/programs.h"
#include "tc_classifier.h"
#include "xdp_mesh_filter.h"
#include "xdp_pqc_verify.h"

static const struct sized {
	const struct program_type *type;
	const char *map;
	uint32_t entries[2]; /* the second: with --small */
} sized[] = {
	{ &program_xdp_mesh_filter, "mesh_flows",
		{ 1 << MESH_FLOWS_BITS, 1 << MESH_FLOWS_BITS_SMALL } },
	{ &program_xdp_mesh_filter, "mesh_sets",
		{ MESH_SET_STORES * MESH_SET_PIECES_MAX, MESH_SET_STORES *MESH_SET_PIECES_SMALL } },
	{ &program_xdp_mesh_filter, "mesh_shorts",
		{ MESH_BANKS * MESH_SHORT_BUCKETS, MESH_BANKS *MESH_SHORT_BUCKETS_SMALL } },
	{ &program_xdp_pqc_verify, "mldsa_keys", { PQC_NODES_DEFAULT, PQC_NODES_SMALL } },
	{ &program_xdp_pqc_verify, "pqc_reassembly",
		{ PQC_NODES_DEFAULT * PQC_PLACES, PQC_NODES_SMALL *PQC_PLACES } },
	{ &program_xdp_pqc_verify, "pqc_sessions", { PQC_SESSIONS_MAX, PQC_SESSIONS_SMALL } },
	{ &program_xdp_pqc_verify, "pqc_messages", { PQC_MESSAGES_BYTES, PQC_MESSAGES_SMALL } },
	{ &program_tc_classifier, "class_flows",
		{ 1 << CLASS_FLOWS_BITS, 1 << CLASS_FLOWS_BITS_SMALL } },
	{ &program_kprobe_syscall_latency, "in_flight_lru", { 16384, 2048 } },
	{ &program_kprobe_syscall_latency_secure, "in_flight_lru", { 16384, 2048 } },
};

/* Returns how many entries the map will have, as its program prepares it. */
static uint32_t entries_of(const struct sized *map, const struct settings *settings)
{
	struct program_context context = { .settings = settings };
	struct program program = { .type = map->type, .context = &context };
	struct bpf_object *object = NULL;
	struct failure failure = { 0 };

	map_registry_init(&context.maps);
	program.state = calloc(1, map->type->state_size);
	assert_non_null(program.state);
	if (map->type->open(&program, &object, &failure) < 0)
		fail_msg("%s: %s", map->type->name, failure.what);
	const struct bpf_map *found = bpf_object__find_map_by_name(object, map->map);
	assert_non_null(found);
	uint32_t entries = bpf_map__max_entries(found);
	bpf_object__close(object);
	free(program.state);
	return entries;
}

static void maps_are_as_large_as_the_host_asks_for(void **state)
{
	static struct settings settings;

	(void)state;
	settings_default(&settings);
	for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++)
		for (int small = 0; small < 2; small++) {
			settings.small = small;
			uint32_t entries = entries_of(&sized[i], &settings);
			if (entries != sized[i].entries[small])
				fail_msg("%s of %s has %u entries, not %u", sized[i].map,
					sized[i].type->name, entries, sized[i].entries[small]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_as_large_as_the_host_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
