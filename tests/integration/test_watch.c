// SPDX-License-Identifier: BSD-2-Clause
/* Which interfaces are watched while they come, go, change names, namespaces and masters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/ppp-ioctl.h>
#include <linux/ppp_defs.h>
#include <linux/tty.h>
#include <math.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "control/orchestrator.h"
#include "kernel/interface.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "model/judge.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

enum { PACKETS = 50, PASS = 2 /* XDP_PASS */ };

/* --- helpers --------------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void watch(const char *name)
{
	snprintf(opened.settings.interfaces[opened.settings.n_interfaces++], INTERFACE_ALTNAME_LEN,
		"%s", name);
}

static void only(const char *program)
{
	snprintf(opened.settings.only[opened.settings.n_only++], NAME_LEN, "%s", program);
}

static const struct snapshot_packets_interface *find(const char *name)
{
	for (uint32_t i = 0; i < opened.now.packets.n_interfaces; i++)
		if (strcmp(opened.now.packets.interfaces[i].name, name) == 0)
			return &opened.now.packets.interfaces[i];
	return NULL;
}

static void assert_watched(const char *name)
{
	const struct snapshot_packets_interface *interface = find(name);

	if (interface == NULL)
		fail_msg("%s is not watched", name);
	if (interface->hook == XDP_MODE_OFF)
		fail_msg("%s: %s", name, interface->problem);
	assert_int_equal(interface->ifindex, if_nametoindex(name));
}

static void assert_left_out(const char *name, const char *reason)
{
	assert_null(find(name));
	for (uint32_t i = 0; i < opened.now.packets.n_left_out; i++)
		if (strcmp(opened.now.packets.left_out[i].name, name) == 0) {
			assert_string_equal(opened.now.packets.left_out[i].reason, reason);
			return;
		}
	fail_msg("%s is not left out", name);
}

/* Broadcast UDP from FRAME_SOURCE4, which every device on the way takes for its own. */
static void send_udp(const char *interface)
{
	struct frame frame;

	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&frame, 5000, 7000);
	frame_payload(&frame, 100);
	frame_finish(&frame);
	memset(frame.bytes, 0xff, 6);
	wait_until(netns_is_running, (void *)interface);
	netns_send(interface, frame.bytes, frame.length, PACKETS);
}

struct expected {
	const uint64_t *value; /* in opened.now */
	uint64_t total;
};

static bool reached(void *context)
{
	const struct expected *expected = context;

	opened_sample();
	return *expected->value >= expected->total;
}

static void expect(const uint64_t *value, uint64_t total)
{
	struct expected expected = { value, total };

	wait_until(reached, &expected);
	assert_int_equal(*value, total);
}

static bool is_pinned(const char *interface)
{
	char path[128];

	snprintf(path, sizeof(path), PINS_FOLDER "/xdp_link_%u", if_nametoindex(interface));
	return access(path, F_OK) == 0;
}

