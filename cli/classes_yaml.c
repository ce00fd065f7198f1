// SPDX-License-Identifier: BSD-2-Clause
#include "cli/classes_yaml.h"

#include <string.h>

#include "base/failure.h"
#include "base/file.h"
#include "cli/command.h"
#include "kernel/lock.h"
#include "qos/class_book.h"

int classes_read_book(struct class_lines *lines, struct failure *failure)
{
	struct class_book book;
	int error = class_book_open(&book);

	if (error == 0) {
		error = class_book_read(&book, lines);
		class_book_close(&book);
	}
	return error == 0 ? 0 : lock_check_hidden(LOCK_CLASSES, failure);
}

/* Writes default lines that are not there as taken away. */
static void write_missing(const struct class_lines *lines, FILE *file)
{
	static struct class_lines known;
	char text[RULE_LEN];

	classes_default(&known);
	for (uint32_t i = 0; i < known.n; i++) {
		if (classes_place(lines, &known.lines[i]) >= 0)
			continue;
		known.lines[i].class = CLASS_NONE;
		classes_format(&known.names, &known.lines[i], text, sizeof(text));
		fprintf(file, "  - %s\n", text);
	}
}

/* Within single quotes, YAML knows no other escape: names of cgroups may have backslashes. */
static void write_quoted(const char *text, FILE *file)
{
	fputs("  - '", file);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputc('\'', file);
		fputc(*text, file);
	}
	fputs("'\n", file);
}

void classes_write_yaml(const struct class_lines *lines, FILE *file)
{
	char text[RULE_LEN];

	fputs("classes:\n", file);
	for (uint32_t i = 0; i < lines->n; i++) {
		classes_format(&lines->names, &lines->lines[i], text, sizeof(text));
		write_quoted(text, file);
	}
	write_missing(lines, file);
}

static int cannot_write(const char *path, int error)
{
	struct failure failure;

	failure_set(&failure, error, "Cannot write %.160s: %s",
		path != NULL ? path : "to standard output", file_strerror(error));
	return command_failed(&failure, false);
}

int yaml_create(const char *path, struct saved_file *saved)
{
	int error = saved_file_open(saved, path);

	return error < 0 ? cannot_write(path, error) : EXIT_ALL_RAN;
}

int yaml_close(struct saved_file *saved)
{
	int error = saved_file_close(saved, 0);

	return error < 0 ? cannot_write(saved->path, error) : EXIT_ALL_RAN;
}
