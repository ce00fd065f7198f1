// SPDX-License-Identifier: BSD-2-Clause
/* Pinned maps: only those that this x0top would make itself are taken over; each difference has its name. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "interfaces.h"
#include "kernel/map_registry.h"
#include "kernel/object.h"
#include "kernel/percpu.h"
#include "kernel/pin.h"
#include "tests/lib/host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAP	     "pqc_sessions" /* a hash: its keys may have any size */
#define FOLDER	     "/sys/fs/bpf/test"

static struct map_registry registry;
static struct failure failure;
static struct bpf_object *object;
static const struct bpf_map *map;
static int folder;

static int start(void **state)
{
	(void)state;
	host_enter(1);
	if (mkdir(FOLDER, 0700) < 0 || (folder = open(FOLDER, O_RDONLY | O_DIRECTORY)) < 0)
		return -1;
	return object_open("xdp_pqc_verify", "", &object, &failure);
}

static int stop(void **state)
{
	(void)state;
	bpf_object__close(object);
	close(folder);
	return rmdir(FOLDER);
}

static int make(const char *name, uint32_t type, uint32_t key, uint32_t value, uint32_t entries,
	uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
	int fd = bpf_map_create(type, name, key, value, entries, &options);

	assert_return_code(fd, -fd);
	return fd;
}

/* Begins a registry with one shared map, and another pinned one that no object declares. */
static void declare(const struct shared_map *shared)
{
	const struct shared_map list[] = { *shared, { .name = "of_nobody", .pinned = true },
		{ 0 } };

	map_registry_init(&registry);
	map_registry_declare(&registry, list);
}

/* Pins a map under the shared one's name, takes it over, and compares. */
static int adopt(const struct shared_map *shared, int fd)
{
	failure = (struct failure) { 0 };
	declare(shared);
	assert_int_equal(pin_put(folder, fd, MAP), 0);
	assert_int_equal(map_registry_adopt(&registry, folder, &failure), 0);
	assert_true(map_registry_fd(&registry, MAP) >= 0);
	int error = map_registry_compare(&registry, object, true, &failure);
	map_registry_close(&registry);
	assert_int_equal(pin_remove(folder, MAP), 0);
	close(fd);
	return error;
}

static const struct shared_map pinned = { .name = MAP, .pinned = true };

static void each_difference_has_its_name(void **state)
{
	const uint32_t key = bpf_map__key_size(map), value = bpf_map__value_size(map),
		       entries = bpf_map__max_entries(map), flags = bpf_map__map_flags(map);
	const struct {
		const char *name;
		uint32_t type, key, value, entries, flags;
		const char *what;
		uint32_t is, not ;
	} maps[] = {
		{ MAP, BPF_MAP_TYPE_LRU_HASH, key, value, entries, flags, "type",
			BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_HASH },
		{ MAP, BPF_MAP_TYPE_HASH, key + 4, value, entries, flags, "key size", key + 4,
			key },
		{ MAP, BPF_MAP_TYPE_HASH, key, value + 8, entries, flags, "value size", value + 8,
			value },
		{ MAP, BPF_MAP_TYPE_HASH, key, value, entries + 1, flags, "entries", entries + 1,
			entries },
		{ MAP, BPF_MAP_TYPE_HASH, key, value, entries, flags ^ BPF_F_NO_PREALLOC, "flags",
			flags ^ BPF_F_NO_PREALLOC, flags },
	};
	char expected[256];

	(void)state;
	for (size_t i = 0; i < COUNT(maps); i++) {
		int fd = make(maps[i].name, maps[i].type, maps[i].key, maps[i].value,
			maps[i].entries, maps[i].flags);
		assert_int_equal(adopt(&pinned, fd), -EBADMSG);
		snprintf(expected, sizeof(expected),
			"The pin " MAP " does not match this x0top: its %s is %u, not %u",
			maps[i].what, maps[i].is, maps[i].not );
		assert_string_equal(failure.what, expected);
	}
	int fd = make("pqc_others", BPF_MAP_TYPE_HASH, key, value, entries, flags);
	assert_int_equal(adopt(&pinned, fd), -EBADMSG);
	assert_string_equal(failure.what,
		"The pin " MAP " does not match this x0top: it is the map pqc_others");
	assert_int_equal(
		adopt(&pinned, make(MAP, BPF_MAP_TYPE_HASH, key, value, entries, flags)), 0);
}

