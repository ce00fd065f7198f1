// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rules.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "mesh/rule.h"

static const char *const index_maps[MESH_MATCHES] = {
	[MESH_MATCH_PREFIX4] = "mesh_prefixes4",
	[MESH_MATCH_PREFIX6] = "mesh_prefixes6",
	[MESH_MATCH_MAC] = "mesh_macs",
	[MESH_MATCH_PORT] = "mesh_ports",
};

static int not_loaded(struct failure *failure)
{
	failure_set(failure, -ENOENT, "There are no mesh rules: xdp_mesh_filter is not loaded");
	return failure_remedy(failure, "Switch it on first: program on xdp_mesh_filter");
}

static int no_such_rule(uint32_t number, struct failure *failure)
{
	failure_set(failure, -ENOENT, "There is no mesh rule %u", number);
	return failure_remedy(failure, "x0top rules list shows the rules with their numbers");
}

static int kernel_refused(int error, const char *what, struct failure *failure)
{
	return failure_set(failure, error, "The kernel refused to %s: %s", what, strerror(-error));
}

/* Adds a rule's key to its index, or takes it out. */
static int update_index(
	const struct map_registry *maps, const struct mesh_rule *rule, uint32_t number, bool add)
{
	int map = map_registry_fd(maps, index_maps[rule->match]);

	if (map < 0)
		return map;
	/* The keys share their first byte in the union, so any member's address will do. */
	const void *key = &rule->prefix4;
	int error = add ? bpf_map_update_elem(map, key, &number, BPF_ANY)
			: bpf_map_delete_elem(map, key);
	if (error < 0 && !(errno == ENOENT && !add))
		return -errno;
	return 0;
}

static int write_rule(
	const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule)
{
	int map = map_registry_fd(maps, "mesh_rules");

	return map < 0 ? map : bpf_map_update_elem(map, &number, rule, BPF_ANY) < 0 ? -errno : 0;
}

static int clear_counts(const struct map_registry *maps, uint32_t number)
{
	int map = map_registry_fd(maps, "mesh_rule_counts");
	int cpus = libbpf_num_possible_cpus();

	if (map < 0 || cpus < 0)
		return map < 0 ? map : cpus;
	struct traffic_count *zero = calloc((size_t)cpus, sizeof(*zero));
	if (zero == NULL)
		return -ENOMEM;
	int error = bpf_map_update_elem(map, &number, zero, BPF_ANY) < 0 ? -errno : 0;
	free(zero);
	return error;
}

int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule)
{
	int map = map_registry_fd(maps, "mesh_rules");

	if (map < 0 || number >= MESH_RULES_MAX || bpf_map_lookup_elem(map, &number, rule) < 0 ||
		rule->match == MESH_MATCH_NONE || rule->match >= MESH_MATCHES)
		return -ENOENT;
	return 0;
}

/* Reads a table element by element: for kernels before 5.6, and where a batch is refused. */
static int read_singly(int map, struct mesh_rule *rules)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (bpf_map_lookup_elem(map, &i, &rules[i]) < 0)
			return -errno;
	return 0;
}

int rules_read(const struct map_registry *maps, struct mesh_rule *rules)
{
	int map = map_registry_fd(maps, "mesh_rules");
	uint32_t keys[MESH_RULES_MAX], next, n = MESH_RULES_MAX;

	if (map < 0)
		return map;
	/* -ENOENT says that the batch reached the end of the map. */
	if (bpf_map_lookup_batch(map, NULL, &next, keys, rules, &n, NULL) < 0 && errno != ENOENT)
		return read_singly(map, rules);
	return n == MESH_RULES_MAX ? 0 : read_singly(map, rules);
}

static bool same_key(const struct mesh_rule *a, const struct mesh_rule *b)
{
	static const size_t sizes[MESH_MATCHES] = {
		[MESH_MATCH_PREFIX4] = sizeof(a->prefix4),
		[MESH_MATCH_PREFIX6] = sizeof(a->prefix6),
		[MESH_MATCH_MAC] = sizeof(a->mac),
		[MESH_MATCH_PORT] = sizeof(a->port),
	};

	return a->match == b->match && memcmp(&a->prefix4, &b->prefix4, sizes[a->match]) == 0;
}

