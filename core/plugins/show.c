// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/show.h"

#include <stdio.h>
#include <string.h>

enum { MODIFIERS_MAX = 32 }; /* typedefs, const and volatile around a type */

void show_plan_begin(struct show_plan *plan)
{
	*plan = (struct show_plan) { .sort = PLUGIN_COLUMNS_MAX };
}

struct walk {
	struct show_plan *plan;
	const struct show_tag_list *list;
	uint32_t bits; /* that there are */
	uint32_t role;
	uint32_t visits;
};

/* What is looked at: a type at a place, called so, with what is said of it. */
struct place {
	char name[PLUGIN_NAME_LEN];
	uint32_t type;
	uint64_t offset; /* in bits */
	uint32_t bits; /* of a bit field; 0: as its type has */
	struct show_tags tags;
};

static bool named(const struct btf *btf, const struct btf_type *type, const char *name)
{
	const char *own = btf__name_by_offset(btf, type->name_off);

	return own != NULL && strcmp(own, name) == 0;
}

/* Leaves out typedefs and the like. Returns NULL if there is no end of them. */
static const struct btf_type *bare_type(
	const struct btf *btf, uint32_t *id, bool *big, bool *is_text)
{
	for (int i = 0; i < MODIFIERS_MAX; i++) {
		const struct btf_type *type = btf__type_by_id(btf, *id);
		if (type == NULL)
			return NULL;
		if (!btf_is_mod(type) && !btf_is_typedef(type)) {
			*is_text = btf_is_int(type) && named(btf, type, "char");
			return type;
		}
		*big |= btf_is_typedef(type) &&
			(named(btf, type, "__be16") || named(btf, type, "__be32") ||
				named(btf, type, "__be64"));
		*id = type->type;
	}
	return NULL;
}

static void leave_out(struct walk *walk)
{
	walk->plan->left_out++;
}

/* --- columns ---------------------------------------------------------------------------------- */

struct show_column *show_plan_append(
	struct show_plan *plan, const char *name, uint32_t kind, uint32_t role)
{
	if (plan->n == PLUGIN_COLUMNS_MAX) {
		plan->left_out++;
		return NULL;
	}
	struct show_column *column = &plan->columns[plan->n++];
	*column = (struct show_column) { .kind = kind, .role = role };
	snprintf(column->name, sizeof(column->name), "%s", name);
	return column;
}

/* A counter has the column of its rate behind it, as far as there is room. */
static void append_rate(struct show_plan *plan, const struct show_column *counter)
{
	char name[PLUGIN_NAME_LEN];

	if (plan->n == PLUGIN_COLUMNS_MAX)
		return;
	snprintf(name, sizeof(name), "%.*s/s", PLUGIN_NAME_LEN - 3, counter->name);
	struct show_column *rate = show_plan_append(plan, name, PLUGIN_RATE, PLUGIN_VALUE);
	snprintf(rate->unit, sizeof(rate->unit), "%s", counter->unit);
}

/* Adds a column of `bits` for the place, and `n` elements if it is an array. */
static void add(struct walk *walk, const struct place *place, uint32_t kind, uint32_t bits,
	uint32_t n, const struct show_column *more)
{
	const struct show_tags *tags = &place->tags;
	struct show_plan *plan = walk->plan;

	if (place->offset + (uint64_t)bits * (n > 0 ? n : 1) > walk->bits || bits == 0) {
		plan->beyond++;
		leave_out(walk);
		return;
	}
	const bool number = kind == PLUGIN_INTEGER || kind == PLUGIN_SIGNED;
	const uint32_t role = number && walk->role == PLUGIN_VALUE ? tags->role : walk->role;
	struct show_column *column = show_plan_append(plan, place->name, kind, role);
	if (column == NULL)
		return;
	snprintf(column->unit, sizeof(column->unit), "%s", tags->unit);
	snprintf(column->help, sizeof(column->help), "%s", tags->help);
	column->offset = (uint32_t)place->offset;
	column->bits = bits;
	column->n = n;
	column->big = tags->big || more->big;
	column->is_signed = more->is_signed;
	column->type = more->type;
	column->sum = tags->role != PLUGIN_GAUGE || tags->sum;
	if (tags->sort && plan->sort == PLUGIN_COLUMNS_MAX)
		plan->sort = plan->n - 1;
	if (role == PLUGIN_COUNTER)
		append_rate(plan, column);
}