/* Entries that were chosen at load time fit within their limits, and no further. */
static void chosen_entries_have_limits(void **state)
{
	const struct shared_map chosen = { .name = MAP, .pinned = true, .entries = { 16, 64 } },
				slots = { .name = MAP, .pinned = true, .by_slot = true };
	const struct {
		const struct shared_map *shared;
		uint32_t entries;
		bool fits;
	} maps[] = {
		{ &chosen, 15, false },
		{ &chosen, 16, true },
		{ &chosen, 64, true },
		{ &chosen, 65, false },
		{ &slots, INTERFACE_SLOTS_MIN,
			false }, /* one place more, for those that are gone */
		{ &slots, INTERFACE_SLOTS_MIN + 1, true },
		{ &slots, INTERFACES_MAX + 1, true },
		{ &slots, INTERFACES_MAX + 2, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(maps); i++) {
		int fd = make(MAP, BPF_MAP_TYPE_HASH, bpf_map__key_size(map),
			bpf_map__value_size(map), maps[i].entries, bpf_map__map_flags(map));
		if ((adopt(maps[i].shared, fd) == 0) != maps[i].fits)
			fail_msg("%zu: %u entries: %s", i, maps[i].entries, failure.what);
	}
}

static void a_map_that_is_missing(void **state)
{
	static const struct shared_map unpinned = { .name = MAP };

	(void)state;
	declare(&pinned);
	assert_int_equal(map_registry_adopt(&registry, folder, &failure), 0);
	assert_true(map_registry_lacks(&registry, MAP));
	assert_int_equal(map_registry_compare(&registry, object, false, &failure), 0);
	assert_int_equal(map_registry_compare(&registry, object, true, &failure), -EBADMSG);
	assert_string_equal(failure.what, "The pin " MAP " is missing");
	declare(&unpinned);
	assert_int_equal(map_registry_compare(&registry, object, true, &failure), 0);
}

static void what_is_no_map_is_refused(void **state)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 2 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "test", "Dual BSD/GPL", pass, 2, NULL);

	(void)state;
	assert_return_code(fd, -fd);
	declare(&pinned);
	assert_int_equal(pin_put(folder, fd, MAP), 0);
	assert_int_equal(map_registry_adopt(&registry, folder, &failure), -EBADMSG);
	assert_string_equal(failure.what, "The pin " MAP " is a program, not a map");
	assert_true(map_registry_lacks(&registry, MAP));
	assert_int_equal(pin_remove(folder, MAP), 0);
	close(fd);
}

/* An object is put in another's place only if all of its maps fit those in force, and not the first alone. */
static void every_map_of_an_object_has_to_fit(void **state)
{
	static const struct shared_map list[] = { { .name = MAP }, { .name = "pqc_nodes" },
		{ .name = "pqc_node_slots" }, { .name = NULL } };

	(void)state;
	for (int wrong = 0; wrong <= 3; wrong++) { /* 3: none */
		map_registry_init(&registry);
		map_registry_declare(&registry, list);
		for (int i = 0; i < 3; i++) {
			const struct bpf_map *own =
				bpf_object__find_map_by_name(object, list[i].name);
			registry.fds[i] =
				make(list[i].name, bpf_map__type(own), bpf_map__key_size(own),
					bpf_map__value_size(own) + (i == wrong ? 8 : 0),
					bpf_map__max_entries(own), bpf_map__map_flags(own));
		}
		failure = (struct failure) { 0 };
		int error = map_registry_fits(&registry, "new", object, NULL, &failure);
		assert_int_equal(error, wrong == 3 ? 0 : -EBADMSG);
		if (wrong < 3)
			assert_non_null(strstr(failure.what, list[wrong].name));
		map_registry_close(&registry);
	}
}

