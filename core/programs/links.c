// SPDX-License-Identifier: BSD-2-Clause
#include "programs/links.h"

#include <errno.h>
#include <linux/if.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "kernel/link_stats.h"
#include "model/rate.h"
#include "programs/program.h"
#include "programs/watch_rows.h"

/* Repeats a reading that changes disturb so often. */
enum { READ_ATTEMPTS = 3 };

/* --- states ---------------------------------------------------------------------------------- */

static uint32_t state_of(const struct watched_interface *row)
{
	static const uint32_t states[] = {
		[IF_OPER_UNKNOWN] = LINK_UP, /* tunnels and loopback: up as far as they know */
		[IF_OPER_NOTPRESENT] = LINK_NO_CARRIER,
		[IF_OPER_DOWN] = LINK_NO_CARRIER,
		[IF_OPER_LOWERLAYERDOWN] = LINK_LOWER_DOWN,
		[IF_OPER_TESTING] = LINK_TESTING,
		[IF_OPER_DORMANT] = LINK_DORMANT,
		[IF_OPER_UP] = LINK_UP,
	};
	uint8_t operstate = row->interface.operstate;

	if (!row->present)
		return LINK_ABSENT;
	if (!row->interface.up)
		return LINK_OFF;
	return operstate < sizeof(states) / sizeof(states[0]) ? states[operstate] : LINK_UP;
}

static void log_change(struct program_context *context, const struct watched_interface *row)
{
	const char *name = row->interface.name, *why = link_why_down(row->link.state);

	if (why != NULL)
		event_log_add(&context->log, 0, EVENT_KIND_NET, "link %s is down: %s", name, why);
	else if (row->link.state != LINK_ABSENT)
		event_log_add(&context->log, 0, EVENT_KIND_NET, "link %s %s", name,
			row->link.state == LINK_UP ? "is up" : "was switched off");
}

static void note_state(struct watched_link *link, const struct interface *interface, uint32_t state)
{
	uint64_t speed = link_speed(interface->name);

	link->speed = speed > 0 ? (double)speed : NAN;
	link->state = state;
	link->carrier_losses = interface->carrier_losses;
}

/* A carrier that goes and comes between two looks leaves only the kernel's count. */
static void note_flap(struct program_context *context, struct watched_interface *row)
{
	uint32_t losses = row->interface.carrier_losses - row->link.carrier_losses;

	row->link.changed = clock_realtime_seconds();
	event_log_add(&context->log, 0, EVENT_KIND_NET, "link %s lost its carrier %u time%s, is %s",
		row->interface.name, losses, losses == 1 ? "" : "s",
		row->link.state == LINK_UP ? "up" : "down");
}

static void look(struct program_context *context, struct watched_interface *row)
{
	struct watched_link *link = &row->link;
	uint32_t state = state_of(row);

	if (!link->known || state != link->state) {
		bool first = !link->known;
		link->known = true;
		link->changed = first ? NAN : clock_realtime_seconds();
		note_state(link, &row->interface, state);
		if (!first)
			log_change(context, row);
	} else if (row->interface.carrier_losses != link->carrier_losses) {
		note_flap(context, row);
		link->carrier_losses = row->interface.carrier_losses;
	}
}

void links_look(struct program_context *context)
{
	struct watch *watch = &context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		struct watched_interface *row = &watch->interfaces[slot];
		if (!row->used)
			continue;
		size_t place = watch_place(watch, row->interface.ifindex);
		if (row->present && place != SIZE_MAX)
			row->interface = watch->list[place];
		look(context, row);
	}
}

/* --- samples --------------------------------------------------------------------------------- */

/* Finds a link by its ifindex, beginning at `hint`: two lists have their links in like order. */
static const struct snapshot_link *find(
	const struct snapshot_links *links, uint32_t ifindex, uint32_t hint)
{
	for (uint32_t i = 0, at = hint; i < links->n_links; i++, at++) {
		if (at >= links->n_links)
			at = 0;
		if (links->links[at].ifindex == ifindex)
			return &links->links[at];
	}
	return NULL;
}

/* The counts of a link, in the kernel's struct and in the snapshot's. */
static const struct {
	size_t kernel, shown;
} counts[] = {
#define COUNT(in_kernel, in_snapshot)                               \
	{                                                           \
		offsetof(struct rtnl_link_stats64, in_kernel),      \
			offsetof(struct snapshot_link, in_snapshot) \
	}
	COUNT(rx_packets, received.packets),
	COUNT(rx_bytes, received.bytes),
	COUNT(tx_packets, sent.packets),
	COUNT(tx_bytes, sent.bytes),
	COUNT(rx_errors, receive_errors),
	COUNT(tx_errors, send_errors),
	COUNT(rx_dropped, receive_dropped),
	COUNT(tx_dropped, send_dropped),
#undef COUNT
};

