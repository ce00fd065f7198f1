/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks data packets of xdp_pqc_verify: session, frame, tag, and replay window. */
#ifndef X0_PQC_DATA_BPF_H
#define X0_PQC_DATA_BPF_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "pqc/siphash.bpf.h"
#include "pqc/state.bpf.h"
#include "pqc/window.bpf.h"

#define VLAN_TAGS_MAX 2
#define VLAN_MASK     0x0fff /* without the priority */
#define FRAGMENT_MASK 0x3fff /* of an IPv4 header: more fragments, offset */

/* Where an Ethernet frame goes: its MAC address and outermost VLAN, and the kinds of its VLAN tags. */
struct pqc_target {
	__u64 mac;
	__u32 vlan; /* 0: none */
	__u32 kinds; /* bits of enum pqc_vlans */
};

/* Returns whether this host takes such frames from the interface. */
static __always_inline bool is_for_host(
	const struct pqc_work *work, const struct pqc_target *target)
{
	__u32 slot = work->interface, vlan = target->vlan & VLAN_MASK;
	const struct pqc_interface *interface = bpf_map_lookup_elem(&pqc_interfaces, &slot);
	bool found = false;

	if (!interface || !interface->n_macs)
		return true;
	UNROLLED
	for (int i = 0; i < PQC_MACS_MAX; i++)
		found |= interface->macs[i] == target->mac;
	return found && interface->vlans[vlan / 64] >> vlan % 64 & 1 &&
	       !(target->kinds & ~interface->kinds);
}

/* Notes a VLAN tag. One of VLAN 0 is a priority alone: the stack looks behind it. */
static __always_inline void add_tag(struct pqc_target *target, __be16 type, __u32 vlan)
{
	vlan &= VLAN_MASK;
	if (!vlan)
		return;
	if (target->vlan) {
		target->kinds |= PQC_VLANS_NESTED;
		return;
	}
	target->vlan = vlan;
	target->kinds |= type == bpf_htons(ETH_P_8021Q) ? PQC_VLANS_8021Q : PQC_VLANS_8021AD;
}

/* Returns whether the source address of a frame is one: a bridge drops frames from a group or from 0. */
static __always_inline bool has_source(const __u8 *frame)
{
	const __be16 *words = (const void *)(frame + ETH_ALEN);

	return !(frame[ETH_ALEN] & 1) && (words[0] | words[1] | words[2]);
}

/*
 * Checks the Ethernet header. Returns the offset of the network header, or -1 for a frame that is not for
 * this host.
 */
static __always_inline int check_ethernet(struct xdp_md *ctx, const struct pqc_work *work)
{
	const void *end = (const void *)(long)ctx->data_end;
	const __u8 *at = (const void *)(long)ctx->data;
	struct pqc_target target = { 0 };

	if ((const void *)(at + ETH_HLEN + 4 * VLAN_TAGS_MAX) > end)
		return -1;
	__builtin_memcpy(&target.mac, at, ETH_ALEN);
	__be16 type = *(const __be16 *)(at + ETH_HLEN - 2);
	int offset = ETH_HLEN;
	UNROLLED
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		add_tag(&target, type, bpf_ntohs(*(const __be16 *)(at + ETH_HLEN + 4 * i)));
		type = *(const __be16 *)(at + ETH_HLEN + 4 * i + 2);
		offset += 4;
	}
	/* Those of the loopback device are from 0 to 0. */
	return (has_source(at) || !target.mac) && is_for_host(work, &target) ? offset : -1;
}

static __always_inline int check_ipv4(
	const struct iphdr *ip, const struct pqc_work *work, struct pqc_path *path)
{
	const __be16 *words = (const void *)ip;
	__u64 sum = 0;

	if (ip->version != 4 || ip->ihl != 5 ||
		bpf_ntohs(ip->tot_len) != sizeof(*ip) + sizeof(struct udphdr) + work->length)
		return PQC_BAD_HEADER;
	if (ip->frag_off & bpf_htons(FRAGMENT_MASK))
		return PQC_IP_FRAGMENT;
	UNROLLED
	for (__u32 i = 0; i < sizeof(*ip) / 2; i++)
		sum += words[i];
	if (sum_fold(sum) != 0xffff)
		return PQC_BAD_CHECKSUM;
	address_map(path->destination, ip->daddr);
	return 0;
}

static __always_inline int check_ipv6(
	const struct ipv6hdr *ip, const struct pqc_work *work, struct pqc_path *path)
{
	if (ip->nexthdr != IPPROTO_UDP ||
		bpf_ntohs(ip->payload_len) != sizeof(struct udphdr) + work->length)
		return PQC_BAD_HEADER;
	__builtin_memcpy(path->destination, &ip->daddr, sizeof(path->destination));
	return 0;
}