static uint32_t count_links(void)
{
	DIR *folder = opendir(PINS_FOLDER);
	uint32_t n = 0;

	if (folder == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		n += strncmp(entry->d_name, "xdp_link_", 9) == 0;
	closedir(folder);
	return n;
}

/* A process in a network namespace of its own. */
static pid_t start_elsewhere(void)
{
	int ready[2];
	char byte;

	assert_return_code(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void stop_elsewhere(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int start(void **state)
{
	(void)state;
	opened.orchestrator = NULL;
	settings_default(&opened.settings);
	opened.settings.xdp_mode = XDP_WANT_GENERIC;
	only("xdp_counter");
	/* What runs in the guests asks what is counted, and the filter takes long to load there. */
	if (getenv("X0_EMULATED") == NULL)
		only("xdp_mesh_filter");
	netns_veth("left", "right");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opened_close();
	pins_remove();
	netns_delete_all();
	return 0;
}

/* --- links ----------------------------------------------------------------------------------- */

static const struct snapshot_link *link_named(const char *name)
{
	for (uint32_t i = 0; i < opened.now.links.n_links; i++)
		if (strcmp(opened.now.links.links[i].name, name) == 0)
			return &opened.now.links.links[i];
	fail_msg("there is no link %s", name);
	abort();
}

static uint32_t events_like(const char *text)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < opened.now.net_events.n_events; i++)
		n += strcmp(opened.now.net_events.events[i].text, text) == 0;
	return n;
}

static bool is_alerted(const char *interface)
{
	static struct judge_past past;
	static struct judgement judgement;

	judge(&opened.now, &past, &judgement);
	for (uint32_t i = 0; i < judgement.n; i++)
		if (strcmp(judgement.list[i].subject, interface) == 0 &&
			judgement.list[i].severity == SEVERITY_WARNING)
			return true;
	return false;
}

struct expected_state {
	const char *link;
	uint32_t state;
};

static bool has_state(void *context)
{
	const struct expected_state *expected = context;

	opened_sample();
	return link_named(expected->link)->state == expected->state;
}

static void expect_state(const char *link, uint32_t state)
{
	struct expected_state expected = { link, state };

	if (!wait_until(has_state, &expected))
		fail_msg("%s is in state %u", link, link_named(link)->state);
}

/* The same counts by another call. */
static struct rtnl_link_stats statistics(const char *interface)
{
	struct rtnl_link_stats stats = { 0 };
	struct ifaddrs *list = NULL;

	assert_return_code(getifaddrs(&list), 0);
	for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next)
		if (strcmp(one->ifa_name, interface) == 0 && one->ifa_addr != NULL &&
			one->ifa_addr->sa_family == AF_PACKET)
			memcpy(&stats, one->ifa_data, sizeof(stats));
	freeifaddrs(list);
	return stats;
}

/* What left is counted as well as what arrived, as the kernel counts it. */
static void links_have_both_directions(void **state)
{
	(void)state;
	watch("left");
	opened_open();
	expect_state("left", LINK_UP);
	send_udp("left");
	send_udp("left");
	send_udp("right");
	opened_sample();
	const struct snapshot_link *link = link_named("left");
	assert_int_equal(link->sent.packets.total, 2 * PACKETS);
	assert_int_equal(link->received.packets.total, PACKETS);
	assert_int_equal(link->sent.bytes.total, 2 * link->received.bytes.total);
	assert_int_equal(link->sent.packets.total, statistics("left").tx_packets);
	assert_int_equal(link->received.bytes.total, statistics("left").rx_bytes);
	assert_int_equal(link->mtu, 1500);
	assert_true(link->speed == 1e10);
	run("ip link set left mtu 1400");
	opened_sample();
	assert_int_equal(link_named("left")->mtu, 1400);
}

/* A link that goes down is an event, and alerts until it is up; one that is switched off does not. */
static void a_link_that_goes_down_alerts(void **state)
{
	(void)state;
	watch("right");
	run("for i in $(seq 500); do ip link show right | grep -q 'state UP' && exit; "
	    "sleep 0.02; done; exit 1");
	opened_open();
	expect_state("right", LINK_UP);
	assert_true(isnan(link_named("right")->changed));
	assert_false(is_alerted("right"));
	run("ip link set left down");
	expect_state("right", LINK_LOWER_DOWN);
	assert_int_equal(events_like("link right is down: its peer or lower device is down"), 1);
	assert_true(link_named("right")->changed > opened.now.time - 60);
	assert_true(is_alerted("right"));
	run("ip link set left up");
	expect_state("right", LINK_UP);
	assert_int_equal(events_like("link right is up"), 1);
	assert_false(is_alerted("right"));
	run("ip link set right down");
	expect_state("right", LINK_OFF);
	assert_int_equal(events_like("link right was switched off"), 1);
	assert_false(is_alerted("right"));
}

/* --- the rule -------------------------------------------------------------------------------- */

static void the_rule_goes_on(void **state)
{
	(void)state;
	opened_open();
	opened_sample();
	assert_watched("left");
	assert_watched("right");
	run("ip link add later type veth peer name later2");
	opened_sample();
	assert_left_out("later", "it is down");
	run("ip link set later up");
	opened_sample();
	assert_watched("later");
	assert_left_out("later2", "it is down");
	run("ip link set later down");
	opened_sample();
	assert_watched("later");
	run("ip link set later name renamed");
	opened_sample();
	assert_watched("renamed");
	assert_null(find("later"));
	run("ip link delete renamed");
	opened_sample();
	assert_null(find("renamed"));
	assert_int_equal(opened.now.packets.n_interfaces, 2);
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_ON);
}

