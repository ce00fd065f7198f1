// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mix.h"
#include "mesh/items.h"
#include "mesh/lines.h"
#include "mesh/prefix_tree.h"
#include "mesh/rule.h"
#include "packet_headers.h"

#define CLASSES_A_LINE	 (MESH_LINE_BYTES / sizeof(uint16_t))
#define DECISIONS_A_LINE (MESH_LINE_BYTES / sizeof(struct mesh_decision))
#define TRIES_MAX	 4
#define SEED_STEP	 0xd1342543de82ef95u

_Static_assert(sizeof(struct mesh_head) <= MESH_INDEX_LINE * MESH_LINE_BYTES, "before the index");
_Static_assert(sizeof(struct mesh_index) <= (MESH_ALL_LINE - MESH_INDEX_LINE) * MESH_LINE_BYTES,
	"before the line of all bits");
_Static_assert(sizeof(struct packet_headers) == PACKET_WORDS * sizeof(__u64), "no more words");

/* The tables of a dimension; -1: none. */
static const struct {
	int table; /* the first, of a prefix the IPv4 one */
	int direct;
	uint32_t numbers; /* of a direct table */
} places[MESH_DIMENSIONS] = {
	[MESH_BY_SOURCE] = { MESH_SOURCE4, -1, 0 },
	[MESH_BY_DESTINATION] = { MESH_DESTINATION4, -1, 0 },
	[MESH_BY_MAC] = { MESH_MACS, -1, 0 },
	[MESH_BY_PROTOCOL] = { -1, MESH_DIRECT_PROTOCOL, 1 << 8 },
	[MESH_BY_SOURCE_PORT] = { -1, MESH_DIRECT_SOURCE_PORT, 1 << 16 },
	[MESH_BY_DESTINATION_PORT] = { -1, MESH_DIRECT_DESTINATION_PORT, 1 << 16 },
	[MESH_BY_ETHERTYPE] = { MESH_ETHERTYPES, -1, 0 },
	[MESH_BY_VLAN] = { -1, MESH_DIRECT_VLAN, 1 << 12 },
	[MESH_BY_INTERFACE] = { MESH_INTERFACES, -1, 0 },
	[MESH_BY_READABLE] = { -1, -1, 0 },
};

struct compiler {
	struct mesh_compiled *compiled;
	uint32_t tries; /* with other multipliers */
	struct mesh_order order;
	struct mesh_index index;
	struct mesh_classes classes; /* of the present dimension */
};

/* The lines move as they grow. */
static struct mesh_head *head_of(struct compiler *c)
{
	return (struct mesh_head *)c->compiled->lines;
}

/* --- dimensions -------------------------------------------------------------------------------- */

/* Both families, also where there are no prefixes of one: a search then ends at once. */
static int compile_prefixes(struct compiler *c, enum mesh_dimension dimension)
{
	static const struct {
		int family;
		enum mesh_width width;
	} families[] = { { 4, MESH_NARROW }, { 6, MESH_WIDE } };
	int error = 0;

	for (int i = 0; i < 2 && error == 0; i++) {
		struct mesh_items items;
		error = items_collect(&c->order, dimension, families[i].family, &items);
		if (error == 0)
			error = prefix_tree_add(c->compiled, &c->order, dimension,
				families[i].width, &items, &c->classes,
				&c->index.tables[places[dimension].table + i]);
		free(items.items);
	}
	return error;
}

/* Gives each key its class, and makes one of equal ones. Returns their number or a negative errno. */
static int64_t class_keys(struct compiler *c, const struct mesh_line *base,
	const struct mesh_items *items, struct mesh_key *keys)
{
	uint32_t n = 0;

	for (uint32_t i = 0, next; i < items->n; i = next) {
		struct mesh_line line = *base;
		for (next = i; next < items->n && items->items[next].high == items->items[i].high;
			next++)
			items_add_rules(&c->order, &items->items[next], &line);
		int64_t class = classes_find(&c->classes, &line);
		if (class < 0)
			return class;
		keys[n++] = (struct mesh_key) { .high = items->items[i].high,
			.class = (uint32_t) class };
	}
	return n;
}

static int compile_keys(struct compiler *c, enum mesh_dimension dimension)
{
	struct mesh_line base = items_base(&c->order, dimension);
	struct mesh_items items;
	int error = items_collect(&c->order, dimension, 0, &items);
	struct mesh_key *keys = error < 0 ? NULL : calloc(items.n + 1, sizeof(*keys));

	if (keys != NULL) {
		int64_t n = class_keys(c, &base, &items, keys);
		error = n < 0 ? (int)n
			      : lines_add_table(c->compiled, MESH_NARROW, keys, (uint32_t)n,
					&c->index.tables[places[dimension].table]);
	} else {
		error = -ENOMEM;
	}
	free(keys);
	free(items.items);
	return error;
}

