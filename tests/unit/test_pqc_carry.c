// SPDX-License-Identifier: BSD-2-Clause
/* programs/xdp_pqc_verify_carry.c: what two programs have made of one session, or node, is put together. */
#include "programs/xdp_pqc_verify_carry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pqc/window.bpf.h"

enum { ROUNDS = 60, TAKEN = 400, NUMBERS = 6 * PQC_WINDOW };

static bool taken[NUMBERS];

/* Takes numbers around `from`, as far as the window reaches, some of them twice. */
static void take(struct pqc_session *session, uint64_t from, uint64_t spread)
{
	for (int i = 0; i < TAKEN; i++) {
		const uint64_t sequence = 1 + from + (uint64_t)random() % spread;
		assert_true(sequence < NUMBERS);
		if (window_take(&session->window, sequence)) {
			taken[sequence] = true;
			session->good++;
			session->bytes += 100;
		} else {
			session->replayed++;
		}
	}
}

/* What either has taken is taken no more; what none has is taken once, as far as the window of all would. */
static void check_window(const struct pqc_session *merged)
{
	const uint64_t highest = merged->window.highest;

	for (uint64_t sequence = 1; sequence < NUMBERS; sequence++) {
		struct pqc_window window = merged->window;
		const bool reaches = sequence > highest || highest - sequence < PQC_WINDOW;
		assert_int_equal(window_take(&window, sequence), reaches && !taken[sequence]);
	}
}

static void no_number_is_taken_twice(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t spread = 1 + (uint64_t)random() % PQC_WINDOW;
		struct pqc_session copied = { 0 };
		memset(taken, 0, sizeof(taken));
		take(&copied, 0, spread);
		struct pqc_session now = copied, there = copied;
		take(&now, (uint64_t)random() % (2 * PQC_WINDOW), spread);
		if (round % 3 != 0)
			take(&there, (uint64_t)random() % (4 * PQC_WINDOW), spread);
		const uint64_t good = now.good - copied.good + there.good;
		const uint64_t replayed = now.replayed - copied.replayed + there.replayed;
		pqc_session_merging.merge(&there, &copied, &now);
		assert_int_equal(there.good, good);
		assert_int_equal(there.bytes, 100 * good);
		assert_int_equal(there.replayed, replayed);
		check_window(&there);
	}
}

static void the_last_good_message_counts(void **state)
{
	const struct pqc_node copied = { .sequence = 5, .good = 10, .authenticated_until = 100 };
	struct pqc_node now = copied, there = copied;

	(void)state;
	now.sequence = 6;
	now.good = 11;
	now.authenticated_until = 200;
	now.sources.last = 1;
	pqc_node_merging.merge(&there, &copied, &now);
	assert_int_equal(there.sequence, 6);
	assert_int_equal(there.good, 11);
	assert_int_equal(there.authenticated_until, 200);
	assert_int_equal(there.sources.last, 1);
	/* The next program has seen a later one. */
	there = copied;
	there.sequence = 7;
	there.good = 12;
	there.authenticated_until = 300;
	pqc_node_merging.merge(&there, &copied, &now);
	assert_int_equal(there.sequence, 7);
	assert_int_equal(there.good, 13);
	assert_int_equal(there.authenticated_until, 300);
	assert_int_equal(there.sources.last, 0);
}

static void what_both_have_used_of_a_budget_is_used(void **state)
{
	const struct pqc_common copied = { .bucket.full_at_ns = 1000 },
				now = { .bucket.full_at_ns = 1300 };
	struct pqc_common there = { .bucket.full_at_ns = 1050 };

	(void)state;
	pqc_common_merging.merge(&there, &copied, &now);
	assert_int_equal(there.bucket.full_at_ns, 1350);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_number_is_taken_twice),
		cmocka_unit_test(the_last_good_message_counts),
		cmocka_unit_test(what_both_have_used_of_a_budget_is_used),
	};

	return cmocka_run_group_tests_name("carrying sessions over", tests, NULL, NULL);
}
