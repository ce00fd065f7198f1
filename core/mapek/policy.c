// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy.h"

#include <stdio.h>
#include <string.h>

#include "mesh/rule.h"

#define SOURCE "{source}"

/* Rates are from a mesh node's point of view: none of its neighbours sends so much by itself. */
const char policies_built_in[] =
	"# Policies of x0top: what MAPE-K does about which anomaly. See x0top-mapek(7).\n"
	"mode: advise\n"
	"brake: 10\n"
	"least: 100/s\n"
	"never: []\n"
	"policies:\n"
	"  - name: udp flood\n"
	"    watch: udp\n"
	"    from: 5000\n"
	"    hold: 1s\n"
	"    do: rule add limit 500/s from {source} proto udp\n"
	"    busy: 1000\n"
	"    most: 8\n"
	"    for: 2m\n"
	"  - name: tcp surge\n"
	"    watch: tcp\n"
	"    from: 5000\n"
	"    hold: 5s\n"
	"  - name: icmp flood\n"
	"    watch: icmp\n"
	"    from: 1000\n"
	"    hold: 1s\n"
	"    do: rule add limit 100/s from {source} proto icmp\n"
	"    busy: 500\n"
	"    most: 8\n"
	"    for: 2m\n"
	"  - name: forged messages\n"
	"    watch: bad-signatures\n"
	"    from: 50\n"
	"    hold: 2s\n"
	"  - name: replay storm\n"
	"    watch: replayed\n"
	"    from: 50\n"
	"    hold: 2s\n"
	"  - name: losses\n"
	"    watch: drops\n"
	"    from: 100\n"
	"    hold: 5s\n"
	"  - name: silent neighbours\n"
	"    watch: neighbours\n"
	"    is: low\n"
	"    hold: 10s\n";

bool policy_takes_source(const struct policy *policy)
{
	return strstr(policy->action, SOURCE) != NULL;
}

char *policy_action(const struct policy *policy, const char *target, char *text, size_t size)
{
	const char *at = strstr(policy->action, SOURCE);

	if (at == NULL)
		snprintf(text, size, "%s", policy->action);
	else
		snprintf(text, size, "%.*s%s%s", (int)(at - policy->action), policy->action, target,
			at + strlen(SOURCE));
	return text;
}

bool policies_spare(const struct policies *policies, const char *address)
{
	struct mesh_prefix prefix;
	struct failure ignored;

	if (rule_parse_prefix(address, &prefix, &ignored) < 0)
		return true;
	for (uint32_t i = 0; i < policies->n_never; i++) {
		const struct mesh_prefix *never = &policies->never[i];
		if (never->family == prefix.family &&
			rule_same_start(never->address, prefix.address, never->length))
			return true;
	}
	return false;
}
