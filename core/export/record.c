// SPDX-License-Identifier: BSD-2-Clause
#include "export/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "export/changes.h"
#include "export/recording.h"
#include "export/repair.h"
#include "export/terse.h"
#include "model/format.h"

/* Level 6 takes 1 % more room in a busy lab, and a sample 1.0 ms instead of 1.2. */
enum { LEVEL = 9, WINDOW_BITS = -15 /* the largest, without zlib's own frame */ };

static const char for_people[] =
	RECORDING_TITLE ": x0top --replay FILE shows it, with --json as lines of JSON\n";

struct recorder {
	int fd;
	const char *path;
	bool regular;
	uint64_t size, limit; /* bytes */
	unsigned int number; /* of the next record in its group; 0: it is whole */
	struct repair repair; /* of the group so far */
	struct snapshot *before; /* of the last record */
	struct snapshot *empty;
	struct changes_text text;
	struct terse terse;
	z_stream stream;
	bool stream_open;
	unsigned char *record; /* header, compressed changes, line feed */
	size_t room;
	char notice[FAILURE_SENTENCE_LEN];
};

static int failed(const struct recorder *recorder, int error, struct failure *failure)
{
	failure_set(
		failure, error, "Cannot record to %.100s: %s", recorder->path, strerror(-error));
	return failure_remedy(failure, error == -ENOSPC || error == -EDQUOT
					       ? "Free some space, or record to another file"
					       : "Check the path and its permissions");
}

/* --- opening ---------------------------------------------------------------------------------- */

static int write_all(struct recorder *recorder, const void *bytes, size_t n)
{
	ssize_t written = write(recorder->fd, bytes, n);

	if (written == (ssize_t)n) {
		recorder->size += n;
		return 0;
	}
	int error = written < 0 ? -errno : -ENOSPC;
	/* Where it cannot be cut, a replay leaves the rest out. */
	if (written > 0 && recorder->regular && ftruncate(recorder->fd, (off_t)recorder->size) < 0)
		recorder->size += (uint64_t)written;
	return error;
}

/* Writes the end of `whole`, of which a file has a part. */
static int mend(struct recorder *recorder, const char *whole, size_t part, struct failure *failure)
{
	snprintf(recorder->notice, sizeof(recorder->notice),
		"The last sample of %.100s was cut; the recording goes on behind it",
		recorder->path);
	int error = write_all(recorder, whole + part, strlen(whole) - part);
	return error ? failed(recorder, error, failure) : 0;
}

/* Looks at the ends of a file that is there. Returns 0 or a negative errno. */
static int check_ends(struct recorder *recorder, struct failure *failure)
{
	unsigned char begin[RECORDING_BEGIN_LEN], last = 0;
	ssize_t n = pread(recorder->fd, begin, sizeof(begin), 0);

	if (n <= 0 || pread(recorder->fd, &last, 1, (off_t)recorder->size - 1) != 1)
		return failed(recorder, errno != 0 ? -errno : -EIO, failure);
	if (n < RECORDING_BEGIN_LEN && memcmp(begin, for_people, (size_t)n) == 0)
		return mend(recorder, for_people, (size_t)n, failure);
	if (!recording_is(begin, (size_t)n)) {
		failure_set(failure, -EINVAL, "%.100s is no recording, so nothing is added to it",
			recorder->path);
		return failure_remedy(failure, "Record to a new file");
	}
	return last == '\n' ? 0 : mend(recorder, "\n", 0, failure);
}

