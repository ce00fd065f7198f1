// SPDX-License-Identifier: BSD-2-Clause
/*
 * What batman-adv and WireGuard say by generic netlink, message by message: which neighbours become of it. Neither
 * has to be there: what they answer is written here, as their kernel sources lay it out.
 */
#include <arpa/inet.h>
#include <linux/batman_adv.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "neighbours/entry.h"
#include "neighbours/generic.h"

enum { MESH = 5, PORT = 6 };

static const struct interface links[] = {
	{ .ifindex = MESH, .name = "bat0", .kind = "batadv" },
	{ .ifindex = PORT, .name = "eth1" },
};
static const struct generic_question *question;
static struct neighbour_set set;
static char bytes[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
static struct nlmsghdr *message;
static struct neighbour_source source;
static struct generic_listing listing;

/* In place of neighbours/generic.c: keeps what is asked. */
void generic_ask(struct neighbour_source *asking, const struct generic_question *asked)
{
	(void)asking;
	question = asked;
}

void generic_close(struct neighbour_source *closing)
{
	(void)closing;
}

static int setup(void **state)
{
	(void)state;
	neighbour_set_clear(&set);
	source = (struct neighbour_source) { .links = links, .n_links = 2 };
	listing = (struct generic_listing) { .source = &source, .set = &set, .ifindex = MESH };
	return 0;
}

static void begin(void)
{
	memset(bytes, 0, sizeof(bytes));
	message = mnl_nlmsg_put_header(bytes);
	mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
}

static void take(void)
{
	assert_int_equal(question->take(message, &listing), MNL_CB_OK);
}

/* --- batman-adv ------------------------------------------------------------------------------------- */

static const uint8_t far[MAC_LEN] = { 2, 0, 0, 0, 0, 7 }, near[MAC_LEN] = { 2, 0, 0, 0, 0, 3 };

static int ask_batman(void **state)
{
	neighbours_batman.ask(&source);
	return setup(state);
}

static void put_originator(const uint8_t *to, const uint8_t *by, bool best)
{
	begin();
	mnl_attr_put(message, BATADV_ATTR_ORIG_ADDRESS, MAC_LEN, to);
	if (by != NULL)
		mnl_attr_put(message, BATADV_ATTR_NEIGH_ADDRESS, MAC_LEN, by);
	mnl_attr_put_u32(message, BATADV_ATTR_HARD_IFINDEX, PORT);
	if (best)
		mnl_attr_put(message, BATADV_ATTR_FLAG_BEST, 0, NULL);
}

static void batman_is_asked(void **state)
{
	(void)state;
	assert_int_equal(neighbours_batman.name, NEIGHBOURS_BATMAN);
	assert_int_equal(neighbours_batman.ask_ns, 2000000000);
	assert_string_equal(question->kind, "batadv");
	assert_string_equal(question->family, "batadv");
	assert_int_equal(question->command, BATADV_CMD_GET_ORIGINATORS);
	assert_int_equal(question->version, 1);
	assert_int_equal(question->ifindex, BATADV_ATTR_MESH_IFINDEX);
	assert_false(question->secret);
}

static void an_originator_by_others(void **state)
{
	(void)state;
	put_originator(far, near, true);
	mnl_attr_put_u8(message, BATADV_ATTR_TQ, 51);
	mnl_attr_put_u32(message, BATADV_ATTR_THROUGHPUT, 250);
	mnl_attr_put_u32(message, BATADV_ATTR_LAST_SEEN_MSECS, 1500);
	double now = clock_realtime_seconds();
	take();
	assert_int_equal(set.n, 1);
	const struct neighbour *n = &set.list[0];
	assert_int_equal(n->key.kind, NEIGHBOUR_NODE);
	assert_int_equal(n->key.ifindex, MESH);
	assert_int_equal(n->key.family, 0);
	uint8_t id[8] = { 2, 0, 0, 0, 0, 7, 0, 0 };
	assert_memory_equal(&n->key.id, id, sizeof(id));
	assert_string_equal(n->interface, "eth1");
	assert_true(n->has_mac && n->has_via_mac);
	assert_memory_equal(n->mac, far, MAC_LEN);
	assert_memory_equal(n->via_mac, near, MAC_LEN);
	assert_string_equal(n->state, "by others");
	assert_true(n->quality == 0.2);
	assert_true(n->throughput == 25e6);
	assert_true(fabs(n->last_seen - (now - 1.5)) < 1);
}

static void only_the_best_way_counts(void **state)
{
	(void)state;
	put_originator(far, near, false);
	take();
	assert_int_equal(set.n, 0);
	put_originator(near, near, true);
	take();
	assert_int_equal(set.n, 1);
	assert_string_equal(set.list[0].state, "direct");
	assert_true(isnan(set.list[0].quality) && isnan(set.list[0].throughput) &&
		    isnan(set.list[0].last_seen));
	put_originator(far, NULL, true);
	take();
	assert_int_equal(set.n, 2);
	assert_false(set.list[1].has_via_mac);
	assert_string_equal(set.list[1].state, "by others");
}

/* Attributes of other sizes than the kernel's are passed over. */
static void batman_of_wrong_sizes(void **state)
{
	(void)state;
	begin();
	mnl_attr_put(message, BATADV_ATTR_ORIG_ADDRESS, MAC_LEN - 1, far);
	mnl_attr_put(message, BATADV_ATTR_FLAG_BEST, 0, NULL);
	take();
	assert_int_equal(set.n, 0);
	put_originator(far, near, true);
	mnl_attr_put_u16(message, BATADV_ATTR_TQ, 51);
	mnl_attr_put_u16(message, BATADV_ATTR_THROUGHPUT, 250);
	mnl_attr_put_u64(message, BATADV_ATTR_LAST_SEEN_MSECS, 1500);
	take();
	assert_int_equal(set.n, 1);
	assert_true(isnan(set.list[0].quality) && isnan(set.list[0].throughput) &&
		    isnan(set.list[0].last_seen));
}

/* --- WireGuard -------------------------------------------------------------------------------------- */

static int ask_wireguard(void **state)
{
	neighbours_wireguard.ask(&source);
	return setup(state);
}

static struct nlattr *peers, *peer, *allowed;

static void begin_peer(uint8_t first)
{
	uint8_t key[WG_KEY_LEN];

	for (int i = 0; i < WG_KEY_LEN; i++)
		key[i] = (uint8_t)(first + i);
	peer = mnl_attr_nest_start(message, 0);
	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, sizeof(key), key);
}

