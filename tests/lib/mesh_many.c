// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/mesh_many.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/object.h"
#include "mesh/set_change.h"
#include "mesh/set_text.h"
#include "tests/lib/bpf_program.h"

char *mesh_many_text(const char *first, unsigned int net)
{
	char *text = malloc(MESH_MANY * 20), *at = text;

	assert_non_null(text);
	at += sprintf(at, "%s ; the one that packets meet\n", first);
	for (unsigned int i = 1; i < MESH_MANY; i++)
		at += sprintf(at, "%u.%u.%u.%u\n", net, i >> 16, i >> 8 & 255, i & 255);
	return text;
}

char *mesh_many_text6(unsigned int net)
{
	char *text = malloc(MESH_MANY * 24), *at = text;

	assert_non_null(text);
	for (unsigned int i = 0; i < MESH_MANY; i++)
		at += sprintf(at, "2001:db8:%x::%x:%x\n", net, i >> 16, i & 0xffff);
	return text;
}

void mesh_many_load(struct mesh_filter_loaded *filter, const char *text)
{
	const struct mesh_set set = { .name = "s", .origin = MESH_ORIGIN_FILE };
	struct set_elements elements = { .kind = MESH_SET_KINDS };
	struct failure failure = { 0 };

	assert_int_equal(set_add_file(&elements, "text", text, strlen(text), &failure), 0);
	assert_int_equal(elements.n, MESH_MANY);
	assert_int_equal(set_change_put(&filter->registry, &set, &elements, &failure), 0);
	free(elements.list);
}

/* Returns the size of the lines of a bank that do not lie near; 0: there are none. */
static uint64_t compiled_bytes(const struct mesh_filter_loaded *filter, uint32_t bank)
{
	int banks = bpf_program_map_fd(filter->object, "mesh_lines");
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), id;

	if (bpf_map_lookup_elem(banks, &bank, &id) < 0)
		return 0;
	int array = bpf_map_get_fd_by_id(id);
	assert_true(array >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(array, &info, &size), 0);
	close(array);
	return (uint64_t)info.max_entries * info.value_size;
}

struct mesh_many_memory mesh_many_memory(const struct mesh_filter_loaded *filter)
{
	uint64_t first = compiled_bytes(filter, 0), second = compiled_bytes(filter, 1);

	return (struct mesh_many_memory) {
		.compiled = first > second ? first : second,
		.others = object_map_bytes(filter->object),
	};
}
