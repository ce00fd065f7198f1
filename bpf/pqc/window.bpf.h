/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The replay window: RFC 6479. The caller holds the session's lock. */
#ifndef X0_PQC_WINDOW_BPF_H
#define X0_PQC_WINDOW_BPF_H

#include <stdbool.h>

#include "mldsa/platform.bpf.h"
#include "xdp_pqc_verify.h"

/*
 * Takes a sequence number. Returns whether it is new: not 0, not older than the window, and not
 * taken before.
 */
static __always_inline bool window_take(struct pqc_window *window, __u64 sequence)
{
	__u64 word = sequence / 64, bit = 1ull << sequence % 64;

	if (sequence == 0 ||
		(sequence < window->highest && window->highest - sequence >= PQC_WINDOW))
		return false;
	if (sequence > window->highest) {
		__u64 at = window->highest / 64, steps = word - at;

		ROLLED
		for (__u32 n = 0; n < PQC_WINDOW_WORDS; n++) {
			if (n >= steps)
				break;
			at++;
			window->seen[at % PQC_WINDOW_WORDS] = 0;
		}
		window->highest = sequence;
	}
	__u64 *seen = &window->seen[word % PQC_WINDOW_WORDS];
	if (*seen & bit)
		return false;
	*seen |= bit;
	return true;
}

#endif
