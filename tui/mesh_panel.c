// SPDX-License-Identifier: BSD-2-Clause
#include "mesh_panel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mix.h"
#include "model/names.h"
#include "programs/xdp_mesh_filter_only.h"

static void draw_mode(const struct ui *ui, int y)
{
	const struct snapshot_mesh *mesh = &ui->snapshot->mesh;
	int x = 1;

	x += draw_text(y, x, 12, STYLE_TEXT, "Mesh filter ") + 1;
	if (!mesh->available) {
		draw_text(y, x, COLS - x, STYLE_BAD, "not running");
		return;
	}
	x += draw_text(y, x, 16, mesh->enforcing ? STYLE_BADGE : STYLE_TAB_ACTIVE,
		mesh->enforcing ? " ENFORCING " : " OBSERVING ");
	draw_format(y, x + 1, COLS - x - 1, STYLE_DIM, "%s; default: %s%s",
		mesh->enforcing ? "drop rules drop" : "drop rules count only; e enforces",
		mesh->policy < MESH_ACTIONS ? mesh_action_names[mesh->policy] : "?",
		mesh_only_is_on(mesh) ? "; only neighbours" : "");
}

struct area mesh_draw_head(const struct ui *ui, struct area area)
{
	draw_mode(ui, area.y);
	ui_draw_parts(ui, area.y + 1, area);
	area.y += 2;
	area.height -= 2;
	return area;
}

void neighbours_write_facts(const struct snapshot_neighbours *part, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < part->n_sources && length < size; i++) {
		const struct snapshot_neighbour_source *source = &part->sources[i];
		if (source->state < SOURCE_LIVE)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%s %" PRIu64 "%s",
			length > 0 ? ", " : "",
			source->name < NEIGHBOUR_SOURCES ? neighbour_source_names[source->name]
							 : "?",
			source->nodes + source->routes,
			source->state == SOURCE_LOST ? " lost" : "");
	}
}

uint64_t mesh_hash_text(uint64_t hash, const char *text)
{
	return mix_bytes(hash, text, strlen(text)) * 31;
}
