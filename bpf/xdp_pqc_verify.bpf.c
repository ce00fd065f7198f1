// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Verifies packets to the protected ports: ML-DSA signatures of messages that span several packets,
 * and tags of data. See xdp_pqc_verify.h and pqc_wire.h.
 */
#include "xdp_pqc_verify.h"
#include "events.bpf.h"
#include "license.bpf.h"
#include "log2.bpf.h"
#include "mldsa/verify.bpf.h"
#include "pqc/siphash.bpf.h"
#include "pqc/window.bpf.h"
#include "xdp_chain.bpf.h"

#define NS_IN_S	       1000000000ull
#define HEADERS_MAX    4095 /* bytes before a payload, at most */
#define EVENT_PAUSE_NS 100000000ull /* between two events of the same result on one CPU */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_control);
} pqc_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PQC_NODES_DEFAULT);
	__type(key, __u64); /* PQC_NODE_LEN bytes, as they are in the packet */
	__type(value, __u32); /* slot */
} pqc_node_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PQC_NODES_DEFAULT);
	__type(key, __u32);
	__type(value, struct pqc_node);
} pqc_nodes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_common);
} pqc_common SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PQC_NODES_DEFAULT *PQC_PLACES);
	__type(key, __u32);
	__type(value, struct pqc_reassembly);
} pqc_reassembly SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PQC_SESSIONS_MAX);
	__type(key, struct pqc_session_key);
	__type(value, struct pqc_session);
} pqc_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PQC_MESSAGES_BYTES);
} pqc_messages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_stats);
} pqc_stats SEC(".maps");

/* The present packet, and this CPU's own copy of the message that it completed. */
struct pqc_work {
	__u64 node;
	__u64 sequence; /* in host order */
	__u32 source; /* hash of source address and port */
	__u32 slot; /* of the node */
	__u32 place; /* in pqc_reassembly, of a slice */
	__u32 offset; /* of the UDP payload in the frame */
	__u32 length; /* of the UDP payload */
	__u64 now_ns; /* CLOCK_MONOTONIC */
	struct pqc_header header;
	__u64 key[PQC_KEY_LEN / 8]; /* of the session, while a tag is checked */
	struct pqc_delivery delivery;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pqc_work);
} pqc_work SEC(".maps");

static __always_inline struct pqc_work *work_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pqc_work, &zero);
}

static __always_inline const struct pqc_control *control_lookup(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pqc_control, &zero);
}

/* Returns the UDP payload in the frame; begin() has checked its offset. */
static __always_inline const __u8 *payload_of(struct xdp_md *ctx, const struct pqc_work *work)
{
	return advance((const __u8 *)(long)ctx->data, work->offset);
}

/* --- data ------------------------------------------------------------------------------------ */

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

/* --- messages --------------------------------------------------------------------------------- */

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
	bool known = work->place % PQC_PLACES == 0;
	bool mine = r->began_ns && r->sequence == work->sequence && r->source == work->source;

	if (mine && r->total != total)
		return PQC_BAD_LENGTH;
	if (mine)
		return PQC_FRAGMENT_KEPT;
	*stale = r->began_ns && (work->now_ns - r->began_ns >= timeout_ns ||
					(known && work->sequence > r->sequence));
	if (r->began_ns && !*stale)
		return PQC_REASSEMBLY_OVERFLOW;
	r->began_ns = work->now_ns;
	r->sequence = work->sequence;
	r->source = work->source;
	r->total = total;
	r->received = 0;
	return PQC_FRAGMENT_KEPT;
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
 * Puts a slice into its place. Returns PQC_MESSAGE_GOOD if it completes the message, which is then
 * in work->delivery; PQC_FRAGMENT_KEPT if slices are missing; or the refusal.
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
	if (result != PQC_FRAGMENT_KEPT)
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
		return PQC_FRAGMENT_KEPT;
	take_message(work, r, total);
	return PQC_MESSAGE_GOOD;
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
	ROLLED
	for (__u32 n = 0; n < sizeof(struct pqc_message) + PQC_BODY_MAX; n += 8)
		store64(request->hash_input + SIGNED_MESSAGE_AT + n, load64(message + n));
	ROLLED
	for (__u32 n = 0; n < sizeof(request->signature); n += 8)
		store64(request->signature + n, load64(message + signature_at + n));
}

/* Takes one verification out of a budget. The caller holds the lock of the bucket. */
static __always_inline bool bucket_take(
	struct pqc_bucket *bucket, const struct pqc_budget *budget, __u64 now_ns)
{
	__u64 from = bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns;

	if (from + budget->interval_ns > now_ns + budget->burst * budget->interval_ns)
		return false;
	bucket->full_at_ns = from + budget->interval_ns;
	return true;
}

