// SPDX-License-Identifier: BSD-2-Clause
/*
 * tracepoint_net on the running kernel: real packets in network namespaces of the test's own, which
 * have no name and go with their processes. Neighbours are fixed and IPv6 is off, so that nothing but
 * the test sends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/map_registry.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/program_slots.h"
#include "kernel/trace_links.h"
#include "programs/event_ring.h"
#include "programs/tracepoint_net_sample.h"
#include "tests/lib/wait.h"

#define PAYLOAD	    100
#define FRAME	    (14 + 20 + 8 + PAYLOAD)
#define PORT	    4000
#define RECEIVED    100 /* they must fit into the socket together */
#define CLOSED_PORT 4009
#define HERE	    "10.99.0.1"
#define THERE	    "10.99.0.2"
#define NOWHERE	    "10.99.0.3"
#define ASTRAY	    "10.99.0.4" /* the peer has another's MAC for it */
#define TO_ASTRAY   100000 /* added to an order of the peer */
#define NO_IPV6	    "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null; "

static struct btf_names names;
static struct bpf_object *object;
static struct trace_links links;
static struct net_events_collector collector;
static struct event_ring events;
static struct net_events_taker taker;
static struct event_log event_log;
static struct snapshot before, now;
static struct failure failure;
static int peer_orders = -1, peer_answers = -1;
static pid_t peer;

/* --- the peer: a process in a namespace of its own, joined by veth ----------------------------- */

static struct sockaddr_in address(const char *host, uint16_t port)
{
	struct sockaddr_in result = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, host, &result.sin_addr);
	return result;
}

static int udp_socket(const char *host, uint16_t port)
{
	struct sockaddr_in own = address(host, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		return -errno;
	return fd;
}

static void send_datagrams(int fd, const char *host, uint16_t port, int n)
{
	struct sockaddr_in to = address(host, port);
	char payload[PAYLOAD] = { 0 };

	for (int i = 0; i < n; i++)
		sendto(fd, payload, sizeof(payload), 0, (struct sockaddr *)&to, sizeof(to));
}

/* Sends as many datagrams as it is told: to the test, to ASTRAY, or (negative) to a closed port of its
 * own. */
static void run_peer(int orders, int answers)
{
	int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) < 0 || write(answers, "x", 1) != 1 ||
		read(orders, &n, sizeof(n)) != sizeof(n) ||
		system(NO_IPV6 "ip link set lo up && ip link set x0net1 address 02:00:00:00:99:02 "
			       "&& ip addr add " THERE "/24 dev x0net1 && ip link set x0net1 up && "
			       "ip neigh replace " HERE
			       " lladdr 02:00:00:00:99:01 dev x0net1 nud permanent && "
			       "ip neigh replace " ASTRAY
			       " lladdr 02:00:00:00:99:04 dev x0net1 nud permanent") != 0)
		_exit(1);
	int fd = udp_socket("0.0.0.0", PORT);
	do {
		if (write(answers, "x", 1) != 1 || read(orders, &n, sizeof(n)) != sizeof(n))
			_exit(0);
		if (n >= TO_ASTRAY)
			send_datagrams(fd, ASTRAY, PORT, n - TO_ASTRAY);
		else if (n > 0)
			send_datagrams(fd, HERE, PORT, n);
		else
			send_datagrams(fd, "127.0.0.1", CLOSED_PORT, -n);
	} while (true);
}

static void wait_for_peer(void)
{
	char byte;

	assert_int_equal(read(peer_answers, &byte, 1), 1);
}

static void order_peer(int n)
{
	assert_int_equal(write(peer_orders, &n, sizeof(n)), sizeof(n));
	wait_for_peer();
}

