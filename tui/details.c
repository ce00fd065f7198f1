// SPDX-License-Identifier: BSD-2-Clause
#include "details.h"

#include <stdarg.h>
#include <stdio.h>

#include "model/format.h"

enum { LABEL_WIDTH = 15, TEXT_LINES_MAX = 8 };

void details_add(
	struct details *details, enum style style, const char *label, const char *format, ...)
{
	struct details_line *line = &details->lines[details->n_lines];
	va_list arguments;

	if (details->n_lines == DETAILS_MAX) {
		line[-1] = (struct details_line) { .style = STYLE_DIM,
			.text = "There is no room for more: --json has all." };
		return;
	}
	details->n_lines++;
	line->style = style;
	snprintf(line->label, sizeof(line->label), "%s", label);
	va_start(arguments, format);
	vsnprintf(line->text, sizeof(line->text), format, arguments);
	va_end(arguments);
}

void details_add_counter(struct details *details, const char *label, const struct counter *counter)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	details_add(details, STYLE_TEXT, label, "%6s/s  %6s since start",
		format_rate(rate, counter->rate),
		format_count(total, format_total(counter->total)));
}

void details_add_traffic(struct details *details, const char *label, const struct traffic *traffic)
{
	char rate[FORMAT_LEN], bits[FORMAT_LEN], packets[FORMAT_LEN], bytes[FORMAT_LEN];

	details_add(details, STYLE_TEXT, label, "%6s/s  %9s/s  %6s packets  %7s",
		format_rate(rate, traffic->packets.rate), format_bits(bits, traffic->bytes.rate),
		format_count(packets, format_total(traffic->packets.total)),
		format_bytes(bytes, format_total(traffic->bytes.total)));
}

int details_draw(const struct details *details, struct area area, int scroll)
{
	int row = -scroll;

	for (uint32_t i = 0; i < details->n_lines; i++) {
		const struct details_line *line = &details->lines[i];
		int width = area.width - LABEL_WIDTH;
		int lines = draw_wrapped(0, 0, width, 0, STYLE_TEXT, line->text);

		if (lines > TEXT_LINES_MAX)
			lines = TEXT_LINES_MAX;
		if (lines < 1)
			lines = 1;
		if (row >= 0 && row + lines <= area.height) {
			draw_text(area.y + row, area.x, LABEL_WIDTH - 1, STYLE_DIM, line->label);
			draw_wrapped(area.y + row, area.x + LABEL_WIDTH, width, lines, line->style,
				line->text);
		} else if (row >= 0 && row < area.height) {
			draw_text(area.y + row, area.x, LABEL_WIDTH - 1, STYLE_DIM, line->label);
			draw_wrapped(area.y + row, area.x + LABEL_WIDTH, width, area.height - row,
				line->style, line->text);
		}
		row += lines;
	}
	return row + scroll;
}
