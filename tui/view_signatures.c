// SPDX-License-Identifier: BSD-2-Clause
/* Signatures of mesh packets. The program that verifies them does not exist yet: this says so. */
#include <string.h>

#include "ui_state.h"

static const struct snapshot_program *find_program(const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->n_programs; i++)
		if (strcmp(snapshot->programs[i].name, "xdp_pqc_verify") == 0)
			return &snapshot->programs[i];
	return NULL;
}

static void draw(struct ui *ui, struct area area)
{
	const struct snapshot_program *program = find_program(&ui->snapshot);
	const char *state = ui->snapshot.pqc.state;
	int y = area.y + 1, width = area.width - 4;

	draw_format(y, 2, width, ui->snapshot.pqc.available ? STYLE_GOOD : STYLE_STRONG,
		"xdp_pqc_verify: %s", state[0] != '\0' ? state : "unknown");
	y += 2;
	if (program != NULL) {
		y += draw_wrapped(y, 2, width, 4, STYLE_TEXT, program->reason);
		y += draw_wrapped(y, 2, width, 4, STYLE_DIM, program->remedy);
	}
	if (!ui->snapshot.pqc.available)
		draw_wrapped(y + 1, 2, width, 4, STYLE_WARN,
			"No signature of any packet is verified on this host by x0top.");
}

const struct view view_signatures = {
	.name = "Signatures",
	.draw = draw,
};
