// SPDX-License-Identifier: BSD-2-Clause
#include "qos/act_history.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mix.h"
#include "base/words.h"
#include "kernel/lock.h"
#include "kernel/rights.h"

#define MAGIC	       0x326f71307830u /* "x0qo2" */
#define INTERFACES_MAX 4096

/* One write makes it another; a kill can end that between two pages, which the sum tells. */
struct file {
	uint64_t magic;
	uint64_t size; /* of an element of `before` */
	uint64_t sum; /* of all that follows */
	/* First, to be written by the same step as the sum. */
	uint64_t begun;
	uint64_t token;
	uint64_t deadline;
	uint64_t n;
	char action[RULE_LEN];
	struct act_before before[];
};

static size_t size_of(uint64_t n)
{
	return offsetof(struct file, before) + n * sizeof(struct act_before);
}

static uint64_t sum_of(const struct file *file)
{
	const size_t from = offsetof(struct file, begun);

	return mix_bytes(MIX_BEGIN, (const uint8_t *)file + from, size_of(file->n) - from);
}

/* Nobody else may write what x0top would put in force. */
static int open_file(void)
{
	struct stat status;
	int fd = lock_open_qos();

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == rights_user() &&
		(status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return fd;
	fd_close(&fd);
	return -EPERM;
}

/* --- writing --------------------------------------------------------------------------------- */

static struct file *make_file(const struct act_history *history)
{
	struct file *file = calloc(1, size_of(history->n));

	if (file == NULL)
		return NULL;
	file->magic = MAGIC;
	file->size = sizeof(file->before[0]);
	file->begun = history->begun;
	file->token = history->token;
	file->deadline = history->deadline;
	file->n = history->n;
	memcpy(file->action, history->action, sizeof(file->action));
	memcpy(file->before, history->before, history->n * sizeof(file->before[0]));
	file->sum = sum_of(file);
	return file;
}

int act_history_write(const struct act_history *history)
{
	struct file *file = make_file(history);
	int fd = file == NULL ? -ENOMEM : open_file();

	if (fd < 0) {
		free(file);
		return fd;
	}
	ssize_t size = (ssize_t)size_of(file->n), written = pwrite(fd, file, (size_t)size, 0);
	int error = written < 0 ? -errno : written != size ? -ENOSPC : 0;
	fd_close(&fd);
	free(file);
	return error;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool is_before_sound(const struct act_before *before)
{
	const struct class_acts *acts = &before->acts;

	if (!is_terminated(before->interface, sizeof(before->interface)) ||
		!is_terminated(acts->interface, sizeof(acts->interface)) ||
		before->shape.n > SHAPE_CLASSES_MAX)
		return false;
	for (size_t i = 0; i < TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES; i++)
		if (acts->classes[i].dscp > 63)
			return false;
	return true;
}

static bool is_sound(const struct file *file)
{
	if (file->sum != sum_of(file) || file->begun > ACT_END ||
		!is_terminated(file->action, sizeof(file->action)) ||
		!words_printable(file->action))
		return false;
	for (uint64_t i = 0; i < file->n; i++)
		if (!is_before_sound(&file->before[i]))
			return false;
	return true;
}

static int read_head(int fd, struct file *head)
{
	ssize_t size = pread(fd, head, sizeof(*head), 0);

	if (size <= 0)
		return size < 0 ? -errno : -ENOENT;
	return size == sizeof(*head) && head->magic == MAGIC &&
			       head->size == sizeof(head->before[0]) && head->n > 0 &&
			       head->n <= INTERFACES_MAX
		       ? 0
		       : -EBADMSG;
}

/* Reads the file into *whole, to be freed by the caller. The number of interfaces is that of the head: it may be another
 * now. */
static int read_whole(int fd, struct file **whole)
{
	struct file head;
	int error = read_head(fd, &head);

	if (error < 0)
		return error;
	*whole = calloc(1, size_of(head.n));
	if (*whole == NULL)
		return -ENOMEM;
	ssize_t size = pread(fd, *whole, size_of(head.n), 0);
	if (size < 0)
		return -errno;
	return (size_t)size == size_of(head.n) && (*whole)->n == head.n && is_sound(*whole)
		       ? 0
		       : -EBADMSG;
}

static int take(const struct file *file, struct act_history *history)
{
	struct act_before *before = calloc(file->n, sizeof(*before));

	if (before == NULL)
		return -ENOMEM;
	memcpy(before, file->before, file->n * sizeof(*before));
	*history = (struct act_history) { .begun = file->begun,
		.token = file->token,
		.deadline = file->deadline,
		.n = (uint32_t)file->n,
		.before = before };
	memcpy(history->action, file->action, sizeof(history->action));
	return 0;
}

int act_history_read(struct act_history *history)
{
	struct file *file = NULL;
	int fd = open_file(), error;

	*history = (struct act_history) { .n = 0 };
	if (fd < 0)
		return fd;
	error = read_whole(fd, &file);
	fd_close(&fd);
	if (error == 0)
		error = take(file, history);
	free(file);
	return error;
}

int act_history_forget(void)
{
	int fd = open_file(), error = 0;

	if (fd < 0)
		return fd;
	if (ftruncate(fd, 0) < 0)
		error = -errno;
	fd_close(&fd);
	return error;
}

void act_history_free(struct act_history *history)
{
	free(history->before);
	history->before = NULL;
	history->n = 0;
}
