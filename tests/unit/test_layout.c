// SPDX-License-Identifier: BSD-2-Clause
/*
 * The maps that are pinned are those of the layout's version: tests/unit/text/pinned-maps.txt. After one
 * has changed on purpose, raise PINS_LAYOUT; UPDATE_SCREENS=1 writes the file anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/chain.h"
#include "kernel/object.h"
#include "kernel/pins.h"
#include "programs/programs.h"

#define KEPT "tests/unit/text/pinned-maps.txt"

static bool is_pinned(const struct shared_map *maps, const char *name)
{
	for (; maps != NULL && maps->name != NULL; maps++)
		if (maps->pinned && strcmp(maps->name, name) == 0)
			return true;
	return false;
}

enum { LINES = 96, LINE_LEN = 160 };

static struct {
	size_t n;
	char line[LINES][LINE_LEN];
} found;

static int compare(const void *one, const void *other)
{
	return strcmp(one, other);
}

/* Where several programs have a map, each adds its line. */
static void add_program(const struct program_type *type)
{
	struct bpf_object *object;
	struct bpf_map *map;
	struct failure failure;

	assert_int_equal(object_open(type->name, "", &object, &failure), 0);
	bpf_object__for_each_map (map, object) {
		const char *name = bpf_map__name(map);
		if (!is_pinned(type->maps, name) && !is_pinned(chain_maps, name))
			continue;
		assert_true(found.n < LINES);
		snprintf(found.line[found.n++], LINE_LEN,
			"%s %s: type %d, key %u, value %u, entries %u, flags %u\n", type->name,
			name, (int)bpf_map__type(map), bpf_map__key_size(map),
			bpf_map__value_size(map), bpf_map__max_entries(map),
			bpf_map__map_flags(map));
	}
	bpf_object__close(object);
}

/* Sorted: the order of maps in an object is the compiler's. */
static char *make_text(void)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (uint32_t i = 0; program_types[i] != NULL; i++)
		if (program_types[i]->stage != XDP_ROOT || program_types[i]->pin != NULL)
			add_program(program_types[i]);
	qsort(found.line, found.n, LINE_LEN, compare);
	fprintf(file, "layout %s\n", PINS_LAYOUT);
	for (size_t i = 0; i < found.n; i++)
		fputs(found.line[i], file);
	fclose(file);
	return text;
}

static void pinned_maps_are_those_of_the_layout(void **state)
{
	static char kept[1 << 14];
	char *text = make_text();
	FILE *file = fopen(KEPT, getenv("UPDATE_SCREENS") != NULL ? "w+" : "r");

	(void)state;
	assert_non_null(file);
	if (getenv("UPDATE_SCREENS") != NULL)
		fputs(text, file);
	rewind(file);
	kept[fread(kept, 1, sizeof(kept) - 1, file)] = '\0';
	fclose(file);
	if (strcmp(text, kept) != 0)
		fail_msg("%s differs: if a map has changed, raise PINS_LAYOUT. It is now:\n%s",
			KEPT, text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pinned_maps_are_those_of_the_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