static void begin_peers(void)
{
	begin();
	mnl_attr_put_u32(message, WGDEVICE_A_IFINDEX, MESH);
	peers = mnl_attr_nest_start(message, WGDEVICE_A_PEERS);
}

static void put_allowed(uint16_t family, const char *text, uint8_t bits)
{
	uint8_t address[ADDRESS_LEN];
	struct nlattr *one = mnl_attr_nest_start(message, 0);

	assert_int_equal(inet_pton(family, text, address), 1);
	mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(
		message, WGALLOWEDIP_A_IPADDR, neighbour_address_len((uint8_t)family), address);
	mnl_attr_put_u8(message, WGALLOWEDIP_A_CIDR_MASK, bits);
	mnl_attr_nest_end(message, one);
}

static void put_handshake(int64_t seconds, int64_t nanoseconds)
{
	const int64_t time[] = { seconds, nanoseconds };

	mnl_attr_put(message, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(time), time);
}

static void end_peers(void)
{
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, peers);
	take();
}

static void wireguard_is_asked(void **state)
{
	(void)state;
	assert_int_equal(neighbours_wireguard.name, NEIGHBOURS_WIREGUARD);
	assert_int_equal(neighbours_wireguard.ask_ns, 2000000000);
	assert_string_equal(question->kind, "wireguard");
	assert_string_equal(question->family, "wireguard");
	assert_int_equal(question->command, WG_CMD_GET_DEVICE);
	assert_int_equal(question->version, 1);
	assert_int_equal(question->ifindex, WGDEVICE_A_IFINDEX);
	assert_true(question->secret);
}