static void what_moves_to_a_container_is_let_go(void **state)
{
	pid_t elsewhere = start_elsewhere();

	(void)state;
	opened_open();
	run("ip link set left netns %d", elsewhere);
	run("ip link set right down; ip link set right up"); /* as whoever starts containers does */
	opened_sample();
	assert_null(find("left"));
	assert_left_out("right", "the host's end of a container");
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_FAILED);
	assert_string_equal(opened_program("xdp_counter")->reason,
		"Nothing is watched: right is left out (the host's end of a container)");
	assert_string_equal(opened_program("xdp_counter")->remedy,
		"Name it: -i right, or bring another interface up");
	run("ip link add last type veth peer name inner netns %d", elsewhere);
	run("ip link add down type veth peer name other netns %d", elsewhere);
	run("ip link set last up");
	opened_sample();
	assert_string_equal(opened_program("xdp_counter")->reason,
		"Nothing is watched: right is left out (the host's end of a container), and 1 "
		"more");
	stop_elsewhere(elsewhere);
}

/* What no line of the class table names, on an interface and on all. */
static const struct snapshot_interface_class *unlisted_on(const char *interface)
{
	uint32_t at = 0;

	return snapshot_tc_interface_class(&opened.now.tc, interface, "best_effort", &at);
}

static const struct snapshot_class *unlisted(void)
{
	return snapshot_tc_class(&opened.now.tc, "best_effort");
}

/* A slot that another interface had begins at zero; the sums keep what that one counted. */
static void totals_of_a_new_interface_begin_at_zero(void **state)
{
	(void)state;
	only("tc_classifier");
	opened_open();
	opened_sample();
	send_udp("left");
	expect(&opened.now.packets.sum.all.packets.total, PACKETS);
	run("ip link delete left");
	opened_sample();
	assert_int_equal(opened.now.packets.n_interfaces, 0);
	netns_veth("one", "two");
	opened_sample();
	assert_watched("one");
	assert_watched("two");
	assert_int_equal(find("one")->all.packets.total, 0);
	assert_int_equal(find("two")->all.packets.total, 0);
	assert_int_equal(unlisted_on("one")->directions[DIRECTION_INGRESS].packets.total, 0);
	assert_int_equal(opened.now.packets.sum.all.packets.total, PACKETS);
	assert_int_equal(unlisted()->directions[DIRECTION_INGRESS].packets.total, PACKETS);
	send_udp("one");
	expect(&opened.now.packets.sum.all.packets.total, 2 * PACKETS);
	assert_int_equal(find("two")->all.packets.total, PACKETS);
}

/* Makes opened.now a sample after itself. */
static void sample_on(void)
{
	static struct snapshot before;

	snapshot_copy(&before, &opened.now);
	orchestrator_handle_events(opened.orchestrator);
	orchestrator_sample(opened.orchestrator, &before, &opened.now);
}

/* The packets that arrived on right, by all three who count them. */
struct seen {
	struct counter xdp, tc, kernel, sum;
};

static const struct seen *seen(void)
{
	static struct seen seen;

	seen.xdp = find("right")->all.packets;
	seen.kernel = link_named("right")->received.packets;
	seen.sum = opened.now.packets.sum.all.packets;
	const struct snapshot_interface_class *class = unlisted_on("right");
	if (class != NULL)
		seen.tc = class->directions[DIRECTION_INGRESS].packets;
	return &seen;
}

/* What an interface counted before it went elsewhere is no traffic of the interval when it is back. */
static void no_rate_over_a_gap(void **state)
{
	pid_t elsewhere = start_elsewhere();

	(void)state;
	only("tc_classifier");
	watch("right");
	opened_open();
	opened_sample();
	send_udp("left");
	expect(&opened.now.packets.sum.all.packets.total, PACKETS);
	sample_on();
	assert_true(seen()->xdp.rate == 0 && seen()->tc.rate == 0 && seen()->kernel.rate == 0);
	for (int round = 0; round < 2; round++) {
		run("ip link set right netns %d", elsewhere);
		if (round == 0) { /* else it is back before the next sample */
			sample_on();
			assert_string_equal(find("right")->problem, "There is no interface right");
			assert_int_equal(seen()->xdp.total, PACKETS);
			assert_int_equal(seen()->tc.total, PACKETS);
			assert_int_equal(seen()->kernel.total, PACKETS);
			assert_true(isnan(seen()->xdp.rate) && isnan(seen()->tc.rate) &&
				    isnan(seen()->kernel.rate));
			assert_int_equal(seen()->sum.total, PACKETS);
		}
		run("nsenter -t %d -n ip link set right netns %d", elsewhere, getpid());
		run("ip link set right up");
		sample_on();
		assert_watched("right");
		assert_true(isnan(seen()->xdp.rate) && isnan(seen()->tc.rate) &&
			    isnan(seen()->kernel.rate));
		assert_int_equal(seen()->xdp.total, PACKETS);
		assert_int_equal(seen()->tc.total, PACKETS);
		assert_int_equal(seen()->kernel.total, PACKETS);
		assert_int_equal(seen()->sum.total, PACKETS);
	}
	sample_on();
	assert_true(seen()->xdp.rate == 0 && seen()->tc.rate == 0 && seen()->kernel.rate == 0);
	send_udp("left");
	expect(&opened.now.packets.sum.all.packets.total, 2 * PACKETS);
	assert_int_equal(seen()->xdp.total, 2 * PACKETS);
	assert_int_equal(seen()->kernel.total, 2 * PACKETS);
	stop_elsewhere(elsewhere);
}