static int make_namespaces(void **state)
{
	int orders[2], answers[2];
	char command[512];

	(void)state;
	if (unshare(CLONE_NEWNET) < 0 || pipe2(orders, O_CLOEXEC) < 0 ||
		pipe2(answers, O_CLOEXEC) < 0)
		return -errno;
	peer = fork();
	if (peer == 0) {
		close(orders[1]);
		close(answers[0]);
		run_peer(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	peer_orders = orders[1];
	peer_answers = answers[0];
	wait_for_peer();
	snprintf(command, sizeof(command),
		NO_IPV6
		"ip link set lo up && ip link add x0net0 address 02:00:00:00:99:01 type "
		"veth peer name x0net1 netns %d && ip addr add " HERE
		"/24 dev x0net0 && ip link set x0net0 up && ip neigh replace " THERE
		" lladdr 02:00:00:00:99:02 dev x0net0 nud permanent && ip neigh replace " NOWHERE
		" lladdr 02:00:00:00:99:03 dev x0net0 nud permanent",
		peer);
	if (system(command) != 0)
		return -1;
	order_peer(0);
	messages_capture(false);
	return btf_names_load(&names, &failure);
}

static int end_namespaces(void **state)
{
	(void)state;
	close(peer_orders);
	close(peer_answers);
	return waitpid(peer, NULL, 0) == peer ? 0 : -1;
}

/* --- the program -------------------------------------------------------------------------------- */

static int load_with(const struct btf_names *as, uint32_t ring_bytes, uint32_t interfaces_max,
	uint32_t drops_max)
{
	memset(&event_log, 0, sizeof(event_log));
	int error = object_open("tracepoint_net", "", &object, &failure);

	if (error == 0)
		error = tracepoint_net_prepare(object, as, false, &failure);
	if (error == 0)
		error = bpf_map__set_max_entries(
			bpf_object__find_map_by_name(object, "events"), ring_bytes);
	if (error == 0)
		error = bpf_map__set_max_entries(
			bpf_object__find_map_by_name(object, "net_interfaces"), interfaces_max);
	if (error == 0)
		error = bpf_map__set_max_entries(
			bpf_object__find_map_by_name(object, "net_drops"), drops_max);
	if (error == 0)
		error = object_load(object, "tracepoint_net", &failure);
	if (error == 0)
		error = program_slots_fill(object, object);
	if (error == 0)
		error = trace_links_tracepoints(&links, object, &failure);
	if (error == 0)
		error = net_events_open(&collector, object, as);
	taker = (struct net_events_taker) { as, &event_log };
	event_ring_register(&events, EVENT_DROP, net_events_take_drop, &taker);
	for (int type = EVENT_TCP_RETRANSMIT; type <= EVENT_TCP_RESET_RECEIVED; type++)
		event_ring_register(&events, (enum event_type)type, net_events_take_tcp, &taker);
	if (error == 0)
		error = event_ring_open(&events, object_map_fd(object, "events"),
			object_map_fd(object, "events_lost"), &failure);
	if (error < 0)
		print_message("%s. %s.\n%s\n", failure.what, failure.remedy, failure.cause);
	return error;
}

static int load(const struct btf_names *as, uint32_t ring_bytes, uint32_t interfaces_max)
{
	return load_with(as, ring_bytes, interfaces_max, NET_DROPS_MAX);
}

static int set_up_one_place(void **state)
{
	(void)state;
	return load_with(&names, EVENTS_RING_BYTES, NET_INTERFACES_MAX, 1);
}

static int set_up(void **state)
{
	(void)state;
	return load(&names, EVENTS_RING_BYTES, NET_INTERFACES_MAX);
}

static int set_up_small_ring(void **state)
{
	(void)state;
	return load(&names, (uint32_t)sysconf(_SC_PAGESIZE), NET_INTERFACES_MAX);
}

static int set_up_one_interface(void **state)
{
	(void)state;
	return load(&names, EVENTS_RING_BYTES, 1);
}

static int set_up_without_reasons(void **state)
{
	static struct btf_names old;

	(void)state;
	snprintf(old.drop_reasons[0], sizeof(old.drop_reasons[0]), "NOT_SPECIFIED");
	return load(&old, EVENTS_RING_BYTES, NET_INTERFACES_MAX);
}

static int tear_down(void **state)
{
	(void)state;
	event_ring_close(&events);
	net_events_close(&collector);
	trace_links_close(&links);
	bpf_object__close(object);
	return 0;
}

static void sample(void)
{
	snapshot_clear(&now);
	now.time = clock_realtime_seconds();
	assert_int_equal(collect_net_events(&collector, NULL, &now), 0);
	assert_true(event_ring_drain(&events) >= 0);
	assert_int_equal(event_ring_sample(&events, NULL, &now), 0);
	event_log_copy(&event_log, &now);
	assert_true(now.net_events.available);
}

static const struct snapshot_net_interface *interface(
	const struct snapshot *snapshot, const char *name)
{
	static const struct snapshot_net_interface none;

	for (uint32_t i = 0; i < snapshot->net_events.n_interfaces; i++)
		if (strcmp(snapshot->net_events.interfaces[i].name, name) == 0)
			return &snapshot->net_events.interfaces[i];
	return &none;
}

static uint64_t dropped_in(const char *reason, const char *function)
{
	uint64_t packets = 0;

	for (uint32_t i = 0; i < now.net_events.n_drops; i++) {
		const struct snapshot_drop *drop = &now.net_events.drops[i];
		if (strcmp(drop->reason, reason) == 0 &&
			(function == NULL || strcmp(drop->function, function) == 0))
			packets += drop->packets.total;
	}
	return packets;
}

static uint64_t dropped(const char *reason)
{
	return dropped_in(reason, NULL);
}

static uint64_t loss(const char *what)
{
	for (uint32_t i = 0; i < now.self.n_losses; i++)
		if (strcmp(now.self.losses[i].what, what) == 0)
			return now.self.losses[i].count.total;
	fail_msg("no loss is called %s", what);
	return 0;
}

static uint64_t drops_no_socket(void)
{
	return dropped("NO_SOCKET");
}

static uint64_t retransmits(void)
{
	return now.net_events.tcp_retransmits.total;
}

static uint64_t resets_received(void)
{
	return now.net_events.tcp_resets_received.total;
}

static uint64_t events_lost(void)
{
	return loss("events: network");
}

/* Samples until a count has arrived: softirqs may come late. */
static void wait_for(uint64_t (*count)(void), uint64_t at_least)
{
	time_t deadline = time(NULL) + PATIENCE_S;

	do {
		sample();
		if (count() >= at_least)
			return;
		poll(NULL, 0, 5);
	} while (time(NULL) < deadline);
	fail_msg("%llu instead of %llu", (unsigned long long)count(), (unsigned long long)at_least);
}

static uint32_t events_with(const char *text)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < now.net_events.n_events; i++)
		n += strstr(now.net_events.events[i].text, text) != NULL;
	return n;
}