static int check_file(struct recorder *recorder, struct failure *failure)
{
	struct stat status;

	if (fstat(recorder->fd, &status) < 0)
		return failed(recorder, -errno, failure);
	recorder->regular = S_ISREG(status.st_mode);
	if (!recorder->regular)
		return 0;
	if (flock(recorder->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		failure_set(failure, -EBUSY, "Another x0top records to %.100s", recorder->path);
		return failure_remedy(failure, "Record to another file");
	}
	recorder->size = (uint64_t)status.st_size;
	if (recorder->size > 0)
		return check_ends(recorder, failure);
	int error = write_all(recorder, for_people, strlen(for_people));
	return error ? failed(recorder, error, failure) : 0;
}

int recorder_open(
	const char *path, uint64_t limit, struct recorder **recorder, struct failure *failure)
{
	struct recorder *opened = calloc(1, sizeof(*opened));
	int error = -ENOMEM;

	if (opened == NULL)
		return failure_set(failure, error, "Not enough memory to record");
	opened->path = path;
	opened->limit = limit;
	opened->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
	if (opened->fd < 0) {
		error = failed(opened, -errno, failure);
		goto close;
	}
	error = check_file(opened, failure);
	if (error)
		goto close;
	opened->before = snapshot_open();
	opened->empty = snapshot_open();
	opened->stream_open = deflateInit2(&opened->stream, LEVEL, Z_DEFLATED, WINDOW_BITS,
				      MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
	if (opened->before == NULL || opened->empty == NULL || !opened->stream_open) {
		error = failure_set(failure, -ENOMEM, "Not enough memory to record");
		goto close;
	}
	*recorder = opened;
	return 0;
close:
	recorder_close(opened);
	return error;
}

const char *recorder_notice(const struct recorder *recorder)
{
	return recorder->notice;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Makes room for a record with `size` bytes behind its header. */
static int make_room(struct recorder *recorder, size_t size)
{
	size_t needed = RECORD_HEADER_LEN + size + 1;

	if (needed <= recorder->room)
		return 0;
	unsigned char *grown = realloc(recorder->record, 2 * needed);
	if (grown == NULL)
		return -ENOMEM;
	recorder->record = grown;
	recorder->room = 2 * needed;
	return 0;
}

/* Makes the changes, packed in recorder->terse, and room for their record. A whole record begins both anew. */
static int make_changes(
	struct recorder *recorder, const struct snapshot *snapshot, enum record_kind kind)
{
	struct terse *terse = &recorder->terse;

	int error = changes_write(kind == RECORD_WHOLE ? recorder->empty : recorder->before,
		snapshot, &recorder->text);
	if (error)
		return error;
	if (kind == RECORD_WHOLE) {
		terse_begin(terse);
		deflateReset(&recorder->stream);
	}
	error = terse_write(terse, recorder->text.bytes, recorder->text.length);
	/* An empty block of deflate, which a flush adds, takes 5 bytes; some may wait in the stream. */
	return error ? error
		     : make_room(recorder,
			       deflateBound(&recorder->stream, terse->packed.length) + 64);
}

/* Returns the length of the record in recorder->record, or a negative errno. */
static ssize_t make_record(struct recorder *recorder, const struct snapshot *snapshot)
{
	struct record_header header = {
		.kind = recorder->number == 0 ? RECORD_WHOLE : RECORD_CHANGES,
		.number = (uint8_t)recorder->number,
		.time = snapshot->time,
	};
	const struct terse_bytes *packed = &recorder->terse.packed;
	unsigned char *changes;

	int error = make_changes(recorder, snapshot, header.kind);
	if (error)
		return error;
	changes = recorder->record + RECORD_HEADER_LEN;
	recorder->stream.next_in = packed->bytes;
	recorder->stream.avail_in = (uInt)packed->length;
	recorder->stream.next_out = changes;
	recorder->stream.avail_out = (uInt)(recorder->room - RECORD_HEADER_LEN - 1);
	if (deflate(&recorder->stream, Z_SYNC_FLUSH) != Z_OK || recorder->stream.avail_out == 0)
		return -EIO;
	header.length = (uint32_t)(recorder->stream.next_out - changes);
	if (header.length > RECORD_LENGTH_MAX)
		return -EFBIG;
	record_header_write(&header, changes, recorder->record);
	changes[header.length] = '\n';
	return RECORD_HEADER_LEN + (ssize_t)header.length + 1;
}

static int limit_reached(const struct recorder *recorder, struct failure *failure)
{
	char limit[FORMAT_LEN];

	failure_set(failure, -EFBIG, "The recording has ended: %.100s would exceed %s",
		recorder->path, format_bytes(limit, (double)recorder->limit));
	return failure_remedy(failure, "Record to another file, or raise --record-limit");
}

/* Writes the parity of the group that has ended. Without, as on a full disk, the samples are there still. */
static void write_parity(struct recorder *recorder)
{
	for (uint8_t i = 0; i < RECORDING_LANES; i++) {
		const struct repair_lane *lane = &recorder->repair.lanes[i];
		struct record_header header = {
			.kind = RECORD_PARITY, .number = i, .time = recorder->number
		};
		size_t length = RECORD_HEADER_LEN + lane->length + 1;
		if (lane->length == 0 || lane->length > RECORD_LENGTH_MAX ||
			recorder->size + length > recorder->limit ||
			make_room(recorder, lane->length) < 0)
			continue;
		header.length = (uint32_t)lane->length;
		memcpy(recorder->record + RECORD_HEADER_LEN, lane->sum, lane->length);
		record_header_write(&header, lane->sum, recorder->record);
		recorder->record[length - 1] = '\n';
		write_all(recorder, recorder->record, length);
	}
	repair_begin(&recorder->repair);
	recorder->number = 0;
}

static int write_record(struct recorder *recorder, size_t length, struct failure *failure)
{
	if (recorder->size + length > recorder->limit)
		return limit_reached(recorder, failure);
	int error = write_all(recorder, recorder->record, length);
	if (error == 0)
		error = repair_add(&recorder->repair, recorder->number % RECORDING_LANES, 0,
			recorder->record, length - 1);
	return error ? failed(recorder, error, failure) : 0;
}

int recorder_write(
	struct recorder *recorder, const struct snapshot *snapshot, struct failure *failure)
{
	ssize_t length = make_record(recorder, snapshot);
	int error = length < 0 ? failed(recorder, (int)length, failure)
			       : write_record(recorder, (size_t)length, failure);

	/* The reader cannot know what follows a record that it did not get: that begins a group. */
	if (error == 0)
		snapshot_copy(recorder->before, snapshot);
	recorder->number += error == 0;
	if (error || recorder->number == RECORDING_GROUP)
		write_parity(recorder);
	return error;
}

/* --- closing ---------------------------------------------------------------------------------- */

void recorder_close(struct recorder *recorder)
{
	if (recorder == NULL)
		return;
	if (recorder->fd >= 0)
		write_parity(recorder);
	fd_close(&recorder->fd);
	if (recorder->stream_open)
		deflateEnd(&recorder->stream);
	snapshot_close(recorder->before);
	snapshot_close(recorder->empty);
	repair_free(&recorder->repair);
	free(recorder->text.bytes);
	terse_free(&recorder->terse);
	free(recorder->record);
	free(recorder);
}
