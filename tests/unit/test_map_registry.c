// SPDX-License-Identifier: BSD-2-Clause
/* Which maps objects share, and how larger ones take the place of smaller ones: with objects and maps that are made up.
 * A map is a file as long as its value, whose number is the map's id. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "kernel/map_copy.h"
#include "kernel/map_info.h"
#include "kernel/map_registry.h"
#include "kernel/map_value.h"
#include "kernel/object.h"
#include "kernel/pin.h"

enum { ENTRIES = 5, MAPS_MAX = 4, FOLDER = 77 };

struct bpf_map {
	const char *name;
	uint32_t size;
	int fd; /* -1: not loaded */
	int used; /* of the registry; -1: none */
	uint32_t entries; /* 0: as the object says */
};

struct bpf_object {
	struct bpf_map maps[MAPS_MAX];
};

/* What was done, in order: C carry, M move, P pin, with the names' first letters; and what fails. */
static struct {
	char done[64];
	char fails;
	int error;
} kernel;

static int note(char what, char name)
{
	size_t at = strlen(kernel.done);

	snprintf(kernel.done + at, sizeof(kernel.done) - at, "%c%c ", what, name);
	return kernel.fails == what ? kernel.error : 0;
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

static int use_fd(struct bpf_map *map, int fd)
{
	map->used = fd;
	return 0;
}

static int set_entries(struct bpf_map *map, uint32_t entries)
{
	map->entries = entries;
	return 0;
}

static int fd_of(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = find_map(object, name);

	return map == NULL ? -ENOENT : map->fd;
}

static int read_info(int fd, struct bpf_map_info *info)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	*info = (struct bpf_map_info) { .id = (uint32_t)status.st_ino,
		.value_size = (uint32_t)status.st_size,
		.max_entries = ENTRIES };
	return 0;
}

static int carry_open(int from, int to, struct map_words apart, struct map_carry **carry)
{
	(void)from, (void)to, (void)apart;
	*carry = (struct map_carry *)&kernel;
	return note('c', 'o');
}

static int carry_run(struct map_carry *carry)
{
	assert_ptr_equal(carry, &kernel);
	return note('C', 'r');
}

static int move_locked(int from, int to, const struct map_merging *merging, struct map_move **move)
{
	(void)from, (void)to, (void)merging;
	*move = (struct map_move *)&kernel;
	return note('m', 'o');
}

static int move_flows(int from, int to, struct map_words stale)
{
	(void)from, (void)to, (void)stale;
	return note('f', 'o');
}

static int move_settle(struct map_move *move)
{
	assert_ptr_equal(move, &kernel);
	return note('M', 'r');
}

static int copy(int from, int to)
{
	(void)from, (void)to;
	return note('k', 'o');
}

static int replace_pin(int folder, int fd, const char *name)
{
	(void)fd;
	assert_int_equal(folder, FOLDER);
	return note('P', name[0]);
}

#define bpf_object__find_map_by_name   find_map
#define bpf_object__next_map	       next_map
#define bpf_object__name(object)       "made up"
#define bpf_map__name(map)	       ((map)->name)
#define bpf_map__value_size(map)       ((map)->size)
#define bpf_map__fd(map)	       ((map)->fd)
#define bpf_map__reuse_fd	       use_fd
#define bpf_map__set_max_entries       set_entries
#define object_map_fd		       fd_of
#define map_info_read		       read_info
#define map_carry_open		       carry_open
#define map_carry_run		       carry_run
#define map_carry_close(carry)	       ((void)(carry))
#define map_move_locked		       move_locked
#define map_move_flows		       move_flows
#define map_move_settle		       move_settle
#define map_move_close(move)	       ((void)(move))
#define map_copy		       copy
#define pin_replace		       replace_pin
#define map_value_expect_other_sizes() ((void)0)
#include "../../core/kernel/map_registry.c"

/* `counts` is summed, `flows` and `table` are copied, `buckets` are moved, `links` links programs,
 * which have `both` together. */
static const struct map_merging merging = { .words = 1 };
static const struct shared_map declared[] = {
	{ .name = "counts", .counts = 8, .pinned = MAP_PINNED_WITH_CHAIN },
	{ .name = "flows", .copied = 8, .stale = { .n = 1 } },
	{ .name = "table", .copied = 8, .pinned = MAP_PINNED_WITH_CLASSES },
	{ .name = "buckets", .copied = 8, .merging = &merging },
	{ .name = "links", .links = true },
	{ .name = "plain" },
	{ .name = "slots", .by_slot = true },
	{ .name = "three", .per_slot = 3 },
	{ .name = "both", .counts = 8, .together = true },
	{ .name = NULL },
};

enum { DECLARED = sizeof(declared) / sizeof(declared[0]) - 1 };

static struct map_registry registry;
static uint32_t turned; /* the list begins here, so that each is the first once */
static struct bpf_object object;
static struct failure failure;

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&registry, 0, sizeof(registry));
	map_registry_init(&registry);
	map_registry_declare(&registry, &declared[turned]);
	map_registry_declare(&registry, declared);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	map_registry_close(&registry);
	for (int i = 0; i < MAPS_MAX && object.maps[i].name != NULL; i++)
		fd_close(&object.maps[i].fd);
	return 0;
}

