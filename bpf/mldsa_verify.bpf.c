// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mldsa_verify: verifies one signature from user space by BPF_PROG_RUN, with the library that
 * xdp_pqc_verify runs on packets. `x0top keys verify`, tests and the benchmark use it. It is never
 * attached.
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "license.bpf.h"
#include "mldsa.h"
#include "mldsa/verify.bpf.h"

/* The request of user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mldsa_request);
} mldsa_asked SEC(".maps");

/* Returns an enum mldsa_verdict, not a verdict on a packet. */
SEC("xdp")
int mldsa_verify_request(struct xdp_md *context)
{
	__u32 zero = 0;
	struct mldsa_request *asked = bpf_map_lookup_elem(&mldsa_asked, &zero);

	if (!asked || bpf_map_update_elem(&mldsa_request, &zero, asked, BPF_ANY))
		return MLDSA_NO_KEY;
	return mldsa_verify();
}