/* The first free place, or a negative errno: -EEXIST with *other the rule that has the key. */
static int find_place(const struct mesh_rule *rules, const struct mesh_rule *rule, uint32_t *other)
{
	int place = -ENOSPC;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (rules[i].match == MESH_MATCH_NONE) {
			if (place < 0)
				place = (int)i;
		} else if (same_key(&rules[i], rule)) {
			*other = i;
			return -EEXIST;
		}
	}
	return place;
}

int rules_add(
	const struct map_registry *maps, const struct mesh_rule *rule, struct failure *failure)
{
	struct mesh_rule *rules = calloc(MESH_RULES_MAX, sizeof(*rules));
	uint32_t other = 0;
	char key[64];

	if (rules == NULL)
		return failure_set(failure, -ENOMEM, "No memory to read the mesh rules");
	int error = rules_read(maps, rules);
	int place = error < 0 ? error : find_place(rules, rule, &other);
	free(rules);
	if (error < 0)
		return not_loaded(failure);
	if (place == -EEXIST) {
		rule_format_key(rule, key, sizeof(key));
		failure_set(failure, place, "Mesh rule %u is for %s already", other, key);
		return failure_remedy(failure, "Remove it first: rule remove %u", other);
	}
	if (place == -ENOSPC) {
		failure_set(failure, place, "All %d mesh rules are in use", MESH_RULES_MAX);
		return failure_remedy(failure, "Remove one first: rule remove NUMBER");
	}

	/* The rule first: an index never leads to a place that is not yet filled. */
	error = clear_counts(maps, (uint32_t)place);
	if (error == 0)
		error = write_rule(maps, (uint32_t)place, rule);
	if (error == 0 && rule->enabled)
		error = update_index(maps, rule, (uint32_t)place, true);
	if (error == 0)
		return place;
	write_rule(maps, (uint32_t)place, &(struct mesh_rule) { 0 });
	return kernel_refused(error, "add the mesh rule", failure);
}

int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure)
{
	struct mesh_rule rule;

	if (map_registry_fd(maps, "mesh_rules") < 0)
		return not_loaded(failure);
	if (rules_get(maps, number, &rule) < 0)
		return no_such_rule(number, failure);
	int error = update_index(maps, &rule, number, false);
	if (error == 0)
		error = write_rule(maps, number, &(struct mesh_rule) { 0 });
	return error == 0 ? 0 : kernel_refused(error, "remove the mesh rule", failure);
}

int rules_switch(const struct map_registry *maps, uint32_t number, bool on, struct failure *failure)
{
	struct mesh_rule rule;

	if (map_registry_fd(maps, "mesh_rules") < 0)
		return not_loaded(failure);
	if (rules_get(maps, number, &rule) < 0)
		return no_such_rule(number, failure);
	rule.enabled = on;
	int error = write_rule(maps, number, &rule);
	if (error == 0)
		error = update_index(maps, &rule, number, on);
	return error == 0 ? 0 : kernel_refused(error, "switch the mesh rule", failure);
}

int rules_set_enforce(const struct map_registry *maps, bool enforce)
{
	struct mesh_filter_control control = { .enforce = enforce };
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map < 0 ? map : bpf_map_update_elem(map, &zero, &control, BPF_ANY) < 0 ? -errno : 0;
}

bool rules_enforced(const struct map_registry *maps)
{
	struct mesh_filter_control control;
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map >= 0 && bpf_map_lookup_elem(map, &zero, &control) == 0 && control.enforce;
}

static bool prefix_holds(const uint8_t *prefix, uint32_t length, const uint8_t *address)
{
	uint32_t bytes = length / 8, bits = length % 8;

	if (memcmp(prefix, address, bytes) != 0)
		return false;
	return bits == 0 || (prefix[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port)
{
	uint8_t v4[4], v6[16];

	switch (rule->match) {
	case MESH_MATCH_PREFIX4:
		return inet_pton(AF_INET, address, v4) == 1 &&
		       prefix_holds(rule->prefix4.address, rule->prefix4.length, v4);
	case MESH_MATCH_PREFIX6:
		return inet_pton(AF_INET6, address, v6) == 1 &&
		       prefix_holds(rule->prefix6.address, rule->prefix6.length, v6);
	case MESH_MATCH_PORT:
		return rule->port.protocol == IPPROTO_TCP && ntohs(rule->port.port) == port;
	case MESH_MATCH_MAC:
		return true;
	}
	return false;
}
