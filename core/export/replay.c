// SPDX-License-Identifier: BSD-2-Clause
#include "export/replay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/file.h"
#include "export/changes.h"
#include "export/json.h"
#include "export/recording.h"
#include "export/replay_index.h"
#include "export/terse.h"

enum { WINDOW_BITS = -15 };

struct replayer {
	FILE *file;
	const char *path;
	struct replay_index index;
	struct snapshot *now; /* sample number `at`, whose stream is where that record ends */
	uint32_t at; /* UINT32_MAX: none */
	z_stream stream;
	bool stream_open;
	struct terse terse;
	char *packed, *text; /* RECORDING_TEXT_MAX bytes each */
};

static int failed(const char *path, int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot replay %.100s: %s", path, file_strerror(error));
	return failure_remedy(failure, "Check the path and its permissions");
}

static int open_parts(struct replayer *replayer)
{
	replayer->at = UINT32_MAX;
	replayer->packed = malloc(RECORDING_TEXT_MAX);
	replayer->text = malloc(RECORDING_TEXT_MAX);
	replayer->now = snapshot_open();
	replayer->stream_open = inflateInit2(&replayer->stream, WINDOW_BITS) == Z_OK;
	return replayer->packed == NULL || replayer->text == NULL || replayer->now == NULL ||
			       !replayer->stream_open
		       ? -ENOMEM
		       : 0;
}

static int open_file(struct replayer *replayer)
{
	int fd = file_open(replayer->path);

	if (fd < 0)
		return fd;
	replayer->file = fdopen(fd, "r");
	if (replayer->file != NULL)
		return 0;
	fd_close(&fd);
	return -ENOMEM;
}

/* Says why a recording holds no sample. */
static int nothing(const struct replayer *replayer, struct failure *failure)
{
	const struct replay_index *index = &replayer->index;

	if (index->left_out == 0)
		return failure_set(failure, -ENODATA, "%.100s holds no sample", replayer->path);
	return failure_set(failure, -EINVAL, "%.80s holds no whole sample: at byte %llu, %.120s",
		replayer->path, (unsigned long long)index->first_left_out, index->reason);
}

int replayer_open(const char *path, struct replayer **replayer, struct failure *failure)
{
	struct replayer *opened = calloc(1, sizeof(*opened));
	int error = -ENOMEM;

	if (opened == NULL || open_parts(opened) < 0) {
		failure_set(failure, error, "Not enough memory to replay");
		goto close;
	}
	opened->path = path;
	error = open_file(opened);
	if (error == 0)
		error = replay_index_fill(&opened->index, opened->file, opened->text);
	if (error == -ENOMEM)
		failure_set(failure, error, "Not enough memory to replay");
	else if (error)
		error = failed(path, error, failure);
	else if (opened->index.count == 0)
		error = nothing(opened, failure);
	if (error)
		goto close;
	*replayer = opened;
	return 0;
close:
	replayer_close(opened);
	return error;
}

void replayer_close(struct replayer *replayer)
{
	if (replayer == NULL)
		return;
	if (replayer->file != NULL)
		fclose(replayer->file);
	if (replayer->stream_open)
		inflateEnd(&replayer->stream);
	snapshot_close(replayer->now);
	replay_index_free(&replayer->index);
	free(replayer->packed);
	free(replayer->text);
	terse_free(&replayer->terse);
	free(replayer);
}

uint32_t replayer_count(const struct replayer *replayer)
{
	return replayer->index.count;
}

double replayer_time(const struct replayer *replayer, uint32_t at)
{
	return at < replayer->index.count ? replayer->index.samples[at].time : 0;
}

