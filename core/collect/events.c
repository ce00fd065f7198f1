// SPDX-License-Identifier: BSD-2-Clause
#include "collect/events.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collect/host.h"
#include "model/format.h"
#include "model/names.h"

#define SLOW_CALL_SECONDS 60

static const char *const loss_names[EVENT_SOURCES] = {
	[EVENT_SOURCE_MESH_FILTER] = "events: mesh filter",
	[EVENT_SOURCE_NET] = "events: network",
	[EVENT_SOURCE_SYSCALL] = "events: system calls",
	[EVENT_SOURCE_PQC] = "events: signatures",
};

/* --- slow calls ----------------------------------------------------------------------------------- */

/* A process chooses its own name: what is not printable must not reach a terminal. */
static void copy_printable(char to[16], const char from[16])
{
	int i;

	for (i = 0; i < 15 && from[i] != '\0'; i++)
		to[i] = isascii((unsigned char)from[i]) && isprint((unsigned char)from[i]) ? from[i]
											   : '?';
	to[i] = '\0';
}

static void forget_slow_calls(struct events_collector *collector, double before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < collector->n_slow; i++)
		if (collector->slow[i].time >= before)
			collector->slow[kept++] = collector->slow[i];
	collector->n_slow = kept;
}

/* Keeps the list sorted; when it is full the fastest falls out. */
static void insert_slow_call(
	struct events_collector *collector, const struct snapshot_slow_call *call)
{
	uint32_t at = collector->n_slow;

	while (at > 0 && collector->slow[at - 1].latency_ns < call->latency_ns)
		at--;
	if (at == SLOW_CALLS_KEPT)
		return;
	if (collector->n_slow < SLOW_CALLS_KEPT)
		collector->n_slow++;
	memmove(&collector->slow[at + 1], &collector->slow[at],
		(collector->n_slow - 1 - at) * sizeof(collector->slow[0]));
	collector->slow[at] = *call;
}

static void take_slow_call(
	struct events_collector *collector, const struct event *event, double time)
{
	struct snapshot_slow_call call = {
		.time = time,
		.pid = event->syscall.pid,
		.thread = event->syscall.thread,
		.latency_ns = (double)event->syscall.latency_ns,
		.result = event->syscall.result,
	};
	const char *name = traced_calls_name(collector->calls, event->syscall.number);
	char latency[FORMAT_LEN];

	if (name == NULL)
		return;
	snprintf(call.name, sizeof(call.name), "%s", name);
	copy_printable(call.command, event->syscall.command);
	forget_slow_calls(collector, time - SLOW_CALL_SECONDS);
	insert_slow_call(collector, &call);
	event_log_add(collector->log, time, EVENT_KIND_SYSCALL,
		"%s took %s in %s (pid %u), result %lld", name, format_ns(latency, call.latency_ns),
		call.command, call.pid, (long long)call.result);
}

/* --- network -------------------------------------------------------------------------------------- */

/* A socket for both families has IPv4 addresses in IPv6 form, ::ffff:0:0/96 (RFC 4291, 2.5.5.2). */
static bool is_mapped(uint16_t family, const uint8_t address[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return family == AF_INET6 && memcmp(address, prefix, sizeof(prefix)) == 0;
}

static void format_end(
	char *text, size_t size, uint16_t family, const uint8_t address[16], uint16_t port)
{
	char host[INET6_ADDRSTRLEN];

	if (is_mapped(family, address)) {
		family = AF_INET;
		address += 12;
	}
	if (inet_ntop(family, address, host, sizeof(host)) == NULL)
		snprintf(host, sizeof(host), "?");
	if (port == 0)
		snprintf(text, size, "%s", host);
	else
		snprintf(text, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, ntohs(port));
}

static const char *protocol_name(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	default:
		return "ip";
	}
}

static void format_flow(char *text, size_t size, const struct event_flow *flow)
{
	char source[64], destination[64];

	if (flow->family != AF_INET && flow->family != AF_INET6) {
		snprintf(text, size, "(not IP)");
		return;
	}
	format_end(source, sizeof(source), flow->family, flow->source, flow->source_port);
	format_end(destination, sizeof(destination), flow->family, flow->destination,
		flow->destination_port);
	snprintf(text, size, "%s %s > %s", protocol_name(flow->protocol), source, destination);
}

enum { WHERE_LEN = IFNAMSIZ + 8 };

/* " on eth0", or nothing. */
static void format_where(
	const struct events_collector *collector, uint32_t ifindex, char where[WHERE_LEN])
{
	struct ifreq request = { .ifr_ifindex = (int)ifindex };

	where[0] = '\0';
	if (ifindex != 0 && ioctl(collector->socket, SIOCGIFNAME, &request) == 0)
		snprintf(where, WHERE_LEN, " on %.*s", IFNAMSIZ - 1, request.ifr_name);
}