/* --- the tests ------------------------------------------------------------------------------------ */

static void packets_are_counted_exactly(void **state)
{
	(void)state;
	int fd = udp_socket(HERE, PORT);
	assert_true(fd >= 0);
	send_datagrams(fd, THERE, PORT, 500);
	sample();
	const struct snapshot_net_interface *veth = interface(&now, "x0net0");
	assert_int_equal(veth->transmitted.packets.total, 500);
	assert_int_equal(veth->transmitted.bytes.total, 500 * FRAME);
	assert_int_equal(veth->received.packets.total, 0);
	assert_int_equal(veth->transmit_errors.total, 0);

	order_peer(RECEIVED);
	for (int i = 0; i < RECEIVED; i++) {
		char payload[PAYLOAD];
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		assert_int_equal(poll(&ready, 1, PATIENCE_S * 1000), 1);
		assert_int_equal(recv(fd, payload, sizeof(payload), 0), PAYLOAD);
	}
	sample();
	veth = interface(&now, "x0net0");
	assert_int_equal(veth->received.packets.total, RECEIVED);
	assert_int_equal(veth->received.bytes.total, RECEIVED * FRAME);
	assert_int_equal(veth->transmitted.packets.total, 500);
	assert_int_equal(loss("net_interfaces full"), 0);
	close(fd);
}

/* With the maps of what is attached, whose own programs are unloaded. */
static void another_object_goes_on(void **state)
{
	static const struct map_registry none;
	struct bpf_object *next;

	(void)state;
	int fd = udp_socket(HERE, PORT);
	assert_true(fd >= 0);
	send_datagrams(fd, THERE, PORT, 100);
	assert_int_equal(object_open("tracepoint_net", "", &next, &failure), 0);
	assert_int_equal(tracepoint_net_prepare(next, &names, true, &failure), 0);
	assert_int_equal(map_registry_keep_own(&none, "tracepoint_net", next, object, object, NULL,
				 false, &failure),
		0);
	assert_int_equal(object_load(next, "tracepoint_net", &failure), 0);
	assert_true(object_program_fd(next, "call_transmit") < 0); /* it is attached already */
	assert_int_equal(program_slots_fill(next, object), 0);
	program_slots_empty(object);
	send_datagrams(fd, THERE, PORT, 100);
	bpf_object__close(next); /* what lies in the slots stays there */
	send_datagrams(fd, THERE, PORT, 50);
	sample();
	assert_int_equal(interface(&now, "x0net0")->transmitted.packets.total, 250);
	close(fd);
}