/*
 * Checks what the host's stack would check before it gives a datagram to its socket: what it drops must
 * not move the window, or a copy that is sent ahead suppresses the packet. Plainer than the stack, since
 * no sender of these packets uses options, extension headers or padding in IP. Completes work->path.
 */
STAGE int pqc_check_frame(struct xdp_md *ctx)
{
	struct pqc_work *work = work_lookup();

	if (!work)
		return PQC_BAD_HEADER;
	int offset = work->raw_ip ? 0 : check_ethernet(ctx, work);
	if (offset < 0)
		return PQC_NOT_FOR_HOST;
	bool ipv6 = work->delivery.version == 6;
	__u32 headers =
		(ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + sizeof(struct udphdr);
	if (offset + headers != work->offset)
		return PQC_BAD_HEADER;
	const void *end = (const void *)(long)ctx->data_end;
	const __u8 *ip = advance((const __u8 *)(long)ctx->data, offset);
	if ((const void *)(ip + sizeof(struct ipv6hdr)) >
		end) /* IPv4: the header and 20 bytes of ours */
		return PQC_BAD_LENGTH;
	return ipv6 ? check_ipv6((const void *)ip, work, &work->path)
		    : check_ipv4((const void *)ip, work, &work->path);
}

/* Returns the sum of what UDP's checksum covers before the payload (RFC 768, RFC 8200 section 8.1). */
static __always_inline __u64 sum_headers(const __u64 *path, const struct udphdr *udp)
{
	__u64 sum = 2ull * udp->len + udp->check + bpf_htons(IPPROTO_UDP);

	UNROLLED
	for (__u32 i = 0; i < sizeof(struct pqc_path) / 8; i++) /* it has the ports */
		sum_word(&sum, path[i]);
	return sum;
}

/* Returns the sum of the tag, which begins at an odd byte behind an odd number of them. */
static __always_inline __u32 sum_tag(const __u64 *tag, __u32 covered)
{
	__u64 sum = 0;

	sum_word(&sum, tag[0]);
	sum_word(&sum, tag[1]);
	__u32 folded = sum_fold(sum), swapped = 8 * (covered & 1);
	return (folded << swapped | folded >> swapped) & 0xffff;
}

/*
 * Checks the tag of a data packet with work->key, and UDP's checksum in the same pass. A field that holds
 * only the sum of the pseudo-header, as between devices that leave the rest to the other, is refused: from
 * an attacker's packet socket or from a wire the stack would drop it.
 */
STAGE int pqc_check_tag(struct xdp_md *ctx)
{
	const struct pqc_work *work = work_lookup();
	__u64 tag[2], sent[2], path[sizeof(struct pqc_path) / 8];

	if (!work)
		return PQC_BAD_HEADER;
	const void *end = (const void *)(long)ctx->data_end;
	const __u8 *at =
		advance((const __u8 *)(long)ctx->data, work->offset - sizeof(struct udphdr));
	const struct udphdr *udp = (const void *)at;
	__u32 covered = sizeof(struct pqc_header) + bpf_ntohs(work->header.data.length);
	at += sizeof(*udp);
	const __u8 *behind = advance(at, covered);
	if ((const void *)at > end || (const void *)(behind + PQC_TAG_LEN) > end)
		return PQC_BAD_LENGTH;
	sent[0] = load64(behind);
	sent[1] = load64(behind + 8);
	__builtin_memcpy(path, &work->path, sizeof(path));
	__u64 sum = sum_headers(path, udp) + sum_tag(sent, covered);
	bool checked = udp->check;
	__u64 bound = !(work->header.flags & PQC_TRANSLATED);
	UNROLLED
	for (int i = 0; i < 2 * PQC_ADDRESS_LEN / 8; i++)
		path[i] *= bound;
	if (siphash_of_packet(work->key, path, sizeof(path) / 8, at, end, covered,
		    sizeof(struct pqc_header) + PQC_DATA_MAX, tag, &sum))
		return PQC_BAD_LENGTH;
	if ((sent[0] ^ tag[0]) | (sent[1] ^ tag[1]))
		return PQC_BAD_TAG;
	/* A field of 0 says that there is none, also where the sum would come to that (RFC 8200). The version is
	 * read here: were it known before the loop, the verifier would walk that for each. */
	bool right = checked ? sum_fold(sum) == 0xffff : work->delivery.version != 6;
	return right ? PQC_DATA_ACCEPTED : PQC_BAD_CHECKSUM;
}

/*
 * Checks a data packet: length, session, frame, tag, and last the window, which only a sender may move,
 * and only by what the host will take.
 */
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
	if (work->header.flags && !session->translated)
		return PQC_BAD_HEADER;
	int result = pqc_check_frame(ctx);
	if (result)
		return result;
	work->key[0] = session->key[0];
	work->key[1] = session->key[1];
	result = pqc_check_tag(ctx);
	work->key[0] = work->key[1] = 0;
	if (result != PQC_DATA_ACCEPTED)
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
