// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/switches.h"

#include "kernel/map_value.h"
#include "mesh/tables.h"

static int read_control(const struct map_registry *maps, struct mesh_filter_control *control)
{
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	if (map < 0)
		return map;
	return map_value_read(map, &zero, control, sizeof(*control));
}

uint32_t switches_sum(const struct map_registry *maps)
{
	struct mesh_filter_control control;

	if (read_control(maps, &control) < 0)
		return 0;
	return (control.switched[0] + control.switched[1]) & INT32_MAX;
}

static int store_word(const struct map_registry *maps, size_t offset, uint32_t value)
{
	return tables_store(map_registry_fd(maps, "mesh_filter_control"), offset, value);
}

int switches_set_enforce(const struct map_registry *maps, bool enforce)
{
	return store_word(maps, offsetof(struct mesh_filter_control, enforce), enforce);
}

/* --- lines --------------------------------------------------------------------------------------- */

static int write_line(
	const struct map_registry *maps, uint32_t number, const struct mesh_rule *rules)
{
	int map = map_registry_fd(maps, "mesh_disabled");
	struct mesh_line line = { { 0 } };
	uint32_t bit = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (rules[i].match == MESH_MATCH_NONE)
			continue;
		if (!rules[i].enabled)
			line.words[bit / 64] |= 1ULL << bit % 64;
		bit++;
	}
	if (map < 0)
		return map;
	return map_value_write(map, &number, &line, sizeof(line));
}

int switches_read(const struct map_registry *maps, uint32_t bank, struct mesh_rule *rules)
{
	int map = map_registry_fd(maps, "mesh_disabled");
	struct mesh_filter_control control;
	struct mesh_line line;
	uint32_t bit = 0;
	int error = read_control(maps, &control);

	if (error < 0 || map < 0)
		return error < 0 ? error : map;
	uint32_t number = MESH_DISABLED(bank, control.switched[bank % MESH_BANKS]);
	error = map_value_read(map, &number, &line, sizeof(line));
	if (error < 0)
		return error;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (rules[i].match == MESH_MATCH_NONE)
			continue;
		rules[i].enabled = !(line.words[bit / 64] >> bit % 64 & 1);
		bit++;
	}
	return 0;
}

static size_t word_of(uint32_t bank)
{
	return offsetof(struct mesh_filter_control, switched) +
	       bank % MESH_BANKS * sizeof(uint32_t);
}

int switches_begin(const struct map_registry *maps, uint32_t bank, const struct mesh_rule *rules)
{
	int error = store_word(maps, word_of(bank), 0);

	return error < 0 ? error : write_line(maps, MESH_DISABLED(bank, 0), rules);
}

int switches_write(const struct map_registry *maps, uint32_t bank, const struct mesh_rule *rules)
{
	struct mesh_filter_control control;
	int error = read_control(maps, &control);

	if (error < 0)
		return error;
	uint32_t switched = control.switched[bank % MESH_BANKS] + 1;
	error = write_line(maps, MESH_DISABLED(bank, switched), rules);
	return error < 0 ? error : store_word(maps, word_of(bank), switched);
}
