// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every built-in program through the orchestrator, in each mode of attaching it that the running
 * kernel has, with exact counts of real packets and calls; switching, enforcing, pinning, adopting
 * and removing. This is the test that goes through the kernels of `make test-kernels`: there, the
 * environment says which modes have to be found (X0_EXPECT_KPROBE=1, X0_EXPECT_TC=TCX or clsact).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/pins.h"
#include "mesh/rule.h"
#include "tests/lib/host.h"
#include "tests/lib/kprobes.h"
#include "tests/lib/native.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

enum {
	PACKETS = 200,
	LARGE_FRAME = 8000, /* bytes */
	BURST = 50, /* a veth's ring takes 256 */
	CALLS = 1000,
	FAILING_CALLS = 100,
	CALLERS = 2, /* who make calls all the time while a tracer is attached */
	CALLS_AT_ONCE = 20,
	ATTACHMENTS = 3,
	PORT_DROPPED = 7777,
	PORT_FREE = 7778,
	DSCP_EXPEDITED = 46,
	ETHERTYPE_UNKNOWN = 0x88b5, /* IEEE 802 local experimental: nothing takes it */
};

/* Nobody but this test makes this call. */
#define RARE_CALL "sched_rr_get_interval"

static pid_t callers[CALLERS]; /* 0: none; -1 must not be killed, for it is everybody */

/* --- helpers --------------------------------------------------------------------------------- */

static void assert_on(const char *name)
{
	opened_sample();
	if (opened_program(name)->state != PROGRAM_ON)
		fail_msg("%s is not on: %s", name, opened_program(name)->reason);
}

static void assert_no_losses(void)
{
	const struct snapshot_self *self = &opened.now.self;

	for (uint32_t i = 0; i < self->n_losses; i++)
		if (self->losses[i].count.total != 0)
			fail_msg("%llu lost: %s", (unsigned long long)self->losses[i].count.total,
				self->losses[i].what);
}

static void only(const char *name)
{
	opened.settings.n_only = 1;
	snprintf(opened.settings.only[0], NAME_LEN, "%s", name);
}

static void make_udp(struct frame *frame, uint16_t port, uint8_t dscp)
{
	const struct frame_ipv4 ip = { .protocol = IPPROTO_UDP, .dscp = dscp };

	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &ip);
	frame_udp(frame, 40000, port);
	frame_payload(frame, 20);
	frame_finish(frame);
}

struct wanted {
	const uint64_t *value; /* in opened.now */
	uint64_t at_least;
};

static bool has_come(void *context)
{
	const struct wanted *wanted = context;

	opened_sample();
	return *wanted->value >= wanted->at_least;
}

static void wait_for(const uint64_t *value, uint64_t at_least)
{
	struct wanted wanted = { value, at_least };

	if (!wait_until(has_come, &wanted))
		fail_msg("%llu of %llu have come", (unsigned long long)*value,
			(unsigned long long)at_least);
}

/* Sends PACKETS of a frame and waits until `seen`, which is in opened.now, has risen by as many. */
static void send_packets(const char *interface, const struct frame *frame, const uint64_t *seen)
{
	opened_sample();
	uint64_t before = *seen;

	for (int sent = BURST; sent <= PACKETS; sent += BURST) {
		netns_send(interface, frame->bytes, frame->length, BURST);
		wait_for(seen, before + (uint64_t)sent);
	}
}

/* --- setup ----------------------------------------------------------------------------------- */

static int start(void **state)
{
	(void)state;
	opened.orchestrator = NULL;
	settings_default(&opened.settings);
	opened.settings.n_interfaces = 1;
	snprintf(opened.settings.interfaces[0], NAME_LEN, "right");
	opened.settings.n_rules = 0;
	netns_veth("left", "right");
	return 0;
}

static int start_native(void **state)
{
	start(state);
	opened.settings.xdp_mode = XDP_WANT_NATIVE;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (int i = 0; i < CALLERS; i++) {
		if (callers[i] <= 0)
			continue;
		kill(callers[i], SIGKILL);
		waitpid(callers[i], NULL, 0);
		callers[i] = 0;
	}
	opened_close();
	pins_remove();
	netns_delete("left");
	return 0;
}

