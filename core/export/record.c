// SPDX-License-Identifier: BSD-2-Clause
#include "export/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "export/json.h"

/* A snapshot with every list full takes 4 MB, and 7 where all text has to be escaped. */
#define LINE_SIZE_MAX (16 << 20)

struct recorder {
	FILE *file;
	const char *path;
};

struct replayer {
	FILE *file;
	const char *path;
	uint64_t line;
	char *text; /* LINE_SIZE_MAX bytes */
};

static int open_failed(const char *path, const char *doing, int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot %s %.100s: %s", doing, path, file_strerror(error));
	return failure_remedy(failure, "Check the path and its permissions");
}

int recorder_open(const char *path, struct recorder **recorder, struct failure *failure)
{
	struct recorder *opened = calloc(1, sizeof(*opened));
	if (opened == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to record");
	opened->path = path;

	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	opened->file = fd >= 0 ? fdopen(fd, "a") : NULL;
	if (opened->file == NULL) {
		int error = open_failed(path, "record to", -errno, failure);
		fd_close(&fd);
		free(opened);
		return error;
	}
	*recorder = opened;
	return 0;
}

int recorder_write(
	struct recorder *recorder, const struct snapshot *snapshot, struct failure *failure)
{
	errno = 0;
	int error = json_write(snapshot, recorder->file, true);
	if (!error && fflush(recorder->file) == 0)
		return 0;
	if (error != -ENOMEM)
		error = errno != 0 ? -errno : -EIO;
	failure_set(
		failure, error, "Cannot record to %.100s: %s", recorder->path, strerror(-error));
	return failure_remedy(failure, "Free some space, or record to another file");
}

void recorder_close(struct recorder *recorder)
{
	if (recorder == NULL)
		return;
	fclose(recorder->file);
	free(recorder);
}

int replayer_open(const char *path, struct replayer **replayer, struct failure *failure)
{
	struct replayer *opened = calloc(1, sizeof(*opened));
	if (opened == NULL || (opened->text = malloc(LINE_SIZE_MAX)) == NULL) {
		free(opened);
		return failure_set(failure, -ENOMEM, "Not enough memory to replay");
	}
	opened->path = path;
	int fd = file_open(path);
	opened->file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (opened->file == NULL) {
		int error = open_failed(path, "replay", fd < 0 ? fd : -errno, failure);
		fd_close(&fd);
		replayer_close(opened);
		return error;
	}
	*replayer = opened;
	return 0;
}

/* Skips the rest of a line that is too long. */
static void skip_line(FILE *file)
{
	int byte;

	do
		byte = fgetc(file);
	while (byte != '\n' && byte != EOF);
}

int replayer_next(struct replayer *replayer, struct snapshot *snapshot, struct failure *failure)
{
	char what[FAILURE_SENTENCE_LEN];

	errno = 0;
	if (fgets(replayer->text, LINE_SIZE_MAX, replayer->file) == NULL) {
		if (!ferror(replayer->file))
			return 0;
		return open_failed(replayer->path, "replay", -errno, failure);
	}
	replayer->line++;
	size_t length = strlen(replayer->text);
	int error;
	if (length + 1 == LINE_SIZE_MAX && replayer->text[length - 1] != '\n') {
		skip_line(replayer->file);
		error = failure_set(failure, -EFBIG, "The line is too long for a snapshot");
	} else {
		error = json_read(replayer->text, length, snapshot, failure);
	}
	if (!error)
		return 1;
	snprintf(what, sizeof(what), "%s", failure->what);
	snprintf(failure->what, sizeof(failure->what), "%.100s, line %llu: %.120s", replayer->path,
		(unsigned long long)replayer->line, what);
	return error;
}

void replayer_close(struct replayer *replayer)
{
	if (replayer == NULL)
		return;
	if (replayer->file != NULL)
		fclose(replayer->file);
	free(replayer->text);
	free(replayer);
}
