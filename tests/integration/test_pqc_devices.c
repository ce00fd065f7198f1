// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copies of data packets, to and from every MAC address, sent ahead of each packet to an interface with devices on
 * top of it: what reaches the socket is counted, for the verifier may call good what the stack then drops.
 */
#include <fcntl.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "control/orchestrator.h"
#include "control/state.h"
#include "crypto/identity.h"
#include "crypto/key.h"
#include "kernel/pins.h"
#include "peer/message.h"
#include "tests/lib/host.h"
#include "tests/lib/native.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

#define STORE	   "/run/trust"
#define TAP	   "/run/tap"
#define SESSION	   0x01020304
#define OWN	   "\x0a\x01\x02\x09" /* the address in OWN_TEXT */
#define OWN_TEXT   "10.1.2.9"
#define PATIENCE   (PATIENCE_S * 1000)
#define MAC_LOWER  "02:00:00:00:00:02"
#define MAC_UPPER  "02:00:00:00:00:03"
#define MAC_OTHER  "02:00:00:00:00:66"
#define MACVLAN	   "ip link add upper link lower address " MAC_UPPER " type macvlan mode "
#define TAKE(from) " && ip link set upper type macvlan macaddr add " from

enum target {
	TO_LOWER,
	TO_UPPER,
	TARGETS,
};

enum {
	BOTH = 1, /* the stack takes packets to the upper device, too */
	TWICE = 2, /* the kernel gives it copies of some packets (macvlan_forward_source()) */
	OPENED = 4, /* a process has the tap open */
};

static const struct device {
	const char *name, *make;
	unsigned traits;
} devices[] = {
	{ "a macvlan of mode bridge", MACVLAN "bridge && ip link set upper up", BOTH },
	{ "one of mode vepa", MACVLAN "vepa && ip link set upper up", BOTH },
	{ "one of mode private", MACVLAN "private && ip link set upper up", BOTH },
	{ "one of mode passthru",
		"ip link add upper link lower type macvlan mode passthru && ip link set upper up",
		0 },
	{ "one that is down", MACVLAN "bridge", 0 },
	{ "one of mode source, without any", MACVLAN "source && ip link set upper up", 0 },
	{ "one that takes the sender's",
		MACVLAN "source" TAKE("02:00:00:00:00:01") " && ip link set upper up", TWICE },
	{ "one that takes another's", MACVLAN "source" TAKE(MAC_OTHER) " && ip link set upper up",
		TWICE },
	{ "one that takes another's away",
		MACVLAN "source nodst" TAKE(MAC_OTHER) " && ip link set upper up", 0 },
	{ "a macvtap",
		"ip link add upper link lower address " MAC_UPPER " type macvtap mode bridge && "
		"ip link set upper up && mkdir -p /run/sys && mount -t sysfs sys /run/sys && "
		"mknod " TAP
		" c $(cat /run/sys/class/net/upper/macvtap/tap*/dev | tr : ' ') && umount /run/sys",
		OPENED },
	{ "an ipvlan", "ip link add upper link lower type ipvlan mode l2 && ip link set upper up",
		0 },
	{ "a bridge",
		"ip link add upper address " MAC_UPPER
		" type bridge && ip link set lower master upper && ip link set upper up",
		BOTH },
	{ "batman-adv",
		"ip link add upper address " MAC_UPPER
		" type batadv && ip link set lower master upper && ip link set upper up",
		0 },
	{ "a vrf",
		"ip link add upper address " MAC_UPPER
		" type vrf table 10 && ip link set lower master upper && ip link set upper up && "
		"echo 1 >/proc/sys/net/ipv4/udp_l3mdev_accept",
		0 },
};

