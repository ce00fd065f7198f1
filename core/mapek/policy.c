// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mesh/rule.h"

/* Rates are from a mesh node's point of view: none of its neighbours sends so much by itself. The usual burst, a tenth
 * of a second, would let a sender's flood pass for 15 ms more. */
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
	"    do: rule add limit 2000/s burst 100 mac {mac} proto udp\n"
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
	"    do: rule add limit 4000/s burst 100 mac {mac} proto tcp\n"
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
	"  - name: node gone bad\n"
	"    watch: node-refusals\n"
	"    from: 50\n"
	"    hold: 2s\n"
	"    do: rule add limit 500/s from {node}\n"
	"    busy: 50\n"
	"    most: 4\n"
	"    for: 2m\n"
	"  - name: losses\n"
	"    watch: drops\n"
	"    from: 100\n"
	"    hold: 5s\n"
	"  - name: silent neighbours\n"
	"    watch: neighbours\n"
	"    is: low\n"
	"    hold: 10s\n";

const char *const policy_placeholders[] = {
	[POLICY_NOBODY] = NULL,
	[POLICY_SOURCES] = "{source}",
	[POLICY_SENDERS] = "{mac}",
	[POLICY_NODES] = "{node}",
};

enum policy_target policy_target(const struct policy *policy)
{
	for (uint32_t i = POLICY_NOBODY + 1; i < POLICY_TARGETS; i++)
		if (strstr(policy->action, policy_placeholders[i]) != NULL)
			return (enum policy_target)i;
	return POLICY_NOBODY;
}

static bool read_prefix(const char *text, struct mesh_prefix *prefix)
{
	struct failure ignored;

	return rule_parse_prefix(text, prefix, &ignored) == 0;
}

static void shorten(struct mesh_prefix *prefix, uint32_t length)
{
	prefix->length = (__u8)length;
	for (uint32_t i = 0; i < sizeof(prefix->address); i++) {
		const uint32_t bits = length > 8 * i ? length - 8 * i : 0;
		prefix->address[i] &= bits < 8 ? (__u8)(0xff00 >> bits) : 0xff;
	}
}

char *policy_about(const struct policy *policy, const char *address, char *text, size_t size)
{
	struct mesh_prefix prefix;

	snprintf(text, size, "%s", address);
	if (policy->length_4 == 0 || !read_prefix(address, &prefix))
		return text;
	shorten(&prefix, prefix.family == 4 ? policy->length_4 : policy->length_6);
	rule_format_prefix(&prefix, text, size);
	return text;
}

/* Writes `from` with the target in place of what stands for it. */
static void substitute(
	enum policy_target kind, const char *from, const char *target, char *text, size_t size)
{
	const char *at = kind != POLICY_NOBODY ? strstr(from, policy_placeholders[kind]) : NULL;

	if (at == NULL)
		snprintf(text, size, "%s", from);
	else
		snprintf(text, size, "%.*s%s%s", (int)(at - from), from, target,
			at + strlen(policy_placeholders[kind]));
}

char *policy_action(const struct policy *policy, const char *target, char *text, size_t size)
{
	substitute(policy_target(policy), policy->action, target, text, size);
	return text;
}

void policy_arguments(const struct policy *policy, const char *target,
	char texts[HOOK_ARGUMENTS_MAX][HOOK_LEN], char *arguments[HOOK_ARGUMENTS_MAX + 1])
{
	const char *argument = policy->hook;

	for (uint32_t i = 0; i < policy->n_arguments; i++) {
		substitute(policy_target(policy), argument, target, texts[i], HOOK_LEN);
		arguments[i] = texts[i];
		argument += strlen(argument) + 1;
	}
	arguments[policy->n_arguments] = NULL;
}

static bool overlap(const struct mesh_prefix *a, const struct mesh_prefix *b)
{
	return a->family == b->family && rule_same_start(a->address, b->address,
						 a->length < b->length ? a->length : b->length);
}

bool policies_spare(const struct policies *policies, const char *address)
{
	struct mesh_prefix prefix;

	if (!read_prefix(address, &prefix))
		return true;
	for (uint32_t i = 0; i < policies->n_never; i++)
		if (overlap(&policies->never[i], &prefix))
			return true;
	return false;
}

static bool meets(const char *target, const char *spared)
{
	struct mesh_prefix one, other;

	if (!read_prefix(spared, &one) || !read_prefix(target, &other))
		return strcmp(target, spared) == 0;
	return overlap(&one, &other);
}

int spared_find(const struct snapshot_mapek_spared *list, uint32_t n, const char *target)
{
	for (uint32_t i = 0; i < n; i++)
		if (meets(target, list[i].target))
			return (int)i;
	return -ENOENT;
}

int policies_spared(const struct policies *policies, const char *target)
{
	return spared_find(policies->spared, policies->n_spared, target);
}
