// SPDX-License-Identifier: BSD-2-Clause
#include "model/names.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

const char *const severity_names[] = { "failed", "warning", "note", NULL };
const char *const program_state_names[] = { "not built", "off", "on", "partly", "failed", NULL };
const char *const program_kind_names[] = { "XDP", "TC", "tracepoint", "system calls", NULL };
const char *const xdp_mode_names[] = { "off", "native", "generic", "TC", NULL };
const char *const packet_hook_names[] = { "none", "native XDP", "generic XDP", "TC", NULL };
const char *const link_state_names[] = { "up", "off", "no carrier", "lower down", "dormant",
	"testing", "absent", NULL };
const char *const xdp_verdict_names[] = { "aborted", "drop", "pass", "tx", "redirect", NULL };
const char *const network_protocol_names[] = { "other", "ipv4", "ipv6", "arp", "batman-adv", NULL };
const char *const transport_protocol_names[] = { "none", "tcp", "udp", "icmp", "icmpv6", "mesh UDP",
	"other", NULL };
const char *const frame_size_names[] = { "0-64", "65-127", "128-255", "256-511", "512-1023",
	"1024-1518", "1519+", NULL };
const char *const traffic_direction_names[] = { "ingress", "egress", NULL };
const char *const mesh_match_names[] = { "none", "prefix4", "prefix6", "mac", "port", "several",
	"all", NULL };
const char *const mesh_origin_names[] = { "none", "operator", "file", "feed", "mapek", NULL };
const char *const mesh_set_kind_names[] = { "prefixes", "macs", "ports", "nodes", NULL };
const char *const mesh_action_names[] = { "pass", "drop", "limit", "count", NULL };
const char *const event_kind_names[] = { "net", "syscall", "mesh", "pqc", "action", "program",
	"plugin", NULL };
const char *const pqc_mode_names[] = { "off", "observe", "enforce", NULL };
const char *const pqc_result_names[] = { "data accepted", "fragment buffered", "message accepted",
	"bad header", "IP fragment", "not for this host", "bad checksum", "unknown node",
	"unknown session", "bad length", "not yet valid", "expired", "relayed", "replayed",
	"malformed signature", "bad signature", "bad tag", "reassembly timeout",
	"reassembly overflow", "throttled", NULL };
const char *const pqc_set_names[] = { "unknown", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", NULL };

const char *const neighbour_source_names[] = { "kernel", "batman-adv", "babel", "wireguard",
	"signed", "file", NULL };
const char *const neighbour_state_names[] = { "off", "absent", "live", "lost", NULL };
const char *const neighbour_kind_names[] = { "neighbour", "route", NULL };
const char *const neighbour_signature_names[] = { "unknown", "verified", "expired", NULL };
const char *const mapek_mode_names[] = { "off", "advise", "act", NULL };
const char *const mapek_action_state_names[] = { "advised", "in force", "refused", "over", "undone",
	NULL };

int names_find(const char *const *names, const char *name)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -ENOENT;
}
