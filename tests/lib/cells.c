// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/cells.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

enum { ROW_BYTES = 4096 };

static SCREEN *screen;
static FILE *nowhere;

static void set_number(const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	setenv(name, text, 1);
}

void cells_open(struct cells_options options)
{
	setenv("TZ", "UTC", 1);
	tzset();
	if (setlocale(LC_ALL, options.ascii ? "C" : "C.UTF-8") == NULL)
		abort();
	set_number("LINES", options.height);
	set_number("COLUMNS", options.width);
	nowhere = fopen("/dev/null", "r+");
	if (nowhere == NULL)
		abort();
	screen = newterm(options.term != NULL ? options.term : "xterm-256color",
		options.output != NULL ? options.output : nowhere, nowhere);
	if (screen == NULL)
		abort();
	style_open(!options.mono, !options.ascii);
}

void cells_close(void)
{
	endwin();
	delscreen(screen);
	fclose(nowhere);
	screen = NULL;
}

static void get_cell(int y, int x, wchar_t *text, attr_t *attributes, short *pair)
{
	cchar_t cell;

	if (mvin_wch(y, x, &cell) != OK || getcchar(&cell, text, attributes, pair, NULL) != OK)
		abort();
}

wchar_t cells_char(int y, int x)
{
	wchar_t text[CCHARW_MAX + 1];
	attr_t attributes;
	short pair;

	get_cell(y, x, text, &attributes, &pair);
	return text[0];
}

/* The bytes of a row up to a column, and how many they are. */
static size_t read_row(int y, int end, char *bytes)
{
	wchar_t text[CCHARW_MAX + 1];
	attr_t attributes;
	short pair;
	size_t length = 0;
	int x = 0;

	while (x < end) {
		get_cell(y, x, text, &attributes, &pair);
		for (int i = 0; i < CCHARW_MAX && text[i] != L'\0'; i++)
			length += (size_t)wctomb(bytes + length, text[i]);
		x += wcwidth(text[0]) > 1 ? wcwidth(text[0]) : 1;
	}
	bytes[length] = '\0';
	return length;
}

const char *cells_row(int y)
{
	static char bytes[ROW_BYTES];
	size_t length = read_row(y, COLS, bytes);

	while (length > 0 && bytes[length - 1] == ' ')
		bytes[--length] = '\0';
	return bytes;
}

int cells_find(const char *text, int *x)
{
	char before[ROW_BYTES];

	for (int y = 0; y < LINES; y++) {
		const char *row = cells_row(y);
		const char *at = strstr(row, text);

		if (at == NULL)
			continue;
		for (int column = 0; x != NULL && column < COLS; column++)
			if (read_row(y, column, before) == (size_t)(at - row)) {
				*x = column;
				break;
			}
		return y;
	}
	return -1;
}

enum style cells_style(int y, int x)
{
	wchar_t text[CCHARW_MAX + 1];
	attr_t attributes;
	short pair;

	get_cell(y, x, text, &attributes, &pair);
	return (enum style)(pair - 1);
}

attr_t cells_attributes(int y, int x)
{
	wchar_t text[CCHARW_MAX + 1];
	attr_t attributes;
	short pair;

	get_cell(y, x, text, &attributes, &pair);
	return attributes;
}