/* To and from which the copies go. */
static const char *const targets[] = {
	[TO_LOWER] = "\x02\x00\x00\x00\x00\x02",
	[TO_UPPER] = "\x02\x00\x00\x00\x00\x03",
	"\x02\x00\x00\x00\x00\x77", /* nobody's */
	"\x00\x00\x00\x00\x00\x00",
	"\xff\xff\xff\xff\xff\xff",
	"\x01\x00\x5e\x00\x00\x01", /* all hosts */
	"\x01\x00\x5e\x01\x02\x09", /* a group that nobody has joined */
};
static const char *const senders[] = {
	FRAME_SOURCE_MAC,
	"\x02\x00\x00\x00\x00\x66",
	"\x02\x00\x00\x00\x00\x02",
	"\x02\x00\x00\x00\x00\x03",
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static const uint64_t key[] = { 0x1122334455667788, 0x99aabbccddeeff00 };
static uint8_t node[PQC_NODE_LEN];
static uint64_t sequence; /* of the last packet, which is its payload, too */
static unsigned excess; /* packets that came again */
static int receiver;

static void must_run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

/* --- packets ------------------------------------------------------------------------------------ */

static void open_session(void)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct pqc_session session = { .expires_ns = UINT64_MAX };
	int map = map_registry_fd(&opened.orchestrator->context.maps, "pqc_sessions");

	memcpy(name.node, node, sizeof(node));
	memcpy(session.key, key, sizeof(session.key));
	assert_int_equal(bpf_map_update_elem(map, &name, &session, BPF_ANY), 0);
	sequence = 0;
}

static void make_packet(struct frame *frame)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	struct pqc_path path;

	sequence++;
	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	memcpy(frame->bytes + frame->ip + 16, OWN, 4);
	frame_udp(frame, 40000, PQC_PORT);
	frame_path(frame, &path);
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.key = key,
		.path = &path,
		.payload = { (const uint8_t *)&sequence, sizeof(sequence) },
	};
	size_t length = message_data(node, &content, packet);
	frame_payload(frame, length);
	memcpy(frame->bytes + frame->length - length, packet, length);
	frame_finish(frame);
}

static void send_packet(const struct frame *frame, const char *to, const char *from)
{
	struct frame sent = *frame;

	memcpy(sent.bytes, to, ETH_ALEN);
	memcpy(sent.bytes + ETH_ALEN, from, ETH_ALEN);
	netns_send("peer", sent.bytes, sent.length, 1);
}

/* Receives one packet. Returns whether it is the last that was sent; counts others as come again. */
static bool receive_one(void)
{
	struct {
		struct pqc_header header;
		uint64_t sequence;
		uint8_t tag[PQC_TAG_LEN];
	} packet;

	assert_int_equal(recv(receiver, &packet, sizeof(packet), 0), sizeof(packet));
	excess += packet.sequence != sequence;
	return packet.sequence == sequence;
}

/* Waits for the last packet. Returns whether it came. */
static bool has_come(void)
{
	struct pollfd readable = { .fd = receiver, .events = POLLIN };
	bool come = false;

	while (!come && poll(&readable, 1, PATIENCE) == 1)
		come = receive_one();
	while (poll(&readable, 1, 0) == 1)
		excess += receive_one();
	return come;
}

/* --- tests -------------------------------------------------------------------------------------- */

/* Returns whether this kernel has such a device. */
static bool make_device(const struct device *device, int *tap)
{
	*tap = -1;
	if (system(device->make) != 0)
		return false;
	if (device->traits & OPENED)
		assert_return_code(*tap = open(TAP, O_RDWR | O_CLOEXEC), 0);
	opened_sample(); /* follows it */
	return true;
}

static void remove_device(int tap)
{
	if (tap >= 0)
		close(tap);
	unlink(TAP);
	must_run("ip link set lower nomaster; ip link del upper");
	opened_sample();
}

static void attack(const struct device *device)
{
	struct frame frame;

	excess = 0;
	for (size_t to = 0; to < (device->traits & BOTH ? TARGETS : TO_UPPER); to++)
		for (size_t i = 0; i < COUNT(targets) * COUNT(senders); i++) {
			size_t copy = i / COUNT(senders), sender = i % COUNT(senders);
			make_packet(&frame);
			send_packet(&frame, targets[copy], senders[sender]);
			send_packet(&frame, targets[to], FRAME_SOURCE_MAC);
			if (!has_come())
				fail_msg(
					"%s: what goes to %zu is suppressed by a copy to %zu from %zu",
					device->name, to, copy, sender);
		}
	if (excess > 0 && !(device->traits & TWICE))
		fail_msg("%s: %u packets came again", device->name, excess);
}