/* The same for what nobody asked for by name: its row goes, and comes back with its totals. */
static void what_comes_back_has_its_totals(void **state)
{
	pid_t elsewhere = start_elsewhere();

	(void)state;
	only("tc_classifier");
	opened_open();
	opened_sample();
	send_udp("left");
	expect(&opened.now.packets.sum.all.packets.total, PACKETS);
	run("ip link set right netns %d", elsewhere);
	sample_on();
	assert_null(find("right"));
	assert_int_equal(opened.now.packets.sum.all.packets.total, PACKETS);
	run("nsenter -t %d -n ip link set right netns %d", elsewhere, getpid());
	run("ip link set right up");
	sample_on();
	assert_watched("right");
	assert_int_equal(seen()->xdp.total, PACKETS);
	assert_int_equal(seen()->tc.total, PACKETS);
	assert_int_equal(seen()->sum.total, PACKETS);
	assert_true(isnan(seen()->xdp.rate) && isnan(seen()->kernel.rate));
	stop_elsewhere(elsewhere);
}

/* --- stacked devices ------------------------------------------------------------------------- */

/* Sends to `right`, over which `upper` is: one count for each packet. */
static void count_once(const char *upper, const char *make)
{
	run("%s", make);
	run("ip link set %s up", upper);
	opened_open();
	opened_sample();
	assert_watched("right");
	assert_left_out(upper, "its packets are counted on right");
	send_udp("left");
	expect(&find("right")->all.packets.total, PACKETS);
	assert_int_equal(opened.now.packets.sum.all.packets.total, PACKETS);
}

static void a_packet_through_a_bridge_counts_once(void **state)
{
	(void)state;
	/* A bridge that snoops sends IGMP reports of its own while it comes up. */
	count_once("br0", "ip link add br0 type bridge mcast_snooping 0 && "
			  "ip link set right master br0");
}

static void a_packet_to_a_macvlan_counts_once(void **state)
{
	(void)state;
	count_once("mac0", "ip link add mac0 link right type macvlan mode bridge");
}

static void a_packet_to_an_ipvlan_counts_once(void **state)
{
	(void)state;
	count_once("ip0", "ip link add ip0 link right type ipvlan");
}

static void a_packet_to_a_vlan_counts_once(void **state)
{
	(void)state;
	count_once("vlan10", "ip link add vlan10 link right type vlan id 10");
}

static void a_packet_to_a_bond_counts_once(void **state)
{
	(void)state;
	count_once("bond1",
		"ip link add bond1 type bond mode active-backup && ip link set right down "
		"&& ip link set right master bond1 && ip link set right up");
}

/* --- tunnels --------------------------------------------------------------------------------- */

/* `inner` and `outer`: IP versions. */
static const struct tunnel {
	const char *kind;
	const char *options;
	uint8_t outer, inner;
	uint8_t protocol; /* of the outer header */
	uint8_t header; /* bytes between it and the packet */
} tunnels[] = {
	{ "gre", "", 4, 4, 47, 4 },
	{ "gre", "", 4, 6, 47, 4 },
	{ "ipip", "", 4, 4, 4, 0 },
	{ "sit", "", 4, 6, 41, 0 },
	{ "ip6gre", "", 6, 4, 47, 4 },
	{ "ip6gre", "", 6, 6, 47, 4 },
	{ "ip6tnl", "mode any", 6, 4, 4, 0 },
	{ "ip6tnl", "mode any", 6, 6, 41, 0 },
};

static void begin_ip(struct frame *frame, uint8_t version, uint8_t protocol)
{
	if (version == 4)
		frame_ipv4(frame, &(struct frame_ipv4) { .protocol = protocol });
	else
		frame_ipv6(frame, protocol, 0);
}

