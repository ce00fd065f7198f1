// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/class_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "programs/class_maps.h"

const struct shared_map class_lines_maps[] = {
	{ .name = "class_set" },
	{ .name = "class_lines" },
	{ .name = "class_bank" },
	{ .name = NULL },
};

uint32_t class_lines_put(const struct map_registry *registry, const char *const *texts)
{
	static struct class_lines lines;
	struct class_maps state = { 0 };
	struct failure failure = { 0 };
	const char *paths[CLASS_CGROUPS_MAX];

	classes_default(&lines);
	for (lines.n = 0; texts[lines.n] != NULL; lines.n++)
		if (classes_parse(texts[lines.n], &lines.names, &lines.lines[lines.n], &failure) <
			0)
			fail_msg("%s", failure.what);
	if (class_maps_put(registry, &lines, &state, &failure) < 0)
		fail_msg("%s", failure.what);
	if (classes_cgroups(&lines, paths) ==
		0) /* those are not there: a test enters their numbers */
		assert_int_equal(state.unmet.error, 0);
	return lines.n;
}
