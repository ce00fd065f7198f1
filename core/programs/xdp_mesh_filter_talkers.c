// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_talkers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "mesh/flow_key.h"
#include "mesh/rule.h"
#include "mesh/rule_table.h"
#include "model/names.h"
#include "model/rate.h"
#include "programs/xdp_mesh_filter_state.h"

enum {
	ROOM = 8192, /* flows to remember */
	ROOM_SMALL = 1024, /* on a host of little memory */
	LOOK_SECONDS =
		130, /* or two intervals: a sample may be late, and keys may lengthen the interval */
};

/* --- cells of a row ------------------------------------------------------------------------------ */

static void write_address(uint32_t network, const void *address, char *text)
{
	inet_ntop(network == NETWORK_IPV6 ? AF_INET6 : AF_INET, address, text, TALKER_ADDRESS_LEN);
}

static void write_protocol(const struct packet_headers *headers, char *text, size_t size)
{
	bool has_name = headers->network != NETWORK_OTHER && headers->network < NETWORK_PROTOCOLS;

	if (headers->flags & PACKET_ADDRESS) {
		snprintf(text, size, "%u", headers->protocol);
		for (int i = 0; rule_protocols[i].name != NULL; i++)
			if (rule_protocols[i].number == headers->protocol)
				snprintf(text, size, "%s", rule_protocols[i].name);
	} else if (has_name) {
		snprintf(text, size, "%s", network_protocol_names[headers->network]);
	} else {
		snprintf(text, size, "0x%04x", ntohs(headers->ethertype));
	}
}

static void write_interface(const struct watch *watch, uint32_t ifindex, char *text, size_t size)
{
	snprintf(text, size, "#%u", ifindex);
	for (size_t i = 0; i < watch->n_list; i++)
		if (watch->list[i].ifindex == ifindex)
			snprintf(text, size, "%s", watch->list[i].name);
}

static void write_flow(const struct watch *watch, const __u64 *key, struct snapshot_flow *flow)
{
	struct flow_key read;
	const struct packet_headers *headers = &read.headers;

	flow_key_read(key, &read);
	write_protocol(headers, flow->protocol, sizeof(flow->protocol));
	if (headers->flags & PACKET_ADDRESS) {
		write_address(headers->network, headers->source6, flow->source);
		write_address(headers->network, headers->destination6, flow->destination);
	}
	if (headers->flags & PACKET_MAC)
		hex_format_mac(headers->source_mac, flow->mac, sizeof(flow->mac));
	write_interface(watch, read.ifindex, flow->interface, sizeof(flow->interface));
	flow->ethertype = ntohs(headers->ethertype);
	flow->source_port = ntohs(headers->source_port);
	flow->destination_port = ntohs(headers->destination_port);
	flow->vlan = headers->vlan;
	flow->unreadable = read.hiding;
}

/* A talker's rate is that of its part of the table's last interval, however old it is. */
static void set_traffic(const struct talkers *talkers, const struct talker *talker, double interval,
	struct traffic *traffic)
{
	struct traffic_count now = talkers_now(talkers, talker);
	struct traffic before = {
		.packets.total = talker->total.packets - now.packets,
		.bytes.total = talker->total.bytes - now.bytes,
	};

	traffic_update(traffic, &before, &talker->total, interval);
}

/* --- the part ------------------------------------------------------------------------------------ */

static uint64_t rule_number(const struct mesh_rule *rules, uint16_t id)
{
	for (uint32_t i = 0; rules != NULL && id != MESH_NO_RULE && i < MESH_RULES_MAX; i++)
		if (rules[i].match != MESH_MATCH_NONE && rules[i].id == id)
			return i;
	return COUNT_UNKNOWN;
}

static void list_flows(struct program *program, struct snapshot *now)
{
	const struct mesh_filter *filter = program->state;
	const struct mesh_rule *rules = mesh_filter_rules(program);
	const struct talker *list[TALKERS_SHOWN];
	uint32_t n = talkers_busiest(filter->talkers, TALKER_FLOW, TALKERS_SHOWN, list);

	for (uint32_t i = 0; i < n; i++) {
		struct snapshot_flow *flow = SNAPSHOT_ADD(now, &now->talkers, flows);
		if (flow == NULL)
			return;
		write_flow(&program->context->watch, list[i]->key, flow);
		flow->rule = rule_number(rules, list[i]->id);
		flow->action = flow->unreadable && list[i]->id == MESH_NO_RULE ? MESH_DROP
									       : list[i]->action;
		set_traffic(filter->talkers, list[i], filter->read_interval, &flow->traffic);
	}
}

static void write_talker(const struct mesh_filter *filter, const struct talker *talker,
	struct snapshot_source *shown)
{
	uint8_t bytes[16];
	uint32_t network = talkers_source(talker, bytes);

	if (network != 0)
		write_address(network, bytes, shown->address);
	else
		hex_format_mac(bytes, shown->address, sizeof(shown->address));
	set_traffic(filter->talkers, talker, filter->read_interval, &shown->traffic);
}

static void list_sources(const struct mesh_filter *filter, struct snapshot *now)
{
	const struct talker *list[TALKERS_SHOWN];
	uint32_t n = talkers_busiest(filter->talkers, TALKER_SOURCE, TALKERS_SHOWN, list);
	struct snapshot_source *shown;

	for (uint32_t i = 0; i < n; i++)
		if ((shown = SNAPSHOT_ADD(now, &now->talkers, sources)) != NULL)
			write_talker(filter, list[i], shown);
	n = talkers_busiest(filter->talkers, TALKER_MAC, TALKERS_SHOWN, list);
	for (uint32_t i = 0; i < n; i++)
		if ((shown = SNAPSHOT_ADD(now, &now->talkers, senders)) != NULL)
			write_talker(filter, list[i], shown);
}