static void a_peer_with_its_addresses(void **state)
{
	struct sockaddr_in endpoint = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0xc0000207) };
	int64_t seconds = (int64_t)clock_realtime_seconds() - 100;
	char text[ENTRY_LEN];

	(void)state;
	begin_peers();
	begin_peer(0);
	mnl_attr_put(message, WGPEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
	put_handshake(seconds, 250000000);
	mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 1000);
	mnl_attr_put_u64(message, WGPEER_A_TX_BYTES, 3000000000);
	allowed = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	put_allowed(AF_INET, "10.7.255.255", 18);
	put_allowed(AF_INET6, "2001:db8::ffff", 121);
	mnl_attr_nest_end(message, allowed);
	end_peers();

	assert_int_equal(set.n, 3);
	const struct neighbour *n = &set.list[0];
	uint8_t id[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	assert_int_equal(n->key.kind, NEIGHBOUR_NODE);
	assert_memory_equal(&n->key.id, id, sizeof(id));
	assert_int_equal(n->key.ifindex, MESH);
	assert_string_equal(n->name, "AAECAwQFBgcICQoLDA0ODxAREhMU"); /* as wg(8) writes it */
	entry_format(text, n->key.family, n->key.address, n->key.bits);
	assert_string_equal(text, "192.0.2.7");
	assert_string_equal(n->state, "handshake");
	assert_true(n->last_seen == (double)seconds + 0.25);
	assert_true(n->received_bytes == 1000 && n->sent_bytes == 3e9);

	static const char *const prefixes[] = { "10.7.192.0/18", "2001:db8::ff80/121" };
	for (int i = 0; i < 2; i++) {
		const struct neighbour *route = &set.list[1 + i];
		assert_int_equal(route->key.kind, NEIGHBOUR_ROUTE);
		assert_memory_equal(&route->key.id, id, sizeof(id));
		assert_int_equal(route->key.ifindex, MESH);
		assert_string_equal(route->interface, "bat0");
		assert_string_equal(route->name, n->name);
		assert_string_equal(route->state, "allowed");
		assert_true(route->last_seen == n->last_seen);
		entry_format(text, route->key.family, route->key.address, route->key.bits);
		assert_string_equal(text, prefixes[i]);
	}
}

/* REJECT_AFTER_TIME: a session of 180 seconds and more is none. */
static void a_handshake_grows_old(void **state)
{
	static const struct {
		int ago;
		const char *state;
	} handshakes[] = { { 0, "handshake" }, { 178, "handshake" }, { 180, "idle" },
		{ 9999, "idle" } };

	(void)state;
	for (int i = 0; i < 4; i++) {
		begin_peers();
		begin_peer(0);
		mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 1);
		put_handshake((int64_t)clock_realtime_seconds() - handshakes[i].ago, 0);
		end_peers();
		assert_string_equal(set.list[0].state, handshakes[i].state);
	}
	begin_peers();
	begin_peer(1);
	mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 1);
	put_handshake(0, 0);
	end_peers();
	assert_string_equal(set.list[1].state, "no handshake");
	assert_true(isnan(set.list[1].last_seen));
}

