// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/generic.h"

#include <errno.h>
#include <string.h>

#define ATTEMPTS 4 /* at a table that changes while it is listed */

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

static bool is_enough(const struct generic_listing *listing)
{
	return listing->objects >= GENERIC_OBJECTS_MAX ||
	       listing->set->left_out >= GENERIC_OBJECTS_MAX;
}

/* Takes an object, up to the last that is read. */
static int take(const struct nlmsghdr *message, void *data)
{
	struct generic_listing *listing = data;
	int result = listing->question->take(message, listing);

	listing->objects++;
	if (!is_enough(listing))
		return result;
	listing->set->left_out++;
	return MNL_CB_STOP;
}

/* What is not read is taken to be as it was. */
static void keep_known(struct generic_listing *listing)
{
	const struct neighbour_set *known = listing->set->known;

	for (uint32_t i = 0; i < known->n; i++)
		if (neighbour_set_find(listing->set, &known->list[i].key) == NULL)
			neighbour_set_put(listing->set, &known->list[i]);
}

static int list(struct generic_listing *listing)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct generic_question *question = listing->question;
	struct generic_source *own = listing->source->own;
	int error = connect_family(own, question);

	if (error < 0)
		return error;
	struct nlmsghdr *request = netlink_generic_request(
		buffer, (uint16_t)own->family, question->command, question->version, NLM_F_DUMP);
	mnl_attr_put_u32(request, question->ifindex, listing->ifindex);
	listing->last = (struct neighbour) { 0 };
	error = netlink_exchange(&own->netlink, request, take, listing);
	if (is_enough(listing))
		generic_close(listing->source); /* drops the rest, which is not read */
	return error;
}

/* Lists the neighbours of all interfaces of that kind. Returns 0 or a negative errno: -EINTR if they changed
 * meanwhile. */
static int list_all(struct generic_listing *listing, uint32_t *interfaces)
{
	const struct neighbour_source *source = listing->source;
	int error = 0, disturbed = 0;

	*interfaces = 0;
	listing->objects = 0;
	neighbour_set_clear(listing->set);
	listing->set->known = &source->set;
	for (size_t i = 0; i < source->n_links && error == 0; i++) {
		if (strcmp(source->links[i].kind, listing->question->kind) != 0)
			continue;
		(*interfaces)++;
		listing->ifindex = source->links[i].ifindex;
		error = list(listing);
		disturbed = error == -EINTR ? error : disturbed;
		error = error == -EINTR ? 0 : error;
	}
	return error < 0 ? error : disturbed;
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
	struct generic_listing listing = { .source = source, .set = &next, .question = question };
	uint32_t interfaces = 0;
	int error = -EINTR;

	for (int attempt = 0; error == -EINTR && attempt < ATTEMPTS; attempt++)
		error = list_all(&listing, &interfaces);
	if (error == -EINTR)
		error = 0; /* a table that always changes: as good as it gets */
	note_missing(source, interfaces == 0);
	if (error == 0 && interfaces > 0) {
		if (is_enough(&listing))
			keep_known(&listing);
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