/* 4, 6 or 16 bytes that are said to be an address. Returns whether it is one. */
static bool add_address(struct walk *walk, const struct place *place, int64_t bytes)
{
	const struct show_column none = { 0 };

	if (bytes != 4 && bytes != 6 && bytes != 16)
		return false;
	add(walk, place, PLUGIN_ADDRESS, (uint32_t)bytes * 8, 0, &none);
	return true;
}

static void add_integer(
	struct walk *walk, const struct place *place, const struct btf_type *type, bool big)
{
	const uint8_t encoding = btf_int_encoding(type);
	const uint32_t bits = place->bits > 0 ? place->bits : btf_int_bits(type);
	const struct show_column more = { .big = big, .is_signed = encoding & BTF_INT_SIGNED };
	struct place at = *place;

	if (place->bits == 0)
		at.offset += btf_int_offset(type);
	if (bits > 64)
		leave_out(walk);
	else
		add(walk, &at,
			encoding & BTF_INT_BOOL	    ? PLUGIN_BOOL
			: encoding & BTF_INT_SIGNED ? PLUGIN_SIGNED
						    : PLUGIN_INTEGER,
			bits, 0, &more);
}

static void add_enum(
	struct walk *walk, const struct place *place, const struct btf_type *type, uint32_t id)
{
	const struct show_column more = { .type = id, .is_signed = btf_kflag(type) };
	const uint32_t bits = place->bits > 0 ? place->bits : type->size * 8;

	if (type->size > 8 || bits > 64)
		leave_out(walk);
	else
		add(walk, place, PLUGIN_ENUM, bits, 0, &more);
}

static uint32_t array_kind(const struct show_tags *tags, uint32_t bits, bool is_text)
{
	return tags->histogram			      ? PLUGIN_HISTOGRAM
	       : bits == 8 && (is_text || tags->text) ? PLUGIN_TEXT
	       : bits == 8			      ? PLUGIN_BYTES
						      : PLUGIN_LIST;
}

static void walk_type(struct walk *walk, const struct place *place, int depth);

static void add_array(
	struct walk *walk, const struct place *place, const struct btf_type *type, int depth)
{
	const struct btf_array *array = btf_array(type);
	bool big = false, is_text;
	uint32_t id = array->type;
	const struct btf_type *element = bare_type(walk->list->btf, &id, &big, &is_text);
	struct place first = *place;

	first.type = array->type;
	if (element == NULL || array->nelems == 0) {
		leave_out(walk);
	} else if (btf_is_int(element) && btf_int_bits(element) <= 64 &&
		   btf_int_bits(element) == element->size * 8) {
		const struct show_column more = { .big = big,
			.is_signed = btf_int_encoding(element) & BTF_INT_SIGNED };
		const uint32_t bits = btf_int_bits(element);
		const uint32_t kind = array_kind(&place->tags, bits, is_text);
		if (!place->tags.address ||
			!add_address(walk, place, (int64_t)array->nelems * element->size))
			add(walk, place, kind, bits, array->nelems, &more);
	} else if (array->nelems == 1) {
		walk_type(walk, &first, depth + 1);
	} else {
		leave_out(walk);
	}
}

/* --- members ---------------------------------------------------------------------------------- */

/* "outer.inner"; a member without a name is called as what is around it. */
static void join_names(char *name, const char *outer, const char *inner)
{
	if (inner[0] == '\0' || outer[0] == '\0')
		snprintf(name, PLUGIN_NAME_LEN, "%s", inner[0] == '\0' ? outer : inner);
	else
		snprintf(name, PLUGIN_NAME_LEN, "%.*s.%s", PLUGIN_NAME_LEN / 2, outer, inner);
}