/* A peer of many addresses goes on in the next message, with its key and addresses alone. */
static void a_peer_of_two_messages_is_one(void **state)
{
	(void)state;
	begin_peers();
	begin_peer(0);
	mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 7);
	allowed = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	put_allowed(AF_INET, "10.1.0.0", 16);
	mnl_attr_nest_end(message, allowed);
	end_peers();
	begin_peers();
	begin_peer(0);
	allowed = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	put_allowed(AF_INET, "10.2.0.0", 16);
	mnl_attr_nest_end(message, allowed);
	mnl_attr_nest_end(message, peer);
	begin_peer(9); /* another, of which nothing is known */
	end_peers();
	assert_int_equal(set.n, 4);
	assert_true(set.list[0].received_bytes == 7);
	assert_int_equal(set.list[2].key.kind, NEIGHBOUR_ROUTE);
	assert_string_equal(set.list[3].state, "no handshake");
	assert_string_equal(set.list[3].name, "CQoLDA0ODxAREhMUFRYXGBkaGxwd");
	assert_true(isnan(set.list[3].received_bytes));
}

static void an_endpoint_of_ipv6(void **state)
{
	struct sockaddr_in6 endpoint = { .sin6_family = AF_INET6 };
	char text[ENTRY_LEN];

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", &endpoint.sin6_addr), 1);
	begin_peers();
	begin_peer(0);
	mnl_attr_put(message, WGPEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
	end_peers();
	entry_format(text, set.list[0].key.family, set.list[0].key.address, set.list[0].key.bits);
	assert_string_equal(text, "2001:db8::7");
}

static void wireguard_of_wrong_sizes(void **state)
{
	const struct sockaddr_in short_v4 = { .sin_family = AF_INET };
	const struct sockaddr_in6 short_v6 = { .sin6_family = AF_INET6 };
	uint8_t key[WG_KEY_LEN] = { 1 }, long_address[ADDRESS_LEN + 4] = { 10 };

	(void)state;
	begin_peers();
	peer = mnl_attr_nest_start(message, 0);
	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN - 1, key);
	mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 7);
	end_peers();
	assert_int_equal(set.n, 0);

	begin_peers();
	begin_peer(0);
	mnl_attr_put(message, WGPEER_A_ENDPOINT, sizeof(short_v4) - 1, &short_v4);
	mnl_attr_put(message, WGPEER_A_ENDPOINT, sizeof(short_v6) - 1, &short_v6);
	mnl_attr_put_u64(message, WGPEER_A_LAST_HANDSHAKE_TIME, 5);
	mnl_attr_put_u32(message, WGPEER_A_RX_BYTES, 7);
	allowed = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	struct nlattr *one = mnl_attr_nest_start(message, 0);
	mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, 77); /* a family that is not known */
	mnl_attr_nest_end(message, one);
	one = mnl_attr_nest_start(message, 0);
	mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, AF_INET6);
	mnl_attr_put(message, WGALLOWEDIP_A_IPADDR, sizeof(long_address), long_address);
	mnl_attr_put_u32(message, WGALLOWEDIP_A_CIDR_MASK, 64);
	mnl_attr_nest_end(message, one);
	mnl_attr_nest_end(message, allowed);
	end_peers();
	assert_int_equal(set.n, 2);
	assert_int_equal(set.list[0].key.family, 0);
	assert_string_equal(set.list[0].state, "no handshake");
	assert_true(isnan(set.list[0].received_bytes));
	assert_int_equal(set.list[1].key.bits, 0);
	assert_int_equal(set.list[1].key.address[0], 0);
}

static int tear_down(void **state)
{
	(void)state;
	neighbour_set_clear(&set);
	return 0;
}

#define batman(function)    cmocka_unit_test_setup(function, ask_batman)
#define wireguard(function) cmocka_unit_test_setup(function, ask_wireguard)

int main(void)
{
	const struct CMUnitTest tests[] = {
		batman(batman_is_asked),
		batman(an_originator_by_others),
		batman(only_the_best_way_counts),
		batman(batman_of_wrong_sizes),
		wireguard(wireguard_is_asked),
		wireguard(a_peer_with_its_addresses),
		wireguard(a_handshake_grows_old),
		wireguard(a_peer_of_two_messages_is_one),
		wireguard(an_endpoint_of_ipv6),
		wireguard(wireguard_of_wrong_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