static void closed_port_is_a_drop_by_name(void **state)
{
	(void)state;
	if (!names.has_drop_reasons) {
		print_message("this kernel tells no drop reasons\n");
		skip();
	}
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 10);
	wait_for(drops_no_socket, 10);
	assert_int_equal(dropped("NO_SOCKET"), 10);
	assert_true(now.net_events.dropped.total >= 10);
	assert_int_equal(events_with("dropped on lo, NO_SOCKET: udp 127.0.0.1:4000 > "
				     "127.0.0.1:4009, "),
		10);
	/* Loopback: what went out came in, link-layer header and all; ICMP answers come too. */
	const struct snapshot_net_interface *lo = interface(&now, "lo");
	assert_true(lo->transmitted.packets.total >= 10);
	assert_int_equal(lo->transmitted.packets.total, lo->received.packets.total);
	assert_int_equal(lo->transmitted.bytes.total, lo->received.bytes.total);
	close(fd);
}

static uint64_t drops_otherhost(void)
{
	return dropped("OTHERHOST");
}

/*
 * Until ip_rcv() a packet keeps the socket that sent it, in another namespace of this host: its drop
 * belongs to the namespace that it has come to.
 */
static void drops_belong_to_where_the_packet_is(void **state)
{
	(void)state;
	if (!names.has_drop_reasons) {
		print_message("this kernel tells no drop reasons\n");
		skip();
	}
	int fd = udp_socket(HERE, PORT);
	send_datagrams(fd, NOWHERE, PORT, 50); /* the peer drops these */
	order_peer(TO_ASTRAY + 104);
	wait_for(drops_otherhost, 104);
	assert_int_equal(dropped("OTHERHOST"), 104);
	close(fd);
}

static void drops_name_their_function(void **state)
{
	(void)state;
	if (!names.has_drop_reasons) {
		print_message("this kernel tells no drop reasons\n");
		skip();
	}
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 10);
	wait_for(drops_no_socket, 10);
	/* 7.3 has it inlined. */
	assert_int_equal(
		dropped_in("NO_SOCKET", "__udp4_lib_rcv") + dropped_in("NO_SOCKET", "udp_rcv"), 10);
	for (uint32_t i = 0; i < now.net_events.n_drops; i++)
		assert_string_not_equal(now.net_events.drops[i].function, "");
	close(fd);
}

static uint64_t all_drops(void)
{
	return now.net_events.dropped.total;
}

/* Without room for places, packets are counted by their reason alone. */
static void drops_beyond_the_places_are_counted(void **state)
{
	(void)state;
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 10);
	order_peer(TO_ASTRAY + 20);
	wait_for(all_drops, 30);
	uint64_t sum = 0;
	for (uint32_t i = 0; i < now.net_events.n_drops; i++)
		sum += now.net_events.drops[i].packets.total;
	assert_int_equal(sum, now.net_events.dropped.total);
	if (names.has_drop_reasons)
		assert_true(dropped_in("OTHERHOST", "") == 20 || dropped_in("NO_SOCKET", "") == 10);
	close(fd);
}

static void events_are_limited_and_the_rest_counted(void **state)
{
	(void)state;
	if (!names.has_drop_reasons) {
		print_message("this kernel tells no drop reasons\n");
		skip();
	}
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 5000);
	wait_for(drops_no_socket, 5000);
	assert_int_equal(dropped("NO_SOCKET"), 5000);
	assert_int_equal(event_log.next + loss("network events withheld") + loss("events: network"),
		now.net_events.dropped.total - dropped("NOT_SPECIFIED"));
	assert_true(loss("network events withheld") > 0);
	close(fd);
}

