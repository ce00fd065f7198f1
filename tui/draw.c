// SPDX-License-Identifier: BSD-2-Clause
#include "draw.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { TEXT_MAX = 512 };

/* Takes one character off *text. For what is none, takes one byte and returns -1. */
static int32_t utf8_next(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	/* The terminator, which is no part of a longer one, ends it. */
	size_t length = utf8_character(s, UTF8_MAX);
	int32_t character = length == 1 ? s[0] : s[0] & (0x7f >> length);

	*text += length > 0 ? length : 1;
	for (size_t i = 1; i < length; i++)
		character = character << 6 | (s[i] & 0x3f);
	return length > 0 ? character : -1;
}

/* Takes the next character and sets its columns; returns '?' for one that must not be drawn. */
static wchar_t printable_next(const char **text, int *columns)
{
	int32_t character = utf8_next(text);

	*columns = 1;
	if (character >= 0x20 && character < 0x7f)
		return (wchar_t)character;
	if (character < 0xa0 || !style_unicode())
		return L'?';
	*columns = wcwidth((wchar_t)character);
	if (*columns < 0) {
		*columns = 1;
		return L'?';
	}
	return (wchar_t)character;
}

int text_columns(const char *text)
{
	int total = 0, columns;

	while (*text != '\0') {
		printable_next(&text, &columns);
		total += columns;
	}
	return total;
}

void draw_cell(int y, int x, enum style style, wchar_t character)
{
	const wchar_t text[] = { character, L'\0' };
	attr_t attributes;
	short pair;
	cchar_t cell;

	style_get(style, &attributes, &pair);
	if (setcchar(&cell, text, attributes, pair, NULL) == OK)
		mvadd_wch(y, x, &cell);
}

void draw_glyph(int y, int x, enum style style, enum glyph glyph)
{
	draw_cell(y, x, style, style_glyph(glyph));
}

/* Draws up to `length` bytes of `text`. */
static int draw_bytes(int y, int x, int width, enum style style, const char *text, size_t length)
{
	const char *end = text + length;
	int used = 0, columns;

	while (*text != '\0' && text < end) {
		wchar_t character = printable_next(&text, &columns);

		if (columns == 0)
			continue;
		if (used + columns > width ||
			(used + columns == width && text < end && text_columns(text) > 0)) {
			if (used < width)
				draw_glyph(y, x + used++, style, GLYPH_ELLIPSIS);
			break;
		}
		draw_cell(y, x + used, style, character);
		used += columns;
	}
	return used;
}

int draw_text(int y, int x, int width, enum style style, const char *text)
{
	return draw_bytes(y, x, width, style, text, strlen(text));
}

int draw_format(int y, int x, int width, enum style style, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return draw_text(y, x, width, style, text);
}

int draw_right(int y, int x, int width, enum style style, const char *text)
{
	int columns = text_columns(text);

	if (columns > width)
		columns = width;
	return draw_text(y, x + width - columns, columns, style, text);
}

void draw_fill(int y, int x, int width, enum style style, wchar_t character)
{
	for (int i = 0; i < width; i++)
		draw_cell(y, x + i, style, character);
}

void draw_blank(struct area area)
{
	for (int row = 0; row < area.height; row++)
		draw_fill(area.y + row, area.x, area.width, STYLE_TEXT, L' ');
}

void draw_title(int y, int x, int width, const char *title, const char *facts)
{
	int columns = text_columns(facts);

	draw_fill(y, x, width, STYLE_DIM, style_glyph(GLYPH_LINE));
	draw_cell(y, x + 1, STYLE_DIM, L' ');
	int used = draw_text(y, x + 2, width - 4, STYLE_TITLE, title);
	draw_cell(y, x + 2 + used, STYLE_DIM, L' ');
	if (columns > width - used - 7)
		columns = width - used - 7;
	if (columns <= 0)
		return;
	x += width - columns - 2;
	draw_cell(y, x - 1, STYLE_DIM, L' ');
	draw_text(y, x, columns, STYLE_TEXT, facts);
	draw_cell(y, x + columns, STYLE_DIM, L' ');
}

void draw_frame(struct area area, const char *title)
{
	int bottom = area.y + area.height - 1, right = area.x + area.width - 1;

	draw_blank(area);
	draw_fill(area.y, area.x, area.width, STYLE_DIM, style_glyph(GLYPH_LINE));
	draw_fill(bottom, area.x, area.width, STYLE_DIM, style_glyph(GLYPH_LINE));
	for (int y = area.y + 1; y < bottom; y++) {
		draw_glyph(y, area.x, STYLE_DIM, GLYPH_BAR);
		draw_glyph(y, right, STYLE_DIM, GLYPH_BAR);
	}
	draw_glyph(area.y, area.x, STYLE_DIM, GLYPH_TOP_LEFT);
	draw_glyph(area.y, right, STYLE_DIM, GLYPH_TOP_RIGHT);
	draw_glyph(bottom, area.x, STYLE_DIM, GLYPH_BOTTOM_LEFT);
	draw_glyph(bottom, right, STYLE_DIM, GLYPH_BOTTOM_RIGHT);
	draw_format(area.y, area.x + 2, area.width - 4, STYLE_TITLE, " %s ", title);
}

/* Returns the end of the line that starts at `text`, at most `width` columns on. */
static const char *line_end(const char *text, int width)
{
	const char *at = text, *space = NULL;
	int used = 0, columns;

	while (*at != '\0') {
		const char *next = at;

		printable_next(&next, &columns);
		if (used + columns > width)
			return space != NULL ? space : at > text ? at : next;
		if (*at == ' ')
			space = at;
		used += columns;
		at = next;
	}
	return at;
}

int draw_wrapped(int y, int x, int width, int lines, enum style style, const char *text)
{
	int line = 0;

	/* The first line keeps its leading spaces: they may align a number. */
	if (width <= 0 || text[strspn(text, " ")] == '\0')
		return 0;
	while (*text != '\0') {
		const char *end = line_end(text, width);

		if (line + 1 == lines && *end != '\0')
			end = text + strlen(text);
		if (line < lines)
			draw_bytes(y + line, x, width, style, text, (size_t)(end - text));
		line++;
		text = end;
		text += strspn(text, " ");
	}
	return line;
}
