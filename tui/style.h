/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names styles by meaning, never by colour, and the characters that draw them. Keeps the terminal's
 * background; the tones of 256 colours are legible on black and on white. Without colour, bold,
 * dim, reverse and underline carry the meaning.
 */
#ifndef X0_TUI_STYLE_H
#define X0_TUI_STYLE_H

#include <stdbool.h>
#include <wchar.h>

#include <ncurses.h>

enum style {
	STYLE_TEXT,
	STYLE_DIM, /* labels, lines, inactive things */
	STYLE_STRONG, /* the number that matters */
	STYLE_TITLE, /* panel title */
	STYLE_ACCENT, /* selectable names */
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_SELECTED, /* the highlighted row */
	STYLE_HEAD, /* column titles */
	STYLE_SORTED, /* title of the sort column */
	STYLE_TAB,
	STYLE_TAB_ACTIVE,
	STYLE_KEY, /* a key in the footer and in help */
	STYLE_DISABLED, /* unavailable here */
	STYLE_GRAPH,
	STYLE_BADGE, /* PAUSED, READ-ONLY */
	STYLE_BADGE_BAD,
	STYLES,
};

enum glyph {
	GLYPH_ON,
	GLYPH_PARTLY,
	GLYPH_FAILED,
	GLYPH_OFF,
	GLYPH_NOT_BUILT,
	GLYPH_LINE,
	GLYPH_EDGE, /* of a band in a graph */
	GLYPH_BAR, /* vertical line */
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_ELLIPSIS,
	GLYPH_ASCENDING,
	GLYPH_DESCENDING,
	GLYPH_DOT, /* of the empty part of a field */
	GLYPH_GOOD,
	GLYPH_WARN,
	GLYPH_BAD,
	GLYPH_NOTE,
	GLYPHS,
};

/* Steps of a full block; style_level() and style_part() take 0 to BLOCK_STEPS. */
#define BLOCK_STEPS 8

/* Prepares colours and glyphs for the terminal that curses opened. */
void style_open(bool color, bool unicode);

/* Returns whether characters beyond ASCII may be drawn. */
bool style_unicode(void);

/* Gets the attributes and colour pair of a style. */
void style_get(enum style style, attr_t *attributes, short *pair);

wchar_t style_glyph(enum glyph glyph);

/* Return a cell filled from below (level) or from the left (part) to `step` of BLOCK_STEPS. */
wchar_t style_level(int step);
wchar_t style_part(int step);

#endif