static void drops_without_reasons_are_counted(void **state)
{
	(void)state;
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 10);
	sample();
	time_t deadline = time(NULL) + PATIENCE_S;
	while (dropped("NOT_SPECIFIED") < 10 && time(NULL) < deadline)
		sample();
	assert_true(dropped("NOT_SPECIFIED") >= 10);
	assert_int_equal(now.net_events.n_drops, 1);
	assert_int_equal(now.net_events.n_events, 0);
	close(fd);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in own = address("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

/* The accepting end hangs up without a word: SO_LINGER 0 makes close() send a reset. */
static void resets_are_counted_at_both_ends(void **state)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_in to = address("127.0.0.1", PORT);
	int clients[5];

	(void)state;
	int listener = listen_on(PORT);
	for (int i = 0; i < 5; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(clients[i], (struct sockaddr *)&to, sizeof(to)), 0);
		int accepted = accept(listener, NULL, NULL);
		setsockopt(accepted, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(accepted);
	}
	wait_for(resets_received, 5);
	assert_int_equal(now.net_events.tcp_resets_received.total, 5);
	assert_int_equal(now.net_events.tcp_resets_sent.total, 5);
	/* Both say the flow of the reset: from the accepting end to the connecting one. */
	assert_int_equal(events_with("TCP reset sent: tcp 127.0.0.1:4000 > 127.0.0.1:"), 5);
	assert_int_equal(events_with("TCP reset received: tcp 127.0.0.1:4000 > 127.0.0.1:"), 5);
	for (int i = 0; i < 5; i++)
		close(clients[i]);
	close(listener);
}

/* A SYN to a neighbour that is not there: nobody answers, TCP tries again after a second. */
static void retransmits_are_counted(void **state)
{
	struct sockaddr_in to = address(NOWHERE, 80);

	(void)state;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), -1);
	assert_int_equal(errno, EINPROGRESS);
	wait_for(retransmits, 1);
	assert_int_equal(events_with("TCP retransmit: tcp " HERE ":"), retransmits());
	assert_int_equal(events_with(" > " NOWHERE ":80"), retransmits());
	assert_int_equal(now.net_events.tcp_resets_sent.total, 0);
	close(fd);
}

static void other_namespaces_are_not_counted(void **state)
{
	(void)state;
	sample();
	snapshot_copy(&before, &now);
	order_peer(-200);
	sample();
	assert_int_equal(interface(&now, "lo")->transmitted.packets.total,
		interface(&before, "lo")->transmitted.packets.total);
	assert_int_equal(interface(&now, "x0net0")->received.packets.total,
		interface(&before, "x0net0")->received.packets.total);
	assert_int_equal(dropped("NO_SOCKET"), 0);
	assert_int_equal(events_with("NO_SOCKET"), 0);

	/* The same in the watched one is seen: the test is able to fail. */
	int fd = udp_socket("127.0.0.1", PORT);
	send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 200);
	time_t deadline = time(NULL) + PATIENCE_S;
	do
		sample();
	while (now.net_events.dropped.total < 200 && time(NULL) < deadline);
	assert_true(now.net_events.dropped.total >= 200);
	assert_true(interface(&now, "lo")->transmitted.packets.total >= 200);
	close(fd);
}

static void gone_interfaces_leave(void **state)
{
	(void)state;
	assert_int_equal(system("ip link add x0net2 type veth peer name x0net3 && "
				"ip link set x0net2 up && ip link set x0net3 up && "
				"ip addr add 10.98.0.1/24 dev x0net2 && "
				"ip neigh replace 10.98.0.2 lladdr 02:00:00:00:98:02 dev x0net2"),
		0);
	int fd = udp_socket("10.98.0.1", PORT);
	send_datagrams(fd, "10.98.0.2", PORT, 3);
	sample();
	assert_int_equal(interface(&now, "x0net2")->transmitted.packets.total, 3);
	close(fd);
	assert_int_equal(system("ip link del x0net2"), 0);
	sample();
	assert_int_equal(interface(&now, "x0net2")->ifindex, 0);
	assert_int_equal(interface(&now, "x0net3")->ifindex, 0);
	for (uint32_t i = 1; i < now.net_events.n_interfaces; i++)
		assert_true(now.net_events.interfaces[i - 1].ifindex <
			    now.net_events.interfaces[i].ifindex);
}

static void make_indexed(int n)
{
	char command[512];

	snprintf(command, sizeof(command),
		"ip link add x0net%d index %d type veth peer name x0peer%d && "
		"ip link set x0net%d up && ip link set x0peer%d up && "
		"ip addr add 10.97.%d.1/24 dev x0net%d && "
		"ip neigh replace 10.97.%d.2 lladdr 02:00:00:00:97:02 dev x0net%d",
		n, 1000 + n * NET_PLACES, n, n, n, n, n, n, n);
	assert_int_equal(system(command), 0);
}