/* Opens the object anew, with a map of this size; size 0: with none. */
static void open_object(const char *name, uint32_t size)
{
	for (int i = 0; i < MAPS_MAX && object.maps[i].name != NULL; i++)
		fd_close(&object.maps[i].fd);
	memset(&object, 0, sizeof(object));
	object.maps[0] = (struct bpf_map) { name, size, -1, -1, 0 };
}

static void add_map(const char *name, uint32_t size)
{
	int i = 0;

	while (object.maps[i].name != NULL)
		i++;
	object.maps[i] = (struct bpf_map) { name, size, -1, -1, 0 };
}

/* Loads it: a map that is not shared is made. */
static void load_object(void)
{
	for (int i = 0; i < MAPS_MAX && object.maps[i].name != NULL; i++) {
		struct bpf_map *map = &object.maps[i];

		map->fd = map->used >= 0 ? dup(map->used) : memfd_create(map->name, MFD_CLOEXEC);
		if (map->used < 0)
			assert_int_equal(ftruncate(map->fd, map->size), 0);
	}
}

static int share(void)
{
	return map_registry_share(&registry, &object, &failure);
}

/* Brings a map of this size. Returns what map_registry_keep() does. */
static int bring(const char *name, uint32_t size)
{
	open_object(name, size);
	assert_int_equal(share(), 0);
	load_object();
	return map_registry_keep(&registry, &object);
}

static uint32_t size_of(const char *name)
{
	struct bpf_map_info info;

	read_info(map_registry_fd(&registry, name), &info);
	return info.value_size;
}

static void the_first_is_kept(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DECLARED; i++)
		assert_int_equal(
			map_registry_find(&registry, declared[(turned + i) % DECLARED].name), i);
	assert_int_equal(map_registry_find(&registry, "other"), -ENOENT);
	map_registry_declare(&registry, declared);
	assert_int_equal(registry.n, DECLARED);
	assert_true(map_registry_lacks(&registry, "counts"));
	assert_false(map_registry_lacks(&registry, "other"));
	assert_int_equal(map_registry_fd(&registry, "counts"), -ENOENT);
	assert_int_equal(bring("counts", 8), 0);
	assert_false(map_registry_lacks(&registry, "counts"));
	open_object("counts", 8);
	assert_int_equal(share(), 0);
	assert_int_equal(object.maps[0].used, map_registry_fd(&registry, "counts"));
	open_object("other", 8);
	assert_int_equal(share(), 0);
	assert_int_equal(object.maps[0].used, -1);
}

static void one_is_added_where_none_is(void **state)
{
	(void)state;
	assert_int_equal(map_registry_add(&registry, "other", dup(0)), -ENOENT);
	assert_int_equal(map_registry_add(&registry, "counts", dup(0)), 0);
	assert_int_equal(map_registry_add(&registry, "counts", dup(0)), -EEXIST);
}

static void maps_by_slot_have_as_many_elements(void **state)
{
	(void)state;
	assert_int_equal(map_registry_set_slots(&registry, 40), 0);
	open_object("slots", 8);
	add_map("three", 8);
	add_map("plain", 8);
	assert_int_equal(share(), 0);
	assert_int_equal(object.maps[0].entries, 40);
	assert_int_equal(object.maps[1].entries, 120);
	assert_int_equal(object.maps[2].entries, 0);
	assert_int_equal(bring("plain", 8), 0);
	assert_int_equal(map_registry_set_slots(&registry, 50), 0);
	assert_int_equal(bring("three", 8), 0);
	assert_int_equal(map_registry_set_slots(&registry, 60), -EBUSY);
	setup(state);
	assert_int_equal(bring("slots", 8), 0);
	assert_int_equal(map_registry_set_slots(&registry, 60), -EBUSY);
}