/* --- XDP ------------------------------------------------------------------------------------- */

static void count_packets(uint32_t wanted, uint32_t expected)
{
	const struct snapshot_packets *packets = &opened.now.packets;
	struct frame frame;

	only("xdp_counter");
	opened.settings.xdp_mode = wanted;
	opened_open();
	assert_on("xdp_counter");
	assert_int_equal(packets->n_interfaces, 1);
	assert_int_equal(packets->interfaces[0].hook, expected);
	make_udp(&frame, PORT_FREE, 0);
	send_packets("left", &frame, &packets->sum.all.packets.total);
	assert_int_equal(packets->sum.all.packets.total, PACKETS);
	assert_int_equal(packets->sum.all.bytes.total, PACKETS * frame.length);
	assert_int_equal(packets->sum.networks[NETWORK_IPV4].packets.total, PACKETS);
	assert_int_equal(packets->sum.transports[TRANSPORT_UDP].packets.total, PACKETS);
	assert_int_equal(packets->sum.verdicts[XDP_PASS].packets.total, PACKETS);
	assert_int_equal(opened_program("xdp_counter")->runs.total, PACKETS);
}

static char told[REASON_LEN];

/* What native XDP changes on a veth, as attach-table.txt has it. */
static const char *veth_native(void)
{
	return object_kernel_has_frags()
		       ? "its peer sends without segmentation offload"
		       : "its peer sends without segmentation offload, MTU 3506 at most";
}

/* The operator hears it while nothing is changed yet. */
static void note(const char *sentence)
{
	snprintf(told, sizeof(told), "%s", sentence);
	assert_int_not_equal(system("ip link show right | grep -q xdp"), 0);
}

/* Who asked for native XDP is told what that changes. */
static void xdp_native(void **state)
{
	char expected[REASON_LEN];

	(void)state;
	told[0] = '\0';
	opened.settings.tell = note;
	count_packets(XDP_WANT_NATIVE, XDP_MODE_NATIVE);
	snprintf(expected, sizeof(expected),
		"Native XDP changes right: %s; --xdp-mode generic turns off only GRO and LRO",
		veth_native());
	assert_string_equal(told, expected);
}

static void xdp_generic(void **state)
{
	(void)state;
	told[0] = '\0';
	opened.settings.tell = note;
	count_packets(XDP_WANT_GENERIC, XDP_MODE_GENERIC);
	assert_string_equal(told, "");
}

static void xdp_chosen(void **state)
{
	(void)state;
	count_packets(XDP_WANT_AUTO, XDP_MODE_TC);
}

static const struct snapshot_packets_interface *watched(uint32_t hook)
{
	const struct snapshot_packets *packets = &opened_sample()->packets;

	assert_int_equal(packets->n_interfaces, 1);
	assert_int_equal(packets->interfaces[0].hook, hook);
	return &packets->interfaces[0];
}

/* Frames of several buffers, where the kernel has them (5.18); elsewhere the driver's limit is said. */
static void native_takes_large_frames(void **state)
{
	static uint8_t bytes[LARGE_FRAME];
	struct frame frame;

	(void)state;
	only("xdp_counter");
	opened.settings.xdp_mode = XDP_WANT_NATIVE;
	assert_int_equal(system("ip link set left mtu 9000 && ip link set right mtu 9000"), 0);
	opened_open();
	opened_sample();
	if (opened_program("xdp_counter")->state == PROGRAM_FAILED) {
		assert_non_null(strstr(opened_program("xdp_counter")->reason,
			"limit with XDP is an MTU of about 3506, and that of the pair is 9000"));
		return;
	}
	make_udp(&frame, PORT_FREE, 0);
	memcpy(bytes, frame.bytes, frame.length);
	netns_send("left", bytes, sizeof(bytes), PACKETS);
	wait_for(&opened.now.packets.sum.all.packets.total, PACKETS);
	assert_int_equal(opened.now.packets.sum.all.bytes.total, PACKETS * sizeof(bytes));
	assert_int_equal(opened.now.packets.sum.frame_sizes[FRAME_OVER_1518].total, PACKETS);
	assert_int_equal(opened.now.packets.sum.malformed.total, 0);
}

