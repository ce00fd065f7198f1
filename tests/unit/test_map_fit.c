// SPDX-License-Identifier: BSD-2-Clause
/* kernel/map_fit.c: which maps a program can go on with, by their types, also by types that lie. */
#include "kernel/map_fit.h"

#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A BTF of two integers and a struct { u64 packets; u64 bytes; } in the making. */
struct types {
	struct btf *btf;
	int u64, u32, value;
};

static void begin(struct types *types, uint32_t size)
{
	types->btf = btf__new_empty();
	types->u64 = btf__add_int(types->btf, "unsigned long long", 8, 0);
	types->u32 = btf__add_int(types->btf, "unsigned int", 4, 0);
	types->value = btf__add_struct(types->btf, "counters", size);
}

static void member(struct types *types, const char *name, int type, uint32_t byte)
{
	assert_int_equal(btf__add_field(types->btf, name, type, byte * 8, 0), 0);
}

static int fit(const struct types *was, uint32_t old_size, const struct types *is,
	uint32_t new_size, struct failure *failure)
{
	const struct map_layout before = {
		.value_size = old_size, .btf = was->btf, .value = (uint32_t)was->value
	};
	const struct map_layout now = {
		.value_size = new_size, .btf = is->btf, .value = (uint32_t)is->value
	};

	failure->what[0] = '\0';
	return map_fit("counts", &before, &now, failure);
}

static void setup(struct types *was, struct types *is, uint32_t size)
{
	begin(was, 16);
	member(was, "packets", was->u64, 0);
	member(was, "bytes", was->u64, 8);
	begin(is, size);
}

static void end(struct types *was, struct types *is)
{
	btf__free(was->btf);
	btf__free(is->btf);
}

static void refused(struct types *was, struct types *is, uint32_t size, const char *sentence)
{
	struct failure failure;

	assert_int_equal(fit(was, 16, is, size, &failure), -EBADMSG);
	assert_string_equal(failure.what, sentence);
	end(was, is);
}

static void the_same_fits(void **state)
{
	struct types was, is;
	struct failure failure;

	(void)state;
	setup(&was, &is, 16);
	member(&is, "packets", is.u64, 0);
	member(&is, "bytes", is.u64, 8);
	assert_int_equal(fit(&was, 16, &is, 16, &failure), MAP_FITS);
	end(&was, &is);
}

static void more_at_the_end_has_grown(void **state)
{
	struct types was, is;
	struct failure failure;

	(void)state;
	setup(&was, &is, 24);
	member(&is, "packets", is.u64, 0);
	member(&is, "bytes", is.u64, 8);
	member(&is, "drops", is.u64, 16);
	assert_int_equal(fit(&was, 16, &is, 24, &failure), MAP_GROWN);
	assert_string_equal(failure.what, "counts.drops: is new");
	/* And on the way back, what is in force is larger: whoever cannot go on with that has its member. */
	assert_int_equal(fit(&is, 24, &was, 16, &failure), MAP_LARGER);
	assert_string_equal(failure.what, "counts.drops: is gone");
	/* Sizes that say something else than the types. */
	assert_int_equal(fit(&was, 16, &is, 16, &failure), -EBADMSG);
	assert_int_equal(fit(&is, 16, &was, 16, &failure), -EBADMSG);
	end(&was, &is);
}

static void a_member_that_differs_is_named(void **state)
{
	static const struct {
		const char *first, *second; /* NULL: it is not there */
		uint32_t size, at; /* at: of the second */
		const char *sentence;
	} cases[] = {
		{ "frames", "bytes", 16, 8, "counts.packets: is frames now" },
		{ "", "bytes", 16, 8, "counts.packets: is (unnamed) now" },
		{ "p\n", "bytes", 16, 8, "counts.packets: is (unnamed) now" },
		{ "p", "bytes", 16, 8, "counts.packets: is p now" },
		{ "packets", "bytes", 24, 16, "counts.bytes: moved from byte 8 to byte 16" },
		{ "packets", "bytes", 24, 8,
			"counts: struct counters of 16 bytes became one of 24" },
		/* Also where the sizes of both are said to be the same. */
		{ "packets", NULL, 16, 0, "counts.bytes: is gone" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct types was, is;

		setup(&was, &is, cases[i].size);
		member(&is, cases[i].first, is.u64, 0);
		if (cases[i].second != NULL)
			member(&is, cases[i].second, is.u64, cases[i].at);
		refused(&was, &is, cases[i].size, cases[i].sentence);
	}
}

/* A member that has no name, or one of one letter, is named all the same. */
static void members_are_named(void **state)
{
	static const char *const names[][2] = { { "", "counts.(unnamed)" }, { "p", "counts.p" } };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct types was, is;
		char sentence[64];

		begin(&was, 16);
		begin(&is, 16);
		member(&was, names[i][0], was.u64, 0);
		member(&is, "bytes", is.u64, 0);
		snprintf(sentence, sizeof(sentence), "%s: is bytes now", names[i][1]);
		refused(&was, &is, 16, sentence);
	}
}

