// SPDX-License-Identifier: BSD-2-Clause
#include "style.h"

#include <assert.h>

/* The colour pair of a style is its number plus one: pair 0 is the terminal's own. */
struct style_look {
	short rich; /* foreground with 256 colours; -1: the terminal's own */
	short basic; /* foreground with 8 colours */
	attr_t attributes; /* with colour */
	attr_t plain; /* without */
};

/*
 * The relative luminance of these tones is near 0.18: a contrast of about 4.5 to 1 against both
 * white and black (WCAG 2.1, section 1.4.3).
 */
enum {
	TONE_GREY = 244,
	TONE_GREEN = 28,
	TONE_AMBER = 130,
	TONE_RED = 160,
	TONE_CYAN = 30,
	TONE_BLUE = 27,
};

static const struct style_look looks[STYLES] = {
	[STYLE_TEXT] = { -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_DIM] = { TONE_GREY, -1, A_NORMAL, A_DIM },
	[STYLE_STRONG] = { -1, -1, A_BOLD, A_BOLD },
	[STYLE_TITLE] = { TONE_CYAN, COLOR_CYAN, A_BOLD, A_BOLD },
	[STYLE_ACCENT] = { TONE_CYAN, COLOR_CYAN, A_NORMAL, A_NORMAL },
	[STYLE_GOOD] = { TONE_GREEN, COLOR_GREEN, A_NORMAL, A_NORMAL },
	[STYLE_WARN] = { TONE_AMBER, COLOR_YELLOW, A_BOLD, A_BOLD },
	[STYLE_BAD] = { TONE_RED, COLOR_RED, A_BOLD, A_BOLD | A_UNDERLINE },
	[STYLE_SELECTED] = { -1, -1, A_REVERSE, A_REVERSE },
	[STYLE_HEAD] = { TONE_GREY, -1, A_NORMAL, A_DIM },
	[STYLE_SORTED] = { -1, -1, A_BOLD, A_BOLD },
	[STYLE_TAB] = { -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_TAB_ACTIVE] = { -1, -1, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
	[STYLE_KEY] = { TONE_CYAN, COLOR_CYAN, A_BOLD, A_BOLD },
	[STYLE_DISABLED] = { TONE_GREY, -1, A_DIM, A_DIM },
	[STYLE_GRAPH] = { TONE_BLUE, COLOR_BLUE, A_NORMAL, A_NORMAL },
	[STYLE_BADGE] = { TONE_AMBER, COLOR_YELLOW, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
	[STYLE_BADGE_BAD] = { TONE_RED, COLOR_RED, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
};

static const wchar_t glyphs[2][GLYPHS] = {
	{
		[GLYPH_ON] = '*',
		[GLYPH_PARTLY] = '%',
		[GLYPH_FAILED] = 'x',
		[GLYPH_OFF] = 'o',
		[GLYPH_NOT_BUILT] = '.',
		[GLYPH_LINE] = '-',
		[GLYPH_EDGE] = '-',
		[GLYPH_BAR] = '|',
		[GLYPH_TOP_LEFT] = '+',
		[GLYPH_TOP_RIGHT] = '+',
		[GLYPH_BOTTOM_LEFT] = '+',
		[GLYPH_BOTTOM_RIGHT] = '+',
		[GLYPH_ELLIPSIS] = '~',
		[GLYPH_ASCENDING] = '^',
		[GLYPH_DESCENDING] = 'v',
		[GLYPH_DOT] = '.',
		[GLYPH_GOOD] = '*',
		[GLYPH_WARN] = '!',
		[GLYPH_BAD] = 'x',
		[GLYPH_NOTE] = '-',
	},
	{
		[GLYPH_ON] = L'●',
		[GLYPH_PARTLY] = L'◐',
		[GLYPH_FAILED] = L'✗',
		[GLYPH_OFF] = L'○',
		[GLYPH_NOT_BUILT] = L'·',
		[GLYPH_LINE] = L'─',
		[GLYPH_EDGE] = L'┄',
		[GLYPH_BAR] = L'│',
		[GLYPH_TOP_LEFT] = L'╭',
		[GLYPH_TOP_RIGHT] = L'╮',
		[GLYPH_BOTTOM_LEFT] = L'╰',
		[GLYPH_BOTTOM_RIGHT] = L'╯',
		[GLYPH_ELLIPSIS] = L'…',
		[GLYPH_ASCENDING] = L'▲',
		[GLYPH_DESCENDING] = L'▼',
		[GLYPH_DOT] = L'·',
		[GLYPH_GOOD] = L'✓',
		[GLYPH_WARN] = L'▲',
		[GLYPH_BAD] = L'✗',
		[GLYPH_NOTE] = L'•',
	},
};

static const wchar_t levels[2][BLOCK_STEPS + 1] = {
	{ ' ', '.', '.', ':', ':', '|', '|', '#', '#' },
	{ ' ', L'▁', L'▂', L'▃', L'▄', L'▅', L'▆', L'▇', L'█' },
};

static const wchar_t parts[2][BLOCK_STEPS + 1] = {
	{ ' ', ' ', '-', '-', '-', '=', '=', '=', '#' },
	{ ' ', L'▏', L'▎', L'▍', L'▌', L'▋', L'▊', L'▉', L'█' },
};

/* File scope: one terminal, as curses has one stdscr. */
static bool in_color;
static bool in_unicode;

void style_open(bool color, bool unicode)
{
	in_unicode = unicode;
	in_color = color && has_colors() && start_color() == OK && use_default_colors() == OK;
	if (!in_color)
		return;
	for (int style = 0; style < STYLES; style++)
		init_pair((short)(style + 1),
			COLORS >= 256 ? looks[style].rich : looks[style].basic, -1);
}

bool style_unicode(void)
{
	return in_unicode;
}

void style_get(enum style style, attr_t *attributes, short *pair)
{
	const struct style_look *look = &looks[style];

	*pair = in_color ? (short)(style + 1) : 0;
	*attributes = in_color ? look->attributes : look->plain;
	/* Eight colours have no grey: use the dim attribute. */
	if (in_color && COLORS < 256 && look->rich == TONE_GREY)
		*attributes |= A_DIM;
}

wchar_t style_glyph(enum glyph glyph)
{
	return glyphs[in_unicode][glyph];
}

wchar_t style_level(int step)
{
	assert(step >= 0 && step <= BLOCK_STEPS);
	return levels[in_unicode][step];
}

wchar_t style_part(int step)
{
	assert(step >= 0 && step <= BLOCK_STEPS);
	return parts[in_unicode][step];
}