/* The chain is on an interface while a stage has anything to look for; the counts go on. */
static void hook_follows_need(void **state)
{
	const uint64_t *counted = &opened.now.packets.sum.all.packets.total;
	struct frame frame;

	(void)state;
	opened.settings.n_only = 2;
	snprintf(opened.settings.only[0], NAME_LEN, "xdp_counter");
	snprintf(opened.settings.only[1], NAME_LEN, "xdp_mesh_filter");
	opened_open();
	make_udp(&frame, PORT_DROPPED, 0);
	watched(XDP_MODE_TC);
	assert_string_equal(opened_program("xdp_mesh_filter")->attached, "right idle");
	send_packets("left", &frame, counted);
	assert_int_equal(opened.now.mesh.no_match.packets.total, 0);
	opened_act("rule add drop udp 7777");
	watched(XDP_MODE_GENERIC);
	send_packets("left", &frame, counted);
	assert_int_equal(opened.now.mesh.spared.packets.total, PACKETS);
	opened_act("program off xdp_mesh_filter");
	watched(XDP_MODE_TC);
	send_packets("left", &frame, counted);
	opened_act("program on xdp_mesh_filter");
	watched(XDP_MODE_GENERIC);
	opened_act("rule delete 0");
	watched(XDP_MODE_TC);
	opened_act("enforce on xdp_mesh_filter");
	watched(XDP_MODE_GENERIC);
	opened_act("enforce off xdp_mesh_filter");
	watched(XDP_MODE_TC);
	send_packets("left", &frame, counted);
	assert_int_equal(*counted, 4 * PACKETS);
	opened_act("program off xdp_counter");
	assert_string_equal(opened_program("xdp_mesh_filter")->attached, "right idle");
	assert_on("xdp_mesh_filter");
}

/* Off and on again while the chain stays: the counts go on where they were. */
static void xdp_switched(void **state)
{
	const uint64_t *counted = &opened.now.packets.sum.all.packets.total;
	const uint64_t *filtered = &opened.now.mesh.no_match.packets.total;
	struct frame frame;

	(void)state;
	opened.settings.n_only = 2;
	snprintf(opened.settings.only[0], NAME_LEN, "xdp_counter");
	snprintf(opened.settings.only[1], NAME_LEN, "xdp_mesh_filter");
	opened.settings.xdp_mode = XDP_WANT_GENERIC;
	opened_open();
	assert_on("xdp_counter");
	make_udp(&frame, PORT_FREE, 0);
	send_packets("left", &frame, counted);
	assert_int_equal(*filtered, PACKETS);
	opened_act("program off xdp_counter");
	send_packets("left", &frame, filtered);
	opened_act("program on xdp_counter");
	assert_on("xdp_counter");
	send_packets("left", &frame, counted);
	assert_int_equal(*filtered, 3 * PACKETS);
	assert_int_equal(*counted, 2 * PACKETS);
}

/* --- verdicts, pins -------------------------------------------------------------------------- */

static void open_filter(void)
{
	only("xdp_mesh_filter");
	opened.settings.n_rules = 1;
	assert_int_equal(
		rule_parse("drop udp 7777", &opened.settings.rules[0], &opened.failure), 0);
	opened_open();
	assert_on("xdp_mesh_filter");
	assert_non_null(strstr(opened_program("xdp_mesh_filter")->attached,
		opened.settings.xdp_mode == XDP_WANT_NATIVE ? "native" : "generic"));
}