uint32_t replayer_left_out(const struct replayer *replayer, char sentence[FAILURE_SENTENCE_LEN])
{
	const struct replay_index *index = &replayer->index;

	sentence[0] = '\0';
	if (index->left_out > 0)
		snprintf(sentence, FAILURE_SENTENCE_LEN,
			"%u damaged sample%s of %.80s left out, the first at byte %llu: %.80s",
			index->left_out, index->left_out > 1 ? "s" : "", replayer->path,
			(unsigned long long)index->first_left_out, index->reason);
	return index->left_out;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads the bytes of a sample into `buffer`. Returns 0 or -EIO. */
static int fetch(const struct replayer *replayer, const struct sample_place *place, char *buffer,
	struct failure *failure)
{
	int error = replay_index_read(&replayer->index, replayer->file, place, buffer);

	return error ? failed(replayer->path, error, failure) : 0;
}

/* Applies what was in a record, which is JSON, or packed once more; then it takes the place of the record. */
static int apply_changes(struct replayer *replayer, size_t size, struct failure *failure)
{
	const char *json = replayer->text;

	if (size > 0 && json[0] == TERSE_MARK) {
		if (terse_read(&replayer->terse, (unsigned char *)replayer->text, size,
			    replayer->packed, RECORDING_TEXT_MAX, &size) < 0)
			return failure_set(failure, -EINVAL, "The record cannot be unpacked");
		json = replayer->packed;
	}
	return changes_read(json, size, replayer->now, failure);
}

static int apply_record(
	struct replayer *replayer, const struct sample_place *place, struct failure *failure)
{
	z_stream *stream = &replayer->stream;

	int error = fetch(replayer, place, replayer->packed, failure);
	if (error)
		return error;
	if (place->form == SAMPLE_WHOLE) {
		inflateReset(stream);
		terse_begin(&replayer->terse);
		snapshot_clear(replayer->now);
	}
	stream->next_in = (unsigned char *)replayer->packed;
	stream->avail_in = place->length;
	stream->next_out = (unsigned char *)replayer->text;
	stream->avail_out = RECORDING_TEXT_MAX;
	if (inflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_in > 0 || stream->avail_out == 0)
		return failure_set(failure, -EINVAL, "The record cannot be unpacked");
	error = apply_changes(replayer, RECORDING_TEXT_MAX - stream->avail_out, failure);
	if (!error && replayer->now->schema[0] == '\0')
		error = failure_set(failure, -EINVAL, "The record has no layout");
	return error;
}

static int apply_line(
	struct replayer *replayer, const struct sample_place *place, struct failure *failure)
{
	int error = fetch(replayer, place, replayer->text, failure);

	return error ? error : json_read(replayer->text, place->length, replayer->now, failure);
}

/* Returns the first of the samples that have to be read for one. */
static uint32_t begin_of(const struct replayer *replayer, uint32_t at)
{
	const struct sample_place *samples = replayer->index.samples;
	uint32_t begin = at;

	while (samples[begin].form == SAMPLE_CHANGES && begin > 0 && begin != replayer->at)
		begin--;
	return begin == replayer->at && begin < at ? begin + 1 : begin;
}

/* Makes `now` a sample. On failure *at is the sample that cannot be read. */
static int load(struct replayer *replayer, uint32_t *at, struct failure *failure)
{
	const uint32_t end = *at;

	if (end == replayer->at)
		return 0;
	for (*at = begin_of(replayer, end); *at <= end; (*at)++) {
		const struct sample_place *place = &replayer->index.samples[*at];
		replayer->at = UINT32_MAX;
		int error = place->form == SAMPLE_LINE ? apply_line(replayer, place, failure)
						       : apply_record(replayer, place, failure);
		if (error)
			return error;
		replayer->at = *at;
	}
	*at = end;
	return 0;
}

/*
 * Makes `now` the first sample from *at on that can be read, and leaves those before it out, all at once: one
 * by one, each would move the rest. Returns -ENODATA if there is none.
 */
static int load_next(struct replayer *replayer, uint32_t *at, struct failure *failure)
{
	struct replay_index *index = &replayer->index;
	uint32_t first = UINT32_MAX;
	struct failure why;
	int error = -ENODATA;

	for (uint32_t next = *at; next < index->count; next = replay_index_behind(index, *at)) {
		*at = next;
		error = load(replayer, at, failure);
		if (error == 0 || error == -ENOMEM || error == -EIO)
			break;
		if (first == UINT32_MAX) {
			first = *at;
			why = *failure;
		}
		error = -ENODATA;
	}
	if (first == UINT32_MAX)
		return error;
	replay_index_drop(index, first, error == -ENODATA ? index->count : *at, why.what);
	*at = first;
	replayer->at = error == 0 ? first : UINT32_MAX;
	return error;
}

int replayer_read(
	struct replayer *replayer, uint32_t *at, struct snapshot *snapshot, struct failure *failure)
{
	while (replayer->index.count > 0) {
		if (*at >= replayer->index.count)
			*at = replayer->index.count - 1;
		int error = load_next(replayer, at, failure);
		if (error == 0)
			snapshot_copy(snapshot, replayer->now);
		if (error != -ENODATA)
			return error;
	}
	return nothing(replayer, failure);
}

/* --- as samples --------------------------------------------------------------------------------- */

static uint32_t count_samples(const void *replayer)
{
	return replayer_count(replayer);
}

static double time_of_sample(const void *replayer, uint32_t at)
{
	return replayer_time(replayer, at);
}

static int read_sample(
	void *replayer, uint32_t *at, struct snapshot *snapshot, struct failure *failure)
{
	return replayer_read(replayer, at, snapshot, failure);
}

static uint32_t left_out(const void *replayer, char sentence[FAILURE_SENTENCE_LEN])
{
	return replayer_left_out(replayer, sentence);
}

struct samples replayer_samples(struct replayer *replayer)
{
	return (struct samples) { replayer, count_samples, time_of_sample, read_sample, left_out };
}
