// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_pqc_verify_carry.h"

#include <stddef.h>

#include "xdp_pqc_verify.h"

#define WORDS(type)	     (sizeof(type) / sizeof(uint64_t))
#define WORD_OF(type, first) (offsetof(type, first) / sizeof(uint64_t))

/* --- sessions ---------------------------------------------------------------------------------- */

/* Returns the bits of a window for 64 sequence numbers, or 0 if it does not reach so far in either direction. */
static uint64_t seen(const struct pqc_window *window, uint64_t word)
{
	const uint64_t last = window->highest / 64;

	if (word > last || last - word >= PQC_WINDOW_WORDS)
		return 0;
	return window->seen[word % PQC_WINDOW_WORDS];
}

/* Whatever one of the two windows has taken is taken. */
static void merge_windows(struct pqc_window *there, const struct pqc_window *now)
{
	struct pqc_window both = { .highest = there->highest > now->highest ? there->highest
									    : now->highest };
	const uint64_t last = both.highest / 64;

	for (uint64_t back = 0; back < PQC_WINDOW_WORDS && back <= last; back++) {
		const uint64_t word = last - back;
		both.seen[word % PQC_WINDOW_WORDS] = seen(there, word) | seen(now, word);
	}
	*there = both;
}

static void merge_sessions(void *there, const void *copied, const void *now)
{
	struct pqc_session *session = there;
	const struct pqc_session *was = copied, *is = now;

	session->good += is->good - was->good;
	session->bytes += is->bytes - was->bytes;
	session->replayed += is->replayed - was->replayed;
	merge_windows(&session->window, &is->window);
}

const struct map_merging pqc_session_merging = {
	.words = WORDS(struct pqc_session),
	.added = WORDS(struct pqc_session),
	.merge = merge_sessions,
};

_Static_assert(sizeof(struct pqc_session) % sizeof(uint64_t) == 0, "it is of whole words");

/* --- nodes -------------------------------------------------------------------------------------- */

/* Of the last good message either has seen, all that it says. */
static void merge_nodes(void *there, const void *copied, const void *now)
{
	struct pqc_node *node = there;
	const struct pqc_node *was = copied, *is = now;
	const uint64_t good = node->good + is->good - was->good;

	if (is->sequence > node->sequence) {
		const struct pqc_node next = *node;
		*node = *is;
		node->lock = next.lock;
	}
	node->good = good;
}

const struct map_merging pqc_node_merging = {
	.words = WORDS(struct pqc_node),
	.added = WORD_OF(struct pqc_node, refused),
	.merge = merge_nodes,
};

_Static_assert(sizeof(struct pqc_node) % sizeof(uint64_t) == 0, "it is of whole words");

/* --- the common budget -------------------------------------------------------------------------- */

/* What both have used of it. */
static void merge_common(void *there, const void *copied, const void *now)
{
	struct pqc_common *common = there;
	const struct pqc_common *was = copied, *is = now;

	common->bucket.full_at_ns += is->bucket.full_at_ns - was->bucket.full_at_ns;
}

const struct map_merging pqc_common_merging = {
	.words = WORDS(struct pqc_common),
	.added = WORDS(struct pqc_common),
	.merge = merge_common,
};
