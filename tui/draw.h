/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text onto stdscr, safely: whatever a string holds, only printable characters reach the terminal.
 * Control characters and bytes that are not UTF-8 become '?', marks without width are left out, and
 * without a UTF-8 locale everything beyond ASCII becomes '?'. Nothing is drawn outside its width.
 */
#ifndef X0_TUI_DRAW_H
#define X0_TUI_DRAW_H

#include <stddef.h>
#include <wchar.h>

#include "style.h"

/* A rectangle of the screen. */
struct area {
	int y, x, height, width;
};

/* Draws `text` from the left in at most `width` columns, with an ellipsis if it does not fit.
 * Returns the columns used. */
int draw_text(int y, int x, int width, enum style style, const char *text);

/* The same from a format. */
int draw_format(int y, int x, int width, enum style style, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Draws `text` so that it ends at column x + width. Returns the columns used. */
int draw_right(int y, int x, int width, enum style style, const char *text);

/* Draws one character that is known to be one column wide. */
void draw_cell(int y, int x, enum style style, wchar_t character);
void draw_glyph(int y, int x, enum style style, enum glyph glyph);

/* Fills `width` columns with one character. */
void draw_fill(int y, int x, int width, enum style style, wchar_t character);

/* Makes an area blank. */
void draw_blank(struct area area);

/* A panel's title: a line across, the title in it at the left, a few facts at the right. */
void draw_title(int y, int x, int width, const char *title, const char *facts);

/* A frame around an area, with a title. */
void draw_frame(struct area area, const char *title);

/*
 * Breaks `text` at spaces into lines of at most `width` columns. Draws the line with the number
 * `line` (from 0) if y is not negative. Returns how many lines there are.
 */
int draw_wrapped(int y, int x, int width, int lines, enum style style, const char *text);

/* The columns that draw_text() needs for all of `text`. */
int text_columns(const char *text);

#endif
