/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Working memory of a verification: too large for the BPF stack, so in per-CPU maps. BPF objects
 * that include the library get these maps; native code defines the three lookups itself.
 */
#ifndef X0_MLDSA_SCRATCH_BPF_H
#define X0_MLDSA_SCRATCH_BPF_H

#include "mldsa.h"
#include "mldsa/hint.bpf.h"
#include "mldsa/keccak.bpf.h"
#include "mldsa/platform.bpf.h"
#include "mldsa/sample_in_ball.bpf.h"

struct mldsa_scratch {
	__u64 lanes[KECCAK_LANES]; /* the Keccak state */
	__u64 lanes2[KECCAK_LANES]; /* room for keccak_f1600() */
	/* (c, z): the vector that the key's matrix is multiplied with. */
	__u32 vector[MLDSA_L_MAX + 1][MLDSA_N];
	__u32 w[MLDSA_N]; /* one row of w'_Approx */
	struct mldsa_hint hint;
	struct hint_state hint_state;
	struct sample_state sample_state;
};

#ifdef __bpf__

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mldsa_scratch);
} mldsa_scratch SEC(".maps");

/* The request under verification: this CPU's own copy, which nobody else can change. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mldsa_request);
} mldsa_request SEC(".maps");

/* The keys. User space sets the number of slots before it loads the object. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mldsa_key);
} mldsa_keys SEC(".maps");

static __always_inline struct mldsa_scratch *mldsa_scratch_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&mldsa_scratch, &zero);
}

static __always_inline struct mldsa_request *mldsa_request_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&mldsa_request, &zero);
}

static __always_inline const struct mldsa_key *mldsa_key_lookup(__u32 slot)
{
	return bpf_map_lookup_elem(&mldsa_keys, &slot);
}

#else

static struct mldsa_scratch *mldsa_scratch_lookup(void);
static struct mldsa_request *mldsa_request_lookup(void);
static const struct mldsa_key *mldsa_key_lookup(__u32 slot);

#endif

#endif