/* Returns whether the budget allows a verification of this message. */
static __always_inline bool within_budget(
	const struct pqc_work *work, const struct pqc_control *control, struct pqc_node *node)
{
	struct pqc_budget node_budget = control->node_budget;
	struct pqc_budget common_budget = control->common_budget;
	__u64 now_ns = work->now_ns;
	__u32 source = work->source, zero = 0;
	bool own, within = false;

	bpf_spin_lock(&node->lock);
	own = node->verified_ns && node->source == source;
	if (own)
		within = bucket_take(&node->bucket, &node_budget, now_ns);
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

/* Does the cheap checks: kind, lengths, validity. Returns PQC_MESSAGE_GOOD or the refusal. */
static __always_inline int check_message(const struct pqc_work *work,
	const struct pqc_control *control, const struct mldsa_key *key, __u32 *signature_at)
{
	const struct pqc_message *message = (const void *)work->delivery.message;
	__u32 total = work->delivery.total;
	__u32 body = bpf_ntohs(message->body_length);
	__u64 now = (work->now_ns + control->realtime_offset_ns) / NS_IN_S;

	*signature_at = sizeof(*message) + body;
	if (message->kind < PQC_BEACON || message->kind > PQC_REPLY)
		return PQC_BAD_HEADER;
	if (body > PQC_BODY_MAX || total < *signature_at)
		return PQC_BAD_LENGTH;
	if (message->set != key->set)
		return PQC_MALFORMED_SIGNATURE;
	if (seconds_of(message->valid_from) > now)
		return PQC_NOT_YET_VALID;
	if (seconds_of(message->valid_until) <= now)
		return PQC_EXPIRED;
	return PQC_MESSAGE_GOOD;
}

/* Verifies and records the time. Returns PQC_MESSAGE_GOOD or PQC_BAD_SIGNATURE. */
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
	return verdict == MLDSA_VALID ? PQC_MESSAGE_GOOD : PQC_BAD_SIGNATURE;
}

