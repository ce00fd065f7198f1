// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_fit.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

enum {
	DEPTH_MAX = 16, /* of structs in structs; x0top's have 4 */
	STEPS_MAX = 20000, /* types looked at; x0top's maps take fewer than 200 */
	PATH_LEN = 128,
};

/* The comparison of one type with another. */
struct comparing {
	const struct btf *was, *is;
	uint32_t steps;
	char path[PATH_LEN]; /* of the present member: "xdp_counters.packets" */
	struct failure *failure;
};

/* --- describing ------------------------------------------------------------------------------- */

void map_layout_declared(
	const struct bpf_object *object, const struct bpf_map *map, struct map_layout *layout)
{
	*layout = (struct map_layout) {
		.type = bpf_map__type(map),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.flags = bpf_map__map_flags(map),
		.btf = bpf_object__btf(object),
		.key = bpf_map__btf_key_type_id(map),
		.value = bpf_map__btf_value_type_id(map),
	};
}

int map_layout_read(int fd, struct map_layout *layout, struct btf **btf)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	*btf = NULL;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return -errno;
	if (info.btf_id != 0)
		*btf = btf__load_from_kernel_by_id(info.btf_id);
	*layout = (struct map_layout) {
		.type = info.type,
		.key_size = info.key_size,
		.value_size = info.value_size,
		.flags = info.map_flags,
		.btf = *btf,
		.key = info.btf_key_type_id,
		.value = info.btf_value_type_id,
	};
	return 0;
}

/* --- naming ----------------------------------------------------------------------------------- */

static bool is_modifier(const struct btf_type *type)
{
	return btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type);
}

/* Returns the type behind typedefs and qualifiers, or NULL if it cannot be followed. */
static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		if (type == NULL || !is_modifier(type))
			return type;
		id = type->type;
	}
	return NULL;
}

/* Returns a name that may be printed; "" for none. */
static const char *name_of(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name == NULL || !words_printable(name) ? "" : name;
}

/* Writes a type in short: "u64", "struct traffic_count", "u64[4]". */
static void describe(
	const struct btf *btf, const struct btf_type *type, char *text, size_t size, int depth)
{
	static const char *const kinds[] = {
		[BTF_KIND_PTR] = "a pointer",
		[BTF_KIND_STRUCT] = "struct",
		[BTF_KIND_UNION] = "union",
		[BTF_KIND_ENUM] = "enum",
		[BTF_KIND_FLOAT] = "float",
		[BTF_KIND_DATASEC] = "the variables of",
	};
	char element[NAME_LEN];
	uint16_t kind = type == NULL ? 0 : btf_kind(type);

	if (kind == BTF_KIND_INT) {
		snprintf(text, size, "%c%u", btf_int_encoding(type) & BTF_INT_SIGNED ? 's' : 'u',
			btf_int_bits(type));
	} else if (kind == BTF_KIND_ARRAY && depth < DEPTH_MAX) {
		const struct btf_array *array = btf_array(type);
		describe(btf, resolve(btf, array->type), element, sizeof(element), depth + 1);
		snprintf(text, size, "%s[%u]", element, array->nelems);
	} else {
		const char *word = kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[kind] != NULL
					   ? kinds[kind]
					   : "another type";
		const char *name = type == NULL ? "" : name_of(btf, type->name_off);
		snprintf(text, size, "%s%s%.40s", word, name[0] != '\0' ? " " : "", name);
	}
}

/* --- comparing -------------------------------------------------------------------------------- */

static int differs(const struct comparing *c, const char *how)
{
	return failure_set(c->failure, -EBADMSG, "%s: %s", c->path, how);
}

static int became(const struct comparing *c, const struct btf_type *was, const struct btf_type *is)
{
	char from[NAME_LEN * 2], to[NAME_LEN * 2], how[NAME_LEN * 5];

	describe(c->was, was, from, sizeof(from), 0);
	describe(c->is, is, to, sizeof(to), 0);
	if (strcmp(from, to) == 0 && was != NULL && is != NULL)
		snprintf(how, sizeof(how), "%s of %u bytes became one of %u", from, was->size,
			is->size);
	else
		snprintf(how, sizeof(how), "%s became %s", from, to);
	return differs(c, how);
}