/* A member in what was padding changes no size: old values have anything there. */
static void more_in_the_same_room_is_refused(void **state)
{
	struct types was, is;

	(void)state;
	setup(&was, &is, 16);
	member(&is, "packets", is.u64, 0);
	member(&is, "bytes", is.u64, 8);
	member(&is, "drops", is.u32, 12);
	refused(&was, &is, 16, "counts.drops: is new");
	begin(&was, 16);
	begin(&is, 16);
	member(&was, "packets", was.u64, 0);
	member(&was, "drops", was.u32, 8);
	member(&is, "packets", is.u64, 0);
	refused(&was, &is, 16, "counts.drops: is gone");
}

enum { KINDS = 16 };

/* Adds a type of each kind, each with other members, sizes or signs than the others; the last two are the first. */
static void add_kinds(struct types *types, int ids[KINDS])
{
	struct btf *btf = types->btf;
	int n = 0;

	ids[n++] = types->u64;
	ids[n++] = types->u32;
	ids[n++] = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	ids[n++] = btf__add_array(btf, types->u32, types->u64, 3);
	ids[n++] = btf__add_array(btf, types->u32, types->u64, 4);
	ids[n++] = btf__add_array(btf, types->u32, types->u32, 5);
	ids[n++] = btf__add_ptr(btf, types->u64);
	ids[n++] = btf__add_struct(btf, "pair", 8);
	ids[n++] = btf__add_union(btf, NULL, 8);
	ids[n++] = btf__add_enum(btf, "state", 4);
	ids[n++] = btf__add_enum(btf, "e", 8);
	ids[n++] = btf__add_float(btf, "double", 8);
	ids[n++] = btf__add_fwd(btf, "later", BTF_FWD_STRUCT);
	ids[n++] = btf__add_decl_tag(btf, "mark", types->value, -1);
	ids[n++] = btf__add_typedef(btf, "count", btf__add_const(btf, types->u64));
	ids[n++] = btf__add_type_tag(btf, "tag", btf__add_volatile(btf, types->u64));
	assert_int_equal(n, KINDS);
}

/* Each kind of types fits itself alone, and a sentence tells any two apart. */
static void kinds_are_told_apart(void **state)
{
	static const char *const said[KINDS] = { "u64", "u32", "s32", "u64[3]", "u64[4]", "u32[5]",
		"a pointer", "struct pair", "union", "enum state", "enum e", "float double",
		"another type later", "another type mark", "u64", "u64" };

	(void)state;
	for (int i = 0; i < KINDS * KINDS; i++) {
		const char *from = said[i / KINDS], *to = said[i % KINDS];
		struct types was, is;
		struct failure failure;
		int old[KINDS], new[KINDS];
		char sentence[96] = "";

		begin(&was, 16);
		begin(&is, 16);
		add_kinds(&was, old);
		add_kinds(&is, new);
		was.value = btf__add_struct(was.btf, "counters", 32);
		member(&was, "packets", old[i / KINDS], 0);
		is.value = btf__add_struct(is.btf, "counters", 32);
		member(&is, "packets", new[i % KINDS], 0);
		int expected = strcmp(from, to) == 0 ? MAP_FITS : -EBADMSG;
		if (expected != MAP_FITS)
			snprintf(sentence, sizeof(sentence), "counts.packets: %s became %s", from,
				to);
		assert_int_equal(fit(&was, 32, &is, 32, &failure), expected);
		assert_string_equal(failure.what, sentence);
		end(&was, &is);
	}
}