/* Authenticates the node, if its sequence is still the highest. Sends an event if it was not. */
static __always_inline int accept_message(struct pqc_work *work, struct pqc_node *node)
{
	const struct pqc_message *message = (const void *)work->delivery.message;
	__u64 until = seconds_of(message->valid_until), sequence = work->sequence;
	__u64 now_ns = work->now_ns;
	__u32 source = work->source;
	int result = PQC_REPLAYED;

	bpf_spin_lock(&node->lock);
	if (sequence > node->sequence) {
		node->sequence = sequence;
		node->source = source;
		node->authenticated_until = until;
		node->verified_ns = now_ns;
		node->good++;
		result = PQC_MESSAGE_GOOD;
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
	int result = check_message(work, control, key, &signature_at);
	if (result != PQC_MESSAGE_GOOD)
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
	if (result == PQC_MESSAGE_GOOD)
		result = accept_message(work, node);
	if (result == PQC_MESSAGE_GOOD)
		deliver(work);
	return result;
}

/* --- every packet ------------------------------------------------------------------------------ */

/*
 * Returns whether the node may still send this sequence. If so, chooses the message's place, once
 * per packet, because the node's source may change meanwhile.
 */
static __always_inline bool is_new_message(struct pqc_work *work)
{
	const struct pqc_node *node = bpf_map_lookup_elem(&pqc_nodes, &work->slot);

	if (!node || work->sequence <= node->sequence)
		return false;
	work->place = work->slot * PQC_PLACES;
	if (!node->verified_ns || node->source != work->source)
		work->place += 1 + work->source % (PQC_PLACES - 1);
	return true;
}

/* Checks the header, the node, and the rest by type. Returns an enum pqc_result. */
STAGE int pqc_receive(struct xdp_md *ctx)
{
	struct pqc_work *work = work_lookup();

	if (!work)
		return PQC_BAD_HEADER;
	const void *end = (const void *)(long)ctx->data_end;
	const struct pqc_header *header = (const void *)payload_of(ctx, work);
	if (work->length < sizeof(*header) || (const void *)(header + 1) > end)
		return PQC_BAD_HEADER;
	__builtin_memcpy(&work->header, header, sizeof(*header));
	if (header->magic != bpf_htonl(PQC_MAGIC) || header->version != PQC_VERSION ||
		header->flags || header->reserved)
		return PQC_BAD_HEADER;
	work->node = load64(header->node);
	work->sequence = bpf_be64_to_cpu(header->sequence);
	const __u32 *slot = bpf_map_lookup_elem(&pqc_node_slots, &work->node);
	if (!slot || !mldsa_sets) /* without a key that it verifies, what follows is dead code */
		return PQC_UNKNOWN_NODE;
	work->slot = *slot;
	if (header->type == PQC_TYPE_DATA)
		return pqc_receive_data(ctx);
	if (header->type != PQC_TYPE_FRAGMENT)
		return PQC_BAD_HEADER;
	if (!is_new_message(work))
		return PQC_REPLAYED;
	int result = pqc_receive_slice(ctx);
	return result == PQC_MESSAGE_GOOD ? pqc_verify_message() : result;
}

/* Sends an event of a refusal or a good message, at most one per EVENT_PAUSE_NS. */
static __always_inline void notify(const struct pqc_work *work, __u32 result, __u32 ifindex)
{
	__u32 zero = 0;
	struct pqc_stats *stats = bpf_map_lookup_elem(&pqc_stats, &zero);

	if (!stats || result < PQC_MESSAGE_GOOD)
		return;
	/* One check after the other: clang 19 folds both into one of another register. */
	opaque(result);
	if (result >= PQC_RESULTS)
		return;
	__u64 *sent_ns = &stats->event_ns[result];
	if (work->now_ns - *sent_ns < EVENT_PAUSE_NS)
		return;
	*sent_ns = work->now_ns;
	struct event *event = event_reserve(EVENT_SOURCE_PQC, EVENT_PQC);
	if (!event)
		return;
	event->ifindex = ifindex;
	event->pqc.node = work->node;
	event->pqc.sequence = work->sequence;
	event->pqc.result = result;
	event_submit(event);
}

static __always_inline bool is_protected(const struct pqc_control *control, __be16 port)
{
	__u32 number = bpf_ntohs(port);

	return control->protected_ports[number / 64] >> number % 64 & 1;
}

static __always_inline __u32 hash_source(const struct packet_headers *headers)
{
	__u32 hash = headers->source_port;

	UNROLLED
	for (int i = 0; i < 4; i++)
		hash = (hash ^ headers->source6[i]) * 0x9e3779b1; /* 2^32 / golden ratio */
	return hash ^ hash >> 16;
}

/*
 * Returns whether the UDP port of an IPv6 packet is hidden: behind more extension headers than are
 * parsed, or beyond the end of a fragment. The host's own parser may find it, so such a packet
 * could bypass the checks. RFC 8504 section 5.3 lets hosts refuse it.
 */
static __always_inline bool hides_port(const struct packet_headers *headers)
{
	if (headers->network != NETWORK_IPV6 ||
		(headers->flags & (PACKET_ADDRESS | PACKET_PORTS)) != PACKET_ADDRESS)
		return false;
	return packet_extensions[headers->protocol] ||
	       (headers->protocol == IPPROTO_UDP && headers->flags & PACKET_MALFORMED);
}

/*
 * Fills work for a packet that goes, or may go, to a protected port. Returns false for any other
 * packet, which passes unchecked.
 */
static __always_inline bool begin(struct xdp_md *ctx, const struct pqc_control *control,
	const struct xdp_packet *packet, struct pqc_work *work)
{
	struct packet_headers headers = {};
	struct packet_cursor cursor = {
		.data = (void *)(long)ctx->data,
		.data_end = (void *)(long)ctx->data_end,
	};

	cursor.limit = cursor.data_end - cursor.data;
	packet_parse(&cursor, packet->raw_ip, &headers);
	bool hidden = hides_port(&headers);
	if (!hidden && (!(headers.flags & PACKET_PORTS) || headers.protocol != IPPROTO_UDP ||
			       !is_protected(control, headers.destination_port)))
		return false;
	const struct udphdr *udp = hidden ? NULL : packet_peek(&cursor, sizeof(*udp));
	__u32 length = udp ? bpf_ntohs(udp->len) : 0;
	bool whole = length >= sizeof(*udp) && cursor.offset + length <= cursor.limit &&
		     cursor.offset + sizeof(*udp) <= HEADERS_MAX;
	work->offset = cursor.offset + sizeof(*udp);
	work->length = whole ? length - sizeof(*udp) : 0; /* 0: a bad header */
	work->source = hash_source(&headers);
	__builtin_memcpy(work->delivery.source, headers.source6, sizeof(headers.source6));
	work->delivery.source_port = headers.source_port;
	work->delivery.version = headers.network == NETWORK_IPV6 ? 6 : 4;
	work->delivery.ifindex = ctx->ingress_ifindex;
	work->now_ns = bpf_ktime_get_ns();
	work->node = 0;
	work->sequence = 0;
	return true;
}

SEC("xdp")
int xdp_pqc_verify(struct xdp_md *ctx)
{
	struct xdp_packet *packet = xdp_chain_begin(XDP_PQC_VERIFY);
	const struct pqc_control *control = control_lookup();
	struct pqc_work *work = work_lookup();

	if (!packet || !control || !work)
		return XDP_PASS;
	if (control->mode == PQC_OFF || !begin(ctx, control, packet, work))
		return xdp_chain_next(ctx, packet, XDP_PQC_VERIFY);
	__u32 result = pqc_receive(ctx);
	count_result(result);
	notify(work, result, ctx->ingress_ifindex);
	/* A verified message reaches user space by the ring buffer, not as fragments, too. */
	if (control->mode == PQC_ENFORCE && result != PQC_DATA_GOOD)
		return xdp_chain_end(packet, XDP_PQC_VERIFY, XDP_DROP);
	return xdp_chain_next(ctx, packet, XDP_PQC_VERIFY);
}
