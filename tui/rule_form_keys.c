// SPDX-License-Identifier: BSD-2-Clause
/* Keys and drawing of a form. */
#include <ctype.h>
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "keys.h"
#include "rule_form_fields.h"

/* --- keys ---------------------------------------------------------------------------------------- */

static void move_on(struct rule_form *form, int step)
{
	const unsigned int n = form_type_of(form)->n_fields;

	do {
		form->field = (form->field + n + (unsigned int)step) % n;
	} while (!rule_form_uses(form, form->field));
}

/* Lists what arrows offer for a field: its words; or nothing, and then names. Returns how many. */
static int list_choices(const struct rule_form *form, unsigned int field,
	const char *list[FORM_CHOICES_MAX + FORM_NAMES_MAX])
{
	const struct form_field_type *type = &form_type_of(form)->fields[field];
	int n = 0;

	for (; type->choices[n] != NULL; n++)
		list[n] = type->choices[n];
	for (uint32_t i = 0; i < form->n_names; i++) {
		if (!(form->names[i].fields >> field & 1))
			continue;
		if (n == 0)
			list[n++] = "";
		list[n++] = form->names[i].text;
	}
	return n;
}

/* Takes the choice before or after the present one; from what was typed, the first or the last. */
static void choose(struct rule_form *form, int step)
{
	const char *list[FORM_CHOICES_MAX + FORM_NAMES_MAX];
	int n = list_choices(form, form->field, list), at = step > 0 ? n - 1 : 0;

	for (int i = 0; i < n; i++)
		if (strcmp(list[i], form->values[form->field]) == 0)
			at = i;
	if (n > 0)
		rule_form_set(form, form->field, "%s", list[(at + n + step) % n]);
}

/* Takes the next choice that begins with a letter. */
static void choose_letter(struct rule_form *form, int letter)
{
	for (int i = 0; i < FORM_CHOICES_MAX; i++) {
		choose(form, 1);
		if (form->values[form->field][0] == letter)
			return;
	}
}

static void type(struct rule_form *form, int key)
{
	char *value = form->values[form->field];
	size_t length = strlen(value);
	const struct form_field_type *field = &form_type_of(form)->fields[form->field];

	if (!field->typed)
		return choose_letter(form, key);
	if ((key == ' ' && !field->words) || key == '"' || length + 1 >= sizeof(form->values[0]))
		return;
	value[length] = (char)key;
	value[length + 1] = '\0';
}

static void erase_typed(struct rule_form *form, bool all)
{
	const bool typed = form_type_of(form)->fields[form->field].typed;
	char *value = form->values[form->field];
	size_t length = strlen(value);

	/* Where the first is chosen, it says what shall be done. */
	if ((form->field == 0 && !typed) || length == 0)
		return;
	value[all || !typed ? 0 : length - 1] = '\0';
}

/* Goes to the first field with an error. Returns whether there is one. */
static bool find_error(struct rule_form *form)
{
	struct failure ignored;

	for (unsigned int field = 0; field < form_type_of(form)->n_fields; field++)
		if (rule_form_check(form, field, &ignored)) {
			form->field = field;
			return true;
		}
	return false;
}

enum rule_form_result rule_form_key(struct rule_form *form, int key)
{
	if (key == KEY_RETURN || key == '\n' || key == KEY_ENTER)
		return find_error(form) ? FORM_STAYS : FORM_DONE;
	if (key == KEY_ESCAPE)
		return FORM_LEFT;
	if (key == KEY_DOWN || key == '\t')
		move_on(form, 1);
	else if (key == KEY_UP || key == KEY_BTAB)
		move_on(form, -1);
	else if (key == KEY_LEFT || key == KEY_RIGHT)
		choose(form, key == KEY_LEFT ? -1 : 1);
	else if (key == KEY_HOME || key == KEY_END)
		form->field = key == KEY_HOME ? 0 : form_type_of(form)->last;
	else if (key == KEY_BACKSPACE || key == 127 || key == '\b' || key == ('u' & 0x1f))
		erase_typed(form, key == ('u' & 0x1f));
	else if (key < 128 && isprint(key))
		type(form, key);
	else
		return FORM_IGNORED;
	return FORM_STAYS;
}

/* --- drawing ------------------------------------------------------------------------------------- */

enum { LABEL_WIDTH = 13, VALUE_WIDTH = 26, BELOW = 4 /* lines below the fields */ };

