// SPDX-License-Identifier: BSD-2-Clause
/* kernel/map_fit.c: which maps a program can go on with, by their types, also by types that lie. */
#include "kernel/map_fit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
	struct types was, is;

	(void)state;
	setup(&was, &is, 16);
	member(&is, "packets", is.u32, 0);
	member(&is, "bytes", is.u64, 8);
	refused(&was, &is, 16, "counts.packets: u64 became u32");
	setup(&was, &is, 16);
	member(&is, "frames", is.u64, 0);
	member(&is, "bytes", is.u64, 8);
	refused(&was, &is, 16, "counts.packets: is frames now");
	setup(&was, &is, 24);
	member(&is, "packets", is.u64, 0);
	member(&is, "bytes", is.u64, 16);
	refused(&was, &is, 24, "counts.bytes: moved from byte 8 to byte 16");
	/* Also where the sizes of both are said to be the same. */
	setup(&was, &is, 16);
	member(&is, "packets", is.u64, 0);
	refused(&was, &is, 16, "counts.bytes: is gone");
}

/* Two versions of a section of variables: { u64 seen; u32 last; }. */
static void add_variables(struct types *types, const char *second, int type, uint32_t at)
{
	int seen = btf__add_var(types->btf, "seen", BTF_VAR_GLOBAL_ALLOCATED, types->u64);
	int last = btf__add_var(types->btf, second, BTF_VAR_GLOBAL_ALLOCATED, type);

	types->value = btf__add_datasec(types->btf, ".bss", 16);
	assert_int_equal(btf__add_datasec_var_info(types->btf, seen, 0, 8), 0);
	assert_int_equal(btf__add_datasec_var_info(types->btf, last, at, 4), 0);
}

static void variables_are_compared(void **state)
{
	static const struct {
		const char *name;
		bool wide;
		uint32_t at;
		const char *sentence; /* NULL: they fit */
	} cases[] = {
		{ "last", false, 8, NULL },
		{ "first", false, 8, "counts.last: is first now" },
		{ "last", false, 12, "counts.last: moved from byte 8 to byte 12" },
		{ "last", true, 8, "counts.last: u32 became u64" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct types was, is;
		struct failure failure;
		begin(&was, 16);
		begin(&is, 16);
		add_variables(&was, "last", was.u32, 8);
		add_variables(&is, cases[i].name, cases[i].wide ? is.u64 : is.u32, cases[i].at);
		assert_int_equal(fit(&was, 16, &is, 16, &failure),
			cases[i].sentence == NULL ? MAP_FITS : -EBADMSG);
		if (cases[i].sentence != NULL)
			assert_string_equal(failure.what, cases[i].sentence);
		end(&was, &is);
	}
}

static void sizes_and_types_of_maps_count(void **state)
{
	const struct map_layout array = { .type = 2, .key_size = 4, .value_size = 16 };
	struct map_layout other = array;
	struct failure failure;

	(void)state;
	assert_int_equal(map_fit("counts", &array, &other, &failure), MAP_FITS);
	other.type = 6;
	assert_int_equal(map_fit("counts", &array, &other, &failure), -EBADMSG);
	assert_string_equal(failure.what, "counts: its type 2 became 6");
	other = array;
	other.value_size = 24; /* nobody knows what of it is new */
	assert_int_equal(map_fit("counts", &array, &other, &failure), -EBADMSG);
	assert_string_equal(failure.what, "counts: its value size 16 became 24");
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
	btf__add_array(was.btf, was.u32, first, 2);
	was.value = first;
	assert_int_equal(fit(&was, 16, &was, 16, &failure), -EBADMSG);
	btf__free(was.btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_fits),
		cmocka_unit_test(more_at_the_end_has_grown),
		cmocka_unit_test(a_member_that_differs_is_named),
		cmocka_unit_test(variables_are_compared),
		cmocka_unit_test(sizes_and_types_of_maps_count),
		cmocka_unit_test(types_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
