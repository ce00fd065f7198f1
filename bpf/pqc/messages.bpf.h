/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reassembles messages of xdp_pqc_verify from slices, verifies and delivers them. */
#ifndef X0_PQC_MESSAGES_BPF_H
#define X0_PQC_MESSAGES_BPF_H

#include "log2.bpf.h"
#include "mldsa/verify.bpf.h"
#include "pqc/sources.bpf.h"
#include "pqc/state.bpf.h"

static __always_inline struct pqc_reassembly *place_lookup(const struct pqc_work *work)
{
	return bpf_map_lookup_elem(&pqc_reassembly, &work->place);
}

/* Copies the slice from the packet to its place. Returns 0, or -1 if the packet is too short. */
STAGE int pqc_copy_slice(struct xdp_md *ctx)
{
	const struct pqc_work *work = work_lookup();

	if (!work)
		return -1;
	struct pqc_reassembly *r = place_lookup(work);
	__u32 index = work->header.fragment.index;
	if (!r || index >= PQC_SLICES_MAX)
		return -1;
	__u8 *to = r->bytes + index * PQC_SLICE;
	const void *end = (const void *)(long)ctx->data_end;
	const __u8 *at = payload_of(ctx, work) + sizeof(struct pqc_header);
	__u32 length = work->length - sizeof(struct pqc_header);
	/*
	 * The bytes behind the whole words first: the verifier walks what follows a loop once for each
	 * of its ends. They end the word that ends there, and begin in the header if they are few.
	 * Only a last slice has any: behind its end there is nothing to keep.
	 */
	__u32 rest = length & 7, whole = length & ~7u;
	const __u8 *last = advance(at - 8, length);
	if ((const void *)(last + 8) > end)
		return -1;
	opaque(whole);
	if (rest && whole <= PQC_SLICE - 8)
		store64(to + whole, load64(last) >> (64 - 8 * rest));
	ROLLED
	for (__u32 n = 0; n < PQC_SLICE; n += 8) {
		if (n + 8 > length)
			break;
		opaque(at); /* or clang would compute with `end`, which verifiers refuse */
		if ((const void *)(at + 8) > end)
			return -1;
		store64(to + n, load64(at));
		at += 8;
	}
	return 0;
}

/*
 * Assigns the place at `r` to this packet's message, if it is not yet. Sets `stale` if that
 * discards an incomplete message: for its age, or, in the place of a known node, because the node
 * began a later one. So a lost or repeated slice costs a node only that message. The caller holds
 * the lock.
 */
static __always_inline int claim_place(struct pqc_reassembly *r, const struct pqc_work *work,
	__u64 timeout_ns, __u32 total, bool *stale)
{
	bool known = work->place % PQC_PLACES < PQC_SOURCES;
	bool mine = r->began_ns && r->sequence == work->sequence && r->source == work->source;

	if (mine && r->total != total)
		return PQC_BAD_LENGTH;
	if (mine)
		return PQC_FRAGMENT_BUFFERED;
	*stale = r->began_ns && (work->now_ns - r->began_ns >= timeout_ns ||
					(known && work->sequence > r->sequence));
	if (r->began_ns && !*stale)
		return PQC_REASSEMBLY_OVERFLOW;
	r->began_ns = work->now_ns;
	r->sequence = work->sequence;
	r->source = work->source;
	r->total = total;
	r->received = 0;
	return PQC_FRAGMENT_BUFFERED;
}

static __always_inline void count_result(__u32 result)
{
	__u32 zero = 0;
	struct pqc_stats *stats = bpf_map_lookup_elem(&pqc_stats, &zero);

	opaque(result);
	if (stats && result < PQC_RESULTS)
		stats->results[result]++;
}