/* Enforcing says what native mode changes, and what XDP does. */
static void enforce_as_asked(void)
{
	struct action action = { .actor = ACTOR_KEY };
	char question[REASON_LEN], part[REASON_LEN];

	snprintf(part, sizeof(part), " XDP is %s; right: %s.",
		opened.settings.xdp_mode == XDP_WANT_NATIVE
			? "native (--xdp-mode generic turns off only GRO and LRO)"
			: "generic (it turns off only GRO and LRO); native (--xdp-mode native) is "
			  "faster",
		veth_native());

	assert_int_equal(action_parse("enforce on xdp_mesh_filter", &action, &opened.failure), 0);
	assert_int_equal(
		orchestrator_decide(opened.orchestrator, &action, question, sizeof(question)),
		DECISION_ASK);
	if (strstr(question, part) == NULL)
		fail_msg("%s", question);
	opened_act("enforce on xdp_mesh_filter");
}

static void check_rules_decide(void)
{
	const struct snapshot_mesh *mesh = &opened.now.mesh;
	struct frame unwanted, wanted;

	make_udp(&unwanted, PORT_DROPPED, 0);
	make_udp(&wanted, PORT_FREE, 0);
	send_packets("left", &unwanted, &mesh->spared.packets.total);
	send_packets("left", &wanted, &mesh->no_match.packets.total);
	assert_int_equal(mesh->dropped.packets.total, 0);
	enforce_as_asked();
	send_packets("left", &unwanted, &mesh->dropped.packets.total);
	opened_act("rule off 0");
	send_packets("left", &unwanted, &mesh->no_match.packets.total);
	opened_act("rule on 0");
	send_packets("left", &unwanted, &mesh->dropped.packets.total);
	assert_int_equal(mesh->spared.packets.total, PACKETS);
	assert_int_equal(mesh->no_match.packets.total, 2 * PACKETS);
	assert_int_equal(mesh->dropped.packets.total, 2 * PACKETS);
	assert_int_equal(mesh->dropped.bytes.total, 2 * PACKETS * unwanted.length);
	assert_int_equal(mesh->rules[0].traffic.packets.total, 3 * PACKETS);
}

