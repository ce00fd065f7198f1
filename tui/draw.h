/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws text into stdscr. Only printable characters reach the terminal: control characters and
 * invalid UTF-8 become '?', zero-width marks are left out, and without a UTF-8 locale everything
 * beyond ASCII becomes '?'. Draws nothing outside the given width.
 */
#ifndef X0_TUI_DRAW_H
#define X0_TUI_DRAW_H

#include <stddef.h>
#include <wchar.h>

#include "style.h"

/* A rectangle of the screen, in rows and columns from the top left. */
struct area {
	int y, x, height, width;
};

/* Draws `text` left-aligned in at most `width` columns, with an ellipsis if it does not fit.
 * Returns the columns used. */
int draw_text(int y, int x, int width, enum style style, const char *text);

/* Like draw_text(), from a printf format. */
int draw_format(int y, int x, int width, enum style style, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Draws `text` right-aligned: it ends at column x + width. Returns the columns used. */
int draw_right(int y, int x, int width, enum style style, const char *text);

/* Draws one character, which must be one column wide. */
void draw_cell(int y, int x, enum style style, wchar_t character);
void draw_glyph(int y, int x, enum style style, enum glyph glyph);

/* Fills `width` columns with one character. */
void draw_fill(int y, int x, int width, enum style style, wchar_t character);

/* Fills an area with spaces. */
void draw_blank(struct area area);

/* Draws a panel's title: a horizontal line with the title at the left and facts at the right. */
void draw_title(int y, int x, int width, const char *title, const char *facts);

/* Blanks an area and draws a frame with a title around it. */
void draw_frame(struct area area, const char *title);

/*
 * Breaks `text` at spaces into lines of at most `width` columns and draws the first `lines` of them;
 * the last one drawn ends with an ellipsis if text is left. Returns the lines that all of it needs.
 */
int draw_wrapped(int y, int x, int width, int lines, enum style style, const char *text);

/* Returns the columns that draw_text() needs for all of `text`. */
int text_columns(const char *text);

#endif
