// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tracepoint_net_sample.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "kernel/map_value.h"
#include "kernel/object.h"
#include "model/rate.h"
#include "programs/event_text.h"
#include "programs/host.h"

int net_events_open(struct net_events_collector *collector, const struct bpf_object *object,
	const struct btf_names *names)
{
	int error = net_drops_open(&collector->drops, object, names);

	collector->attached = object;
	collector->list = NULL;
	collector->n_list = 0;
	collector->runs = (struct run_stats) { 0 };
	collector->socket = -1;
	if (error < 0)
		return error;
	collector->interfaces = object_map_fd(object, "net_interfaces");
	if (collector->interfaces < 0)
		return collector->interfaces;
	collector->counts = object_map_fd(object, "net_counts");
	if (collector->counts < 0)
		return collector->counts;
	collector->places = object_map_fd(object, "net_places");
	if (collector->places < 0)
		return collector->places;
	memset(&collector->placed, 0, sizeof(collector->placed));
	collector->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (collector->socket < 0)
		return -errno;
	error = percpu_open(&collector->percpu, sizeof(struct net_counts));
	if (error < 0)
		fd_close(&collector->socket);
	return error;
}

void net_events_follow(struct net_events_collector *collector, const struct bpf_object *object)
{
	collector->interfaces = object_map_fd(object, "net_interfaces");
	collector->counts = object_map_fd(object, "net_counts");
	collector->places = object_map_fd(object, "net_places");
	collector->drops.drops = object_map_fd(object, "net_drops");
	collector->drops.functions = object_map_fd(object, "net_functions");
}

void net_events_close(struct net_events_collector *collector)
{
	percpu_close(&collector->percpu);
	fd_close(&collector->socket);
}

/* Returns the counts before, which were zero for an interface that is new; NULL if they are not known. */
static const struct snapshot_net_interface *interface_before(
	const struct snapshot *before, uint32_t ifindex)
{
	static const struct snapshot_net_interface none;

	if (before == NULL || !before->net_events.available)
		return NULL;
	const struct snapshot_net_interface *found =
		net_events_interface(&before->net_events, ifindex);
	return found != NULL ? found : &none;
}

/* Makes room for an ifindex in order. A full list loses its highest; returns NULL if this is the
 * highest. */
static struct snapshot_net_interface *insert(struct snapshot *now, uint32_t ifindex)
{
	struct snapshot_net_events *events = &now->net_events;
	uint32_t at = 0;

	while (at < events->n_interfaces && events->interfaces[at].ifindex < ifindex)
		at++;
	(void)SNAPSHOT_ADD(now, events, interfaces);
	if (at == INTERFACES_MAX)
		return NULL;
	memmove(&events->interfaces[at + 1], &events->interfaces[at],
		(events->n_interfaces - 1 - at) * sizeof(events->interfaces[0]));
	return &events->interfaces[at];
}

/*
 * Returns whether packets come to an interface from the device below it without a report. The kernel
 * reports a packet once, on the device that brought it, and then sets skb->dev in the same function
 * (__netif_receive_skb_core(), up to 7.0 at least).
 */
static bool receives_unseen(const struct net_events_collector *collector, uint32_t ifindex)
{
	static const char *const kinds[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap",
		"bond", "team", "vrf" };
	const struct interface *interface =
		interface_in_list(collector->list, collector->n_list, ifindex);

	for (size_t i = 0; interface != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(interface->kind, kinds[i]) == 0)
			return true;
	return false;
}

static void set_place(struct net_events_collector *collector, uint32_t place, uint32_t ifindex)
{
	uint32_t zero = 0, old = collector->placed.ifindexes[place];

	collector->placed.ifindexes[place] = ifindex;
	if (map_value_write(
		    collector->places, &zero, &collector->placed, sizeof(collector->placed)) < 0)
		collector->placed.ifindexes[place] = old;
}

static void forget_interface(struct net_events_collector *collector, uint32_t ifindex)
{
	bpf_map_delete_elem(collector->interfaces, &ifindex);
	if (collector->placed.ifindexes[ifindex % NET_PLACES] == ifindex)
		set_place(collector, ifindex % NET_PLACES, 0);
}

/* Adds what was counted in the place of an interface, or gives it a place that is free. */
static void add_placed(struct net_events_collector *collector, uint32_t ifindex,
	const struct net_counts *all, struct net_interface_counts *counts)
{
	uint32_t place = ifindex % NET_PLACES;
	const struct net_interface_counts *now = &all->interfaces[place];
	struct net_interface_counts *before = &collector->before[place];

	if (collector->placed.ifindexes[place] == 0) {
		*before = *now;
		set_place(collector, place, ifindex);
	} else if (collector->placed.ifindexes[place] == ifindex) {
		counts->transmitted.packets +=
			now->transmitted.packets - before->transmitted.packets;
		counts->transmitted.bytes += now->transmitted.bytes - before->transmitted.bytes;
		counts->received.packets += now->received.packets - before->received.packets;
		counts->received.bytes += now->received.bytes - before->received.bytes;
		counts->transmit_errors += now->transmit_errors - before->transmit_errors;
		counts->handed_back += now->handed_back - before->handed_back;
	}
}

