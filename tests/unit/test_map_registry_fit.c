// SPDX-License-Identifier: BSD-2-Clause
/* Which maps in force a program can go on with, and what it takes from those of another size: with objects and maps that
 * are made up, of which a map's number in the kernel is its descriptor. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/map_carry.h"
#include "kernel/map_fit.h"
#include "kernel/map_info.h"
#include "kernel/map_move.h"
#include "kernel/map_registry.h"
#include "kernel/map_value.h"
#include "kernel/object.h"

enum { MAPS_MAX = 3, KNOWN = 16 };

struct bpf_map {
	const char *name;
	int fd; /* -ENOENT: it is not loaded */
	uint32_t size; /* of a value */
};

struct bpf_object {
	struct bpf_map maps[MAPS_MAX];
};

/* What the kernel has, by descriptor, and what became of it: o opened, r run, c closed. */
static struct {
	uint32_t sizes[16];
	int fit; /* what comparing members says */
	const struct btf *btf; /* what the kernel tells */
	int open_error, run_error;
	char done[64];
} kernel;

static int note(const char *what, int error)
{
	strcat(kernel.done, what);
	return error;
}

static struct bpf_map *find_map(const struct bpf_object *object, const char *name)
{
	for (int i = 0; i < MAPS_MAX && object->maps[i].name != NULL; i++)
		if (strcmp(object->maps[i].name, name) == 0)
			return (struct bpf_map *)&object->maps[i];
	return NULL;
}

static struct bpf_map *next_map(const struct bpf_object *object, const struct bpf_map *map)
{
	map = map == NULL ? object->maps : map + 1;
	return map < &object->maps[MAPS_MAX] && map->name != NULL ? (struct bpf_map *)map : NULL;
}

static int fd_of(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = find_map(object, name);

	return map == NULL ? -ENOENT : map->fd;
}

static int read_info(int fd, struct bpf_map_info *info)
{
	*info = (struct bpf_map_info) { .id = (uint32_t)fd, .value_size = kernel.sizes[fd] };
	return kernel.sizes[fd] == 0 ? -EPERM : 0;
}

static int layout_read(int fd, struct map_layout *layout, struct btf **btf)
{
	*layout = (struct map_layout) { .key_size = 4, .value_size = kernel.sizes[fd] };
	*btf = (struct btf *)kernel.btf;
	return 0;
}

static void layout_declared(
	const struct bpf_object *object, const struct bpf_map *map, struct map_layout *layout)
{
	(void)object;
	*layout = (struct map_layout) { .key_size = 4, .value_size = map->size };
}

static int compare(const char *name, const struct map_layout *one, const struct map_layout *other,
	struct failure *why)
{
	(void)one, (void)other;
	snprintf(why->what, sizeof(why->what), "%s differs", name);
	return kernel.fit;
}

static int carry_open(int from, int to, struct map_words apart, struct map_carry **carry)
{
	(void)apart;
	assert_true(kernel.sizes[from] != kernel.sizes[to]);
	*carry = (struct map_carry *)&kernel;
	return note("o", kernel.open_error);
}

static int carry_run(struct map_carry *carry)
{
	assert_ptr_equal(carry, &kernel);
	return note("r", kernel.run_error);
}

static int move_open(int from, int to, struct map_move **move)
{
	assert_true(kernel.sizes[from] != kernel.sizes[to]);
	*move = (struct map_move *)&kernel;
	return note("o", strlen(kernel.done) > 0 ? kernel.open_error : 0);
}

static int move_settle(struct map_move *move)
{
	assert_ptr_equal(move, &kernel);
	return note("r", strlen(kernel.done) % 2 == 0 ? kernel.run_error : -E2BIG);
}

#define bpf_object__find_map_by_name   find_map
#define bpf_object__next_map	       next_map
#define bpf_map__name(map)	       ((map)->name)
#define bpf_map__is_internal(map)      false
#define btf__free(btf)		       ((void)(btf))
#define object_map_fd		       fd_of
#define map_info_read		       read_info
#define map_layout_read		       layout_read
#define map_layout_declared	       layout_declared
#define map_fit			       compare
#define map_carry_open		       carry_open
#define map_carry_run		       carry_run
#define map_carry_close(carry)	       ((void)(carry), (void)note("c", 0))
#define map_move_open		       move_open
#define map_move_settle		       move_settle
#define map_move_close(move)	       ((void)(move), (void)note("c", 0))
#define map_value_expect_other_sizes() ((void)0)
#include "../../core/kernel/map_registry_fit.c"
#undef map_fit

static struct failure failure;
static struct bpf_object older, newer;

static const struct shared_map plain = { .name = "m" };
static const struct shared_map counts = { .name = "m", .counts = KNOWN };
static const struct shared_map moved = { .name = "m", .moved = true };
static const struct shared_map shrinks = { .name = "m", .moved = true, .shrinks = true };
static const struct shared_map stays = { .name = "m", .stays = "it is secret" };

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&failure, 0, sizeof(failure));
	kernel.btf = (struct btf *)&kernel;
	memset(&older, 0, sizeof(older));
	memset(&newer, 0, sizeof(newer));
	return 0;
}