/* Sends UDP through a tunnel to this host, whose lower device is `right`. */
static void send_through(const struct tunnel *tunnel)
{
	struct frame inner, outer;

	frame_begin(&inner);
	begin_ip(&inner, tunnel->inner, 17);
	frame_udp(&inner, 5000, 7000);
	frame_payload(&inner, 100);
	frame_finish(&inner);
	frame_ethernet(&outer, tunnel->outer == 4 ? 0x0800 : 0x86dd);
	begin_ip(&outer, tunnel->outer, tunnel->protocol);
	size_t at = outer.length + tunnel->header;
	frame_payload(&outer, tunnel->header + inner.length);
	memset(outer.bytes + at - tunnel->header, 0, tunnel->header);
	if (tunnel->header == 4)
		memcpy(outer.bytes + at - 2, tunnel->inner == 4 ? "\x08\x00" : "\x86\xdd", 2);
	memcpy(outer.bytes + at, inner.bytes, inner.length);
	frame_finish(&outer);
	memset(outer.bytes, 0xff, 6);
	netns_send("left", outer.bytes, outer.length, PACKETS);
}

/* Programs read the packet inside, or none: never the header around it. */
static void tunnels_are_read_inside(void **state)
{
	(void)state;
	run("ip addr add 10.1.2.254/16 dev right && echo 0 >/proc/sys/net/ipv6/conf/right/disable_ipv6 && "
	    "ip addr add fd00::2/64 dev right nodad");
	watch("t0");
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
		const struct tunnel *tunnel = &tunnels[i];
		bool over4 = tunnel->outer == 4;
		run("ip link add t0 type %s %s local %s remote %s && ip link set t0 up",
			tunnel->kind, tunnel->options, over4 ? "10.1.2.254" : "fd00::2",
			over4 ? "10.1.2.3" : "fd00::1");
		opened_open();
		opened_sample();
		if (getenv("X0_OLD_TUNNELS") != NULL) {
			assert_left_out(
				"t0", "before Linux 5.14 its frames start with an outer header");
		} else {
			send_through(tunnel);
			expect(&find("t0")->transports[TRANSPORT_UDP].packets.total, PACKETS);
			assert_int_equal(find("t0")->all.packets.total,
				find("t0")
					->networks[tunnel->inner == 4 ? NETWORK_IPV4 : NETWORK_IPV6]
					.packets.total);
		}
		opened_close();
		run("ip link del t0");
	}
}

/* --- serial lines ---------------------------------------------------------------------------- */

/* A packet as a line carries it. */
struct carried {
	uint8_t bytes[1024];
	size_t length;
};

static void carry(struct carried *carried, uint8_t byte)
{
	assert_true(carried->length < sizeof(carried->bytes));
	carried->bytes[carried->length++] = byte;
}

/* RFC 1055. */
static void carry_slip(const uint8_t *packet, size_t length, struct carried *carried)
{
	carry(carried, 0xc0);
	for (size_t i = 0; i < length; i++) {
		bool special = packet[i] == 0xc0 || packet[i] == 0xdb;
		if (special)
			carry(carried, 0xdb);
		carry(carried, !special ? packet[i] : packet[i] == 0xc0 ? 0xdc : 0xdd);
	}
	carry(carried, 0xc0);
}

static uint16_t fcs_of(uint16_t fcs, uint8_t byte)
{
	fcs ^= byte;
	for (int bit = 0; bit < 8; bit++)
		fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
	return fcs;
}

static void carry_escaped(struct carried *carried, uint8_t byte)
{
	bool special = byte < 0x20 || byte == 0x7d || byte == 0x7e;

	if (special)
		carry(carried, 0x7d);
	carry(carried, special ? byte ^ 0x20 : byte);
}

/* RFC 1662, with IPv4 (RFC 1332). */
static void carry_ppp(const uint8_t *packet, size_t length, struct carried *carried)
{
	static const uint8_t header[] = { 0xff, 0x03, 0x00, 0x21 };
	uint16_t fcs = 0xffff;

	carry(carried, 0x7e);
	for (size_t i = 0; i < sizeof(header) + length; i++) {
		uint8_t byte = i < sizeof(header) ? header[i] : packet[i - sizeof(header)];
		fcs = fcs_of(fcs, byte);
		carry_escaped(carried, byte);
	}
	carry_escaped(carried, (uint8_t)~fcs);
	carry_escaped(carried, (uint8_t)(~fcs >> 8));
	carry(carried, 0x7e);
}

