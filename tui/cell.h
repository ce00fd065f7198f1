/* SPDX-License-Identifier: BSD-2-Clause */
/* Fill cells with numbers: text, value for sorting, and the dim style for 0. */
#ifndef X0_TUI_CELL_H
#define X0_TUI_CELL_H

#include "table.h"

/* Shows a rate per second, in `style` unless it is 0. */
void cell_rate(struct cell *cell, double rate, enum style style);

/* Shows bits per second; takes bytes per second. */
void cell_bits(struct cell *cell, double bytes);

void cell_count(struct cell *cell, uint64_t count);
void cell_bytes(struct cell *cell, uint64_t bytes);

/* Shows a time in ns, or "-" for 0: nothing measured. */
void cell_ns(struct cell *cell, double ns);

#endif