static int compare(struct comparing *c, uint32_t was, uint32_t is, int depth, bool may_grow);

/* Adds ".name" to the path. Returns its length before. */
static size_t enter(struct comparing *c, const char *name)
{
	size_t length = strlen(c->path);

	snprintf(c->path + length, sizeof(c->path) - length, ".%s",
		name[0] == '\0' ? "(unnamed)" : name);
	return length;
}

/* Compares member `i`: its name, its place and its type. */
static int compare_member(struct comparing *c, const struct btf_type *was,
	const struct btf_type *is, uint16_t i, int depth)
{
	const struct btf_member *old = &btf_members(was)[i], *new = &btf_members(is)[i];
	const char *name = name_of(c->was, old->name_off), *now = name_of(c->is, new->name_off);
	char how[NAME_LEN * 2];
	size_t length = enter(c, name);
	int error;

	if (strcmp(name, now) != 0) {
		snprintf(how, sizeof(how), "is %.40s now", now[0] == '\0' ? "(unnamed)" : now);
		return differs(c, how);
	}
	error = compare(c, old->type, new->type, depth + 1, false);
	if (error == 0 &&
		(btf_member_bit_offset(was, i) != btf_member_bit_offset(is, i) ||
			btf_member_bitfield_size(was, i) != btf_member_bitfield_size(is, i))) {
		snprintf(how, sizeof(how), "moved from byte %u to byte %u",
			btf_member_bit_offset(was, i) / 8, btf_member_bit_offset(is, i) / 8);
		error = differs(c, how);
	}
	c->path[length] = '\0';
	return error;
}

/* Returns an enum map_fit: a struct may have more members at its end, or fewer, where `may_grow`. */
static int compare_members(struct comparing *c, const struct btf_type *was,
	const struct btf_type *is, int depth, bool may_grow)
{
	uint16_t n = btf_vlen(was), now = btf_vlen(is);

	for (uint16_t i = 0; i < n && i < now; i++) {
		int error = compare_member(c, was, is, i, depth);
		if (error < 0)
			return error;
	}
	if (now < n) {
		enter(c, name_of(c->was, btf_members(was)[now].name_off));
		int error = differs(c, "is gone");
		return may_grow && is->size < was->size ? MAP_LARGER : error;
	}
	if (now > n) {
		enter(c, name_of(c->is, btf_members(is)[n].name_off));
		int error = differs(c, "is new");
		return may_grow && is->size > was->size ? MAP_GROWN : error;
	}
	if (was->size != is->size)
		return became(c, was, is);
	return MAP_FITS;
}

static int compare_arrays(
	struct comparing *c, const struct btf_type *was, const struct btf_type *is, int depth)
{
	const struct btf_array *old = btf_array(was), *new = btf_array(is);

	if (old->nelems != new->nelems)
		return became(c, was, is);
	return compare(c, old->type, new->type, depth + 1, false);
}

/* Returns the name of a variable of a section, or NULL if its BTF lies. */
static const char *variable_name(const struct btf *btf, const struct btf_var_secinfo *at)
{
	const struct btf_type *type = btf__type_by_id(btf, at->type);

	return type == NULL || !btf_is_var(type) ? NULL : name_of(btf, type->name_off);
}

static int compare_variable(struct comparing *c, const struct btf_var_secinfo *was,
	const struct btf_var_secinfo *is, int depth)
{
	const char *name = variable_name(c->was, was), *now = variable_name(c->is, is);
	char how[NAME_LEN * 2];

	if (name == NULL || now == NULL)
		return differs(c, "its BTF cannot be followed");
	size_t length = enter(c, name);
	if (strcmp(name, now) != 0) {
		snprintf(how, sizeof(how), "is %.40s now", now);
		return differs(c, how);
	}
	if (was->offset != is->offset) {
		snprintf(
			how, sizeof(how), "moved from byte %u to byte %u", was->offset, is->offset);
		return differs(c, how);
	}
	int error = compare(c, btf__type_by_id(c->was, was->type)->type,
		btf__type_by_id(c->is, is->type)->type, depth + 1, false);
	c->path[length] = '\0';
	return error;
}