/* The device of a line that speaks SLIP, from where all of them are made. */
static bool begin_slip(int line, char name[IFNAMSIZ])
{
	char command[256];

	if (ioctl(line, SIOCGIFNAME, name) < 0)
		return false;
	snprintf(command, sizeof(command), "nsenter -t 1 -n $(command -v ip) link set %s netns %d",
		name, getpid());
	return system(command) == 0;
}

/* A unit without negotiation, on the line's channel. Its descriptors end with the process. */
static bool begin_ppp(int line, char name[IFNAMSIZ])
{
	struct npioctl ip = { .protocol = PPP_IP, .mode = NPMODE_PASS };
	int channel = open("/dev/ppp", O_RDWR), unit = open("/dev/ppp", O_RDWR), number;

	if (ioctl(line, PPPIOCGCHAN, &number) < 0 || ioctl(channel, PPPIOCATTCHAN, &number) < 0)
		return false;
	number = -1;
	if (ioctl(unit, PPPIOCNEWUNIT, &number) < 0 || ioctl(channel, PPPIOCCONNECT, &number) < 0)
		return false;
	snprintf(name, IFNAMSIZ, "ppp%d", number);
	return ioctl(unit, PPPIOCSNPMODE, &ip) == 0;
}

static const struct {
	const char *name;
	int discipline;
	bool (*begin)(int line, char name[IFNAMSIZ]);
	void (*carry)(const uint8_t *packet, size_t length, struct carried *carried);
} lines[] = {
	{ "slip", N_SLIP, begin_slip, carry_slip },
	{ "ppp", N_PPP, begin_ppp, carry_ppp },
};

/* Opens both ends of a line. Returns false where the kernel lacks the discipline. */
static bool open_line(int discipline, int ends[2])
{
	struct termios raw;

	ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(ends[0] >= 0 && grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0);
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
	assert_return_code(tcgetattr(ends[1], &raw), 0);
	cfmakeraw(&raw);
	assert_return_code(tcsetattr(ends[1], TCSANOW, &raw), 0);
	return ioctl(ends[1], TIOCSETD, &discipline) == 0;
}

/* Their frames begin with an IP header. */
static void serial_lines_are_read(void **state)
{
	const char *expected = getenv("X0_EXPECT_LINKS");
	struct frame frame;

	(void)state;
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&frame, 5000, 7000);
	frame_payload(&frame, 100);
	frame_finish(&frame);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct carried carried = { 0 };
		char name[IFNAMSIZ] = "";
		int ends[2];
		if (!open_line(lines[i].discipline, ends) || !lines[i].begin(ends[1], name)) {
			print_message("this kernel has no %s\n", lines[i].name);
			assert_true(expected == NULL || strstr(expected, lines[i].name) == NULL);
			close(ends[1]);
			close(ends[0]);
			continue;
		}
		run("ip link set %s up", name);
		opened.settings.n_interfaces = 0;
		watch(name);
		opened_open();
		opened_sample();
		assert_watched(name);
		lines[i].carry(frame.bytes + 14, frame.length - 14, &carried);
		for (int n = 0; n < PACKETS; n++)
			assert_int_equal(
				write(ends[0], carried.bytes, carried.length), carried.length);
		expect(&find(name)->transports[TRANSPORT_UDP].packets.total, PACKETS);
		opened_close();
		close(ends[1]);
		close(ends[0]);
	}
}

static void of_both_that_are_named_the_lower_is_watched(void **state)
{
	(void)state;
	run("ip link add br0 type bridge && ip link set br0 up");
	watch("br0");
	watch("right");
	opened_open();
	opened_sample();
	assert_watched("br0"); /* nothing is below it yet */
	assert_watched("right");
	run("ip link set right master br0");
	opened_sample();
	assert_watched("right");
	assert_left_out("br0", "its packets are counted on right");
	run("ip link set right nomaster");
	opened_sample();
	assert_watched("right");
	assert_watched("br0");
}

/* The bridge carries the chain when its port comes up: it makes way. */
static void a_port_that_comes_up_takes_over_from_its_bridge(void **state)
{
	(void)state;
	run("ip link set right down");
	run("ip link add br0 type bridge && ip link set right master br0 && ip link set br0 up");
	opened_open();
	opened_sample();
	assert_watched("br0");
	run("ip link set right up");
	opened_sample();
	assert_watched("right");
	assert_left_out("br0", "its packets are counted on right");
}

