// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/set_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mesh/set_text.h"

enum { CHANGED = 1700000000 };

void set_sample_put(struct mesh_sets *sets, const char *name, const char *text, uint32_t origin,
	const char *source)
{
	struct set_elements elements = { .kind = MESH_SET_KINDS };
	struct mesh_set set = { .origin = origin, .changed = CHANGED };
	struct failure failure;

	snprintf(set.name, sizeof(set.name), "%s", name);
	snprintf(set.source, sizeof(set.source), "%s", source);
	assert_int_equal(set_add_file(&elements, "x", text, strlen(text), &failure), 0);
	set_merge(&elements);
	set.kind = elements.kind;
	set.n = elements.n;
	assert_int_equal(sets_put(sets, &set, elements.list, &failure), 0);
}
