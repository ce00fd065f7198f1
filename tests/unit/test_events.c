// SPDX-License-Identifier: BSD-2-Clause
/* Records of the ring buffer in words; records that no program of ours has written. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "programs/event_ring.h"
#include "programs/slow_calls.h"
#include "programs/tracepoint_net_sample.h"
#include "programs/xdp_pqc_verify_sample.h"

static struct btf_names names;
static struct traced_calls calls;
static struct event_log event_log;
static struct event_ring ring;
static struct slow_calls slow;
static struct net_events_taker taker;
static struct node_names nodes;
static struct snapshot now;

static void take_pqc(void *context, const struct event *event, double time)
{
	(void)context;
	pqc_take_event(&event_log, &nodes, event, time);
}

static int set_up(void **state)
{
	(void)state;
	memset(&event_log, 0, sizeof(event_log));
	memset(&ring, 0, sizeof(ring));
	slow = (struct slow_calls) { .calls = &calls, .log = &event_log };
	taker = (struct net_events_taker) { &names, &event_log };
	event_ring_register(&ring, EVENT_DROP, net_events_take_drop, &taker);
	event_ring_register(&ring, EVENT_TCP_RESET_SENT, net_events_take_tcp, &taker);
	event_ring_register(&ring, EVENT_SLOW_SYSCALL, slow_calls_take, &slow);
	event_ring_register(&ring, EVENT_PQC, take_pqc, NULL);
	nodes = (struct node_names) { .n = 1,
		.nodes = { { { 1, 2, 3, 4, 5, 6, 7, 255 }, 0, "alder" } } };
	snprintf(names.drop_reasons[3], sizeof(names.drop_reasons[3]), "NO_SOCKET");
	snprintf(names.drop_reasons[DROP_REASONS_MAX - 1], sizeof(names.drop_reasons[0]), "OTHER");
	calls = (struct traced_calls) { .n = 1, .names = { "openat" } };
	return 0;
}

static const char *last(void)
{
	event_log_copy(&event_log, &now);
	assert_true(now.net_events.n_events > 0);
	return now.net_events.events[now.net_events.n_events - 1].text;
}

static const char *take(const struct event *event)
{
	event_ring_take(&ring, event, sizeof(*event));
	return last();
}

static struct event drop(uint16_t family)
{
	struct event event = { .type = EVENT_DROP, .time_ns = 5000000000 };

	event.net.reason = 3;
	event.net.bytes = 60;
	event.net.flow.family = family;
	event.net.flow.protocol = IPPROTO_UDP;
	event.net.flow.source_port = htons(53);
	event.net.flow.destination_port = htons(4000);
	inet_pton(family, family == AF_INET6 ? "2001:db8::1" : "10.0.0.1", event.net.flow.source);
	inet_pton(family, family == AF_INET6 ? "fe80::2" : "10.0.0.2", event.net.flow.destination);
	return event;
}

static void flows_are_told(void **state)
{
	struct event event = drop(AF_INET);

	(void)state;
	assert_string_equal(
		take(&event), "dropped, NO_SOCKET: udp 10.0.0.1:53 > 10.0.0.2:4000, 60 bytes");
	event = drop(AF_INET6);
	assert_string_equal(take(&event),
		"dropped, NO_SOCKET: udp [2001:db8::1]:53 > [fe80::2]:4000, 60 bytes");
	event.net.flow.protocol = IPPROTO_ICMPV6;
	event.net.flow.source_port = event.net.flow.destination_port = 0;
	assert_string_equal(
		take(&event), "dropped, NO_SOCKET: icmpv6 2001:db8::1 > fe80::2, 60 bytes");
	event.type = EVENT_TCP_RESET_SENT;
	event.net.flow.protocol = IPPROTO_TCP;
	assert_string_equal(take(&event), "TCP reset sent: tcp 2001:db8::1 > fe80::2");
	memcpy(event.net.flow.source, (uint8_t[16]) { [10] = 255, 255, 192, 0, 2, 7 }, 16);
	assert_string_equal(take(&event), "TCP reset sent: tcp 192.0.2.7 > fe80::2");
	assert_int_equal(now.net_events.events[3].kind, EVENT_KIND_NET);
	assert_true(now.net_events.events[3].time == 5);
}

static void signatures_are_told(void **state)
{
	struct event event = { .type = EVENT_PQC, .time_ns = 5000000000 };

	(void)state;
	event.pqc.result = PQC_BAD_TAG;
	event.pqc.sequence = UINT64_MAX;
	memcpy(&event.pqc.node, (uint8_t[]) { 1, 2, 3, 4, 5, 6, 7, 255 }, PQC_NODE_LEN);
	assert_string_equal(take(&event), "bad tag: alder, seq ..709551615");
	assert_int_equal(now.net_events.events[0].kind, EVENT_KIND_PQC);
	memcpy(&event.pqc.node, (uint8_t[]) { 1, 2, 3, 4, 5, 6, 7, 8 }, PQC_NODE_LEN);
	event.pqc.result = PQC_UNKNOWN_NODE;
	assert_string_equal(take(&event), "unknown node: 0102030405060708, seq ..709551615");
	event.pqc.sequence = 7;
	event.pqc.result = PQC_MESSAGE_ACCEPTED;
	assert_string_equal(take(&event), "message accepted: 0102030405060708, seq 7");
	event.pqc.result = PQC_FRAGMENT_BUFFERED;
	assert_string_equal(take(&event), "fragment buffered: 0102030405060708, seq 7");
	/* Refused before its header was read: of nobody, which is not node 0, seq 0. */
	event.pqc.sequence = 0;
	event.pqc.node = 0;
	event.pqc.result = PQC_BAD_HEADER;
	assert_string_equal(take(&event), "bad header");
	event.pqc.sequence = 1;
	assert_string_equal(take(&event), "bad header: 0000000000000000, seq 1");
	uint64_t told = event_log.next;
	event.pqc.result = PQC_RESULTS;
	event_ring_take(&ring, &event, sizeof(event));
	assert_int_equal(event_log.next, told);
}