static void attach_foreign(const char *interface)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign", "GPL", instructions, 2, NULL);

	assert_return_code(fd, 0);
	assert_return_code(
		bpf_xdp_attach((int)if_nametoindex(interface), fd, XDP_FLAGS_SKB_MODE, NULL), 0);
	close(fd);
}

static void a_master_that_blocks_its_port_is_named(void **state)
{
	(void)state;
	run("ip link add br0 type bridge && ip link set right master br0 && ip link set br0 up");
	attach_foreign("br0");
	watch("right");
	opened_open();
	opened_sample();
	const struct snapshot_packets_interface *right = find("right");
	assert_non_null(right);
	assert_int_equal(right->hook, XDP_MODE_OFF);
	assert_true(right->uncovered);
	if (strstr(right->problem,
		    "right is under br0, which carries the XDP program foreign (id ") == NULL)
		fail_msg("%s", right->problem);
	run("ip link set dev br0 xdpgeneric off");
	opened_sample();
	assert_watched("right");
}

/* --- names ----------------------------------------------------------------------------------- */

static void one_interface_has_one_row(void **state)
{
	(void)state;
	run("ip link property add dev right altname a_name_of_more_than_fifteen");
	watch("right");
	watch("a_name_of_more_than_fifteen");
	watch("other");
	opened_open();
	opened_sample();
	assert_int_equal(opened.now.packets.n_interfaces, 2);
	assert_watched("right");
	run("ip link set right down && ip link set right name other && ip link set other up");
	opened_sample();
	assert_int_equal(opened.now.packets.n_interfaces, 1);
	assert_watched("other");
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_ON);
}

/* A name that was asked for belongs to another interface now. */
static void who_takes_over_the_name_is_watched(void **state)
{
	(void)state;
	watch("right");
	opened_open();
	run("ip link set right down && ip link set right name other && ip link set other up");
	opened_sample();
	assert_watched("other");
	netns_veth("new", "right");
	opened_sample();
	assert_watched("right");
	assert_watched("other"); /* nobody said that it is to be let go */
	run("ip link delete left");
	opened_sample();
	assert_watched("right");
	assert_int_equal(opened.now.packets.n_interfaces, 1);
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_ON);
}

/* A name is waited for, and nothing is closed that is not open (descriptor 0 was). */
static void an_interface_may_go_while_tc_is_off(void **state)
{
	int zero = fcntl(0, F_GETFD);

	(void)state;
	only("tc_classifier");
	watch("right");
	opened_open();
	opened_act("program off tc_classifier");
	run("ip link delete left");
	opened_sample();
	assert_int_equal(fcntl(0, F_GETFD), zero);
	assert_string_equal(find("right")->problem, "There is no interface right");
	assert_false(find("right")->uncovered);
	netns_veth("left", "right");
	opened_act("program on tc_classifier");
	opened_sample();
	assert_watched("right");
	assert_int_equal(opened_program("tc_classifier")->state, PROGRAM_ON);
}

/* --- while it enforces ----------------------------------------------------------------------- */

static void enforce(void)
{
	opened_act("rule add drop 10.1.0.0/16");
	opened_act("enforce on xdp_mesh_filter");
	opened_sample();
}

static void what_is_made_again_is_pinned_again(void **state)
{
	(void)state;
	watch("right");
	opened_open();
	enforce();
	assert_true(is_pinned("right"));
	assert_int_equal(count_links(), 1);
	run("ip link delete left");
	opened_sample();
	assert_int_equal(count_links(), 0);
	netns_veth("left", "right");
	opened_sample();
	assert_watched("right");
	assert_true(is_pinned("right"));
	assert_int_equal(count_links(), 1);
	/* It goes on when x0top is gone, and is counted where the next one looks. */
	orchestrator_close(opened.orchestrator);
	send_udp("left");
	opened_open();
	expect(&opened.now.mesh.dropped.packets.total, PACKETS);
	assert_watched("right");
}

/* To another namespace and back, with x0top looking on. */
static void what_comes_back_is_attached_again(void **state)
{
	pid_t elsewhere = start_elsewhere();

	(void)state;
	watch("right");
	opened_open();
	enforce();
	run("ip link set right netns %d", elsewhere);
	opened_sample();
	assert_string_equal(find("right")->problem, "There is no interface right");
	assert_int_equal(count_links(), 0);
	run("nsenter -t %d -n ip link set right netns %d", elsewhere, getpid());
	run("ip link set right up");
	opened_sample();
	assert_watched("right");
	assert_int_equal(opened.now.packets.n_interfaces, 1);
	assert_true(is_pinned("right"));
	send_udp("left");
	expect(&opened.now.mesh.dropped.packets.total, PACKETS);
	stop_elsewhere(elsewhere);
}

