/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What things look like: styles by meaning, never by colour, and the characters that draw them.
 * Backgrounds are the terminal's own, and with 256 colours the tones are those that can be read on
 * black and on white alike. Without colour, bold, dim, reverse and underline carry the meaning.
 */
#ifndef X0_TUI_STYLE_H
#define X0_TUI_STYLE_H

#include <stdbool.h>
#include <wchar.h>

#include <ncurses.h>

enum style {
	STYLE_TEXT,
	STYLE_DIM, /* labels, lines, what is off */
	STYLE_STRONG, /* the number that matters */
	STYLE_TITLE, /* of a panel */
	STYLE_ACCENT, /* names of things that can be chosen */
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_SELECTED, /* the highlighted row */
	STYLE_HEAD, /* titles of columns */
	STYLE_SORTED, /* title of the column that sorts */
	STYLE_TAB,
	STYLE_TAB_ACTIVE,
	STYLE_KEY, /* a key in the footer and in help */
	STYLE_DISABLED, /* what cannot be done here */
	STYLE_GRAPH,
	STYLE_BADGE, /* PAUSED, READ-ONLY: must be seen */
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
	GLYPH_BAR, /* vertical line */
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_ELLIPSIS,
	GLYPH_ASCENDING,
	GLYPH_DESCENDING,
	GLYPH_DOT, /* between facts in a line */
	GLYPH_GOOD,
	GLYPH_WARN,
	GLYPH_BAD,
	GLYPH_NOTE,
	GLYPH_POINTER,
	GLYPHS,
};

/* Full blocks have this many steps; style_level() and style_part() take 0 to BLOCK_STEPS. */
#define BLOCK_STEPS 8

/* Prepares the tables for the terminal that curses has opened. */
void style_open(bool color, bool unicode);

/* Whether anything beyond ASCII may be drawn. */
bool style_unicode(void);

/* The attributes and the colour pair of a style, for characters that are built cell by cell. */
void style_get(enum style style, attr_t *attributes, short *pair);

wchar_t style_glyph(enum glyph glyph);

/* A cell filled from below, and from the left, to `step` of BLOCK_STEPS. */
wchar_t style_level(int step);
wchar_t style_part(int step);

#endif
