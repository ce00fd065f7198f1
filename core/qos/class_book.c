// SPDX-License-Identifier: BSD-2-Clause
#include "qos/class_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/lock.h"
#include "kernel/rights.h"

#define MAGIC	      0x6b6f6f623078u /* "x0book" */
#define PLACES	      (CLASS_BOOK_UNDOS + 1)
#define PLACE_SIZE    ((off_t)1 << 18)
#define PLACE(number) (((off_t)(number) % PLACES + 1) * PLACE_SIZE)

/* At the beginning: one write makes it another. */
struct head {
	uint64_t magic;
	uint32_t size; /* of struct entry */
	uint32_t changes;
	uint32_t last; /* number of the entry in force */
	uint32_t undos; /* entries before it */
	uint32_t by_operator; /* 0 or 1 */
	uint32_t reserved;
};

struct entry {
	char action[RULE_LEN]; /* that made it */
	uint32_t by_operator; /* 0 or 1 */
	uint32_t reserved;
	struct class_lines lines;
};

_Static_assert(sizeof(struct entry) <= PLACE_SIZE, "an entry has room");

int class_book_open(struct class_book *book)
{
	struct stat status;

	*book = (struct class_book) { .fd = lock_open_classes() };
	if (book->fd < 0)
		return book->fd;
	/* Nobody else may write what x0top would put in force. */
	if (fstat(book->fd, &status) == 0 && S_ISREG(status.st_mode) &&
		status.st_uid == rights_user() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	class_book_close(book);
	return -EPERM;
}

void class_book_close(struct class_book *book)
{
	fd_close(&book->fd);
}

static int read_head(const struct class_book *book, struct head *head)
{
	if (book->fd < 0 || pread(book->fd, head, sizeof(*head), 0) != sizeof(*head))
		return -ENOENT;
	return head->magic == MAGIC && head->size == sizeof(struct entry) &&
			       head->undos <= CLASS_BOOK_UNDOS
		       ? 0
		       : -ENOENT;
}

bool class_book_changed(const struct class_book *book)
{
	struct head head;

	return read_head(book, &head) == 0 && head.changes != book->changes;
}

/* Whether lines are such as classes_parse() makes. */
static bool is_sound(const struct class_lines *lines, struct class_names *names)
{
	struct class_line line;
	struct failure ignored;
	char text[RULE_LEN];

	*names = lines->names;
	if (lines->n > CLASS_LINES_MAX || lines->n_own > lines->n)
		return false;
	for (uint32_t i = 0; i < TRAFFIC_CLASSES; i++)
		if (memchr(names->names[i], '\0', CLASS_NAME_LEN) == NULL ||
			(names->names[i][0] != '\0' && !sets_name_valid(names->names[i])))
			return false;
	if (strcmp(names->names[CLASS_NONE], "none") != 0 ||
		names->names[CLASS_BEST_EFFORT][0] == '\0')
		return false;
	for (uint32_t i = 0; i < lines->n; i++) {
		uint8_t class = lines->lines[i].class;
		if (class == CLASS_NONE || class >= TRAFFIC_CLASSES ||
			names->names[class][0] == '\0')
			return false;
		if (memchr(lines->lines[i].rule.comment, '\0', MESH_COMMENT_LEN) == NULL)
			return false;
		classes_format(names, &lines->lines[i], text, sizeof(text));
		if (classes_parse(text, names, &line, &ignored) < 0 || line.class != class ||
			!classes_same(&line, &lines->lines[i]))
			return false;
	}
	return true;
}

static int read_entry(const struct class_book *book, uint32_t number, struct entry *entry)
{
	struct class_names names;
	ssize_t size = pread(book->fd, entry, sizeof(*entry), PLACE(number));

	if (size < 0)
		return -errno;
	if (size != (ssize_t)sizeof(*entry) ||
		memchr(entry->action, '\0', sizeof(entry->action)) == NULL)
		return -EBADMSG;
	return is_sound(&entry->lines, &names) ? 0 : -EBADMSG;
}

int class_book_read(struct class_book *book, struct class_lines *lines)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct head head;
	int error = entry == NULL ? -ENOMEM : read_head(book, &head);

	if (error == 0) {
		book->changes = head.changes;
		book->by_operator = head.by_operator != 0;
		error = read_entry(book, head.last, entry);
	}
	if (error == 0)
		classes_copy(lines, &entry->lines);
	free(entry);
	return error;
}

static int write_all(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t written = pwrite(fd, data, size, offset);

	return written < 0 ? -errno : (size_t)written < size ? -ENOSPC : 0;
}

static int write_head(struct class_book *book, struct head *head)
{
	head->changes++;
	int error = write_all(book->fd, head, sizeof(*head), 0);
	if (error == 0) {
		book->changes = head->changes;
		book->by_operator = head->by_operator != 0;
	}
	return error;
}

int class_book_write(struct class_book *book, const struct class_lines *lines, const char *action,
	bool by_operator)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	struct head head;

	if (entry == NULL)
		return -ENOMEM;
	if (book->fd >= 0 && read_head(book, &head) < 0)
		head = (struct head) {
			.magic = MAGIC, .size = sizeof(*entry), .undos = UINT32_MAX
		};
	snprintf(entry->action, sizeof(entry->action), "%s", action);
	entry->by_operator = by_operator;
	classes_copy(&entry->lines, lines);
	head.last++;
	head.undos = action[0] == '\0' || head.undos == UINT32_MAX ? 0 : head.undos + 1;
	if (head.undos > CLASS_BOOK_UNDOS)
		head.undos = CLASS_BOOK_UNDOS;
	head.by_operator = by_operator;
	int error = book->fd < 0 ? -EBADF
				 : write_all(book->fd, entry, sizeof(*entry), PLACE(head.last));
	if (error == 0)
		error = write_head(book, &head);
	free(entry);
	return error;
}

int class_book_before(const struct class_book *book, struct class_lines *lines)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct head head;
	int error = entry == NULL ? -ENOMEM : read_head(book, &head);

	if (error == 0)
		error = head.undos == 0 ? -ENOENT : read_entry(book, head.last - 1, entry);
	if (error == 0)
		classes_copy(lines, &entry->lines);
	free(entry);
	return error;
}

int class_book_undo(struct class_book *book, char action[RULE_LEN])
{
	struct entry *entry = malloc(sizeof(*entry));
	struct head head;
	int error = entry == NULL ? -ENOMEM : read_head(book, &head);

	if (error == 0 && head.undos == 0)
		error = -ENOENT;
	if (error == 0)
		error = read_entry(book, head.last, entry);
	if (error == 0) {
		memcpy(action, entry->action, RULE_LEN);
		error = read_entry(book, head.last - 1, entry); /* what would be in force */
	}
	if (error == 0) {
		head.last--;
		head.undos--;
		head.by_operator = entry->by_operator;
		error = write_head(book, &head);
	}
	free(entry);
	return error;
}
