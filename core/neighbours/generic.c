// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/generic.h"

#include <string.h>

static int connect_family(struct generic_source *own, const struct generic_question *question)
{
	if (own->family > 0)
		return 0;
	int result = own->netlink.socket != NULL ? 0 : netlink_open_generic(&own->netlink);
	if (result == 0)
		result = netlink_generic_family(&own->netlink, question->family);
	if (result < 0)
		return result;
	own->family = result;
	own->netlink.secret = question->secret;
	return 0;
}

static int list(struct generic_listing *listing, const struct generic_question *question)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct generic_source *own = listing->source->own;
	int error = connect_family(own, question);

	if (error < 0)
		return error;
	struct nlmsghdr *request = netlink_generic_request(
		buffer, (uint16_t)own->family, question->command, question->version, NLM_F_DUMP);
	mnl_attr_put_u32(request, question->ifindex, listing->ifindex);
	listing->last = (struct neighbour) { 0 };
	return netlink_exchange(&own->netlink, request, question->take, listing);
}

static void note_missing(struct neighbour_source *source, bool missing)
{
	struct generic_source *own = source->own;
	bool before = source->forgotten;

	if (!missing)
		own->missing_ns = 0;
	else if (own->missing_ns == 0)
		own->missing_ns = clock_monotonic_ns();
	source->forgotten = missing && clock_monotonic_ns() - own->missing_ns >= GENERIC_KEPT;
	source->changes += source->forgotten != before;
}

void generic_ask(struct neighbour_source *source, const struct generic_question *question)
{
	struct neighbour_set next = { 0 };
	struct generic_listing listing = { .source = source, .set = &next };
	uint32_t interfaces = 0;
	int error = 0;

	for (size_t i = 0; i < source->n_links && error == 0; i++) {
		if (strcmp(source->links[i].kind, question->kind) != 0)
			continue;
		interfaces++;
		listing.ifindex = source->links[i].ifindex;
		error = list(&listing, question);
	}
	note_missing(source, interfaces == 0);
	if (error == 0 && interfaces > 0) {
		source_replace(source, &next);
		return;
	}
	neighbour_set_clear(&next);
	generic_close(source); /* a family's id changes when its module is loaded again */
	if (error < 0)
		source_gone(source, "Cannot ask %s: %s", question->family, strerror(-error));
	else if (source->forgotten)
		source_forget(source);
	else
		source_gone(source, "There is no interface of the kind %s", question->kind);
}

void generic_close(struct neighbour_source *source)
{
	struct generic_source *own = source->own;

	netlink_close(&own->netlink);
	own->family = 0;
}