static void copies_suppress_nothing(void **state)
{
	int tap;

	(void)state;
	for (size_t i = 0; i < COUNT(devices); i++) {
		if (!make_device(&devices[i], &tap)) {
			print_message("%s: not on this kernel\n", devices[i].name);
			/* Of what several commands make, the first may be there, or nothing. */
			must_run("ip link del upper 2>/dev/null || :");
			continue;
		}
		attack(&devices[i]);
		remove_device(tap);
	}
}

/* A device that goes down takes nothing any more, and its packets are those of nobody. */
static void a_device_that_goes_down_is_followed(void **state)
{
	(void)state;
	must_run(MACVLAN "bridge && ip link set upper up");
	opened_sample();
	attack(&(struct device) { "up", NULL, BOTH });
	must_run("ip link set upper down");
	opened_sample();
	attack(&(struct device) { "down", NULL, 0 });
	must_run("ip link set upper up");
	opened_sample();
	attack(&(struct device) { "up again", NULL, BOTH });
	remove_device(-1);
}

static int start(uint32_t mode, const char *flags)
{
	netns_veth("peer", "lower");
	must_run(
		"ip link set lower address " MAC_LOWER " && ip addr add " OWN_TEXT "/24 dev lower");
	must_run(flags);
	settings_default(&opened.settings);
	opened.settings.xdp_mode = mode;
	opened.settings.pqc_mode = PQC_ENFORCE;
	strcpy(opened.settings.trust, STORE);
	strcpy(opened.settings.interfaces[opened.settings.n_interfaces++], "lower");
	strcpy(opened.settings.only[opened.settings.n_only++], "xdp_pqc_verify");
	opened_open();
	opened_sample();
	open_session();
	return 0;
}

static int start_generic(void **state)
{
	(void)state;
	return start(XDP_WANT_GENERIC, ":");
}

static int start_native(void **state)
{
	(void)state;
	return start(XDP_WANT_NATIVE, ":");
}

static int start_promiscuous(void **state)
{
	(void)state;
	return start(XDP_WANT_GENERIC, "ip link set lower promisc on allmulticast on");
}

static int stop(void **state)
{
	(void)state;
	opened_close();
	pins_remove();
	netns_delete_all();
	return 0;
}

static int set_up(void **state)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PQC_PORT) };
	struct identity *identity;
	struct failure failure;

	(void)state;
	host_enter(1);
	must_run("for i in all default; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done");
	assert_return_code(mkdir(STORE, 0755), 0);
	assert_int_equal(identity_generate(STORE "/node", MLDSA_44, &failure), 0);
	assert_int_equal(identity_open(STORE "/node.key.pem", &identity, &failure), 0);
	assert_int_equal(key_node(identity_public_key(identity), node), 0);
	identity_close(identity);
	receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(receiver, (const struct sockaddr *)&address, sizeof(address)), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(copies_suppress_nothing, start_generic, stop),
		native_test(copies_suppress_nothing, start_native, stop),
		{ "copies_suppress_nothing_promiscuous", copies_suppress_nothing, start_promiscuous,
			stop, NULL },
		cmocka_unit_test_setup_teardown(
			a_device_that_goes_down_is_followed, start_generic, stop),
	};

	/* Emulation is slow, and what the modes of XDP differ in is tested elsewhere. */
	const struct CMUnitTest guest_tests[] = {
		cmocka_unit_test_setup_teardown(copies_suppress_nothing, start_generic, stop),
	};

	if (getenv("X0_EMULATED") != NULL)
		return cmocka_run_group_tests(guest_tests, set_up, NULL);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