static void take_drop(struct events_collector *collector, const struct event *event, double time)
{
	uint32_t reason = event->net.reason;
	char flow[150], where[WHERE_LEN], name[NAME_LEN * 2];

	if (reason >= DROP_REASONS_MAX - 1)
		reason = DROP_REASONS_MAX - 1;
	snprintf(name, sizeof(name), "%s", collector->names->drop_reasons[reason]);
	if (name[0] == '\0')
		snprintf(name, sizeof(name), "reason %u", event->net.reason);
	format_where(collector, event->ifindex, where);
	format_flow(flow, sizeof(flow), &event->net.flow);
	event_log_add(collector->log, time, EVENT_KIND_NET, "dropped%s, %s: %s, %u bytes", where,
		name, flow, event->net.bytes);
}

static void take_tcp(struct events_collector *collector, const struct event *event, double time,
	const char *what)
{
	char flow[150];

	format_flow(flow, sizeof(flow), &event->net.flow);
	event_log_add(collector->log, time, EVENT_KIND_NET, "%s: %s", what, flow);
}

/* --- signatures ----------------------------------------------------------------------------------- */

static void take_pqc(struct events_collector *collector, const struct event *event, double time)
{
	char where[WHERE_LEN], id[PQC_NODE_TEXT_LEN];
	uint8_t node[PQC_NODE_LEN];

	if (event->pqc.result >= PQC_RESULTS)
		return;
	memcpy(node, &event->pqc.node, sizeof(node));
	const struct node_name *known = node_names_find(collector->nodes, node);
	node_format(node, id);
	format_where(collector, event->ifindex, where);
	event_log_add(collector->log, time, EVENT_KIND_PQC, "%s: %s, sequence %llu%s",
		pqc_result_names[event->pqc.result], known != NULL ? known->name : id,
		(unsigned long long)event->pqc.sequence, where);
}

/* --- the ring ------------------------------------------------------------------------------------- */

void events_take(struct events_collector *collector, const void *record, size_t size)
{
	struct event event;

	if (size < sizeof(event))
		return;
	memcpy(&event, record, sizeof(event));
	double time = (double)event.time_ns / 1e9 + collector->clock_offset;
	switch (event.type) {
	case EVENT_DROP:
		take_drop(collector, &event, time);
		break;
	case EVENT_TCP_RETRANSMIT:
		take_tcp(collector, &event, time, "TCP retransmit");
		break;
	case EVENT_TCP_RESET_SENT:
		take_tcp(collector, &event, time, "TCP reset sent");
		break;
	case EVENT_TCP_RESET_RECEIVED:
		take_tcp(collector, &event, time, "TCP reset received");
		break;
	case EVENT_SLOW_SYSCALL:
		take_slow_call(collector, &event, time);
		break;
	case EVENT_PQC:
		take_pqc(collector, &event, time);
		break;
	}
}

static int take_record(void *collector, void *record, size_t size)
{
	events_take(collector, record, size);
	return 0;
}

int events_open(struct events_collector *collector, int events_map, int lost_map,
	const struct btf_names *names, const struct traced_calls *calls,
	const struct node_names *nodes, struct event_log *log)
{
	int error;

	memset(collector, 0, sizeof(*collector));
	collector->names = names;
	collector->calls = calls;
	collector->nodes = nodes;
	collector->log = log;
	collector->lost = lost_map;
	collector->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (collector->socket < 0)
		return -errno;
	error = percpu_open(&collector->percpu, sizeof(uint64_t));
	if (error < 0)
		goto close_socket;
	collector->ring = ring_buffer__new(events_map, take_record, collector, NULL);
	if (collector->ring != NULL)
		return 0;
	error = -errno;
	percpu_close(&collector->percpu);
close_socket:
	close(collector->socket);
	return error;
}

void events_close(struct events_collector *collector)
{
	ring_buffer__free(collector->ring);
	percpu_close(&collector->percpu);
	close(collector->socket);
}

int events_fd(const struct events_collector *collector)
{
	return ring_buffer__epoll_fd(collector->ring);
}

static double clock_seconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int events_drain(struct events_collector *collector)
{
	collector->clock_offset = clock_seconds(CLOCK_REALTIME) - clock_seconds(CLOCK_MONOTONIC);
	return ring_buffer__consume(collector->ring);
}

int collect_events(
	struct events_collector *collector, const struct snapshot *before, struct snapshot *now)
{
	int error = events_drain(collector);

	if (error < 0)
		return error;
	forget_slow_calls(collector, now->time - SLOW_CALL_SECONDS);
	now->syscalls.n_slowest = collector->n_slow;
	memcpy(now->syscalls.slowest, collector->slow,
		collector->n_slow * sizeof(collector->slow[0]));
	for (uint32_t source = 0; source < EVENT_SOURCES; source++) {
		uint64_t lost;
		error = percpu_sum(
			&collector->percpu, collector->lost, &source, &lost, sizeof(lost));
		if (error < 0)
			return error;
		collect_loss(loss_names[source], lost, before, now);
	}
	return 0;
}