/* A section of variables of these names and types, 8 bytes each; NULL: there is none more. */
struct section {
	uint32_t size, at; /* at: of the second */
	const char *names[3];
	bool narrow; /* the second, which is a u32 */
};

static void add_section(struct types *types, const struct section *section)
{
	int ids[3] = { 0 };

	for (int i = 0; i < 3 && section->names[i] != NULL; i++)
		ids[i] = btf__add_var(types->btf, section->names[i], BTF_VAR_GLOBAL_ALLOCATED,
			i == 1 && section->narrow ? types->u32 : types->u64);
	types->value = btf__add_datasec(types->btf, ".bss", section->size);
	for (uint32_t i = 0; i < 3 && ids[i] != 0; i++)
		assert_int_equal(btf__add_datasec_var_info(
					 types->btf, ids[i], i == 1 ? section->at : i * 8, 8),
			0);
}

static void variables_are_compared(void **state)
{
	static const struct section before = { 24, 8, { "seen", "last" }, true };
	static const struct {
		struct section now;
		const char *sentence; /* "": they fit */
	} cases[] = {
		{ { 24, 8, { "seen", "last" }, true }, "" },
		{ { 24, 8, { "first", "last" }, true }, "counts.seen: is first now" },
		{ { 24, 8, { "seen", "first" }, true }, "counts.last: is first now" },
		{ { 24, 12, { "seen", "last" }, true },
			"counts.last: moved from byte 8 to byte 12" },
		{ { 24, 8, { "seen", "last" }, false }, "counts.last: u32 became u64" },
		{ { 24, 8, { "seen", "last", "next" }, true }, "counts.next: is new" },
		{ { 24, 0, { "seen" }, false }, "counts.last: is gone" },
		{ { 16, 8, { "seen", "last" }, true },
			"counts: the variables of .bss of 24 bytes became one of 16" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct types was, is;
		struct failure failure;

		begin(&was, 16);
		begin(&is, 16);
		add_section(&was, &before);
		add_section(&is, &cases[i].now);
		assert_int_equal(fit(&was, 24, &is, 24, &failure),
			cases[i].sentence[0] == '\0' ? MAP_FITS : -EBADMSG);
		assert_string_equal(failure.what, cases[i].sentence);
		end(&was, &is);
	}
}

/* What holds a struct as its only part. */
enum holder { IN_STRUCT, IN_UNION, IN_ARRAY, IN_SECTION, HOLDERS };

static int hold(struct types *types, enum holder holder, int type)
{
	int id = 0;

	switch (holder) {
	case IN_STRUCT:
	case IN_UNION:
		id = holder == IN_STRUCT ? btf__add_struct(types->btf, "holder", 16)
					 : btf__add_union(types->btf, "holder", 16);
		member(types, "a_long_name", type, 0);
		break;
	case IN_ARRAY:
		id = btf__add_array(types->btf, types->u32, type, 1);
		break;
	default:
		type = btf__add_var(types->btf, "held", BTF_VAR_GLOBAL_ALLOCATED, type);
		id = btf__add_datasec(types->btf, ".bss", 16);
		assert_int_equal(btf__add_datasec_var_info(types->btf, type, 0, 16), 0);
	}
	return id;
}

/* The value alone may grow, where its size says so, too. */
static void what_is_held_may_not_grow(void **state)
{
	(void)state;
	for (enum holder holder = 0; holder < HOLDERS; holder++) {
		struct types was, is;
		struct failure failure;

		begin(&was, 8);
		member(&was, "packets", was.u64, 0);
		begin(&is, 16);
		member(&is, "packets", is.u64, 0);
		member(&is, "bytes", is.u64, 8);
		was.value = hold(&was, holder, was.value);
		is.value = hold(&is, holder, is.value);
		assert_int_equal(fit(&was, 16, &is, 16, &failure), -EBADMSG);
		assert_non_null(strstr(failure.what, ".bytes: is new"));
		assert_int_equal(fit(&is, 16, &was, 16, &failure), -EBADMSG);
		assert_non_null(strstr(failure.what, ".bytes: is gone"));
		end(&was, &is);
	}
}

/* Nor may a union, which holds one of its members, or a key. */
static void unions_and_keys_may_not_grow(void **state)
{
	struct types was, is;
	struct failure failure;

	(void)state;
	begin(&was, 4);
	begin(&is, 4);
	was.value = btf__add_union(was.btf, "word", 4);
	member(&was, "packets", was.u32, 0);
	is.value = btf__add_union(is.btf, "word", 8);
	member(&is, "packets", is.u32, 0);
	member(&is, "bytes", is.u64, 0);
	assert_int_equal(fit(&was, 4, &is, 8, &failure), -EBADMSG);
	assert_string_equal(failure.what, "counts.bytes: is new");
	end(&was, &is);
	setup(&was, &is, 24);
	member(&is, "packets", is.u64, 0);
	member(&is, "bytes", is.u64, 8);
	member(&is, "drops", is.u64, 16);
	const struct map_layout before = { .btf = was.btf, .key = (uint32_t)was.value };
	const struct map_layout now = { .btf = is.btf, .key = (uint32_t)is.value };
	assert_int_equal(map_fit("counts", &before, &now, &failure), -EBADMSG);
	assert_string_equal(failure.what, "counts key.drops: is new");
	end(&was, &is);
}

static void sizes_and_types_of_maps_count(void **state)
{
	static const struct map_layout array = { .type = 2, .key_size = 4, .value_size = 16 };
	static const struct {
		struct map_layout other;
		const char *sentence; /* "": they fit */
	} cases[] = {
		{ { .type = 2, .key_size = 4, .value_size = 16 }, "" },
		{ { .type = 6, .key_size = 4, .value_size = 16 }, "counts: its type 2 became 6" },
		{ { .type = 2, .key_size = 8, .value_size = 16 },
			"counts: its key size 4 became 8" },
		/* Nobody knows what of it is new. */
		{ { .type = 2, .key_size = 4, .value_size = 24 },
			"counts: its value size 16 became 24" },
		{ { .type = 2, .key_size = 4, .value_size = 16, .flags = BPF_F_NO_PREALLOC },
			"counts: its flags 0 became 1" },
		{ { .type = 2, .key_size = 4, .value_size = 16, .flags = BPF_F_RDONLY }, "" },
		{ { .type = 2, .key_size = 4, .value_size = 16, .flags = BPF_F_WRONLY }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure = { 0 };

		assert_int_equal(map_fit("counts", &array, &cases[i].other, &failure),
			cases[i].sentence[0] == '\0' ? MAP_FITS : -EBADMSG);
		assert_string_equal(failure.what, cases[i].sentence);
	}
}

/* Where one side has no types, sizes alone are compared, both ways. */
static void maps_without_types_fit(void **state)
{
	struct types was, is;
	struct failure failure;

	(void)state;
	setup(&was, &is, 16); /* has no member: with its types it would not fit */
	const struct map_layout typed = { .btf = was.btf, .value = (uint32_t)was.value };
	const struct map_layout others[] = { { .btf = NULL, .value = (uint32_t)is.value },
		{ .btf = is.btf, .value = 0 } };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(map_fit("counts", &typed, &others[i], &failure), MAP_FITS);
		assert_int_equal(map_fit("counts", &others[i], &typed, &failure), MAP_FITS);
	}
	end(&was, &is);
	/* A plain integer, which is the first type of all. */
	begin(&was, 16);
	const struct map_layout wide = { .btf = was.btf, .value = (uint32_t)was.u64 };
	const struct map_layout narrow = { .btf = was.btf, .value = (uint32_t)was.u32 };
	assert_int_equal(map_fit("counts", &wide, &narrow, &failure), -EBADMSG);
	assert_int_equal(map_fit("counts", &narrow, &wide, &failure), -EBADMSG);
	btf__free(was.btf);
}

/* Types are followed to a depth of 16, and their path is cut where it is too long. */
static void types_are_followed_to_a_depth(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * HOLDERS; i++) {
		enum holder holder = i % HOLDERS;
		bool too_deep = i >= HOLDERS;
		struct types types;
		struct failure failure;
		begin(&types, 16);
		int id = types.u64;
		/* A section holds no section. */
		for (int depth = too_deep ? 17 : 16; depth > 1; depth--)
			id = hold(&types, holder == IN_SECTION ? IN_ARRAY : holder, id);
		types.value = hold(&types, holder, id);
		assert_int_equal(
			fit(&types, 16, &types, 16, &failure), too_deep ? -EBADMSG : MAP_FITS);
		assert_int_equal(strstr(failure.what, "cannot be followed") != NULL, too_deep);
		btf__free(types.btf);
	}
}