static uint32_t count_pins(void)
{
	DIR *folder = opendir(PINS_FOLDER);
	uint32_t n = 0;

	if (folder == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n;
}

static void check_outlives_x0top(void)
{
	const struct snapshot_mesh *mesh = &opened.now.mesh;
	struct frame unwanted;

	uint64_t dropped = mesh->dropped.packets.total;

	make_udp(&unwanted, PORT_DROPPED, 0);
	send_packets("left", &unwanted, &mesh->dropped.packets.total);
	opened_close();
	assert_true(count_pins() > 0);
	netns_send("left", unwanted.bytes, unwanted.length, BURST);

	opened_open();
	assert_on("xdp_mesh_filter");
	assert_true(opened_program("xdp_mesh_filter")->adopted);
	assert_true(mesh->enforcing);
	wait_for(&mesh->dropped.packets.total, dropped + PACKETS + BURST);
	send_packets("left", &unwanted, &mesh->dropped.packets.total);
	assert_int_equal(mesh->dropped.packets.total, dropped + 2 * PACKETS + BURST);
	opened_act("enforce off xdp_mesh_filter");
	assert_int_equal(count_pins(), 0);
	send_packets("left", &unwanted, &mesh->spared.packets.total);
	assert_int_equal(mesh->dropped.packets.total, dropped + 2 * PACKETS + BURST);
}

static void rules_decide_and_outlive_x0top(void **state)
{
	(void)state;
	open_filter();
	check_rules_decide();
	check_outlives_x0top();
}

/* --- TC -------------------------------------------------------------------------------------- */

static void put_class(const char *text)
{
	struct class_lines *lines = &opened.settings.classes;
	struct class_line line;
	struct failure failure;

	assert_int_equal(classes_parse(text, &lines->names, &line, &failure), 0);
	assert_int_equal(classes_put(lines, &line), 0);
}

static void classes_by_dscp_and_port(void **state)
{
	enum { VOICE, BULK, UNLISTED, PLACES }; /* in the order of the lines */
	const struct snapshot_class *classes = opened.now.tc.classes;
	const char *expected = getenv("X0_EXPECT_TC");
	struct frame voice, bulk;

	(void)state;
	only("tc_classifier");
	opened.settings.classes.n = 0;
	put_class("dscp ef interactive");
	put_class("udp 7778 bulk"); /* PORT_FREE */
	opened_open();
	assert_on("tc_classifier");
	assert_int_equal(opened.now.tc.n_interfaces, 1);
	print_message("tc_classifier by %s\n", opened.now.tc.interfaces[0].attached);
	if (expected != NULL)
		assert_string_equal(opened.now.tc.interfaces[0].attached, expected);
	make_udp(&voice, PORT_DROPPED, DSCP_EXPEDITED);
	make_udp(&bulk, PORT_FREE, 0);
	send_packets("left", &voice, &classes[VOICE].directions[DIRECTION_INGRESS].packets.total);
	send_packets("left", &bulk, &classes[BULK].directions[DIRECTION_INGRESS].packets.total);
	send_packets("right", &bulk, &classes[BULK].directions[DIRECTION_EGRESS].packets.total);
	assert_int_equal(opened.now.tc.n_classes, PLACES);
	assert_string_equal(classes[VOICE].name, "interactive");
	assert_string_equal(classes[UNLISTED].name, "best_effort");
	for (uint32_t class = 0; class < PLACES; class ++) {
		const struct traffic *in = &classes[class].directions[DIRECTION_INGRESS];
		const struct traffic *out = &classes[class].directions[DIRECTION_EGRESS];
		bool is_bulk = class == BULK, is_voice = class == VOICE;
		assert_int_equal(in->packets.total, is_bulk || is_voice ? PACKETS : 0);
		assert_int_equal(out->packets.total, is_bulk ? PACKETS : 0);
		assert_int_equal(out->bytes.total, is_bulk ? PACKETS * bulk.length : 0);
	}
}

/* --- tracepoints ----------------------------------------------------------------------------- */

static const struct snapshot_net_interface *net_interface(const char *name)
{
	const struct snapshot_net_events *net = &opened_sample()->net_events;

	for (uint32_t i = 0; i < net->n_interfaces; i++)
		if (strcmp(net->interfaces[i].name, name) == 0)
			return &net->interfaces[i];
	return NULL;
}

static void network_events(void **state)
{
	const struct snapshot_net_interface *left, *right;
	struct frame frame;

	(void)state;
	only("tracepoint_net");
	opened_open();
	assert_on("tracepoint_net");
	frame_ethernet(&frame, ETHERTYPE_UNKNOWN);
	frame_payload(&frame, 46);
	frame_finish(&frame);
	send_packets("left", &frame, &opened.now.net_events.dropped.total);
	left = net_interface("left");
	assert_non_null(left);
	assert_int_equal(left->transmitted.packets.total, PACKETS);
	assert_int_equal(left->transmitted.bytes.total, PACKETS * frame.length);
	right = net_interface("right");
	assert_non_null(right);
	assert_int_equal(right->received.packets.total, PACKETS);
	assert_int_equal(right->received.bytes.total, PACKETS * frame.length);
	assert_int_equal(opened.now.net_events.dropped.total, PACKETS);
	assert_int_equal(opened.now.net_events.n_drops, 1);
	print_message("the kernel says: %s\n", opened.now.net_events.drops[0].reason);
}

/* The kernel reports what a macvlan receives on the device below it alone. */
static void what_no_tracepoint_sees_is_unknown(void **state)
{
	struct frame frame;

	(void)state;
	if (system("ip link add x0above link right type macvlan 2>/dev/null && ip link set x0above up") !=
		0)
		skip(); /* this kernel has none */
	only("tracepoint_net");
	opened_open();
	frame_ethernet(&frame, ETHERTYPE_UNKNOWN);
	frame_payload(&frame, 46);
	frame_finish(&frame);
	send_packets("x0above", &frame, &opened.now.net_events.dropped.total);
	const struct snapshot_net_interface *above = net_interface("x0above");
	assert_non_null(above);
	assert_true(above->received.packets.total == COUNT_UNKNOWN);
	assert_in_range(above->transmitted.packets.total, PACKETS, COUNT_UNKNOWN - 1);
	assert_true(net_interface("right")->received.packets.total != COUNT_UNKNOWN);
}

/* --- system calls ---------------------------------------------------------------------------- */

static void make_calls(void)
{
	struct timespec interval;

	for (int i = 0; i < CALLS - FAILING_CALLS; i++)
		assert_int_equal(syscall(SYS_sched_rr_get_interval, 0, &interval), 0);
	for (int i = 0; i < FAILING_CALLS; i++)
		assert_int_equal(syscall(SYS_sched_rr_get_interval, -1, &interval), -1);
}

static void open_tracer(const char *name, uint32_t attach)
{
	only(name);
	opened.settings.syscalls_attach = attach;
	opened.settings.n_syscalls = 1;
	snprintf(opened.settings.syscalls[0], NAME_LEN, RARE_CALL);
	opened_open();
	opened_sample();
	assert_on(name);
}

static uint64_t lost(const char *what)
{
	for (uint32_t i = 0; i < opened.now.self.n_losses; i++)
		if (strcmp(opened.now.self.losses[i].what, what) == 0)
			return opened.now.self.losses[i].count.total;
	fail_msg("no loss is called %s", what);
	abort();
}

static void __attribute__((noreturn)) call_all_the_time(void)
{
	struct timespec interval;

	for (;; breathe())
		for (int i = 0; i < CALLS_AT_ONCE; i++)
			syscall(SYS_sched_rr_get_interval, 0, &interval);
}

/*
 * Calls that go on while the tracer is attached: none is taken for one whose exit was not seen, but for
 * those whose exit the kernel skipped (7.0 and later, while a program is preempted).
 */
static void attach_amid_calls(uint32_t attach)
{
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = fork();
		assert_true(callers[i] >= 0);
		if (callers[i] == 0)
			call_all_the_time();
	}
	for (int i = 0; i < ATTACHMENTS; i++) {
		open_tracer("kprobe_syscall_latency", attach);
		wait_for(&opened.now.syscalls.calls[0].calls.total, CALLS);
		assert_true(
			lost("system calls: exit not seen") <= lost("system calls: runs missed"));
		opened_close();
	}
}