/* Copies the message to this CPU's memory and frees its place. */
static __always_inline void take_message(
	struct pqc_work *work, struct pqc_reassembly *r, __u32 total)
{
	work->delivery.sequence = work->sequence;
	work->delivery.slot = work->slot;
	work->delivery.total = total;
	store64(work->delivery.node, work->node);
	ROLLED
	for (__u32 n = 0; n < PQC_MESSAGE_MAX; n += 8) {
		if (n >= total)
			break;
		store64(work->delivery.message + n, load64(r->bytes + n));
	}
	__u64 sequence = work->sequence;
	bpf_spin_lock(&r->lock);
	if (r->sequence == sequence) /* else another message has the place already */
		r->began_ns = 0;
	bpf_spin_unlock(&r->lock);
}

/*
 * Puts a slice into its place. Returns PQC_MESSAGE_ACCEPTED if it completes the message, which is then
 * in work->delivery; PQC_FRAGMENT_BUFFERED if slices are missing; or the refusal.
 */
STAGE int pqc_receive_slice(struct xdp_md *ctx)
{
	struct pqc_work *work = work_lookup();
	const struct pqc_control *control = control_lookup();
	bool stale = false, complete = false;

	if (!work || !control)
		return PQC_BAD_HEADER;
	struct pqc_reassembly *r = place_lookup(work);
	if (!r || work->header.fragment.reserved)
		return PQC_BAD_HEADER;
	__u32 total = bpf_ntohs(work->header.fragment.total);
	__u32 count = (total + PQC_SLICE - 1) / PQC_SLICE;
	__u32 index = work->header.fragment.index;
	__u32 length = work->length - sizeof(struct pqc_header);
	if (count == 0 || count > PQC_SLICES_MAX || work->header.fragment.count != count ||
		index >= count || bpf_ntohs(work->header.fragment.offset) != index * PQC_SLICE)
		return PQC_BAD_HEADER;
	if (length != (index + 1 < count ? PQC_SLICE : total - index * PQC_SLICE))
		return PQC_BAD_LENGTH;

	__u64 timeout_ns = control->reassembly_timeout_ns;
	bpf_spin_lock(&r->lock);
	int result = claim_place(r, work, timeout_ns, total, &stale);
	bpf_spin_unlock(&r->lock);
	if (stale)
		count_result(PQC_REASSEMBLY_TIMEOUT);
	if (result != PQC_FRAGMENT_BUFFERED)
		return result;
	if (pqc_copy_slice(ctx))
		return PQC_BAD_LENGTH;

	/*
	 * The bytes first, then the bit: who sets the last bit has all bytes. A duplicate may still
	 * write; it is the copy that is verified, and a mixture has no good signature.
	 */
	__u64 sequence = work->sequence;
	__u32 bit = 1u << index;
	bpf_spin_lock(&r->lock);
	if (r->sequence == sequence && !(r->received & bit)) {
		r->received |= bit;
		complete = r->received == (1u << count) - 1;
	}
	bpf_spin_unlock(&r->lock);
	if (!complete)
		return PQC_FRAGMENT_BUFFERED;
	take_message(work, r, total);
	return PQC_MESSAGE_ACCEPTED;
}

/* The signed bytes after the context begin with the node and the sequence. */
#define SIGNED_CONTEXT_LENGTH (sizeof(PQC_CONTEXT) - 1)
#define SIGNED_NODE_AT	      (MLDSA_CONTEXT_AT + SIGNED_CONTEXT_LENGTH)
#define SIGNED_SEQUENCE_AT    (SIGNED_NODE_AT + PQC_NODE_LEN)
#define SIGNED_MESSAGE_AT     (SIGNED_SEQUENCE_AT + 8)

