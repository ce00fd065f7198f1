// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/judge.h"

/* A part that does not run counts nothing, which is no silence. */
#define RATE_OF(name, available, rate)                                  \
	static double name(const struct snapshot *s)                    \
	{                                                               \
		return s->available && s->interval > 0 ? s->rate : NAN; \
	}

RATE_OF(read_packets, packets.available, packets.sum.all.packets.rate)
RATE_OF(read_udp, packets.available, packets.sum.transports[TRANSPORT_UDP].packets.rate)
RATE_OF(read_tcp, packets.available, packets.sum.transports[TRANSPORT_TCP].packets.rate)
RATE_OF(read_icmp, packets.available, packets.sum.transports[TRANSPORT_ICMP].packets.rate)
RATE_OF(read_icmpv6, packets.available, packets.sum.transports[TRANSPORT_ICMPV6].packets.rate)
RATE_OF(read_arp, packets.available, packets.sum.networks[NETWORK_ARP].packets.rate)
RATE_OF(read_fragments, packets.available, packets.sum.fragments.rate)
RATE_OF(read_malformed, packets.available, packets.sum.malformed.rate)
RATE_OF(read_retransmits, net_events.available, net_events.tcp_retransmits.rate)
RATE_OF(read_resets_sent, net_events.available, net_events.tcp_resets_sent.rate)
RATE_OF(read_resets_received, net_events.available, net_events.tcp_resets_received.rate)
RATE_OF(read_replayed, pqc.available, pqc.results[PQC_REPLAYED].rate)

static double read_bits(const struct snapshot *s)
{
	return s->packets.available && s->interval > 0 ? 8 * s->packets.sum.all.bytes.rate : NAN;
}

static double read_filtered(const struct snapshot *s)
{
	return s->mesh.available && s->interval > 0
		       ? s->mesh.dropped.packets.rate + s->mesh.refused.packets.rate
		       : NAN;
}

static double read_drops(const struct snapshot *s)
{
	return s->net_events.available && s->interval > 0 ? judge_drop_rate(s) : NAN;
}

static double read_bad_signatures(const struct snapshot *s)
{
	return s->pqc.available && s->interval > 0 ? pqc_refused(&s->pqc).rate : NAN;
}

static double read_neighbours(const struct snapshot *s)
{
	uint32_t nodes = 0;

	for (uint32_t i = 0; i < s->neighbours.n_sources; i++)
		nodes += s->neighbours.sources[i].nodes;
	return nodes;
}

#define ALL ((1 << TRANSPORT_PROTOCOLS) - 1)

const struct measure measures[] = {
	{ "packets", "packets", "/s", read_packets, ALL },
	{ "bits", "traffic", "bit/s", read_bits, 0 },
	{ "udp", "UDP packets", "/s", read_udp, 1 << TRANSPORT_UDP },
	{ "tcp", "TCP packets", "/s", read_tcp, 1 << TRANSPORT_TCP },
	{ "icmp", "ICMP packets", "/s", read_icmp, 1 << TRANSPORT_ICMP },
	{ "icmpv6", "ICMPv6 packets", "/s", read_icmpv6, 1 << TRANSPORT_ICMPV6 },
	{ "arp", "ARP packets", "/s", read_arp, 0 },
	{ "fragments", "IP fragments", "/s", read_fragments, 0 },
	{ "malformed", "malformed packets", "/s", read_malformed, 0 },
	{ "filtered", "packets dropped by the mesh filter", "/s", read_filtered, 0 },
	{ "drops", "packets dropped by the kernel", "/s", read_drops, 0 },
	{ "retransmits", "TCP retransmits", "/s", read_retransmits, 0 },
	{ "resets-sent", "TCP resets sent", "/s", read_resets_sent, 0 },
	{ "resets-received", "TCP resets received", "/s", read_resets_received, 0 },
	{ "bad-signatures", "packets refused for their signature", "/s", read_bad_signatures, 0 },
	{ "replayed", "replayed packets", "/s", read_replayed, 0 },
	{ "neighbours", "neighbours", "", read_neighbours, 0 },
	{ .name = NULL },
};

int measure_find(const char *name)
{
	for (int i = 0; measures[i].name != NULL; i++)
		if (strcmp(measures[i].name, name) == 0)
			return i;
	return -ENOENT;
}

_Static_assert(sizeof(measures) / sizeof(measures[0]) - 1 <= MAPEK_SERIES_SHOWN,
	"a snapshot has room for each");

char *measure_names(char *text, size_t size)
{
	size_t length = 0;

	for (int i = 0; measures[i].name != NULL && length < size; i++)
		length += (size_t)snprintf(
			text + length, size - length, "%s%s", i > 0 ? ", " : "", measures[i].name);
	return text;
}
