// SPDX-License-Identifier: BSD-2-Clause
/* The kernel's keys: which nodes are named as behind a translation, and which parameter sets are loaded. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "crypto/verifier_keys.h"

enum { SLOTS = 10, KEYS = 11, NODES = 3 };

static struct map_registry maps;
static struct trust *trust;

/* --- in libbpf's place: slots by node, keys by slot ------------------------------------------------ */

static uint8_t nodes[NODES][PQC_NODE_LEN];
static uint32_t slots[NODES];
static uint32_t sets[8]; /* by slot; 0: the slot has no key */
static uint32_t n;
static int unreadable; /* an errno for who lists the slots */

static uint32_t place(const void *node)
{
	uint32_t i = 0;

	while (i < n && memcmp(nodes[i], node, PQC_NODE_LEN) != 0)
		i++;
	return i;
}

static int error_of(int error)
{
	errno = -error;
	return error;
}

int bpf_map_lookup_elem(int map, const void *key, void *value)
{
	uint32_t i = map == SLOTS ? place(key) : *(const uint32_t *)key;

	if (map == KEYS && i < 8 && sets[i] != 0) {
		memset(value, 0, sizeof(struct mldsa_key));
		((struct mldsa_key *)value)->set = sets[i];
		return 0;
	}
	if (map != SLOTS || i == n)
		return error_of(-ENOENT);
	memcpy(value, &slots[i], sizeof(slots[i]));
	return 0;
}

int bpf_map_update_elem(int map, const void *key, const void *value, __u64 flags)
{
	uint32_t i = place(key);

	assert_int_equal(map, SLOTS);
	assert_int_equal(flags, BPF_EXIST);
	if (i == n)
		return error_of(-ENOENT);
	memcpy(&slots[i], value, sizeof(slots[i]));
	return 0;
}

int bpf_map_get_next_key(int map, const void *key, void *next)
{
	uint32_t i = key != NULL ? place(key) + 1 : 0;

	assert_int_equal(map, SLOTS);
	if (unreadable != 0 || i >= n)
		return error_of(unreadable != 0 ? unreadable : -ENOENT);
	memcpy(next, nodes[i], PQC_NODE_LEN);
	return 0;
}

static int setup(void **state)
{
	static const struct shared_map shared[] = { { .name = "pqc_node_slots" },
		{ .name = "mldsa_keys" }, { .name = NULL } };

	(void)state;
	map_registry_init(&maps);
	map_registry_declare(&maps, shared);
	maps.fds[0] = SLOTS;
	maps.fds[1] = KEYS;
	n = NODES;
	unreadable = 0;
	memset(sets, 0, sizeof(sets));
	free(trust);
	trust = calloc(1, sizeof(*trust));
	trust->n_keys = NODES;
	for (uint32_t i = 0; i < NODES; i++) {
		memset(nodes[i], (int)(0x11 * (i + 1)), PQC_NODE_LEN);
		slots[i] = 5 - i;
		memcpy(trust->keys[i].node, nodes[i], PQC_NODE_LEN);
		snprintf(trust->keys[i].name, TRUST_NAME_LEN, "node%u", i);
	}
	return 0;
}

static int clean(void **state)
{
	(void)state;
	free(trust);
	return 0;
}

/* --- address translation --------------------------------------------------------------------------- */

static void those_that_are_named_and_no_others(void **state)
{
	static const char names[][TRUST_NAME_LEN] = { "node2", "stranger", "node0" };

	(void)state;
	slots[1] |= PQC_SLOT_TRANSLATED; /* named before */
	assert_int_equal(verifier_name_translated(&maps, trust, names, 3), 0);
	assert_int_equal(slots[0], 5 | PQC_SLOT_TRANSLATED);
	assert_int_equal(slots[1], 4);
	assert_int_equal(slots[2], 3 | PQC_SLOT_TRANSLATED);
	assert_int_equal(verifier_name_translated(&maps, trust, names, 1), 0);
	assert_int_equal(slots[0], 5);
	assert_int_equal(slots[2], 3 | PQC_SLOT_TRANSLATED);
	assert_int_equal(verifier_name_translated(&maps, trust, NULL, 0), 0);
	assert_int_equal(slots[2], 3);
}

static void a_node_that_has_no_slot(void **state)
{
	(void)state;
	n = 2;
	assert_int_equal(verifier_name_translated(&maps, trust, NULL, 0), -ENOENT);
}

/* --- parameter sets -------------------------------------------------------------------------------- */

static void sets_that_are_loaded(void **state)
{
	static const struct {
		uint32_t sets[NODES], loaded;
	} cases[] = {
		{ { 0, 0, 0 }, 0 },
		{ { MLDSA_44, 0, 0 }, MLDSA_HAS_44 },
		{ { 0, MLDSA_65, 0 }, MLDSA_HAS_65 },
		{ { 0, 0, MLDSA_87 }, MLDSA_HAS_87 },
		{ { MLDSA_44, MLDSA_44, MLDSA_87 }, MLDSA_HAS_44 | MLDSA_HAS_87 },
		{ { MLDSA_44, MLDSA_65, MLDSA_87 }, MLDSA_HAS_ALL },
		{ { 99, 0, 0 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (uint32_t node = 0; node < NODES; node++)
			sets[5 - node] = cases[i].sets[node];
		slots[0] = 5 | PQC_SLOT_TRANSLATED;
		assert_int_equal(verifier_sets_loaded(&maps), cases[i].loaded);
	}
}

static void sets_that_cannot_be_known(void **state)
{
	(void)state;
	sets[5] = MLDSA_44;
	unreadable = -EPERM;
	assert_int_equal(verifier_sets_loaded(&maps), MLDSA_HAS_ALL);
	unreadable = 0;
	maps.fds[1] = -1;
	assert_int_equal(verifier_sets_loaded(&maps), 0);
	maps.fds[0] = -1;
	maps.fds[1] = KEYS;
	assert_int_equal(verifier_sets_loaded(&maps), 0);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(those_that_are_named_and_no_others),
		test(a_node_that_has_no_slot),
		test(sets_that_are_loaded),
		test(sets_that_cannot_be_known),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