static void attached_amid_calls_by_kprobe(void **state)
{
	(void)state;
	attach_amid_calls(SYSCALLS_WANT_KPROBE);
}

static void attached_amid_calls_by_tracepoint(void **state)
{
	(void)state;
	attach_amid_calls(SYSCALLS_WANT_TRACEPOINT);
}

static void check_histogram(const char *attached)
{
	const struct snapshot_syscalls *syscalls = &opened.now.syscalls;
	uint64_t in_buckets = 0;

	make_calls();
	opened_sample();
	assert_int_equal(syscalls->n_calls, 1);
	assert_string_equal(syscalls->calls[0].name, RARE_CALL);
	if (attached != NULL)
		assert_string_equal(syscalls->attached, attached);
	assert_no_losses();
	assert_int_equal(syscalls->calls[0].calls.total, CALLS);
	assert_int_equal(syscalls->calls[0].errors.total, FAILING_CALLS);
	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		in_buckets += syscalls->calls[0].buckets[i];
	assert_int_equal(in_buckets, CALLS);
	assert_true(syscalls->calls[0].overall.p50 > 0);
	assert_true(syscalls->calls[0].max_ns >= syscalls->calls[0].overall.p50);
}

static void latency_by_kprobe(void **state)
{
	(void)state;
	open_tracer("kprobe_syscall_latency", SYSCALLS_WANT_KPROBE);
	check_histogram("kprobe");
}

static void latency_by_tracepoint(void **state)
{
	(void)state;
	open_tracer("kprobe_syscall_latency", SYSCALLS_WANT_TRACEPOINT);
	check_histogram("tracepoint");
}

static void latency_as_chosen(void **state)
{
	(void)state;
	open_tracer("kprobe_syscall_latency", SYSCALLS_WANT_AUTO);
	check_histogram(getenv("X0_EXPECT_KPROBE") == NULL ? NULL : "kprobe");
}