static struct counter *counter_at(struct snapshot_link *link, size_t i)
{
	return (struct counter *)((char *)link + counts[i].shown);
}

static const struct counter *old_counter(const struct snapshot_link *link, size_t i)
{
	return link == NULL ? NULL : (const struct counter *)((const char *)link + counts[i].shown);
}

/* Keeps the totals of the sample before, until new ones are read. */
static void keep_totals(struct snapshot_link *link, const struct snapshot_link *old)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		counters_keep(counter_at(link, i), old_counter(old, i), 1);
}

static void add_link(
	const struct watched_interface *row, const struct snapshot *before, struct snapshot *now)
{
	uint32_t at = now->links.n_links;
	struct snapshot_link *link = SNAPSHOT_ADD(now, &now->links, links);

	if (link == NULL)
		return;
	snprintf(link->name, sizeof(link->name), "%s", row->interface.name);
	link->ifindex = row->interface.ifindex;
	link->state = row->link.state;
	link->changed = row->link.changed;
	link->speed = row->link.speed;
	link->mtu = row->present ? row->interface.mtu : COUNT_UNKNOWN;
	link->carrier_losses = row->present ? row->interface.carrier_losses : COUNT_UNKNOWN;
	keep_totals(link, before ? find(&before->links, link->ifindex, at) : NULL);
}

struct sampling {
	struct watch *watch;
	const struct snapshot *before;
	struct snapshot *now;
	uint32_t slot; /* the one of the last link that was found */
	uint32_t at; /* its place in the snapshot */
};

static struct watched_interface *find_row(struct sampling *sampling, uint32_t ifindex)
{
	const struct watch *watch = sampling->watch;

	for (uint32_t i = 0, slot = sampling->slot; i < watch->n_interfaces; i++, slot++) {
		if (slot >= watch->n_interfaces)
			slot = 0;
		struct watched_interface *row = &watch->interfaces[slot];
		if (watched_is_here(row) && row->interface.ifindex == ifindex) {
			sampling->slot = slot;
			return row;
		}
	}
	return NULL;
}

/*
 * Sets the counts of a link. After a gap, while the interface was elsewhere or its driver began anew, its
 * totals are of another time than the interval.
 */
static void take_counts(uint32_t ifindex, const struct rtnl_link_stats64 *stats, void *data)
{
	struct sampling *sampling = data;
	struct watched_interface *row = find_row(sampling, ifindex);
	struct snapshot_links *links = &sampling->now->links;
	struct snapshot_link *link =
		row == NULL ? NULL : (struct snapshot_link *)find(links, ifindex, sampling->at);

	if (link == NULL)
		return;
	sampling->at = (uint32_t)(link - links->links);
	const struct snapshot_link *old =
		sampling->before && row->link.counted_before
			? find(&sampling->before->links, ifindex, sampling->at)
			: NULL;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t total = *(const uint64_t *)((const char *)stats + counts[i].kernel);
		const struct counter *earlier = old_counter(old, i);
		bool anew = earlier != NULL && earlier->total > total;
		counter_update(
			counter_at(link, i), anew ? NULL : earlier, total, sampling->now->interval);
	}
	row->link.counted = true;
}

void links_sample(
	struct program_context *context, const struct snapshot *before, struct snapshot *now)
{
	struct watch *watch = &context->watch;
	struct sampling sampling = { .watch = watch, .before = before, .now = now };
	int error = -EINTR;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		struct watched_interface *row = &watch->interfaces[slot];
		row->link.counted_before = row->link.counted;
		row->link.counted = false;
		if (row->used)
			add_link(row, before, now);
	}
	for (int attempt = 0; error == -EINTR && attempt < READ_ATTEMPTS; attempt++)
		error = link_stats_read(&watch->stats, take_counts, &sampling);
}

/* --- packets --------------------------------------------------------------------------------- */

struct adding {
	const struct program *program;
	bool (*takes)(const struct program *program, uint32_t slot);
	uint64_t received, sent;
};

static void add_packets(uint32_t ifindex, const struct rtnl_link_stats64 *stats, void *data)
{
	struct adding *adding = data;
	const struct watch *watch = &adding->program->context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];
		if (row->used && row->interface.ifindex == ifindex &&
			adding->takes(adding->program, slot)) {
			adding->received += stats->rx_packets;
			adding->sent += stats->tx_packets;
		}
	}
}

int links_packets(const struct program *program,
	bool (*takes)(const struct program *program, uint32_t slot), uint64_t *received,
	uint64_t *sent)
{
	struct adding adding;
	int error = -EINTR;

	for (int attempt = 0; error == -EINTR && attempt < READ_ATTEMPTS; attempt++) {
		adding = (struct adding) { .program = program, .takes = takes };
		error = link_stats_read(&program->context->watch.stats, add_packets, &adding);
	}
	*received = adding.received;
	*sent = adding.sent;
	return error;
}