/* Returns the class of a number: that of all ranges that hold it. */
static int64_t class_number(struct compiler *c, const struct mesh_line *base,
	const struct mesh_items *items, uint32_t number)
{
	struct mesh_line line = *base;

	for (uint32_t i = 0; i < items->n && items->items[i].high <= number; i++)
		if (items->items[i].low >= number)
			items_add_rules(&c->order, &items->items[i], &line);
	return classes_find(&c->classes, &line);
}

/* Fills `table` by number; the class changes only where a range begins or ends. */
static int class_numbers(struct compiler *c, const struct mesh_line *base,
	const struct mesh_items *items, uint16_t *table, uint32_t numbers)
{
	bool *changes = calloc(numbers + 1, sizeof(*changes));
	int64_t class = 0;

	if (changes == NULL)
		return -ENOMEM;
	changes[0] = true;
	for (uint32_t i = 0; i < items->n; i++) {
		changes[items->items[i].high % numbers] = true;
		changes[items->items[i].low % numbers + 1] = true;
	}
	for (uint32_t number = 0; number < numbers && class >= 0; number++) {
		if (changes[number])
			class = class_number(c, base, items, number);
		table[number] = (uint16_t) class;
	}
	free(changes);
	return class < 0 ? (int)class : 0;
}

/* Adds the lines of a table by number, each once, and their index. */
static int add_direct(
	struct compiler *c, const uint16_t *table, uint32_t numbers, struct mesh_direct *direct)
{
	uint16_t index[(1 << 16) / CLASSES_A_LINE] = { 0 };
	uint32_t n = numbers / CLASSES_A_LINE, index_lines = (n - 1) / CLASSES_A_LINE + 1;
	struct mesh_classes different = { 0 };
	int64_t at = 0, first = 0;

	for (uint32_t i = 0; i < n && at >= 0; i++) {
		struct mesh_line line;
		memcpy(&line, table + i * CLASSES_A_LINE, sizeof(line));
		at = classes_find(&different, &line);
		index[i] = (uint16_t)at;
	}
	if (at >= 0)
		at = lines_add(c->compiled, index_lines);
	if (at >= 0)
		first = lines_add(c->compiled, different.n);
	if (at >= 0 && first >= 0) {
		memcpy(c->compiled->lines + at, index, n * sizeof(*index));
		memcpy(c->compiled->lines + first, different.lines,
			different.n * sizeof(*different.lines));
		*direct = (struct mesh_direct) { (uint32_t)at, (uint32_t)first };
	}
	classes_free(&different);
	return at < 0 ? (int)at : first < 0 ? (int)first : 0;
}

static int compile_numbers(struct compiler *c, enum mesh_dimension dimension)
{
	struct mesh_line base = items_base(&c->order, dimension);
	uint32_t numbers = places[dimension].numbers;
	uint16_t *table = calloc(numbers, sizeof(*table));
	struct mesh_items items = { 0 };
	int error = table == NULL ? -ENOMEM : items_collect(&c->order, dimension, 0, &items);

	if (error == 0)
		error = class_numbers(c, &base, &items, table, numbers);
	if (error == 0)
		error = add_direct(c, table, numbers, &c->index.directs[places[dimension].direct]);
	free(items.items);
	free(table);
	return error;
}

static bool is_for_kind(const struct mesh_rule *rule, uint32_t kind)
{
	return rule_is_for_kind(rule, (enum mesh_kind)kind);
}

/* A line for each enum mesh_kind, in its place. */
static int compile_kinds(struct compiler *c)
{
	const struct mesh_source *source = c->order.source;
	const uint32_t kinds = source->n_kinds > 0 ? source->n_kinds : MESH_KINDS;
	bool (*is_for)(const struct mesh_rule *rule, uint32_t kind) =
		source->is_for_kind != NULL ? source->is_for_kind : is_for_kind;
	int64_t first = lines_add(c->compiled, kinds);

	if (first < 0)
		return (int)first;
	for (uint32_t kind = 0; kind < kinds; kind++)
		for (uint32_t bit = 0; bit < c->order.n; bit++)
			if (is_for(c->order.rules[bit], kind))
				line_set(c->compiled->lines + first + kind, bit);
	head_of(c)->classes[MESH_BY_READABLE] = (uint32_t)first;
	return 0;
}