static void walk_members(struct walk *walk, const struct place *place, const struct btf_type *type,
	uint32_t id, int depth)
{
	const struct btf *btf = walk->list->btf;
	const char *outer = depth == 0 ? "" : place->name; /* the whole has no name of its own */

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		const char *name = btf__name_by_offset(btf, member->name_off);
		struct place inner = {
			.type = member->type,
			.offset = place->offset + btf_member_bit_offset(type, i),
			.bits = btf_member_bitfield_size(type, i),
		};
		if (++walk->visits > SHOW_VISITS) {
			leave_out(walk);
			return;
		}
		show_tags_read(walk->list, id, (int)i, &inner.tags);
		join_names(inner.name, outer,
			inner.tags.name[0] != '\0' ? inner.tags.name
			: name != NULL		   ? name
						   : "");
		walk_type(walk, &inner, depth + 1);
	}
}

/* The variables of a section: .bss, .data. */
static void walk_variables(struct walk *walk, const struct btf_type *section)
{
	const struct btf *btf = walk->list->btf;

	for (uint32_t i = 0; i < btf_vlen(section) && walk->visits++ < SHOW_VISITS; i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
		const struct btf_type *variable = btf__type_by_id(btf, info->type);
		const char *name = variable != NULL && btf_is_var(variable)
					   ? btf__name_by_offset(btf, variable->name_off)
					   : NULL;
		if (name == NULL) {
			leave_out(walk);
			continue;
		}
		struct place place = { .type = variable->type,
			.offset = (uint64_t)info->offset * 8 };
		show_tags_read(walk->list, info->type, -1, &place.tags);
		join_names(place.name, "", place.tags.name[0] != '\0' ? place.tags.name : name);
		walk_type(walk, &place, 1);
	}
}

static void walk_struct(struct walk *walk, const struct place *place, const struct btf_type *type,
	uint32_t id, int depth)
{
	const struct btf *btf = walk->list->btf;
	const bool address =
		place->tags.address || named(btf, type, "in_addr") || named(btf, type, "in6_addr");

	if (!address || !add_address(walk, place, type->size))
		walk_members(walk, place, type, id, depth);
}

static void walk_type(struct walk *walk, const struct place *place, int depth)
{
	uint32_t id = place->type;
	bool big = false, is_text;
	const struct btf_type *type = bare_type(walk->list->btf, &id, &big, &is_text);

	if (place->tags.unknown[0] != '\0' && walk->plan->unknown[0] == '\0')
		snprintf(walk->plan->unknown, sizeof(walk->plan->unknown), "%s",
			place->tags.unknown);
	if (place->tags.hidden || (type != NULL && btf_is_ptr(type)))
		return; /* a pointer tells nobody anything */
	if (type == NULL || depth > SHOW_DEPTH)
		leave_out(walk);
	else if (place->tags.address && btf_is_int(type) && place->bits == 0 &&
		 add_address(walk, place, type->size))
		return;
	else if (btf_is_int(type) && place->name[0] != '\0')
		add_integer(walk, place, type, big);
	else if (btf_is_any_enum(type))
		add_enum(walk, place, type, id);
	else if (btf_is_array(type))
		add_array(walk, place, type, depth);
	else if (btf_is_composite(type))
		walk_struct(walk, place, type, id, depth);
	else if (btf_is_datasec(type))
		walk_variables(walk, type);
	else
		leave_out(walk);
}

void show_plan_add(struct show_plan *plan, const struct show_tag_list *list, uint32_t type,
	uint32_t bytes, const char *name, uint32_t role, const struct show_tags *of_map)
{
	struct walk walk = { plan, list, bytes * 8, role, 0 };
	struct place place = { .type = type, .tags = *of_map };

	snprintf(place.name, sizeof(place.name), "%s", name);
	place.tags.help[0] = '\0'; /* it is about the map */
	walk_type(&walk, &place, 0);
}
