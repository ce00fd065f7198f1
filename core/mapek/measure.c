// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/measure.h"

#include <errno.h>
#include <math.h>
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
	double nodes = NAN;

	for (uint32_t i = 0; i < s->neighbours.n_sources; i++)
		if (s->neighbours.sources[i].nodes != COUNT_UNKNOWN)
			nodes = (isnan(nodes) ? 0 : nodes) + (double)s->neighbours.sources[i].nodes;
	return nodes;
}

/* --- how long system calls take --------------------------------------------------------------------- */

/* The calls' own quantiles, weighted by how many there were. */
static double weigh(const struct snapshot *s, double (*of)(const struct snapshot_syscall *call))
{
	double sum = 0, calls = 0;

	for (uint32_t i = 0; i < s->syscalls.n_calls; i++) {
		const struct snapshot_syscall *call = &s->syscalls.calls[i];
		if (!(call->calls.rate > 0) || isnan(of(call)))
			continue;
		sum += call->calls.rate * of(call);
		calls += call->calls.rate;
	}
	return s->syscalls.available && calls > 0 ? sum / calls : NAN;
}

static double p50_us(const struct snapshot_syscall *call)
{
	return call->recent.p50 / 1e3;
}

static double p99_us(const struct snapshot_syscall *call)
{
	return call->recent.p99 / 1e3;
}

static double read_call_p50(const struct snapshot *s)
{
	return weigh(s, p50_us);
}

static double read_call_p99(const struct snapshot *s)
{
	return weigh(s, p99_us);
}

static double read_call_errors(const struct snapshot *s)
{
	double errors = 0;

	for (uint32_t i = 0; i < s->syscalls.n_calls; i++)
		errors += fmax(s->syscalls.calls[i].errors.rate, 0);
	return s->syscalls.available && s->interval > 0 ? errors : NAN;
}

/* --- how things are spread ---------------------------------------------------------------------------- */

static double read_source_entropy(const struct snapshot *s)
{
	return s->talkers.available ? s->talkers.source_entropy : NAN;
}

static double read_port_entropy(const struct snapshot *s)
{
	return s->talkers.available ? s->talkers.port_entropy : NAN;
}

/* As spread_entropy(), of rates. */
static double read_drop_reasons(const struct snapshot *s)
{
	double sum = 0, total = 0;

	for (uint32_t i = 0; i < s->net_events.n_drops; i++) {
		const double rate = s->net_events.drops[i].packets.rate;
		if (!(rate > 0))
			continue;
		sum += rate * log2(rate);
		total += rate;
	}
	return s->net_events.available && total > 0 ? fmax(log2(total) - sum / total, 0) : NAN;
}

/* --- the worst of many ---------------------------------------------------------------------------------- */

static double read_node_refusals(const struct snapshot *s)
{
	double worst = 0;

	for (uint32_t i = 0; i < s->pqc.n_nodes; i++)
		worst = fmax(worst, s->pqc.nodes[i].refused.rate);
	return s->pqc.available && s->interval > 0 ? worst : NAN;
}

#define CLASS_LEAST 0.01 /* share of all packets, below which a class has nothing to lose */

static double read_starvation(const struct snapshot *s)
{
	double worst = 0, total = 0, rate = 0;

	for (uint32_t i = 0; i < s->tc.n_classes; i++) {
		const struct counter *sent = &s->tc.classes[i].directions[DIRECTION_EGRESS].packets;
		total += sent->total != COUNT_UNKNOWN ? (double)sent->total : NAN;
		rate += sent->rate;
	}
	if (!s->tc.available || !(total > 0) || !(rate > 0))
		return NAN;
	for (uint32_t i = 0; i < s->tc.n_classes; i++) {
		const struct counter *sent = &s->tc.classes[i].directions[DIRECTION_EGRESS].packets;
		const double usual = (double)sent->total / total;
		if (usual >= CLASS_LEAST)
			worst = fmax(worst, 1 - sent->rate / rate / usual);
	}
	return worst;
}

/* Of the classes that are shaped: the longest time that a packet would wait that comes now. */
static double read_class_delay(const struct snapshot *s)
{
	double longest = NAN;

	for (uint32_t i = 0; i < s->qos.n_classes; i++)
		longest = fmax(longest, s->qos.classes[i].delay); /* the one that is a number */
	return longest;
}

