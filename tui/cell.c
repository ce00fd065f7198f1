// SPDX-License-Identifier: BSD-2-Clause
#include "cell.h"

#include <stdio.h>

#include "model/format.h"

static void cell_value(struct cell *cell, double value, enum style style)
{
	cell->value = value;
	cell->style = value > 0 ? style : STYLE_DIM;
}

void cell_rate(struct cell *cell, double rate, enum style style)
{
	cell_value(cell, rate, style);
	format_rate(cell->text, rate);
}

void cell_bits(struct cell *cell, double bytes)
{
	cell_value(cell, bytes, STYLE_TEXT);
	format_bits(cell->text, bytes);
}

void cell_count(struct cell *cell, uint64_t count)
{
	cell_value(cell, format_total(count), STYLE_TEXT);
	format_count(cell->text, format_total(count));
}

void cell_bytes(struct cell *cell, uint64_t bytes)
{
	cell_value(cell, (double)bytes, STYLE_TEXT);
	format_bytes(cell->text, format_total(bytes));
}

void cell_ns(struct cell *cell, double ns)
{
	cell_value(cell, ns, STYLE_TEXT);
	if (ns > 0)
		format_ns(cell->text, ns);
	else
		snprintf(cell->text, sizeof(cell->text), "-");
}