/* Returns a typedef of a typedef ... of a u64. */
static int add_typedefs(struct types *types, int n)
{
	int id = types->u64;

	while (n-- > 0)
		id = btf__add_typedef(types->btf, "count", id);
	return id;
}

/* Types that contain themselves, and references to nothing, end in a sentence. */
static void types_that_lie_are_refused(void **state)
{
	struct types was, is;
	struct failure failure;

	(void)state;
	begin(&was, 16);
	member(&was, "self", was.value, 0);
	assert_int_equal(fit(&was, 16, &was, 16, &failure), -EBADMSG);
	assert_non_null(strstr(failure.what, "its BTF cannot be followed"));
	btf__free(was.btf);
	setup(&was, &is, 16);
	member(&is, "packets", 4711, 0);
	refused(&was, &is, 16, "counts.packets: its BTF cannot be followed");
	/* Two arrays of each other: as wide as deep. */
	begin(&was, 16);
	int first = btf__add_array(was.btf, was.u32, was.u32 + 3, 2);
	int second = btf__add_array(was.btf, was.u32, first, 2);
	was.value = first;
	assert_int_equal(fit(&was, 16, &was, 16, &failure), -EBADMSG);
	/* Described in the sentence. */
	is = was;
	is.value = btf__add_array(was.btf, was.u32, second, 3);
	assert_int_equal(fit(&was, 16, &is, 16, &failure), -EBADMSG);
	assert_non_null(strstr(failure.what, "became another type[2][2]"));
	is.value = btf__add_array(was.btf, was.u32, 4711, 3);
	assert_int_equal(fit(&was, 16, &is, 16, &failure), -EBADMSG);
	assert_non_null(strstr(failure.what, "became another type[3]"));
	/* Typedefs are followed to a type behind 15 of them. */
	was.value = add_typedefs(&was, 15);
	assert_int_equal(fit(&was, 16, &was, 16, &failure), MAP_FITS);
	was.value = add_typedefs(&was, 16);
	assert_int_equal(fit(&was, 16, &was, 16, &failure), -EBADMSG);
	/* A name that is nowhere. */
	is.value = btf__add_enum(was.btf, "state", 4);
	((struct btf_type *)btf__type_by_id(was.btf, (uint32_t)is.value))->name_off = 1U << 20;
	was.value = was.u64;
	assert_int_equal(fit(&was, 16, &is, 16, &failure), -EBADMSG);
	assert_string_equal(failure.what, "counts: u64 became enum");
	btf__free(was.btf);
}

