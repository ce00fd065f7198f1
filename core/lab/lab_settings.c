// SPDX-License-Identifier: BSD-2-Clause
#include "lab/lab.h"

#include <stdio.h>
#include <string.h>

#include "lab/flows.h"
#include "lab/frames.h"
#include "lab/peers.h"

static struct mesh_rule rule_node4(enum mesh_rule_action action, enum lab_node node)
{
	struct mesh_rule rule = { .match = MESH_MATCH_PREFIX4,
		.action = action,
		.enabled = 1,
		.conditions = 1 << MESH_BY_SOURCE };
	struct in_addr address = node_address4(node);

	rule.source.family = 4;
	rule.source.length = 24;
	memcpy(rule.source.address, &address, 3);
	return rule;
}

static struct mesh_rule rule_node6(enum mesh_rule_action action, enum lab_node node)
{
	struct mesh_rule rule = { .match = MESH_MATCH_PREFIX6,
		.action = action,
		.enabled = 1,
		.conditions = 1 << MESH_BY_SOURCE };
	struct in6_addr address = node_address6(node);

	rule.source.family = 6;
	rule.source.length = 64;
	memcpy(rule.source.address, &address, 8);
	return rule;
}

static struct mesh_rule rule_port(enum mesh_rule_action action, uint8_t protocol, uint16_t port)
{
	return (struct mesh_rule) {
		.match = MESH_MATCH_PORT,
		.action = action,
		.enabled = 1,
		.conditions = 1 << MESH_BY_PROTOCOL | 1 << MESH_BY_DESTINATION_PORT,
		.protocol = protocol,
		.destination_port = { port, port },
	};
}

void lab_settings(struct settings *settings)
{
	struct mesh_rule *rules = settings->rules;
	uint32_t n = 0;

	settings->lab = true;
	settings->enforce = true;
	settings->pqc_mode = PQC_ENFORCE;
	snprintf(settings->trust, sizeof(settings->trust), "%s", LAB_TRUST);
	snprintf(settings->identity, sizeof(settings->identity), "%s", LAB_IDENTITY);
	settings->n_interfaces = 0;
	for (int link = 0; link < LAB_LINKS; link++) {
		if (lab_links[link].nodes[0] == NODE_X0)
			snprintf(settings->interfaces[settings->n_interfaces++], NAME_LEN, "%s",
				lab_links[link].interfaces[0]);
	}
	rules[n++] = rule_node4(MESH_PASS, NODE_ALDER);
	rules[n++] = rule_node6(MESH_PASS, NODE_CEDAR);
	rules[n++] = rule_node4(MESH_DROP, NODE_THISTLE);
	rules[n++] = rule_node6(MESH_DROP, NODE_THISTLE);
	rules[n++] = (struct mesh_rule) {
		.match = MESH_MATCH_MAC,
		.action = MESH_DROP,
		.enabled = 1,
		.conditions = 1 << MESH_BY_MAC,
		.mac = FORGED_MAC,
	};
	rules[n++] = rule_port(MESH_DROP, lab_services[SERVICE_TELNET].protocol,
		lab_services[SERVICE_TELNET].port);
	rules[n++] = rule_port(MESH_PASS, IPPROTO_UDP, BABEL_PORT);
	/* Off, for the operator to turn on and see the effect. */
	rules[n] = rule_node4(MESH_DROP, NODE_DOGWOOD);
	rules[n++].enabled = 0;
	settings->n_rules = n;
}