/* A map of so many bytes in force, known from the object before as `before` bytes unless that is 0, and one of `after`. */
static int fits(const struct shared_map *shared, uint32_t in_force, uint32_t before, uint32_t after)
{
	memset(&older, 0, sizeof(older));
	kernel.sizes[1] = in_force;
	older.maps[0] = (struct bpf_map) { "m", 1, before };
	newer.maps[0] = (struct bpf_map) { "m", -ENOENT, after };
	return map_registry_fit(
		"it", shared, 1, &newer, &newer.maps[0], before > 0 ? &older : NULL, &failure);
}

static void what_members_say_decides(void **state)
{
	static const struct {
		const struct shared_map *shared;
		int fit, expected;
		uint32_t in_force, after;
	} cases[] = {
		{ NULL, MAP_FITS, MAP_FITS, 8, 8 },
		{ &plain, MAP_FITS, MAP_FITS, 8, 8 },
		{ &plain, -EBADMSG, -EBADMSG, 8, 8 },
		{ NULL, MAP_GROWN, -EBADMSG, 8, 16 },
		{ NULL, MAP_LARGER, -EBADMSG, 16, 8 },
		{ &plain, MAP_GROWN, -EBADMSG, 8, 16 },
		{ &moved, MAP_GROWN, MAP_GROWN, 8, 16 },
		{ &moved, MAP_LARGER, -EBADMSG, 16, 8 },
		{ &shrinks, MAP_LARGER, MAP_LARGER, 16, 8 },
		{ &counts, -EBADMSG, -EBADMSG, KNOWN, KNOWN },
		{ &counts, MAP_GROWN, MAP_GROWN, 8, KNOWN + MAP_VALUE_GROWTH_MAX },
		{ &counts, MAP_GROWN, -EBADMSG, 8, KNOWN + MAP_VALUE_GROWTH_MAX + 1 },
		{ &counts, MAP_LARGER, MAP_LARGER, KNOWN + MAP_VALUE_GROWTH_MAX, KNOWN },
		{ &counts, MAP_LARGER, -EBADMSG, KNOWN + MAP_VALUE_GROWTH_MAX + 1, KNOWN },
		{ &counts, MAP_LARGER, -EBADMSG, KNOWN + 8, KNOWN - 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kernel.fit = cases[i].fit;
		int found = fits(cases[i].shared, cases[i].in_force, 0, cases[i].after);
		if (found != cases[i].expected)
			fail_msg("case %zu: %d, not %d", i, found, cases[i].expected);
	}
}

static void why_one_does_not_fit(void **state)
{
	(void)state;
	kernel.fit = MAP_GROWN;
	assert_int_equal(fits(&plain, 8, 0, 16), -EBADMSG);
	assert_string_equal(failure.what, "it does not fit the maps in force: m differs, and such "
					  "a map is not carried over");
	assert_int_equal(fits(&stays, 8, 0, 16), -EBADMSG);
	assert_string_equal(failure.what, "it does not fit the maps in force: m differs, and such "
					  "a map is not carried over: it is secret");
	assert_int_equal(fits(NULL, 8, 0, 16), -EBADMSG);
	assert_string_equal(failure.what, "it does not fit the maps in force: m differs, and such "
					  "a map is not carried over");
	assert_int_equal(fits(&counts, 8, 0, 9999), -EBADMSG);
	assert_string_equal(failure.what,
		"it does not fit the maps in force: m: it has grown to 9999 bytes, more "
		"than the 528 that x0top can read");
	kernel.fit = MAP_LARGER;
	assert_int_equal(fits(&plain, 16, 0, 8), -EBADMSG);
	assert_string_equal(failure.what, "it does not fit the maps in force: m differs");
}

/* Where the kernel does not tell what is in a value, the object before knows its beginning alone. */
static void only_the_beginning_is_known(void **state)
{
	static const struct {
		const struct shared_map *shared;
		int fit, expected;
		uint32_t in_force, before, after;
	} cases[] = {
		{ &counts, MAP_FITS, MAP_LARGER, 32, 24, 24 },
		{ &counts, MAP_FITS, MAP_FITS, 32, 24, 32 },
		{ &counts, MAP_LARGER, MAP_LARGER, 32, 24, KNOWN },
		{ &counts, MAP_GROWN, MAP_FITS, 32, 24, 32 },
		{ &counts, MAP_GROWN, -EBADMSG, 32, 24, 40 },
		{ &counts, MAP_GROWN, -EBADMSG, 32, 24, 28 },
		{ &counts, -EBADMSG, -EBADMSG, 32, 24, 32 },
		{ &counts, MAP_GROWN, MAP_GROWN, 24, 24, 32 }, /* the whole is known */
		{ &counts, MAP_GROWN, MAP_GROWN, 24, 32, 32 }, /* another one */
		{ &plain, MAP_FITS, MAP_FITS, 32, 24, 24 }, /* none that may grow */
	};

	(void)state;
	kernel.btf = NULL;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kernel.fit = cases[i].fit;
		int found =
			fits(cases[i].shared, cases[i].in_force, cases[i].before, cases[i].after);
		if (found != cases[i].expected)
			fail_msg("case %zu: %d, not %d", i, found, cases[i].expected);
	}
	kernel.fit = MAP_GROWN;
	assert_int_equal(fits(&counts, 32, 24, 40), -EBADMSG);
	assert_non_null(strstr(failure.what, "m: it is of 40 bytes, and what stands at the end of "
					     "the 32 in force is not known"));
}