static void assert_sent(const char *to, const char *name, int packets, uint64_t total)
{
	int fd = udp_socket("0.0.0.0", PORT);

	send_datagrams(fd, to, PORT, packets);
	sample();
	assert_int_equal(interface(&now, name)->transmitted.packets.total, total);
	close(fd);
}

/* Interfaces whose places are the same are counted apart, at once and one after the other. */
static void places_are_kept_apart(void **state)
{
	(void)state;
	make_indexed(4);
	assert_sent("10.97.4.2", "x0net4", 3, 3);
	assert_sent("10.97.4.2", "x0net4", 5, 8); /* in its place */
	make_indexed(5);
	assert_sent("10.97.5.2", "x0net5", 2, 2); /* the place is taken */
	assert_sent("10.97.5.2", "x0net5", 2, 4);
	assert_sent("10.97.4.2", "x0net4", 1, 9);
	assert_int_equal(system("ip link del x0net4"), 0);
	assert_sent("10.97.5.2", "x0net5", 1, 5); /* now it is free */
	assert_sent("10.97.5.2", "x0net5", 6, 11);
	assert_sent("10.97.5.2", "x0net5", 7, 18);
	assert_int_equal(system("ip link del x0net5"), 0);
	sample();
	assert_int_equal(interface(&now, "x0net5")->ifindex, 0);
}

/* Nobody reads; each round is a second's worth of events, until the one-page ring is full. */
static void a_full_ring_is_counted(void **state)
{
	uint64_t lost = 0;
	time_t deadline = time(NULL) + PATIENCE_S;

	(void)state;
	if (!names.has_drop_reasons) {
		print_message("this kernel tells no drop reasons\n");
		skip();
	}
	int fd = udp_socket("127.0.0.1", PORT);
	while (lost == 0 && time(NULL) < deadline) {
		uint32_t source = EVENT_SOURCE_NET;
		send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 100);
		assert_int_equal(
			percpu_sum(&events.percpu, events.lost, &source, &lost, sizeof(lost)), 0);
		poll(NULL, 0, 100);
	}
	assert_true(lost > 0);
	sample();
	assert_true(now.net_events.n_events > 0);
	assert_true(events_lost() >= lost);
	lost = events_lost();

	/* Room again: events come, and the count of the lost stays. */
	uint64_t told = event_log.next;
	while (event_log.next == told && time(NULL) < deadline) {
		send_datagrams(fd, "127.0.0.1", CLOSED_PORT, 1);
		sample();
		poll(NULL, 0, 10);
	}
	assert_true(event_log.next > told);
	assert_int_equal(events_lost(), lost);
	close(fd);
}

/* An interface for which the map has no room is not counted, and each packet of it is a loss. */
static void a_full_map_is_counted(void **state)
{
	(void)state;
	int fd = udp_socket("0.0.0.0", PORT);
	send_datagrams(fd, "127.0.0.1", PORT, 3);
	send_datagrams(fd, THERE, PORT, 5);
	sample();
	assert_int_equal(interface(&now, "lo")->transmitted.packets.total, 3);
	assert_int_equal(interface(&now, "x0net0")->transmitted.packets.total, 0);
	assert_int_equal(loss("net_interfaces full"), 5);
	close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packets_are_counted_exactly),
		TEST(another_object_goes_on),
		TEST(closed_port_is_a_drop_by_name),
		TEST(drops_belong_to_where_the_packet_is),
		TEST(drops_name_their_function),
		cmocka_unit_test_setup_teardown(
			drops_beyond_the_places_are_counted, set_up_one_place, tear_down),
		TEST(events_are_limited_and_the_rest_counted),
		cmocka_unit_test_setup_teardown(
			drops_without_reasons_are_counted, set_up_without_reasons, tear_down),
		TEST(resets_are_counted_at_both_ends),
		TEST(retransmits_are_counted),
		TEST(other_namespaces_are_not_counted),
		TEST(gone_interfaces_leave),
		TEST(places_are_kept_apart),
		cmocka_unit_test_setup_teardown(
			a_full_ring_is_counted, set_up_small_ring, tear_down),
		cmocka_unit_test_setup_teardown(
			a_full_map_is_counted, set_up_one_interface, tear_down),
	};

	return cmocka_run_group_tests_name(
		"tracepoint_net", tests, make_namespaces, end_namespaces);
}