/* Draws the end of what is typed, which is where the cursor is. */
static void draw_value(const struct rule_form *form, unsigned int field, int y, int x, int width)
{
	const char *value = form->values[field];
	bool chosen = field == form->field, uses = rule_form_uses(form, field);
	int length = (int)strlen(value), skip = length >= width ? length - width + 1 : 0;

	draw_fill(y, x, width, chosen ? STYLE_SELECTED : STYLE_TEXT,
		chosen ? L' ' : style_glyph(GLYPH_DOT));
	draw_text(y, x, width,
		!uses	 ? STYLE_DISABLED
		: chosen ? STYLE_SELECTED
			 : STYLE_STRONG,
		value + skip);
}

/* Draws beside the field what to write instead, or what is wrong, or how to choose. */
static void draw_note(const struct rule_form *form, unsigned int field, int y, int x, int width)
{
	const char *list[FORM_CHOICES_MAX + FORM_NAMES_MAX];
	struct failure failure = { 0 };

	if (rule_form_check(form, field, &failure))
		draw_text(y, x, width, STYLE_BAD,
			failure.remedy[0] != '\0' ? failure.remedy : failure.what);
	else if (!rule_form_uses(form, field))
		draw_text(y, x, width, STYLE_DISABLED,
			form->changes && field == FORM_PLACE ? "" : form_type_of(form)->unused);
	else if (field == form->field && list_choices(form, field, list) > 0)
		draw_text(y, x, width, STYLE_DIM, "arrows choose");
}

static void draw_fields(const struct rule_form *form, struct area area)
{
	const struct form_type *type = form_type_of(form);
	int shown = area.height < (int)type->n_fields ? area.height : (int)type->n_fields;
	int first = (int)form->field >= shown ? (int)form->field - shown + 1 : 0;
	int value = area.x + LABEL_WIDTH, note = value + VALUE_WIDTH + 1;

	for (int i = 0; i < shown; i++) {
		unsigned int field = (unsigned int)(first + i);
		int y = area.y + i;
		draw_text(y, area.x, LABEL_WIDTH - 1,
			rule_form_uses(form, field) ? STYLE_KEY : STYLE_DISABLED,
			type->fields[field].label);
		draw_value(form, field, y, value, VALUE_WIDTH);
		draw_note(form, field, y, note, area.x + area.width - note);
	}
}

/* Writes what is wrong with all of it, or with the field, and what to write instead. */
static const char *error_text(
	const struct rule_form *form, const char *whole, char *text, size_t size)
{
	struct failure failure = { 0 };

	if (whole[0] != '\0' || !rule_form_check(form, form->field, &failure))
		return whole;
	snprintf(text, size, "%s%s%s", failure.what, failure.remedy[0] != '\0' ? ". " : "",
		failure.remedy);
	return text;
}

/* Draws the rule as text, an error, and what the field means in what room is left. */
static void draw_below(const struct rule_form *form, const char *whole, struct area area)
{
	const struct form_type *type = form_type_of(form);
	char help[2 * REASON_LEN], text[2 * RULE_LEN], error[2 * REASON_LEN + 2];
	int used;

	rule_form_write(form, text, sizeof(text));
	used = draw_wrapped(area.y, area.x, area.width, 2, STYLE_ACCENT, text);
	used = used > 2 ? 2 : used;
	int left = area.height - used - 1;
	int lines = draw_wrapped(area.y + used, area.x, area.width, left, STYLE_BAD,
		error_text(form, whole, error, sizeof(error)));
	used += lines > left ? left : lines;
	if (type->help == NULL || !type->help(form, form->field, help, sizeof(help)))
		snprintf(help, sizeof(help), "%s", type->fields[form->field].help);
	draw_wrapped(area.y + used, area.x, area.width, area.height - used, STYLE_DIM, help);
}

void rule_form_draw(const struct rule_form *form, const char *error)
{
	const struct form_type *type = form_type_of(form);
	int height = (int)type->n_fields + BELOW + 2, width = COLS - 4 < 110 ? COLS - 4 : 110;
	char title[64];

	if (height > LINES - 2)
		height = LINES - 2;
	struct area area = { (LINES - height) / 2, (COLS - width) / 2, height, width };
	struct area inside = { area.y + 1, area.x + 2, height - 2, width - 4 }, below = inside;
	snprintf(title, sizeof(title), "%s", form->changes ? "Change rule " : type->title);
	if (form->changes)
		snprintf(title + strlen(title), 32, "%.8s", form->values[FORM_PLACE]);
	draw_frame(area, title);
	inside.height -= BELOW;
	below.y += inside.height;
	below.height = BELOW;
	draw_fields(form, inside);
	draw_below(form, error, below);
	draw_format(area.y + area.height - 1, area.x + 2, area.width - 4, STYLE_DIM,
		" Enter %s  Tab, arrows: next field  Esc closes ",
		form->changes ? "changes" : type->enter);
}
