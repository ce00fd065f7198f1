// SPDX-License-Identifier: BSD-2-Clause
/*
 * Originators of batman-adv, by generic netlink. It reports changes of its configuration alone (since 5.0),
 * not of originators: those are asked for, every two originator intervals of its default.
 */
#include <linux/batman_adv.h>
#include <linux/genetlink.h>
#include <string.h>

#include "base/clock.h"
#include "neighbours/generic.h"

#define ASK_PERIOD	(2 * NS_PER_SECOND)
#define TQ_MAX		255.0 /* BATADV_TQ_MAX_VALUE, net/batman-adv/main.h */
#define THROUGHPUT_UNIT 1e5 /* bit/s */

struct originator {
	struct neighbour neighbour;
	bool best; /* of the ways to it */
	uint32_t ifindex; /* of the interface below the mesh's */
};

static void read_mac(const struct nlattr *attribute, uint8_t mac[MAC_LEN], bool *has)
{
	*has = mnl_attr_get_payload_len(attribute) == MAC_LEN;
	if (*has)
		memcpy(mac, mnl_attr_get_payload(attribute), MAC_LEN);
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
	struct originator *originator = data;
	struct neighbour *neighbour = &originator->neighbour;
	uint32_t value = 0;

	switch (mnl_attr_get_type(attribute)) {
	case BATADV_ATTR_ORIG_ADDRESS:
		read_mac(attribute, neighbour->mac, &neighbour->has_mac);
		break;
	case BATADV_ATTR_NEIGH_ADDRESS:
		read_mac(attribute, neighbour->via_mac, &neighbour->has_via_mac);
		break;
	case BATADV_ATTR_HARD_IFINDEX:
		netlink_read_u32(attribute, &originator->ifindex);
		break;
	case BATADV_ATTR_TQ:
		if (mnl_attr_validate(attribute, MNL_TYPE_U8) == 0)
			neighbour->quality = mnl_attr_get_u8(attribute) / TQ_MAX;
		break;
	case BATADV_ATTR_THROUGHPUT:
		if (netlink_read_u32(attribute, &value))
			neighbour->throughput = value * THROUGHPUT_UNIT;
		break;
	case BATADV_ATTR_LAST_SEEN_MSECS:
		if (netlink_read_u32(attribute, &value))
			neighbour->last_seen = clock_realtime_seconds() - value / 1e3;
		break;
	case BATADV_ATTR_FLAG_BEST:
		originator->best = true;
		break;
	}
	return MNL_CB_OK;
}

/* Takes the best way to an originator; the key has its MAC and the mesh it belongs to. */
static int take_originator(const struct nlmsghdr *message, void *data)
{
	struct generic_listing *listing = data;
	struct originator originator = { 0 };
	struct neighbour *neighbour = &originator.neighbour;

	neighbour_init(neighbour, NEIGHBOUR_NODE);
	mnl_attr_parse(message, sizeof(struct genlmsghdr), read_attribute, &originator);
	if (!neighbour->has_mac || !originator.best)
		return MNL_CB_OK;
	source_set_link(listing->source, neighbour, originator.ifindex);
	neighbour->key.ifindex = listing->ifindex;
	memcpy(&neighbour->key.id, neighbour->mac, MAC_LEN);
	bool direct =
		neighbour->has_via_mac && memcmp(neighbour->mac, neighbour->via_mac, MAC_LEN) == 0;
	neighbour->state = direct ? "direct" : "by others";
	neighbour_set_put(listing->set, neighbour);
	return MNL_CB_OK;
}

static void ask(struct neighbour_source *source)
{
	static const struct generic_question question = {
		.kind = "batadv",
		.family = BATADV_NL_NAME,
		.command = BATADV_CMD_GET_ORIGINATORS,
		.version = 1,
		.ifindex = BATADV_ATTR_MESH_IFINDEX,
		.take = take_originator,
	};

	generic_ask(source, &question);
}

const struct neighbour_source_type neighbours_batman = {
	.name = NEIGHBOURS_BATMAN,
	.size = sizeof(struct generic_source),
	.ask_ns = ASK_PERIOD,
	.ask = ask,
	.close = generic_close,
};
