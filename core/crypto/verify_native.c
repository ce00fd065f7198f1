// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verify_native.h"

#include "mldsa/verify.bpf.h"

/* In place of the BPF maps of the kernel's verifier. */
static _Thread_local struct mldsa_scratch native_scratch;
static _Thread_local struct mldsa_request native_request;
static _Thread_local const struct mldsa_key *native_key;

static struct mldsa_scratch *mldsa_scratch_lookup(void)
{
	return &native_scratch;
}

static struct mldsa_request *mldsa_request_lookup(void)
{
	return &native_request;
}

static const struct mldsa_key *mldsa_key_lookup(__u32 slot)
{
	(void)slot;
	return native_key;
}

enum mldsa_verdict verify_native(const struct mldsa_key *key, const struct mldsa_request *request)
{
	native_key = key;
	native_request = *request;
	return (enum mldsa_verdict)mldsa_verify();
}
