// SPDX-License-Identifier: BSD-2-Clause
#include "qos/act_history.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mix.h"
#include "base/words.h"
#include "kernel/lock.h"
#include "kernel/rights.h"

#define MAGIC 0x736f71307830u /* "x0qos" */

/* One write makes it another; a kill can end that between two pages, which the sum tells. */
struct file {
	uint64_t magic;
	uint64_t size;
	uint64_t sum; /* of `before` */
	struct act_before before;
};

static uint64_t sum_of(const struct act_before *before)
{
	return mix_bytes(MIX_BEGIN, before, sizeof(*before));
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

int act_history_write(const struct act_before *before)
{
	struct file file = { .magic = MAGIC, .size = sizeof(file) };
	int fd = open_file();

	if (fd < 0)
		return fd;
	memcpy(&file.before, before, sizeof(file.before));
	file.sum = sum_of(&file.before);
	ssize_t written = pwrite(fd, &file, sizeof(file), 0);
	int error = written < 0 ? -errno : written != sizeof(file) ? -ENOSPC : 0;
	fd_close(&fd);
	return error;
}

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool is_sound(const struct act_before *before)
{
	const struct class_acts *acts = &before->acts;

	if (!is_terminated(before->action, sizeof(before->action)) ||
		!is_terminated(before->interface, sizeof(before->interface)) ||
		!is_terminated(acts->interface, sizeof(acts->interface)) ||
		!words_printable(before->action) || before->shape.n > SHAPE_CLASSES_MAX)
		return false;
	for (size_t i = 0; i < TRAFFIC_DIRECTIONS * CLASS_ACT_PLACES; i++)
		if (acts->classes[i].dscp > 63)
			return false;
	return true;
}

int act_history_read(struct act_before *before)
{
	struct file file;
	int fd = open_file();

	if (fd < 0)
		return fd;
	ssize_t size = pread(fd, &file, sizeof(file), 0);
	int error = size < 0 ? -errno : size == 0 ? -ENOENT : 0;
	fd_close(&fd);
	if (error == 0 &&
		(size != sizeof(file) || file.magic != MAGIC || file.size != sizeof(file) ||
			file.sum != sum_of(&file.before) || !is_sound(&file.before)))
		error = -EBADMSG;
	if (error == 0)
		*before = file.before;
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