/* What is larger takes the place, in the way that is declared; what is not, goes on with the one that is there. */
static void larger_ones_take_the_place(void **state)
{
	static const struct {
		const char *name, *done, *carried;
		bool grows;
	} cases[] = {
		{ "counts", "co ", "co Cr ", true },
		{ "flows", "fo ", "fo ", true },
		{ "table", "ko ", "ko ", true },
		{ "buckets", "mo ", "mo Mr ", true },
		{ "plain", "", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(state);
		assert_int_equal(bring(cases[i].name, 8), 0);
		assert_int_equal(bring(cases[i].name, 8), 0);
		assert_false(map_registry_grows(&registry));
		assert_int_equal(bring(cases[i].name, 16), 0);
		assert_int_equal(object.maps[0].entries, cases[i].grows ? ENTRIES : 0);
		assert_int_equal(size_of(cases[i].name), cases[i].grows ? 16 : 8);
		assert_int_equal(map_registry_grows(&registry), cases[i].grows);
		assert_false(map_registry_renews(&registry));
		assert_string_equal(kernel.done, cases[i].done);
		assert_int_equal(map_registry_carry(&registry, FOLDER), 0);
		assert_string_equal(kernel.done, cases[i].carried);
		assert_false(map_registry_grows(&registry));
		assert_int_equal(bring(cases[i].name, 8), 0);
		assert_int_equal(size_of(cases[i].name), cases[i].grows ? 16 : 8);
		teardown(state);
	}
	setup(state);
}

/* Until it is carried over, it does not grow again; nothing is left of one that could not begin. */
static void one_grows_after_the_other(void **state)
{
	(void)state;
	assert_int_equal(bring("table", 8), 0);
	kernel.fails = 'k';
	kernel.error = -ENOMEM;
	assert_int_equal(bring("table", 16), -ENOMEM);
	assert_int_equal(size_of("table"), 8);
	kernel.fails = 0;
	assert_int_equal(bring("table", 16), 0);
	assert_int_equal(bring("table", 24), -EBUSY);
	map_registry_carry_nothing(&registry);
	assert_int_equal(size_of("table"), 8);
	assert_false(map_registry_grows(&registry));
	assert_int_equal(bring("table", 24), 0);
	assert_int_equal(size_of("table"), 24);
}

/* What was copied is settled before, and what programs write in the end; what is pinned, anew. The first error is
 * returned, and the others are carried over nevertheless. */
static void the_copied_come_before_the_written(void **state)
{
	(void)state;
	bring("counts", 8);
	bring("table", 8);
	bring("buckets", 8);
	registry.in_pins[map_registry_find(&registry, "counts")] = true;
	registry.in_pins[map_registry_find(&registry, "table")] = true;
	open_object("counts", 16);
	add_map("table", 16);
	add_map("buckets", 16);
	assert_int_equal(share(), 0);
	load_object();
	assert_int_equal(map_registry_keep(&registry, &object), 0);
	assert_int_equal(strlen(kernel.done), strlen("co ko mo "));
	kernel.done[0] = '\0';
	assert_int_equal(map_registry_settle(&registry, FOLDER), 0);
	assert_string_equal(kernel.done, "Pt ");
	kernel.fails = 'C';
	kernel.error = -EIO;
	assert_int_equal(map_registry_carry(&registry, FOLDER), -EIO);
	assert_int_equal(strncmp(kernel.done, "Pt ", 3), 0);
	assert_true(strstr(kernel.done, "Cr ") && strstr(kernel.done, "Mr "));
	assert_false(map_registry_grows(&registry));
	kernel.fails = 'P';
	bring("table", 24);
	assert_int_equal(map_registry_carry(&registry, FOLDER), -EIO);
	kernel.done[0] = '\0';
	bring("table", 32);
	assert_int_equal(map_registry_carry(&registry, -1), 0); /* no folder */
	assert_string_equal(kernel.done, "ko ");
}

/* Programs that have a map together change at once, by whoever may, with what links them brought anew. */
static void together_they_grow_at_once(void **state)
{
	(void)state;
	bring("both", 8);
	bring("links", 4);
	open_object("both", 16);
	add_map("links", 4);
	assert_true(map_registry_has_together(&registry, &object));
	assert_int_equal(share(), -EBADMSG);
	assert_string_equal(failure.what, "made up has a larger map both than other programs that "
					  "are in force with it");
	registry.may_renew = true;
	assert_int_equal(share(), 0);
	assert_int_equal(object.maps[1].used, -1);
	assert_int_equal(object.maps[1].entries, ENTRIES);
	load_object();
	assert_int_equal(map_registry_keep(&registry, &object), 0);
	assert_true(map_registry_renews(&registry));
	assert_int_equal(map_registry_carry(&registry, FOLDER), 0);
	assert_false(map_registry_renews(&registry));
	open_object("both", 24); /* without what links them */
	assert_int_equal(share(), -EBADMSG);
	open_object("links", 4);
	assert_false(map_registry_has_together(&registry, &object));
	assert_int_equal(share(), 0);
	assert_int_equal(object.maps[0].used, map_registry_fd(&registry, "links"));
	load_object();
	assert_int_equal(map_registry_keep(&registry, &object), 0);
	assert_false(map_registry_renews(&registry));
}

static void only_what_is_pinned_with_it_is_forgotten(void **state)
{
	(void)state;
	bring("counts", 8);
	bring("table", 8);
	bring("table", 16);
	bool *in_pins = &registry.in_pins[map_registry_find(&registry, "table")];
	*in_pins = true;
	map_registry_forget(&registry, MAP_PINNED_WITH_CLASSES);
	assert_true(map_registry_lacks(&registry, "table"));
	assert_false(*in_pins);
	assert_false(map_registry_grows(&registry));
	assert_false(map_registry_lacks(&registry, "counts"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_is_kept),
		TEST(one_is_added_where_none_is),
		TEST(maps_by_slot_have_as_many_elements),
		TEST(larger_ones_take_the_place),
		TEST(one_grows_after_the_other),
		TEST(the_copied_come_before_the_written),
		TEST(together_they_grow_at_once),
		TEST(only_what_is_pinned_with_it_is_forgotten),
	};

	int failed = 0;

	for (turned = 0; turned < DECLARED; turned++)
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
