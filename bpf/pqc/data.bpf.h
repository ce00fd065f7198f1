/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks data packets of xdp_pqc_verify: session, tag, and replay window. */
#ifndef X0_PQC_DATA_BPF_H
#define X0_PQC_DATA_BPF_H

#include "pqc/siphash.bpf.h"
#include "pqc/state.bpf.h"
#include "pqc/window.bpf.h"

/* Checks the tag of a data packet with work->key. Returns an enum pqc_result. */
STAGE int pqc_check_tag(struct xdp_md *ctx)
{
	const struct pqc_work *work = work_lookup();
	__u64 tag[2], sent[2];

	if (!work)
		return PQC_BAD_HEADER;
	const void *end = (const void *)(long)ctx->data_end;
	const __u8 *at = payload_of(ctx, work);
	__u32 covered = sizeof(struct pqc_header) + bpf_ntohs(work->header.data.length);
	const __u8 *behind = advance(at, covered);
	if ((const void *)(behind + PQC_TAG_LEN) > end)
		return PQC_BAD_LENGTH;
	sent[0] = load64(behind);
	sent[1] = load64(behind + 8);
	if (siphash_128(work->key, at, end, covered, sizeof(struct pqc_header) + PQC_DATA_MAX, tag))
		return PQC_BAD_LENGTH;
	return (sent[0] ^ tag[0]) | (sent[1] ^ tag[1]) ? PQC_BAD_TAG : PQC_DATA_GOOD;
}

/* Checks a data packet: length, session, tag, and last the window, which only a sender may move. */
STAGE int pqc_receive_data(struct xdp_md *ctx)
{
	struct pqc_work *work = work_lookup();
	struct pqc_session_key name = {};

	if (!work)
		return PQC_BAD_HEADER;
	__u32 payload = bpf_ntohs(work->header.data.length);
	__u32 covered = sizeof(struct pqc_header) + payload;
	if (work->header.data.reserved)
		return PQC_BAD_HEADER;
	if (payload > PQC_DATA_MAX || work->length != covered + PQC_TAG_LEN)
		return PQC_BAD_LENGTH;
	__builtin_memcpy(name.node, &work->node, sizeof(name.node));
	name.session = work->header.data.session;
	struct pqc_session *session = bpf_map_lookup_elem(&pqc_sessions, &name);
	if (!session)
		return PQC_UNKNOWN_SESSION;
	if (work->now_ns >= session->expires_ns)
		return PQC_EXPIRED;
	work->key[0] = session->key[0];
	work->key[1] = session->key[1];
	int result = pqc_check_tag(ctx);
	work->key[0] = work->key[1] = 0;
	if (result != PQC_DATA_GOOD)
		return result;

	__u64 sequence = work->sequence;
	bpf_spin_lock(&session->lock);
	if (window_take(&session->window, sequence)) {
		session->good++;
		session->bytes += payload;
	} else {
		session->replayed++;
		result = PQC_REPLAYED;
	}
	bpf_spin_unlock(&session->lock);
	return result;
}

#endif