/* Two objects with three maps: the same, one of another size, one of the same size. */
static void make_objects(void)
{
	older = (struct bpf_object) { { { "same", 1, 8 }, { "other", 2, 8 }, { "new", 3, 8 } } };
	newer = (struct bpf_object) { { { "same", 1, 8 }, { "other", 4, 16 }, { "new", 5, 8 } } };
	for (int fd = 1; fd <= 5; fd++)
		kernel.sizes[fd] = fd == 4 ? 16 : 8;
}

static void what_has_grown_is_carried(void **state)
{
	static const struct shared_map own[] = { { .name = "same", .counts = 8 },
		{ .name = "none", .counts = 8 }, { .name = "new", .counts = 8 },
		{ .name = "other", .counts = 8 }, { .name = NULL } };
	static const struct shared_map uncounted[] = { { .name = "other" }, { .name = NULL } };

	(void)state;
	make_objects();
	assert_true(map_registry_own_grows(&newer, &older, own));
	assert_true(map_registry_own_grows(&newer, &older, &own[3]));
	assert_false(map_registry_own_grows(&newer, &older, NULL));
	assert_int_equal(map_registry_carry_own(&newer, &older, own), 0);
	assert_string_equal(kernel.done, "orc");
	assert_int_equal(map_registry_carry_own(&newer, &older, uncounted), 0);
	assert_string_equal(kernel.done, "orc");
	kernel.sizes[5] = 24;
	kernel.run_error = -EIO;
	assert_int_equal(map_registry_carry_own(&newer, &older, own), -EIO);
	assert_string_equal(kernel.done, "orcorcorc"); /* the next, too */
	kernel.open_error = -EPERM;
	assert_int_equal(map_registry_carry_own(&newer, &older, &own[3]), -EPERM);
	assert_string_equal(kernel.done, "orcorcorcoc");
	kernel.sizes[5] = 8;
	kernel.sizes[4] = 8;
	assert_false(map_registry_own_grows(&newer, &older, own));
	kernel.sizes[4] = 0; /* it cannot be asked */
	assert_false(map_registry_own_grows(&newer, &older, own));
	kernel.sizes[4] = 16;
	kernel.sizes[2] = 0;
	assert_false(map_registry_own_grows(&newer, &older, own));
}

static void what_is_moved_is_settled(void **state)
{
	static const struct shared_map each[] = { { .name = EACH_MAP, .moved = true },
		{ .name = NULL } };
	static const struct shared_map one[] = { { .name = "new", .moved = true },
		{ .name = "other" }, { .name = NULL } };
	struct map_moves moves;

	(void)state;
	make_objects();
	kernel.sizes[5] = 24;
	assert_int_equal(map_registry_move_own("it", &newer, &older, one, &moves, &failure), 0);
	assert_int_equal(moves.n, 1);
	assert_int_equal(map_registry_move_own("it", &newer, &older, NULL, &moves, &failure), 0);
	assert_int_equal(moves.n, 0);
	kernel.done[0] = '\0';
	assert_int_equal(map_registry_move_own("it", &newer, &older, each, &moves, &failure), 0);
	assert_int_equal(moves.n, 2);
	assert_string_equal(kernel.done, "oo");
	kernel.run_error = -EIO;
	assert_int_equal(map_moves_settle(&moves), -EIO); /* of the first */
	assert_string_equal(kernel.done, "oorr");
	map_moves_close(&moves);
	assert_string_equal(kernel.done, "oorrcc");
	kernel.done[0] = '\0';
	kernel.open_error = -EOPNOTSUPP;
	assert_int_equal(
		map_registry_move_own("it", &newer, &older, each, &moves, &failure), -EOPNOTSUPP);
	assert_string_equal(kernel.done, "ooc"); /* nothing is left to close */
	assert_string_equal(
		failure.what, "Cannot carry new of it over: user space cannot read such a map");
	kernel.done[0] = '\0';
	kernel.open_error = -ENOMEM;
	assert_int_equal(
		map_registry_move_own("it", &newer, &older, each, &moves, &failure), -ENOMEM);
	assert_string_equal(failure.what, "Cannot carry new of it over: Cannot allocate memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_members_say_decides, setup),
		cmocka_unit_test_setup(why_one_does_not_fit, setup),
		cmocka_unit_test_setup(only_the_beginning_is_known, setup),
		cmocka_unit_test_setup(what_has_grown_is_carried, setup),
		cmocka_unit_test_setup(what_is_moved_is_settled, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