/* --- looking ------------------------------------------------------------------------------------- */

static int open_talkers(struct program *program)
{
	const struct program_context *context = program->context;
	struct mesh_filter *filter = program->state;
	uint32_t room = context->settings->small ? ROOM_SMALL : ROOM;
	int error = flow_table_open(&context->maps, &context->percpu, &filter->flows);

	if (error < 0)
		return error;
	return talkers_open(
		filter->flows.entries * (uint32_t)filter->flows.cpus, room, &filter->talkers);
}

void mesh_filter_close_talkers(struct program *program)
{
	struct mesh_filter *filter = program->state;

	if (filter->talkers != NULL)
		flow_table_look(&program->context->maps, 0);
	talkers_close(filter->talkers);
	filter->talkers = NULL;
	filter->read = false;
	flow_table_close(&filter->flows);
}

static bool sees_packets(const struct program_context *context)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++)
		if (chain_root(&context->chain, slot)->link_fd >= 0)
			return true;
	return false;
}

static int read_talkers(struct program *program)
{
	const struct program_context *context = program->context;
	struct mesh_filter *filter = program->state;
	struct mesh_scratch scratch;
	uint32_t zero = 0;
	double seconds = fmax(2 * context->settings->interval, LOOK_SECONDS);
	int error = filter->talkers == NULL ? open_talkers(program) : 0;

	if (error == 0)
		error = flow_table_look(&context->maps, seconds);
	if (error == 0)
		error = percpu_sum(&context->percpu,
			map_registry_fd(&context->maps, "mesh_scratch"), &zero, &scratch,
			sizeof(scratch));
	if (error < 0)
		return error;
	talkers_begin(filter->talkers);
	error = flow_table_read(&filter->flows, filter->talkers);
	talkers_end(filter->talkers, &scratch.replaced);
	return error;
}

static void explain(struct snapshot_talkers *talkers, const char *reason, const char *remedy)
{
	snprintf(talkers->reason, sizeof(talkers->reason), "%s", reason);
	snprintf(talkers->remedy, sizeof(talkers->remedy), "%s", remedy);
}

void mesh_filter_sample_talkers(struct program *program, struct snapshot *now)
{
	const struct program_context *context = program->context;
	struct mesh_filter *filter = program->state;
	struct snapshot_talkers *talkers = &now->talkers;

	fields_set_unknown(talkers_fields, talkers);
	if (!context->looking) {
		mesh_filter_close_talkers(program);
		return;
	}
	if (!sees_packets(context) || rule_table_version(&context->maps) <= 0) {
		mesh_filter_close_talkers(program);
		explain(talkers,
			"Without a rule the mesh filter has nothing to look for: it sees no packets",
			"Add a rule that counts and lets all pass: x0top rules add count all. It "
			"attaches XDP, which has a price on some devices");
		return;
	}
	const double at = clock_monotonic_seconds();
	int error = read_talkers(program);
	/* Never too short, or a flow would look faster than it is. */
	filter->read_interval =
		context->glanced ? clock_monotonic_seconds() - filter->read_at : now->interval;
	filter->read_at = at;
	talkers->interval = filter->read_interval;
	if (error < 0) {
		explain(talkers, "The flow table cannot be read", strerror(-error));
		return;
	}
	talkers->available = true;
	traffic_update(&talkers->lost, filter->read ? &filter->lost : NULL,
		talkers_lost(filter->talkers), filter->read_interval);
	filter->lost = talkers->lost;
	filter->read = true;
	talkers->source_entropy = talkers_source_entropy(filter->talkers);
	talkers->port_entropy = talkers_port_entropy(filter->talkers);
	list_flows(program, now);
	list_sources(filter, now);
}

/* --- neighbours ---------------------------------------------------------------------------------- */

/* Finds what a neighbour sent by its address, else by its MAC. Returns whether it has one of them. */
static bool find_neighbour(const struct talkers *talkers, const struct snapshot_neighbour *row,
	const struct talker **talker)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, row->address, bytes) == 1) {
		*talker = talkers_by_address(talkers, NETWORK_IPV4, bytes);
		return true;
	}
	if (inet_pton(AF_INET6, row->address, bytes) == 1) {
		*talker = talkers_by_address(talkers, NETWORK_IPV6, bytes);
		return true;
	}
	if (hex_parse_mac(row->mac, bytes) < 0)
		return false;
	*talker = talkers_by_mac(talkers, bytes);
	return true;
}

void mesh_filter_complete_neighbours(const struct program *program, struct snapshot *now)
{
	const struct mesh_filter *filter = program->state;

	if (!now->talkers.available)
		return;
	for (uint32_t i = 0; i < now->neighbours.n_neighbours; i++) {
		struct snapshot_neighbour *row = &now->neighbours.neighbours[i];
		const struct talker *talker, none = { 0 };
		if (row->kind == NEIGHBOUR_NODE && find_neighbour(filter->talkers, row, &talker))
			set_traffic(filter->talkers, talker != NULL ? talker : &none,
				filter->read_interval, &row->traffic);
	}
}