/* The same while x0top was away: the link came back with the interface, and is its own. */
static void its_own_link_is_recognized(void **state)
{
	pid_t elsewhere = start_elsewhere();

	(void)state;
	watch("right");
	opened_open();
	enforce();
	orchestrator_close(opened.orchestrator);
	run("ip link set right netns %d", elsewhere);
	opened_open();
	opened_sample();
	assert_int_equal(opened.now.packets.n_interfaces, 1);
	assert_string_equal(find("right")->problem, "There is no interface right");
	run("nsenter -t %d -n ip link set right netns %d", elsewhere, getpid());
	run("ip link set right up");
	opened_sample();
	assert_watched("right");
	assert_int_equal(opened.now.packets.n_interfaces, 1);
	send_udp("left");
	expect(&opened.now.mesh.dropped.packets.total, PACKETS);
	stop_elsewhere(elsewhere);
}

/* Of the rule, too, what appears while it enforces is protected beyond x0top's end. */
static void what_appears_later_is_protected(void **state)
{
	(void)state;
	opened_open();
	enforce();
	netns_veth("one", "two");
	opened_sample();
	assert_watched("two");
	assert_true(is_pinned("two"));
	orchestrator_close(opened.orchestrator);
	send_udp("one");
	opened_open();
	expect(&opened.now.mesh.dropped.packets.total, PACKETS);
}

/* --- many ------------------------------------------------------------------------------------ */

/* Slots beyond the 64 that there were, all with their own counts, and nothing left behind. */
static void a_hundred_interfaces(void **state)
{
	enum { PAIRS = 50 };
	FILE *batch = popen("ip -batch -", "w");

	(void)state;
	assert_non_null(batch);
	for (int i = 0; i < PAIRS; i++)
		fprintf(batch,
			"link add a%d type veth peer name b%d\nlink set a%d up\n"
			"link set b%d up\n",
			i, i, i, i);
	assert_int_equal(pclose(batch), 0);
	only("tc_classifier");
	opened_open();
	opened_sample();
	assert_int_equal(opened.now.packets.n_interfaces, 2 * PAIRS + 2);
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_ON);
	assert_int_equal(opened_program("tc_classifier")->state, PROGRAM_ON);
	send_udp("a49");
	expect(&find("b49")->all.packets.total, PACKETS);
	assert_int_equal(opened.now.packets.sum.all.packets.total, PACKETS);
	assert_int_equal(unlisted()->directions[DIRECTION_EGRESS].packets.total, PACKETS);
	orchestrator_close(opened.orchestrator);
	opened.orchestrator = NULL;
	assert_int_not_equal(system("tc qdisc show | grep -q clsact"), 0);
	assert_int_not_equal(system("ip link show | grep -q prog/xdp"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_rule_goes_on),
		TEST(no_rate_over_a_gap),
		TEST(what_comes_back_has_its_totals),
		TEST(links_have_both_directions),
		TEST(a_link_that_goes_down_alerts),
		TEST(what_moves_to_a_container_is_let_go),
		TEST(totals_of_a_new_interface_begin_at_zero),
		TEST(a_packet_through_a_bridge_counts_once),
		TEST(a_packet_to_a_macvlan_counts_once),
		TEST(of_both_that_are_named_the_lower_is_watched),
		TEST(a_port_that_comes_up_takes_over_from_its_bridge),
		TEST(a_master_that_blocks_its_port_is_named),
		TEST(one_interface_has_one_row),
		TEST(who_takes_over_the_name_is_watched),
		TEST(an_interface_may_go_while_tc_is_off),
		TEST(what_is_made_again_is_pinned_again),
		TEST(what_comes_back_is_attached_again),
		TEST(its_own_link_is_recognized),
		TEST(what_appears_later_is_protected),
		TEST(a_hundred_interfaces),
	};
	/* Kernels of hosts may lack these devices; those of the guests have them. */
	const struct CMUnitTest guest_tests[] = {
		TEST(a_packet_to_an_ipvlan_counts_once),
		TEST(a_packet_to_a_vlan_counts_once),
		TEST(a_packet_to_a_bond_counts_once),
		TEST(tunnels_are_read_inside),
		TEST(serial_lines_are_read),
	};

	host_enter(true);
	messages_capture(false);
	if (getenv("X0_EMULATED") != NULL)
		return cmocka_run_group_tests(guest_tests, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