/* How many classes do not have the rate that they were promised. */
static double read_short_classes(const struct snapshot *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->qos.n_classes; i++)
		n += s->qos.classes[i].short_of_rate || s->qos.classes[i].starved;
	return s->qos.n_classes > 0 && s->interval > 0 ? n : NAN;
}

/* Of nodes whose keys are trusted, and that were heard. */
static double read_silence(const struct snapshot *s)
{
	double longest = NAN;

	for (uint32_t i = 0; i < s->pqc.n_nodes; i++)
		if (s->pqc.nodes[i].name[0] != '\0' && s->pqc.nodes[i].last_time > 0)
			longest = fmax(longest, fmax(s->time - s->pqc.nodes[i].last_time, 0));
	return s->pqc.available ? longest : NAN;
}

#define ALL ((1 << TRANSPORT_PROTOCOLS) - 1)

/* Events of packets, which glances count, too, and others. */
#define PACKETS(name, what, read, transports)                   \
	{                                                       \
		name, what, "/s", read, 0, false, transports, 1 \
	}
#define EVENTS(name, what, read)                       \
	{                                              \
		name, what, "/s", read, 0, false, 0, 0 \
	}
#define PACKET_BITS (8 * 65536.0) /* that the kernel has put together of segments */

const struct measure measures[] = {
	PACKETS("packets", "packets", read_packets, ALL),
	{ "bits", "traffic", "bit/s", read_bits, 0, false, 0, PACKET_BITS },
	PACKETS("udp", "UDP packets", read_udp, 1 << TRANSPORT_UDP),
	PACKETS("tcp", "TCP packets", read_tcp, 1 << TRANSPORT_TCP),
	PACKETS("icmp", "ICMP packets", read_icmp, 1 << TRANSPORT_ICMP),
	PACKETS("icmpv6", "ICMPv6 packets", read_icmpv6, 1 << TRANSPORT_ICMPV6),
	PACKETS("arp", "ARP packets", read_arp, 0),
	PACKETS("fragments", "IP fragments", read_fragments, 0),
	PACKETS("malformed", "malformed packets", read_malformed, 0),
	EVENTS("filtered", "packets dropped by the mesh filter", read_filtered),
	PACKETS("drops", "packets dropped by the kernel", read_drops, 0),
	PACKETS("retransmits", "TCP retransmits", read_retransmits, 0),
	PACKETS("resets-sent", "TCP resets sent", read_resets_sent, 0),
	PACKETS("resets-received", "TCP resets received", read_resets_received, 0),
	PACKETS("bad-signatures", "packets refused for their signature", read_bad_signatures, 0),
	PACKETS("replayed", "replayed packets", read_replayed, 0),
	{ "neighbours", "neighbours", "", read_neighbours, 0, false, 0, 0 },
	{ "call-p50", "half of the system calls take", "us", read_call_p50, 1, false, 0, 0 },
	{ "call-p99", "99 % of the system calls take", "us", read_call_p99, 10, false, 0, 0 },
	EVENTS("call-errors", "system calls that fail", read_call_errors),
	{ "source-entropy", "entropy of sources", "bit", read_source_entropy, 0.1, true, 0, 0 },
	{ "port-entropy", "entropy of ports", "bit", read_port_entropy, 0.1, true, 0, 0 },
	{ "drop-reasons", "entropy of the reasons of drops", "bit", read_drop_reasons, 0.1, false,
		0, 0 },
	PACKETS("node-refusals", "refused packets of the worst node", read_node_refusals, 0),
	{ "starvation", "share that the class worst off has lost", "", read_starvation, 0.05, false,
		0, 0 },
	{ "class-delay", "wait in the slowest class", "s", read_class_delay, 0.005, false, 0, 0 },
	{ "short-classes", "classes short of their rate", "", read_short_classes, 0.25, false, 0,
		0 },
	{ "silence", "silence of the most silent node", "s", read_silence, 0.5, false, 0, 0 },
	{ .name = NULL },
};

double measure_spread(const struct measure *measure, double value)
{
	return measure->grain > 0 ? measure->grain : sqrt(fabs(value)) + 1;
}

int measure_find(const char *name)
{
	for (int i = 0; measures[i].name != NULL; i++)
		if (strcmp(measures[i].name, name) == 0)
			return i;
	return -ENOENT;
}

_Static_assert(sizeof(measures) / sizeof(measures[0]) - 1 <= MAPEK_SERIES_SHOWN,
	"a snapshot has room for each");