static int collect_interface(struct net_events_collector *collector, uint32_t ifindex,
	const struct net_counts *all, const struct snapshot *before, struct snapshot *now)
{
	static const struct net_interface_counts none;
	struct ifreq request = { .ifr_ifindex = (int)ifindex };
	struct net_interface_counts counts;

	if (ioctl(collector->socket, SIOCGIFNAME, &request) < 0) {
		forget_interface(collector, ifindex);
		return 0;
	}
	int error = percpu_sum(
		&collector->percpu, collector->interfaces, &ifindex, &counts, sizeof(counts));
	if (error < 0)
		return error;
	add_placed(collector, ifindex, all, &counts);
	if (memcmp(&counts, &none, sizeof(none)) == 0)
		return 0;
	struct snapshot_net_interface *interface = insert(now, ifindex);
	if (interface == NULL)
		return 0;
	const struct snapshot_net_interface *old = interface_before(before, ifindex);
	*interface = (struct snapshot_net_interface) { .ifindex = ifindex };
	snprintf(interface->name, sizeof(interface->name), "%s", request.ifr_name);
	traffic_update(&interface->transmitted, old ? &old->transmitted : NULL, &counts.transmitted,
		now->interval);
	if (receives_unseen(collector, ifindex))
		fields_set_unknown(traffic_fields, &interface->received);
	else
		traffic_update(&interface->received, old ? &old->received : NULL, &counts.received,
			now->interval);
	counter_update(&interface->transmit_errors, old ? &old->transmit_errors : NULL,
		counts.transmit_errors, now->interval);
	counter_update(&interface->handed_back, old ? &old->handed_back : NULL, counts.handed_back,
		now->interval);
	return 0;
}

/* Adds the interfaces that can have a place before their first packet. */
static void add_listed(const struct net_events_collector *collector)
{
	for (size_t i = 0; i < collector->n_list; i++) {
		uint32_t ifindex = collector->list[i].ifindex;
		if (collector->placed.ifindexes[ifindex % NET_PLACES] == 0)
			percpu_add(&collector->percpu, collector->interfaces, &ifindex);
	}
}

/* Bounds the walk: a deleted element restarts it. */
static int collect_interfaces(struct net_events_collector *collector, const struct net_counts *all,
	const struct snapshot *before, struct snapshot *now)
{
	uint32_t ifindex, next;

	add_listed(collector);
	bool more = bpf_map_get_next_key(collector->interfaces, NULL, &ifindex) == 0;

	for (int i = 0; more && i < NET_INTERFACES_MAX; i++) {
		more = bpf_map_get_next_key(collector->interfaces, &ifindex, &next) == 0;
		int error = collect_interface(collector, ifindex, all, before, now);
		if (error < 0)
			return error;
		ifindex = next;
	}
	return 0;
}

int collect_net_events(
	struct net_events_collector *collector, const struct snapshot *before, struct snapshot *now)
{
	const struct snapshot_net_events *old =
		before != NULL && before->net_events.available ? &before->net_events : NULL;
	struct snapshot_net_events *events = &now->net_events;
	struct net_counts counts;
	uint32_t zero = 0;
	int error =
		percpu_sum(&collector->percpu, collector->counts, &zero, &counts, sizeof(counts));

	if (error == 0)
		error = collect_interfaces(collector, &counts, before, now);
	if (error < 0)
		return error;
	collector->runs = counts.runs;
	error = net_drops_collect(&collector->drops, &collector->percpu, &counts, before, now);
	if (error < 0)
		return error;
	events->available = true;
	counter_update(&events->dropped_by_x0top, old ? &old->dropped_by_x0top : NULL,
		counts.dropped_by_x0top, now->interval);
	counter_update(&events->tcp_retransmits, old ? &old->tcp_retransmits : NULL,
		counts.tcp_retransmits, now->interval);
	counter_update(&events->tcp_resets_sent, old ? &old->tcp_resets_sent : NULL,
		counts.tcp_resets_sent, now->interval);
	counter_update(&events->tcp_resets_received, old ? &old->tcp_resets_received : NULL,
		counts.tcp_resets_received, now->interval);
	collect_loss("net_interfaces full", counts.interfaces_full, before, now);
	collect_loss("network events withheld", counts.events_withheld, before, now);
	collect_loss("TC: packets that an ifb of their sender has marked", counts.hidden_from_tc,
		before, now);
	collect_loss("network: runs missed", object_missed_runs(collector->attached), before, now);
	return 0;
}

/* --- events ---------------------------------------------------------------------------------- */

void net_events_take_drop(void *context, const struct event *event, double time)
{
	const struct net_events_taker *taker = context;
	uint32_t reason = event->net.reason;
	char flow[EVENT_FLOW_LEN], where[EVENT_WHERE_LEN], name[NAME_LEN * 2];

	if (reason >= DROP_REASONS_MAX - 1)
		reason = DROP_REASONS_MAX - 1;
	snprintf(name, sizeof(name), "%s", taker->names->drop_reasons[reason]);
	if (name[0] == '\0')
		snprintf(name, sizeof(name), "reason %u", event->net.reason);
	event_format_where(where, event->ifindex);
	event_format_flow(flow, &event->net.flow);
	event_log_add(taker->log, time, EVENT_KIND_NET, "dropped%s, %s: %s, %u bytes", where, name,
		flow, event->net.bytes);
}

void net_events_take_tcp(void *context, const struct event *event, double time)
{
	static const char *const what[EVENT_TYPES] = {
		[EVENT_TCP_RETRANSMIT] = "TCP retransmit",
		[EVENT_TCP_RESET_SENT] = "TCP reset sent",
		[EVENT_TCP_RESET_RECEIVED] = "TCP reset received",
	};
	const struct net_events_taker *taker = context;
	char flow[EVENT_FLOW_LEN];

	event_format_flow(flow, &event->net.flow);
	event_log_add(taker->log, time, EVENT_KIND_NET, "%s: %s", what[event->type], flow);
}