static int compile_dimension(struct compiler *c, enum mesh_dimension dimension)
{
	struct mesh_line base = items_base(&c->order, dimension);

	if (dimension == MESH_BY_READABLE)
		return compile_kinds(c);
	int64_t none = classes_find(&c->classes, &base);
	int error = none < 0 ? (int)none : 0;
	if (error == 0 && dimension <= MESH_BY_DESTINATION)
		error = compile_prefixes(c, dimension);
	else if (error == 0 && places[dimension].direct >= 0)
		error = compile_numbers(c, dimension);
	else if (error == 0)
		error = compile_keys(c, dimension);
	int64_t first = error < 0 ? error : lines_add(c->compiled, c->classes.n);
	if (first >= 0) {
		memcpy(c->compiled->lines + first, c->classes.lines,
			c->classes.n * sizeof(*c->classes.lines));
		head_of(c)->classes[dimension] = (uint32_t)first;
	}
	classes_free(&c->classes);
	return first < 0 ? (int)first : 0;
}

/* --- rules --------------------------------------------------------------------------------------- */

static int write_decisions(struct compiler *c)
{
	uint32_t lines = c->order.n / DECISIONS_A_LINE + 1;
	int64_t first = lines_add(c->compiled, 1 + lines);
	int64_t counting = first < 0 ? first : lines_add(c->compiled, 1);

	if (counting < 0)
		return (int)counting;
	struct mesh_line *deciding = c->compiled->lines + first;
	struct mesh_decision *decisions = (struct mesh_decision *)(deciding + 1);
	struct mesh_counting *counts = (struct mesh_counting *)(c->compiled->lines + counting);
	struct mesh_head *head = head_of(c);
	for (uint32_t bit = 0; bit < c->order.n; bit++) {
		const struct mesh_rule *rule = c->order.rules[bit];
		decisions[bit] = (struct mesh_decision) { .id = rule->id, .action = rule->action };
		if (rule->action != MESH_COUNT)
			line_set(deciding, bit);
		else if (head->counts == MESH_COUNTS_MAX)
			return -ENOSPC;
		else
			counts[head->counts++] =
				(struct mesh_counting) { .place = (uint16_t)bit, .id = rule->id };
	}
	head->decisions = (uint32_t)first;
	head->counting = (uint32_t)counting;
	return 0;
}

static int in_time(const void *a, const void *b)
{
	const struct mesh_rule *const *left = a, *const *right = b;

	return ((*left)->expires > (*right)->expires) - ((*left)->expires < (*right)->expires);
}

/* Writes which rules hold from each time on at which some expire. `rules`: those that do, in time. */
static void write_holding(
	struct compiler *c, const struct mesh_expiry *expiry, const struct mesh_rule *const *rules)
{
	struct mesh_line *times = c->compiled->lines + expiry->times;
	struct mesh_line *holding = c->compiled->lines + expiry->holding;

	for (uint32_t i = 0; i < expiry->n; i++) {
		times[i / MESH_LINE_WORDS].words[i % MESH_LINE_WORDS] = rules[i]->expires;
		for (uint32_t bit = 0; bit < c->order.n; bit++)
			if (c->order.rules[bit]->expires == 0 ||
				c->order.rules[bit]->expires > rules[i]->expires)
				line_set(&holding[i], bit);
	}
}

static int write_expiry(struct compiler *c)
{
	const struct mesh_rule *rules[MESH_RULES_MAX];
	struct mesh_expiry expiry = { 0 };

	for (uint32_t bit = 0; bit < c->order.n; bit++)
		if (c->order.rules[bit]->expires > 0)
			rules[expiry.n++] = c->order.rules[bit];
	if (expiry.n == 0)
		return 0;
	qsort(rules, expiry.n, sizeof(rules[0]), in_time);
	uint32_t n_times = (expiry.n + MESH_LINE_WORDS - 1) / MESH_LINE_WORDS;
	int64_t first = lines_add(c->compiled, 1);
	int64_t times = first < 0 ? first : lines_add(c->compiled, n_times + expiry.n);
	if (times < 0)
		return (int)times;
	expiry.times = (uint32_t)times;
	expiry.holding = expiry.times + n_times;
	write_holding(c, &expiry, rules);
	memcpy(c->compiled->lines + first, &expiry, sizeof(expiry));
	head_of(c)->expiry = (uint32_t)first;
	head_of(c)->expires = rules[0]->expires;
	return 0;
}