/* Compares sections of variables. */
static int compare_sections(
	struct comparing *c, const struct btf_type *was, const struct btf_type *is, int depth)
{
	const struct btf_var_secinfo *old = btf_var_secinfos(was), *new = btf_var_secinfos(is);
	uint16_t n = btf_vlen(was), now = btf_vlen(is);

	for (uint16_t i = 0; i < n && i < now; i++) {
		int error = compare_variable(c, &old[i], &new[i], depth);
		if (error < 0)
			return error;
	}
	if (n == now)
		return was->size == is->size ? MAP_FITS : became(c, was, is);
	const char *name =
		now > n ? variable_name(c->is, &new[n]) : variable_name(c->was, &old[now]);
	enter(c, name == NULL ? "" : name);
	return differs(c, now > n ? "is new" : "is gone");
}

static bool same_int(const struct btf_type *was, const struct btf_type *is)
{
	return btf_int_bits(was) == btf_int_bits(is) &&
	       (btf_int_encoding(was) & BTF_INT_SIGNED) == (btf_int_encoding(is) & BTF_INT_SIGNED);
}

/* Compares two types behind typedefs. Names of types do not count, those of members do. Returns an enum
 * map_fit. */
static int compare(struct comparing *c, uint32_t was_id, uint32_t is_id, int depth, bool may_grow)
{
	const struct btf_type *was = resolve(c->was, was_id), *is = resolve(c->is, is_id);

	if (was == NULL || is == NULL || depth > DEPTH_MAX || ++c->steps > STEPS_MAX)
		return differs(c, "its BTF cannot be followed");
	if (btf_kind(was) != btf_kind(is))
		return became(c, was, is);
	switch (btf_kind(was)) {
	case BTF_KIND_INT:
		return same_int(was, is) && was->size == is->size ? MAP_FITS : became(c, was, is);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return compare_members(c, was, is, depth, may_grow && btf_is_struct(was));
	case BTF_KIND_ARRAY:
		return compare_arrays(c, was, is, depth);
	case BTF_KIND_DATASEC:
		return compare_sections(c, was, is, depth);
	case BTF_KIND_PTR:
	case BTF_KIND_FUNC_PROTO:
		return MAP_FITS;
	default: /* enums and floats */
		return was->size == is->size ? MAP_FITS : became(c, was, is);
	}
}

static int compare_type(const char *name, const char *part, const struct map_layout *was,
	const struct map_layout *is, bool value, struct failure *failure)
{
	struct comparing c = { .was = was->btf, .is = is->btf, .failure = failure };
	uint32_t old = value ? was->value : was->key, new = value ? is->value : is->key;

	if (was->btf == NULL || is->btf == NULL || old == 0 || new == 0)
		return MAP_FITS;
	snprintf(c.path, sizeof(c.path), "%s%s", name, part);
	return compare(&c, old, new, 0, value);
}

/* Returns whether the sizes of values are as their types say. */
static bool sizes_agree(int fit, uint32_t was, uint32_t is)
{
	return fit == MAP_GROWN ? is > was : fit == MAP_LARGER ? is < was : is == was;
}

int map_fit(const char *name, const struct map_layout *was, const struct map_layout *is,
	struct failure *failure)
{
	/* How user space may use a descriptor, which the kernel does not tell of a map. */
	const uint32_t access = BPF_F_RDONLY | BPF_F_WRONLY;
	const struct {
		const char *what;
		uint32_t was, is;
	} sides[] = {
		{ "type", was->type, is->type },
		{ "flags", was->flags & ~access, is->flags & ~access },
		{ "key size", was->key_size, is->key_size },
		{ "value size", was->value_size, is->value_size },
	};
	const size_t value_size = sizeof(sides) / sizeof(sides[0]) - 1;
	int fit = compare_type(name, " key", was, is, false, failure);

	if (fit == MAP_FITS)
		fit = compare_type(name, "", was, is, true, failure);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]) && fit >= 0; i++)
		if (i == value_size ? !sizes_agree(fit, sides[i].was, sides[i].is)
				    : sides[i].was != sides[i].is)
			return failure_set(failure, -EBADMSG, "%s: its %s %u became %u", name,
				sides[i].what, sides[i].was, sides[i].is);
	return fit;
}
