// SPDX-License-Identifier: BSD-2-Clause
#include "export/replay_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "export/recording.h"

/* 48 days of a sample a second: 128 MB of index. */
#define SAMPLES_MAX (1u << 22)

struct scan {
	struct replay_index *index;
	FILE *file;
	char *buffer;
	uint64_t at; /* where the present line or record begins */
	bool linked; /* the sample before is there, for changes of it */
	bool damaged; /* so was what came just before */
};

static void leave_out(struct replay_index *index, uint64_t offset, uint32_t n, const char *reason)
{
	if (index->left_out == 0 || offset < index->first_left_out) {
		index->first_left_out = offset;
		snprintf(index->reason, sizeof(index->reason), "%s", reason);
	}
	index->left_out += n;
}

static int add(struct replay_index *index, const struct sample_place *place)
{
	if (index->count == SAMPLES_MAX) {
		leave_out(index, place->offset, 1, "there are too many samples");
		return 0;
	}
	if (index->count == index->room) {
		uint32_t room = index->room > 0 ? 2 * index->room : 1024;
		struct sample_place *grown =
			realloc(index->samples, room * sizeof(index->samples[0]));
		if (grown == NULL)
			return -ENOMEM;
		index->samples = grown;
		index->room = room;
	}
	index->samples[index->count++] = *place;
	return 0;
}

void replay_index_drop(struct replay_index *index, uint32_t at, const char *reason)
{
	uint32_t end = at + 1;

	while (end < index->count && index->samples[end].form == SAMPLE_CHANGES)
		end++;
	leave_out(index, index->samples[at].offset, end - at, reason);
	memmove(&index->samples[at], &index->samples[end],
		(index->count - end) * sizeof(index->samples[0]));
	index->count -= end - at;
}

void replay_index_free(struct replay_index *index)
{
	free(index->samples);
	*index = (struct replay_index) { 0 };
}

/* --- looking at a file ------------------------------------------------------------------------ */

/* Goes on behind the next line feed. */
static void skip_line(struct scan *scan, uint64_t from)
{
	int byte;

	if (fseeko(scan->file, (off_t)from, SEEK_SET) < 0)
		return;
	for (scan->at = from; (byte = getc_unlocked(scan->file)) != EOF;) {
		scan->at++;
		if (byte == '\n')
			return;
	}
}

/* Damage has no length: the next sample is looked for in the next line. Damage in a row that begins
 * neither as a line nor as a record is the rest of one sample. */
static int pass_over(struct scan *scan, bool begins_sample, const char *reason)
{
	if (begins_sample || !scan->damaged)
		leave_out(scan->index, scan->at, 1, reason);
	scan->damaged = true;
	scan->linked = false;
	skip_line(scan, scan->at + 1);
	return 0;
}

/* Whether text is one object from its first to its last byte, as far as brackets tell. */
static bool is_object(const char *text, size_t length)
{
	uint64_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']') && --depth == 0)
			return i + 1 == length;
	}
	return false;
}

static double time_of(const char *text)
{
	static const char name[] = "\"time\":";
	const char *found = strstr(text, name);

	return found != NULL ? strtod(found + strlen(name), NULL) : 0;
}

static int scan_line(struct scan *scan)
{
	struct sample_place place = { .offset = scan->at, .form = SAMPLE_LINE };

	if (fgets(scan->buffer, RECORDING_TEXT_MAX, scan->file) == NULL)
		return -EIO;
	size_t length = strlen(scan->buffer), bytes = length;
	if (length > 0 && scan->buffer[length - 1] == '\n')
		scan->buffer[--length] = '\0';
	else if (!feof(scan->file))
		return pass_over(scan, true, "the line is too long for a snapshot, or not text");
	if (!is_object(scan->buffer, length))
		return pass_over(scan, true, "the line is not whole");
	place.length = (uint32_t)length;
	place.time = time_of(scan->buffer);
	scan->at += bytes;
	scan->linked = scan->damaged = false;
	return add(scan->index, &place);
}

static int scan_record(struct scan *scan)
{
	unsigned char bytes[RECORD_HEADER_LEN];
	struct record_header header;

	if (fread(bytes, 1, sizeof(bytes), scan->file) != sizeof(bytes))
		return pass_over(scan, true, "the record is not whole");
	if (!record_header_read(bytes, &header))
		return pass_over(scan, false, "the record is damaged");
	if (fread(scan->buffer, 1, header.length, scan->file) != header.length)
		return pass_over(scan, true, "the record is not whole");
	if (record_crc_add(record_crc_begin(bytes), (unsigned char *)scan->buffer, header.length) !=
		header.crc)
		return pass_over(scan, true, "the record is damaged");

	const struct sample_place place = {
		.offset = scan->at + RECORD_HEADER_LEN,
		.time = header.time,
		.length = header.length,
		.form = header.whole ? SAMPLE_WHOLE : SAMPLE_CHANGES,
	};
	scan->at = place.offset + header.length;
	scan->damaged = false;
	scan->linked |= header.whole;
	if (scan->linked)
		return add(scan->index, &place);
	leave_out(scan->index, scan->at, 1, "it is changes of one that is damaged");
	return 0;
}

static int scan_next(struct scan *scan, int byte)
{
	if (byte == '\n') {
		scan->at++;
		return 0;
	}
	if (byte == '#') {
		skip_line(scan, scan->at + 1);
		return 0;
	}
	ungetc(byte, scan->file);
	if (byte == '{')
		return scan_line(scan);
	return recording_begins(byte) ? scan_record(scan)
				      : pass_over(scan, false, "it is no snapshot");
}

int replay_index_fill(struct replay_index *index, FILE *file, char *buffer)
{
	struct scan scan = { .index = index, .file = file, .buffer = buffer };
	int error = 0, byte;

	while (error == 0 && (byte = getc_unlocked(file)) != EOF)
		error = scan_next(&scan, byte);
	return error == 0 && ferror(file) ? -EIO : error;
}