/* What flows are told apart by: which fields are there, and what rules look at. */
static void mask_keys(uint32_t dimensions, __u64 *masks)
{
	static const struct packet_headers fields[MESH_DIMENSIONS] = {
		[MESH_BY_SOURCE] = { .source6 = { ~0U, ~0U, ~0U, ~0U } },
		[MESH_BY_DESTINATION] = { .destination6 = { ~0U, ~0U, ~0U, ~0U } },
		[MESH_BY_MAC] = { .source_mac = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
		[MESH_BY_PROTOCOL] = { .protocol = 0xff },
		[MESH_BY_SOURCE_PORT] = { .source_port = 0xffff },
		[MESH_BY_DESTINATION_PORT] = { .destination_port = 0xffff },
		[MESH_BY_ETHERTYPE] = { .ethertype = 0xffff },
		[MESH_BY_VLAN] = { .vlan = 0xffff },
		[MESH_BY_INTERFACE] = { .ifindex = ~0U },
		[MESH_BY_READABLE] = { .flags = MESH_FLOW_WHOLE - 1, .network = 0xff },
	};

	for (int d = 0; d < MESH_DIMENSIONS; d++)
		for (int i = 0; i < MESH_FLOW_WORDS && dimensions >> d & 1; i++)
			masks[i] |= fields[d].words[i];
}

static int begin(struct compiler *c)
{
	const struct mesh_source *source = c->order.source;
	int64_t lines = lines_add(c->compiled, MESH_ALL_LINE + 1);
	uint64_t state = source->seed + c->tries * SEED_STEP;
	uint16_t used = 1 << MESH_BY_READABLE;

	if (lines < 0)
		return (int)lines;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (source->rules[i].match == MESH_MATCH_NONE || !source->rules[i].enabled)
			continue;
		c->order.rules[c->order.n++] = &source->rules[i];
		used |= source->rules[i].conditions;
	}
	struct mesh_head *head = head_of(c);
	head->generation = source->generation;
	head->policy = source->policy;
	head->bank = source->bank;
	head->dimensions = used;
	head->words = (c->order.n + 63) / 64;
	for (int i = 0; i < MESH_FLOW_WORDS; i++)
		head->multipliers[i] = mix64(state += 0x9e3779b97f4a7c15u) | 1;
	mask_keys(used, head->masks);
	head->expires = UINT64_MAX;
	memset(c->compiled->lines + MESH_ALL_LINE, 0xff, sizeof(*c->compiled->lines));
	for (int i = 0; i < MESH_DIMENSIONS; i++)
		head->classes[i] = MESH_ALL_LINE;
	c->order.sets = calloc(source->n_sets + 1, sizeof(*c->order.sets));
	return c->order.sets == NULL ? -ENOMEM : 0;
}

static int compile(struct compiler *c)
{
	int error = begin(c);

	if (error == 0)
		error = write_decisions(c);
	for (uint32_t d = 0; d < MESH_DIMENSIONS && error == 0; d++)
		if (head_of(c)->dimensions >> d & 1)
			error = compile_dimension(c, d);
	if (error == 0)
		error = write_expiry(c);
	if (error == 0)
		memcpy(c->compiled->lines + MESH_INDEX_LINE, &c->index, sizeof(c->index));
	free(c->order.sets);
	return error;
}

static int explain(int error, struct failure *failure)
{
	if (error == -ENOSPC)
		return failure_set(
			failure, -E2BIG, "More than %d mesh rules count", MESH_COUNTS_MAX);
	if (error == -E2BIG)
		return failure_set(failure, error,
			"The sets of the mesh rules are too large, or overlap in too many ways");
	return failure_set(failure, error, "Not enough memory to compile the mesh rules");
}

/* Keys in a row may meet multipliers that spread them badly: others make a table of half the size. */
int mesh_compile(
	const struct mesh_source *source, struct mesh_compiled *compiled, struct failure *failure)
{
	struct compiler *c = calloc(1, sizeof(*c));
	uint32_t tries = 0;
	int error = -ENOMEM;

	*compiled = (struct mesh_compiled) { 0 };
	if (c == NULL)
		goto out;
	do {
		mesh_compiled_free(compiled);
		compiled->room_shorts = source->no_shorts ? 0 : MESH_SHORT_BUCKETS;
		*c = (struct compiler) { .compiled = compiled, .tries = tries };
		c->order.source = source;
		error = compile(c);
	} while (error == 0 && compiled->grown && ++tries < TRIES_MAX);
	free(c);
	if (error == 0)
		return 0;
	mesh_compiled_free(compiled);
out:
	return explain(error, failure);
}
