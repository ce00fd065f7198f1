// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Verifies packets to the protected ports: ML-DSA signatures of messages that span several packets,
 * and tags of data. See xdp_pqc_verify.h and pqc_wire.h.
 */
#include "xdp_pqc_verify.h"
#include "events.bpf.h"
#include "license.bpf.h"
#include "mldsa/verify.bpf.h"
#include "pqc/data.bpf.h"
#include "pqc/messages.bpf.h"
#include "xdp_chain.bpf.h"

#define HEADERS_MAX    4095 /* bytes before a payload, at most */
#define EVENT_PAUSE_NS 100000000ull /* between two events of the same result on one CPU */

/*
 * Refuses a message of which nothing is to be kept: an old one, or one from the future. Else chooses the
 * message's place, once per packet, because the node's sources may change meanwhile.
 */
static __always_inline int begin_message(struct pqc_work *work, const struct pqc_control *control)
{
	const struct pqc_node *node = bpf_map_lookup_elem(&pqc_nodes, &work->slot);

	if (!node || work->header.flags)
		return PQC_BAD_HEADER;
	work->wall_ns = wall_ns(control, work->now_ns);
	if (is_ahead(work->sequence, work->wall_ns))
		return PQC_NOT_YET_VALID;
	if (!is_later(work->sequence, node->sequence, work->wall_ns))
		return PQC_REPLAYED;
	__u64 words[3] = { load64(work->path.source), load64(work->path.source + 8),
		work->path.source_port };
	work->source = siphash_words(control->hash_key, words, 3);
	work->place = PQC_SOURCES + work->source % (PQC_PLACES - PQC_SOURCES);
	UNROLLED
	for (__u32 i = 0; i < PQC_SOURCES; i++)
		if (source_is(&node->sources, i, work->source, work->now_ns))
			work->place = i;
	work->place += work->slot * PQC_PLACES;
	return 0;
}

/* Checks the header, the node, and the rest by type. Returns an enum pqc_result. */
STAGE int pqc_receive(struct xdp_md *ctx)
{
	struct pqc_work *work = work_lookup();
	const struct pqc_control *control = control_lookup();

	if (!work || !control)
		return PQC_BAD_HEADER;
	if (work->refused)
		return work->refused;
	const void *end = (const void *)(long)ctx->data_end;
	const struct pqc_header *header = (const void *)payload_of(ctx, work);
	if (work->length < sizeof(*header) || (const void *)(header + 1) > end)
		return PQC_BAD_HEADER;
	__builtin_memcpy(&work->header, header, sizeof(*header));
	if (header->magic != bpf_htonl(PQC_MAGIC) || header->version != PQC_VERSION ||
		header->flags & ~PQC_TRANSLATED || header->reserved)
		return PQC_BAD_HEADER;
	work->node = load64(header->node);
	work->sequence = bpf_be64_to_cpu(header->sequence);
	const __u32 *slot = bpf_map_lookup_elem(&pqc_node_slots, &work->node);
	if (!slot || !mldsa_sets) /* without a key that it verifies, what follows is dead code */
		return PQC_UNKNOWN_NODE;
	work->slot = *slot & PQC_SLOT_MASK;
	work->translated = *slot & PQC_SLOT_TRANSLATED;
	if (header->type == PQC_TYPE_DATA)
		return pqc_receive_data(ctx);
	if (header->type != PQC_TYPE_FRAGMENT)
		return PQC_BAD_HEADER;
	int result = begin_message(work, control);
	if (result)
		return result;
	result = pqc_receive_slice(ctx);
	return result == PQC_MESSAGE_ACCEPTED ? pqc_verify_message() : result;
}

/* Counts a refusal with the node that the packet names, and whether it came from where that node is. */
static __always_inline void count_refusal(const struct pqc_work *work, __u32 result)
{
	struct pqc_node *node =
		result >= PQC_REFUSED ? bpf_map_lookup_elem(&pqc_nodes, &work->slot) : NULL;

	if (!node)
		return;
	__sync_fetch_and_add(&node->refused, 1);
	if (load64(node->address) == load64(work->path.source) &&
		load64(node->address + 8) == load64(work->path.source + 8))
		__sync_fetch_and_add(&node->refused_there, 1);
}

/* Sends an event of a refusal or a good message, at most one per EVENT_PAUSE_NS. */
static __always_inline void notify(const struct pqc_work *work, __u32 result, __u32 ifindex)
{
	__u32 zero = 0;
	struct pqc_stats *stats = bpf_map_lookup_elem(&pqc_stats, &zero);

	if (!stats || result < PQC_MESSAGE_ACCEPTED)
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
	bool hidden = headers.flags & PACKET_HIDING;
	if (!hidden && (!(headers.flags & PACKET_PORTS) || headers.protocol != IPPROTO_UDP ||
			       !is_protected(control, headers.destination_port)))
		return false;
	const struct udphdr *udp = hidden ? NULL : packet_peek(&cursor, sizeof(*udp));
	__u32 length = udp ? bpf_ntohs(udp->len) : 0;
	bool whole = length >= sizeof(*udp) && cursor.offset + length <= cursor.limit &&
		     cursor.offset + sizeof(*udp) <= HEADERS_MAX;
	work->offset = cursor.offset + sizeof(*udp);
	work->length = whole ? length - sizeof(*udp) : 0; /* 0: a bad header */
	work->refused = headers.flags & PACKET_FRAGMENT ? PQC_IP_FRAGMENT : 0;
	work->interface = packet->interface;
	work->raw_ip = packet->raw_ip;
	if (headers.network == NETWORK_IPV6) {
		__builtin_memcpy(work->path.source, headers.source6, sizeof(work->path.source));
		/* The stack drops it; else it would be a copy of an IPv4 packet, with a good tag. */
		if (!work->refused && address_is_mapped(work->path.source))
			work->refused = PQC_BAD_HEADER;
	} else {
		address_map(work->path.source, headers.source4);
	}
	work->path.source_port = headers.source_port;
	work->path.destination_port = headers.destination_port;
	__builtin_memcpy(work->delivery.source, headers.source6, sizeof(headers.source6));
	work->delivery.source_port = headers.source_port;
	work->delivery.version = headers.network == NETWORK_IPV6 ? 6 : 4;
	work->delivery.ifindex = ctx->ingress_ifindex;
	work->now_ns = bpf_ktime_get_boot_ns();
	work->node = 0;
	work->slot = PQC_NO_SLOT;
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
	count_refusal(work, result);
	notify(work, result, ctx->ingress_ifindex);
	/* A verified message reaches user space by the ring buffer, not as fragments, too. */
	if (control->mode == PQC_ENFORCE && result != PQC_DATA_ACCEPTED)
		return xdp_chain_end(packet, XDP_PQC_VERIFY, XDP_DROP);
	return xdp_chain_next(ctx, packet, XDP_PQC_VERIFY);
}
