// SPDX-License-Identifier: BSD-2-Clause
/*
 * Peers of WireGuard and their allowed addresses, by generic netlink, which needs CAP_NET_ADMIN. WireGuard
 * reports nothing: it is asked. Answers hold the private key and preshared keys, which are wiped unread.
 */
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "neighbours/entry.h"
#include "neighbours/generic.h"

#define ASK_PERIOD    (2 * NS_PER_SECOND)
#define SESSION_VALID 180 /* s: REJECT_AFTER_TIME, section 6.1 of the WireGuard paper */

/* --- allowed addresses ----------------------------------------------------------------------- */

static int read_allowed_attribute(const struct nlattr *attribute, void *data)
{
	struct neighbour_key *key = data;
	size_t length = mnl_attr_get_payload_len(attribute);

	switch (mnl_attr_get_type(attribute)) {
	case WGALLOWEDIP_A_FAMILY:
		if (mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
			key->family = (uint8_t)mnl_attr_get_u16(attribute);
		break;
	case WGALLOWEDIP_A_IPADDR:
		if (length <= ADDRESS_LEN)
			memcpy(key->address, mnl_attr_get_payload(attribute), length);
		break;
	case WGALLOWEDIP_A_CIDR_MASK:
		if (mnl_attr_validate(attribute, MNL_TYPE_U8) == 0)
			key->bits = mnl_attr_get_u8(attribute);
		break;
	}
	return MNL_CB_OK;
}

static int take_allowed(const struct nlattr *attribute, void *data)
{
	struct generic_listing *listing = data;
	struct neighbour route;

	neighbour_init(&route, NEIGHBOUR_ROUTE);
	mnl_attr_parse_nested(attribute, read_allowed_attribute, &route.key);
	if (neighbour_address_len(route.key.family) == 0)
		return MNL_CB_OK;
	entry_mask(route.key.address, route.key.bits);
	route.key.id = listing->last.key.id;
	source_set_link(listing->source, &route, listing->ifindex);
	memcpy(route.name, listing->last.name, sizeof(route.name));
	route.state = "allowed";
	route.last_seen = listing->last.last_seen;
	neighbour_set_put(listing->set, &route);
	return MNL_CB_OK;
}

/* --- peers ----------------------------------------------------------------------------------- */

/* Writes the first bytes of a key as wg(8) does, enough to tell peers apart. */
static void format_key(const uint8_t *key, char *text, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; n + 4 < size && i + 3 <= WG_KEY_LEN; i += 3) {
		uint32_t bits = (uint32_t)key[i] << 16 | (uint32_t)key[i + 1] << 8 | key[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			text[n++] = digits[bits >> shift & 63];
	}
	text[n] = '\0';
}

static void read_endpoint(const struct nlattr *attribute, struct neighbour *peer)
{
	const struct sockaddr_in *v4 = mnl_attr_get_payload(attribute);
	const struct sockaddr_in6 *v6 = mnl_attr_get_payload(attribute);
	size_t length = mnl_attr_get_payload_len(attribute);

	if (length >= sizeof(*v4) && v4->sin_family == AF_INET)
		neighbour_set_address(peer, AF_INET, &v4->sin_addr);
	else if (length >= sizeof(*v6) && v6->sin6_family == AF_INET6)
		neighbour_set_address(peer, AF_INET6, &v6->sin6_addr);
}

static void read_handshake(const struct nlattr *attribute, struct neighbour *peer)
{
	struct {
		int64_t seconds, nanoseconds;
	} time; /* struct __kernel_timespec */

	if (mnl_attr_get_payload_len(attribute) != sizeof(time))
		return;
	memcpy(&time, mnl_attr_get_payload(attribute), sizeof(time));
	if (time.seconds == 0)
		return;
	peer->last_seen = (double)time.seconds + (double)time.nanoseconds / 1e9;
	peer->state =
		clock_realtime_seconds() - peer->last_seen < SESSION_VALID ? "handshake" : "idle";
}

static void read_bytes(const struct nlattr *attribute, double *bytes)
{
	if (mnl_attr_validate(attribute, MNL_TYPE_U64) == 0)
		*bytes = (double)mnl_attr_get_u64(attribute);
}

/* Not the attributes with allowed addresses: those need the whole peer. */
static int read_peer(const struct nlattr *attribute, void *data)
{
	struct neighbour *peer = data;

	switch (mnl_attr_get_type(attribute)) {
	case WGPEER_A_PUBLIC_KEY:
		if (mnl_attr_get_payload_len(attribute) != WG_KEY_LEN)
			break;
		memcpy(&peer->key.id, mnl_attr_get_payload(attribute), sizeof(peer->key.id));
		format_key(mnl_attr_get_payload(attribute), peer->name, sizeof(peer->name));
		break;
	case WGPEER_A_ENDPOINT:
		read_endpoint(attribute, peer);
		break;
	case WGPEER_A_LAST_HANDSHAKE_TIME:
		read_handshake(attribute, peer);
		break;
	case WGPEER_A_RX_BYTES:
		read_bytes(attribute, &peer->received_bytes);
		break;
	case WGPEER_A_TX_BYTES:
		read_bytes(attribute, &peer->sent_bytes);
		break;
	}
	return MNL_CB_OK;
}

/*
 * A peer of many addresses goes on in the next message, as one with its key and addresses alone: wg_get_device_dump()
 * in drivers/net/wireguard/netlink.c. That adds no second peer.
 */
static int take_peer(const struct nlattr *attribute, void *data)
{
	struct generic_listing *listing = data;
	struct neighbour *peer = &listing->last;
	uint64_t before = peer->key.id;
	struct nlattr *inner;

	neighbour_init(peer, NEIGHBOUR_NODE);
	peer->state = "no handshake";
	mnl_attr_parse_nested(attribute, read_peer, peer);
	source_set_link(listing->source, peer, listing->ifindex);
	if (peer->name[0] == '\0')
		return MNL_CB_OK;
	if (peer->key.id != before || !isnan(peer->received_bytes))
		neighbour_set_put(listing->set, peer);
	mnl_attr_for_each_nested (inner, attribute)
		if (mnl_attr_get_type(inner) == WGPEER_A_ALLOWEDIPS)
			mnl_attr_parse_nested(inner, take_allowed, listing);
	return MNL_CB_OK;
}

static int take_attribute(const struct nlattr *attribute, void *data)
{
	return mnl_attr_get_type(attribute) == WGDEVICE_A_PEERS
		       ? mnl_attr_parse_nested(attribute, take_peer, data)
		       : MNL_CB_OK;
}

static int take_device(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct genlmsghdr), take_attribute, data);
}

static void ask(struct neighbour_source *source)
{
	static const struct generic_question question = {
		.kind = "wireguard",
		.family = WG_GENL_NAME,
		.command = WG_CMD_GET_DEVICE,
		.version = WG_GENL_VERSION,
		.ifindex = WGDEVICE_A_IFINDEX,
		.secret = true,
		.take = take_device,
	};

	generic_ask(source, &question);
}

const struct neighbour_source_type neighbours_wireguard = {
	.name = NEIGHBOURS_WIREGUARD,
	.size = sizeof(struct generic_source),
	.ask_ns = ASK_PERIOD,
	.ask = ask,
	.close = generic_close,
};