/* Fills the verifier's request from the message, whose signature is at `signature_at`. */
static __always_inline void make_request(struct mldsa_request *request, const struct pqc_work *work,
	__u32 signature_at, __u32 signature_length)
{
	const __u8 *message = work->delivery.message;

	request->key = work->slot;
	request->message_length = PQC_NODE_LEN + 8 + signature_at;
	request->signature_length = signature_length;
	request->hash_input[MLDSA_CONTEXT_LENGTH_AT] = SIGNED_CONTEXT_LENGTH;
	__builtin_memcpy(
		request->hash_input + MLDSA_CONTEXT_AT, PQC_CONTEXT, SIGNED_CONTEXT_LENGTH);
	store64(request->hash_input + SIGNED_NODE_AT, work->node);
	store64(request->hash_input + SIGNED_SEQUENCE_AT, bpf_cpu_to_be64(work->sequence));
	UNROLLED_3
	for (__u32 n = 0; n < sizeof(struct pqc_message) + PQC_BODY_MAX; n += 8)
		store64(request->hash_input + SIGNED_MESSAGE_AT + n, load64(message + n));
	UNROLLED_3
	for (__u32 n = 0; n < sizeof(request->signature); n += 8)
		store64(request->signature + n, load64(message + signature_at + n));
}

/* Returns whether the budget allows a verification of this message. */
static __always_inline bool within_budget(
	const struct pqc_work *work, const struct pqc_control *control, struct pqc_node *node)
{
	struct pqc_budget node_budget = control->node_budget;
	struct pqc_budget common_budget = control->common_budget;
	__u64 now_ns = work->now_ns, hash = work->source;
	__u32 zero = 0;
	bool own = false, within = false;

	bpf_spin_lock(&node->lock);
	UNROLLED
	for (__u32 i = 0; i < PQC_SOURCES; i++) {
		struct pqc_source *source = &node->sources.all[i];

		if (own || !source_is(&node->sources, i, hash, now_ns))
			continue;
		own = true;
		within = bucket_take(&source->bucket, &node_budget, now_ns);
	}
	bpf_spin_unlock(&node->lock);
	if (own)
		return within;
	struct pqc_common *common = bpf_map_lookup_elem(&pqc_common, &zero);
	if (!common)
		return false;
	bpf_spin_lock(&common->lock);
	within = bucket_take(&common->bucket, &common_budget, now_ns);
	bpf_spin_unlock(&common->lock);
	return within;
}

static __always_inline __u64 seconds_of(const __be32 *parts)
{
	return (__u64)bpf_ntohl(parts[0]) << 32 | bpf_ntohl(parts[1]);
}

/* Returns whether the packet came from the address in the message. */
static __always_inline bool comes_from(
	const struct pqc_work *work, const struct pqc_message *message)
{
	return load64(message->source) == load64(work->path.source) &&
	       load64(message->source + 8) == load64(work->path.source + 8) &&
	       message->source_port == work->path.source_port;
}

/* Does the cheap checks: kind, lengths, validity. Returns PQC_MESSAGE_ACCEPTED or the refusal. */
static __always_inline int check_message(
	const struct pqc_work *work, const struct mldsa_key *key, __u32 *signature_at)
{
	const struct pqc_message *message = (const void *)work->delivery.message;
	__u32 total = work->delivery.total;
	__u32 body = bpf_ntohs(message->body_length);
	__u64 now = work->wall_ns / PQC_NS_IN_S;

	*signature_at = sizeof(*message) + body;
	if (message->kind < PQC_BEACON || message->kind > PQC_REPLY || message->reserved)
		return PQC_BAD_HEADER;
	if (body > PQC_BODY_MAX || total < *signature_at)
		return PQC_BAD_LENGTH;
	if (message->set != key->set)
		return PQC_MALFORMED_SIGNATURE;
	if (seconds_of(message->valid_from) > now)
		return PQC_NOT_YET_VALID;
	if (seconds_of(message->valid_until) <= now)
		return PQC_EXPIRED;
	return work->translated || comes_from(work, message) ? PQC_MESSAGE_ACCEPTED : PQC_RELAYED;
}