/* Of all maps, those are pinned that enforcing programs need; one that goes is missed. */
static void pins_are_put_and_missed(void **state)
{
	static const struct shared_map list[] = { { .name = "first", .pinned = true },
		{ .name = "observed" }, { .name = "second", .pinned = true },
		{ .name = "not_yet", .pinned = true }, { .name = NULL } };

	(void)state;
	map_registry_init(&registry);
	map_registry_declare(&registry, list);
	assert_true(map_registry_pins_hold(&registry, folder));
	for (int i = 0; i < 3; i++)
		registry.fds[i] = make(list[i].name, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	assert_int_equal(map_registry_pin(&registry, folder, MAP_PINNED_WITH_CHAIN), 0);
	assert_true(pin_is(folder, registry.fds[0], "first"));
	assert_true(pin_is(folder, registry.fds[2], "second"));
	assert_false(pin_is(folder, registry.fds[0], "second"));
	assert_false(pin_exists(folder, "observed"));
	assert_false(pin_exists(folder, "not_yet"));
	assert_int_equal(map_registry_pin(&registry, folder, MAP_PINNED_WITH_CHAIN),
		0); /* they are there already */
	assert_true(map_registry_pins_hold(&registry, folder));
	registry.fds[3] = make("not_yet", BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	assert_true(map_registry_pins_hold(&registry, folder)); /* it was never pinned */
	assert_int_equal(pin_remove(folder, "second"), 0);
	assert_false(map_registry_pins_hold(&registry, folder));
	assert_int_equal(pin_put(folder, registry.fds[0], "second"), 0);
	assert_int_equal(map_registry_pin(&registry, folder, MAP_PINNED_WITH_CHAIN),
		-EEXIST); /* another's */
	assert_int_equal(pin_remove(folder, "first"), 0);
	assert_int_equal(pin_remove(folder, "second"), 0);
	assert_int_equal(pin_remove(folder, "second"), -ENOENT);
	map_registry_close(&registry);
	assert_int_equal(map_registry_fd(&registry, "first"), -ENOENT);
}

/* Whoever only looks takes the larger map that another x0top has put in a pin's place, but nothing else. */
static void larger_maps_are_followed(void **state)
{
	static const struct shared_map list[] = {
		{ .name = "counts", .pinned = true, .counts = 16 }, { .name = NULL }
	};
	static const struct {
		uint32_t type, value, entries;
		bool taken;
	} others[] = {
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 24, 2, true },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 8, 2, false },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 24, 3, false },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 16 + MAP_VALUE_GROWTH_MAX + 8, 2, false },
		{ BPF_MAP_TYPE_ARRAY, 24, 2, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		map_registry_init(&registry);
		map_registry_declare(&registry, list);
		registry.fds[0] = make("counts", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 2, 0);
		assert_int_equal(map_registry_pin(&registry, folder, MAP_PINNED_WITH_CHAIN), 0);
		map_registry_follow(&registry, folder);
		int fd = make("counts", others[i].type, 4, others[i].value, others[i].entries, 0);
		assert_int_equal(pin_replace(folder, fd, "counts"), 0);
		assert_true(pin_is(folder, fd, "counts"));
		assert_false(pin_exists(folder, "counts-new"));
		map_registry_follow(&registry, folder);
		assert_int_equal(pin_is(folder, registry.fds[0], "counts"), others[i].taken);
		map_registry_unpin(&registry, folder, MAP_PINNED_WITH_CHAIN);
		map_registry_close(&registry);
		close(fd);
	}
}

static int find_map(void **state)
{
	(void)state;
	map = bpf_object__find_map_by_name(object, MAP);
	return map == NULL;
}

#define test(function) cmocka_unit_test_setup(function, find_map)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_difference_has_its_name),
		test(chosen_entries_have_limits),
		test(a_map_that_is_missing),
		test(what_is_no_map_is_refused),
		test(every_map_of_an_object_has_to_fit),
		test(pins_are_put_and_missed),
		test(larger_maps_are_followed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