/* A section whose variable is nothing, or no variable, on either side. */
static void variables_that_lie_are_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct types sides[2];

		for (int k = 0; k < 2; k++) {
			begin(&sides[k], 16);
			int lie = i / 2 == 0 ? 4711 : sides[k].value;
			int seen = btf__add_var(
				sides[k].btf, "seen", BTF_VAR_GLOBAL_ALLOCATED, sides[k].u64);
			sides[k].value = btf__add_datasec(sides[k].btf, ".bss", 8);
			assert_int_equal(btf__add_datasec_var_info(
						 sides[k].btf, i % 2 == k ? lie : seen, 0, 8),
				0);
		}
		refused(&sides[0], &sides[1], 16, "counts: its BTF cannot be followed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_fits),
		cmocka_unit_test(more_at_the_end_has_grown),
		cmocka_unit_test(a_member_that_differs_is_named),
		cmocka_unit_test(members_are_named),
		cmocka_unit_test(more_in_the_same_room_is_refused),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(variables_are_compared),
		cmocka_unit_test(what_is_held_may_not_grow),
		cmocka_unit_test(unions_and_keys_may_not_grow),
		cmocka_unit_test(sizes_and_types_of_maps_count),
		cmocka_unit_test(maps_without_types_fit),
		cmocka_unit_test(types_are_followed_to_a_depth),
		cmocka_unit_test(types_that_lie_are_refused),
		cmocka_unit_test(variables_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