/* What is below SECURE_STEP in a bucket of a CPU is withheld, and nothing else. */
static void check_secure_histogram(const char *attached)
{
	const struct snapshot_syscalls_secure *secure = &opened.now.syscalls_secure;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t published;

	make_calls();
	opened_sample();
	assert_string_equal(secure->attached, attached);
	assert_int_equal(secure->n_calls, 1);
	published = secure->calls[0].calls.total;
	assert_int_equal(published % SECURE_STEP, 0);
	assert_true(published <= CALLS);
	assert_true(published + (uint64_t)cpus * SECURE_BUCKETS * (SECURE_STEP - 1) >= CALLS);
	assert_true(published > 0);
	assert_int_equal(secure->calls[0].errors.total % SECURE_STEP, 0);
	assert_true(secure->calls[0].errors.total <= FAILING_CALLS);
}

static void secure_latency_by_kprobe(void **state)
{
	(void)state;
	open_tracer("kprobe_syscall_latency_secure", SYSCALLS_WANT_KPROBE);
	check_secure_histogram("kprobe");
}

static void secure_latency_by_tracepoint(void **state)
{
	(void)state;
	open_tracer("kprobe_syscall_latency_secure", SYSCALLS_WANT_TRACEPOINT);
	check_secure_histogram("tracepoint");
}

/* --- everything ------------------------------------------------------------------------------ */

static void all_together(void **state)
{
	int refused = 0;

	(void)state;
	opened_open();
	opened_sample();
	for (uint32_t i = 0; i < opened.now.n_programs; i++) {
		const struct snapshot_program *p = &opened.now.programs[i];
		if (host_refuses(p->name))
			refused++;
		else if (p->state != PROGRAM_NOT_BUILT && p->state != PROGRAM_ON)
			fail_msg("%s is not on: %s", p->name, p->reason);
	}
	assert_int_equal(orchestrator_exit_status(opened.orchestrator), refused);
}

/* Pins, locks and logs of this test are nobody else's. */
static int enter_mounts(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("bpf", PINS_BPFFS, "bpf", 0, NULL) != 0 ||
		mount("run", "/run", "tmpfs", 0, NULL) != 0 ||
		(mount("log", "/var/log", "tmpfs", 0, NULL) != 0 && errno != ENOENT)) {
		fprintf(stderr, "private mounts: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

#define MODE(function)	 cmocka_unit_test_setup_teardown(function, start, stop)
#define NATIVE(function) native_test(function, start_native, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODE(xdp_native),
		MODE(xdp_generic),
		MODE(xdp_chosen),
		MODE(hook_follows_need),
		MODE(native_takes_large_frames),
		MODE(xdp_switched),
		MODE(rules_decide_and_outlive_x0top),
		NATIVE(rules_decide_and_outlive_x0top),
		MODE(classes_by_dscp_and_port),
		MODE(network_events),
		MODE(what_no_tracepoint_sees_is_unknown),
		MODE(latency_by_tracepoint),
		MODE(latency_as_chosen),
		MODE(attached_amid_calls_by_tracepoint),
		MODE(secure_latency_by_tracepoint),
	};
	/* In the guests, test_rights starts all of them, where the kernel refuses none. */
	const struct CMUnitTest whole_tests[] = { MODE(all_together) };
	const struct CMUnitTest kprobe_tests[] = {
		MODE(latency_by_kprobe),
		MODE(attached_amid_calls_by_kprobe),
		MODE(secure_latency_by_kprobe),
	};

	messages_capture(false);
	netns_enter();
	int failed = cmocka_run_group_tests_name("attach modes", tests, enter_mounts, NULL);
	if (getenv("X0_EMULATED") == NULL || host_refuses("xdp_pqc_verify"))
		failed += cmocka_run_group_tests_name(
			"attach modes: all", whole_tests, enter_mounts, NULL);
	if (kprobes_offered())
		failed += cmocka_run_group_tests_name(
			"attach modes: kprobes", kprobe_tests, enter_mounts, NULL);
	return failed;
}
