// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy.h"

#include <stdio.h>
#include <string.h>

#include "mesh/rule.h"

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
	"    hold: 5ms\n"
	"    do: rule add limit 500/s from {source} proto udp\n"
	"    busy: 1000\n"
	"    most: 8\n"
	"    for: 2m\n"
	"  - name: udp flood of many\n"
	"    watch: udp\n"
	"    from: 5000\n"
	"    hold: 5ms\n"
	"    do: rule add limit 2000/s mac {mac} proto udp\n"
	"    busy: 4000\n"
	"    most: 2\n"
	"    for: 2m\n"
	"  - name: tcp flood\n"
	"    watch: tcp\n"
	"    from: 10000\n"
	"    hold: 5ms\n"
	"    do: rule add limit 1000/s from {source} proto tcp\n"
	"    busy: 5000\n"
	"    small: 80\n"
	"    most: 8\n"
	"    for: 2m\n"
	"  - name: tcp flood of many\n"
	"    watch: tcp\n"
	"    from: 10000\n"
	"    hold: 5ms\n"
	"    do: rule add limit 4000/s mac {mac} proto tcp\n"
	"    busy: 8000\n"
	"    small: 80\n"
	"    most: 2\n"
	"    for: 2m\n"
	"  - name: icmp flood\n"
	"    watch: icmp\n"
	"    from: 1000\n"
	"    hold: 5ms\n"
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

static const char *const placeholders[] = {
	[POLICY_NOBODY] = NULL,
	[POLICY_SOURCES] = "{source}",
	[POLICY_SENDERS] = "{mac}",
};

enum policy_target policy_target(const struct policy *policy)
{
	for (uint32_t i = POLICY_SOURCES; i <= POLICY_SENDERS; i++)
		if (strstr(policy->action, placeholders[i]) != NULL)
			return (enum policy_target)i;
	return POLICY_NOBODY;
}

char *policy_action(const struct policy *policy, const char *target, char *text, size_t size)
{
	const enum policy_target kind = policy_target(policy);
	const char *at = kind != POLICY_NOBODY ? strstr(policy->action, placeholders[kind]) : NULL;

	if (at == NULL)
		snprintf(text, size, "%s", policy->action);
	else
		snprintf(text, size, "%.*s%s%s", (int)(at - policy->action), policy->action, target,
			at + strlen(placeholders[kind]));
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
