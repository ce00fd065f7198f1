// SPDX-License-Identifier: BSD-2-Clause
#include "rule_form_fields.h"

#include <stddef.h>

#define SETS "; or a set, @name"

const struct form_field_type form_fields[FORM_FIELDS] = {
	[FORM_ACTION] = { "Action", NULL,
		"What becomes of packets: drop, pass, limit to a rate, or count and let later rules decide",
		{ "drop", "pass", "limit", "count", NULL }, false },
	[FORM_RATE] = { "Rate", NULL,
		"Passes up to it: packets, as 1000/s or 20k/s, or bits, as 10Mbit/s", { NULL },
		true },
	[FORM_BURST] = { "Burst", "burst",
		"Passes at once after a pause: packets, or bytes for a rate in bits; empty: 0.1 s of the rate",
		{ NULL }, true },
	[FORM_FROM] = { "From", "from", "Source: 10.1.0.0/16, 10.1.0.7, fd00::/8" SETS, { NULL },
		true, true, MESH_BY_SOURCE },
	[FORM_TO] = { "To", "to", "Destination: 10.1.0.0/16, 10.1.0.7, fd00::/8" SETS, { NULL },
		true, true, MESH_BY_DESTINATION },
	[FORM_MAC] = { "MAC", "mac", "Source MAC address: 02:00:00:00:00:01" SETS, { NULL }, true,
		true, MESH_BY_MAC },
	[FORM_PROTOCOL] = { "Protocol", "proto",
		"tcp, udp, icmp, icmpv6, gre, esp, ospf or a number",
		{ "", "tcp", "udp", "icmp", "icmpv6", NULL }, true },
	[FORM_PORT] = { "Port", "port", "Destination port: 22, or a range, 5000-6000" SETS,
		{ NULL }, true, true, MESH_BY_DESTINATION_PORT },
	[FORM_SOURCE_PORT] = { "Source port", "sport",
		"Source port: 53, or a range, 5000-6000" SETS, { NULL }, true, true,
		MESH_BY_SOURCE_PORT },
	[FORM_INTERFACE] = { "Interface", "in", "Where packets arrive: mesh0", { NULL }, true },
	[FORM_ETHERTYPE] = { "Ethertype", "ethertype",
		"Behind VLAN tags: 0x0806 for ARP, 0x4305 for batman-adv", { NULL }, true },
	[FORM_VLAN] = { "VLAN", "vlan", "Outermost tag: 0 to 4095", { NULL }, true },
	[FORM_UNREADABLE] = { "Unreadable", "unreadable",
		"Only packets whose headers hide addresses or ports from rules",
		{ "", "yes", NULL }, false },
	[FORM_DURATION] = { "For", "for", "Then it ends by itself: 10m, 1h30m, 2d; empty: never",
		{ NULL }, true },
	[FORM_COMMENT] = { "Comment", "comment", "Why the rule is there", { NULL }, true },
	[FORM_PLACE] = { "Place", NULL,
		"Before the rule of this number; empty: behind the last. The lowest that matches decides",
		{ NULL }, true },
};