static void foreign_values_do_no_harm(void **state)
{
	struct event event = drop(AF_INET);

	(void)state;
	event.net.reason = UINT32_MAX;
	assert_non_null(strstr(take(&event), "dropped, OTHER: "));
	event.net.reason = 77;
	assert_non_null(strstr(take(&event), "dropped, reason 77: "));
	event.net.flow.family = 12345;
	assert_non_null(strstr(take(&event), ": (not IP), "));
	uint64_t told = event_log.next;
	event.type = 4242;
	event_ring_take(&ring, &event, sizeof(event));
	event.type = EVENT_DROP;
	event_ring_take(&ring, &event, sizeof(event) - 1);
	event_ring_take(&ring, &event, 0);
	event.type = EVENT_SLOW_SYSCALL;
	event.syscall.slot = 9999;
	event_ring_take(&ring, &event, sizeof(event));
	assert_int_equal(event_log.next, told);
	assert_int_equal(slow.n, 0);
}

static void take_slow(uint64_t second, uint64_t latency_ns)
{
	struct event event = { .type = EVENT_SLOW_SYSCALL, .time_ns = second * 1000000000 };

	event.syscall.pid = 42;
	event.syscall.latency_ns = latency_ns;
	/* Not terminated, and not fit for a terminal. */
	memcpy(event.syscall.command, "\033]0;evil\a\200abcdefgh", sizeof(event.syscall.command));
	event_ring_take(&ring, &event, sizeof(event));
}

static void slow_calls_are_sorted_and_bounded(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		take_slow(10, 1000000 + 7919 * i % 100 * 1000);
	assert_int_equal(slow.n, SLOW_CALLS_KEPT);
	for (int i = 0; i < SLOW_CALLS_KEPT; i++)
		assert_true(slow.list[i].latency_ns == 1000000.0 + (99 - i) * 1000);
	assert_string_equal(slow.list[0].name, "openat");
	assert_string_equal(slow.list[0].command, "?]0;evil??abcde");
	assert_null(strchr(last(), '\033'));
}

static void slow_calls_are_forgotten_after_a_minute(void **state)
{
	(void)state;
	take_slow(10, 9000000);
	take_slow(30, 2000000);
	take_slow(71, 1000000);
	assert_int_equal(slow.n, 2);
	assert_true(slow.list[0].latency_ns == 2000000);
	assert_true(slow.list[1].latency_ns == 1000000);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flows_are_told),
		TEST(signatures_are_told),
		TEST(foreign_values_do_no_harm),
		TEST(slow_calls_are_sorted_and_bounded),
		TEST(slow_calls_are_forgotten_after_a_minute),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