/* Verifies and records the time. Returns PQC_MESSAGE_ACCEPTED or PQC_BAD_SIGNATURE. */
static __always_inline int verify_timed(void)
{
	__u64 began = bpf_ktime_get_ns();
	int verdict = mldsa_decide();
	__u64 took = bpf_ktime_get_ns() - began;
	__u32 zero = 0, bucket = log2_floor(took);
	struct pqc_stats *stats = bpf_map_lookup_elem(&pqc_stats, &zero);

	if (stats && bucket < PQC_TIME_BUCKETS) {
		stats->verifications++;
		stats->verification_ns += took;
		stats->times[bucket]++;
	}
	return verdict == MLDSA_VALID ? PQC_MESSAGE_ACCEPTED : PQC_BAD_SIGNATURE;
}

/* Authenticates the node, if its sequence is still the highest. Sends an event if it was not. */
static __always_inline int accept_message(struct pqc_work *work, struct pqc_node *node)
{
	const struct pqc_message *message = (const void *)work->delivery.message;
	__u64 until = seconds_of(message->valid_until), sequence = work->sequence;
	__u64 now_ns = work->now_ns, wall = work->wall_ns, source = work->source;
	__u64 ends_ns = validity_end(until, wall, now_ns);
	__u64 address[2] = { load64(work->path.source), load64(work->path.source + 8) };
	int result = PQC_REPLAYED;

	bpf_spin_lock(&node->lock);
	if (is_later(sequence, node->sequence, wall)) {
		node->sequence = sequence;
		node->authenticated_until = until;
		node->verified_ns = now_ns;
		node->good++;
		store64(node->address, address[0]);
		store64(node->address + 8, address[1]);
		source_take(&node->sources, source, now_ns, ends_ns);
		result = PQC_MESSAGE_ACCEPTED;
	}
	bpf_spin_unlock(&node->lock);
	return result;
}

static __always_inline void deliver(const struct pqc_work *work)
{
	__u32 size = offsetof(struct pqc_delivery, message) + work->delivery.total;
	struct pqc_stats *stats;
	__u32 zero = 0;

	opaque(size);
	if (size > sizeof(work->delivery))
		return;
	if (!bpf_ringbuf_output(&pqc_messages, (void *)&work->delivery, size, 0))
		return;
	stats = bpf_map_lookup_elem(&pqc_stats, &zero);
	if (stats)
		stats->undelivered++;
}

/* Checks the whole message in work->delivery, from the cheap checks to the signature. */
STAGE int pqc_verify_message(void)
{
	struct pqc_work *work = work_lookup();
	const struct pqc_control *control = control_lookup();
	struct mldsa_request *request = mldsa_request_lookup();
	__u32 signature_at;

	if (!work || !control || !request)
		return PQC_BAD_HEADER;
	const struct mldsa_key *key = mldsa_key_lookup(work->slot);
	struct pqc_node *node = bpf_map_lookup_elem(&pqc_nodes, &work->slot);
	if (!key || !node)
		return PQC_UNKNOWN_NODE;
	int result = check_message(work, key, &signature_at);
	if (result != PQC_MESSAGE_ACCEPTED)
		return result;
	opaque(signature_at);
	if (signature_at > sizeof(struct pqc_message) + PQC_BODY_MAX)
		return PQC_BAD_LENGTH;
	make_request(request, work, signature_at, work->delivery.total - signature_at);
	int verdict = mldsa_decode();
	if (verdict == MLDSA_NO_KEY) /* or of a set that this verifier was loaded without */
		return PQC_UNKNOWN_NODE;
	if (verdict != MLDSA_VALID)
		return verdict == MLDSA_BAD_LENGTH ? PQC_BAD_LENGTH : PQC_MALFORMED_SIGNATURE;
	if (!within_budget(work, control, node))
		return PQC_THROTTLED;
	result = verify_timed();
	if (result == PQC_MESSAGE_ACCEPTED)
		result = accept_message(work, node);
	if (result == PQC_MESSAGE_ACCEPTED)
		deliver(work);
	return result;
}

#endif
