// SPDX-License-Identifier: BSD-2-Clause
#include "export/replay_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/recording.h"
#include "export/repair.h"

/* 48 days of a sample a second: 128 MB of index. */
#define SAMPLES_MAX (1u << 22)

/*
 * Bytes read that hold no sample. A record that proves to be damaged is read over again from its next line, so
 * that in a file made for it, short lines that say to be long records would take time by the square; and a hole
 * of 10 GB takes seconds.
 */
#define WASTED_MAX (UINT64_C(256) << 20)

/* A whole record and its changes, as far as they were met; see recording.h. */
struct group {
	struct sample_place places[RECORDING_GROUP]; /* by number */
	bool there[RECORDING_GROUP];
	uint32_t next; /* number of the record that is due */
	uint32_t damaged, repaired; /* records */
	uint64_t first_damaged; /* offset */
	const char *reason; /* why that one is */
	bool has_parity;
};

struct scan {
	struct replay_index *index;
	FILE *file;
	char *buffer;
	uint64_t at; /* where the present line or record begins */
	bool damaged; /* so was what came just before */
	uint64_t wasted; /* see WASTED_MAX */
	struct group group;
	struct repair repair; /* of the group */
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

uint32_t replay_index_behind(const struct replay_index *index, uint32_t at)
{
	uint32_t end = at + 1;

	while (end < index->count && index->samples[end].form == SAMPLE_CHANGES)
		end++;
	return end;
}

void replay_index_drop(struct replay_index *index, uint32_t at, uint32_t end, const char *reason)
{
	leave_out(index, index->samples[at].offset, end - at, reason);
	memmove(&index->samples[at], &index->samples[end],
		(index->count - end) * sizeof(index->samples[0]));
	index->count -= end - at;
}

int replay_index_read(const struct replay_index *index, FILE *file,
	const struct sample_place *place, char *buffer)
{
	if (place->repaired > 0) {
		memcpy(buffer, index->repaired + place->repaired - 1, place->length);
		return 0;
	}
	ssize_t n = pread(fileno(file), buffer, place->length, (off_t)place->offset);
	return n == (ssize_t)place->length ? 0 : -EIO;
}

void replay_index_free(struct replay_index *index)
{
	free(index->samples);
	free(index->repaired);
	*index = (struct replay_index) { 0 };
}

/* --- groups ----------------------------------------------------------------------------------- */

/* Returns how many records before the last one that was met are missing. */
static uint32_t gaps(const struct group *group)
{
	uint32_t missing = 0;

	for (uint32_t i = 0; i < group->next; i++)
		missing += !group->there[i];
	return missing;
}

/* Leaves out what is damaged. Parity tells how many there were; without, damage may have been the last ones. */
static void leave_damaged_out(struct scan *scan)
{
	struct group *group = &scan->group;
	uint32_t missing = gaps(group), damaged = group->damaged - group->repaired;

	if (!group->has_parity && damaged > missing)
		missing = damaged;
	if (missing > 0)
		leave_out(scan->index, group->damaged > 0 ? group->first_damaged : scan->at,
			missing, group->damaged > 0 ? group->reason : "a record is missing");
}

/* Adds the group's samples; a missing one breaks the row. */
static int end_group(struct scan *scan)
{
	struct group *group = &scan->group;
	bool linked = true;
	int error = 0;

	leave_damaged_out(scan);
	for (uint32_t i = 0; i < group->next && error == 0; i++) {
		linked &= group->there[i];
		if (linked)
			error = add(scan->index, &group->places[i]);
		else if (group->there[i])
			leave_out(scan->index, group->places[i].offset, 1,
				"it is changes of one that is damaged");
	}
	memset(group, 0, sizeof(*group));
	repair_begin(&scan->repair);
	return error;
}

static int add_to_group(struct scan *scan, uint32_t number, const struct sample_place *place)
{
	struct group *group = &scan->group;
	int error = 0;

	if (place->form == SAMPLE_WHOLE || number < group->next)
		error = end_group(scan);
	group->places[number] = *place;
	group->there[number] = true;
	group->next = number + 1;
	return error;
}

/* Keeps a record that could be had again, and its place in the group. */
static int keep_repaired(
	struct scan *scan, const struct record_header *header, const unsigned char *changes)
{
	struct replay_index *index = scan->index;
	struct group *group = &scan->group;
	char *grown = realloc(index->repaired, (size_t)index->n_repaired + header->length + 1);

	if (grown == NULL)
		return -ENOMEM;
	index->repaired = grown;
	memcpy(grown + index->n_repaired, changes, header->length);
	group->places[header->number] = (struct sample_place) {
		.offset = group->first_damaged,
		.time = header->time,
		.length = header->length,
		.form = header->kind == RECORD_WHOLE ? SAMPLE_WHOLE : SAMPLE_CHANGES,
		.repaired = index->n_repaired + 1,
	};
	group->there[header->number] = true;
	group->repaired += group->repaired < group->damaged;
	index->n_repaired += header->length;
	return 0;
}

/* Adds parity, which the buffer holds, to the group's sums. */
static int repair_lane(struct scan *scan, const struct record_header *parity)
{
	const unsigned int lane = parity->number;
	struct record_header header;
	const unsigned char *changes;

	int error = repair_add(&scan->repair, lane, 0, scan->buffer, parity->length);
	scan->group.has_parity = true;
	if (scan->group.next < parity->time && parity->time <= RECORDING_GROUP)
		scan->group.next = (uint32_t)parity->time;
	if (error == 0 && repair_take(&scan->repair, lane, &header, &changes) &&
		header.number < scan->group.next && !scan->group.there[header.number] &&
		header.length < UINT32_MAX - 1 - scan->index->n_repaired)
		error = keep_repaired(scan, &header, changes);
	if (error == 0 && lane == RECORDING_LANES - 1)
		error = end_group(scan);
	return error;
}

/* --- looking at a file ------------------------------------------------------------------------ */

/* Goes on behind the next line feed. */
static void skip_line(struct scan *scan, uint64_t from)
{
	int byte;

	if (fseeko(scan->file, (off_t)from, SEEK_SET) < 0)
		return;
	for (scan->at = from; scan->wasted < WASTED_MAX;) {
		if ((byte = getc_unlocked(scan->file)) == EOF)
			return;
		scan->at++;
		scan->wasted++;
		if (byte == '\n')
			return;
	}
}

/* Damage has no length: the next sample is looked for in the next line. Damage in a row that begins
 * neither as a line nor as a record is the rest of one sample. */
static int pass_over(struct scan *scan, bool begins_sample, const char *reason)
{
	struct group *group = &scan->group;

	if (begins_sample || !scan->damaged) {
		if (group->damaged++ == 0) {
			group->first_damaged = scan->at;
			group->reason = reason;
		}
	}
	scan->damaged = true;
	skip_line(scan, scan->at + 1);
	return 0;
}

/* Whether text is one object from its first to its last byte, as far as brackets tell. */
static bool is_object(const char *text, size_t length)
{
	uint64_t depth = 0;
	bool quoted = false;

	if (length < 2 || text[1] != '"')
		return false;
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
	scan->damaged = false;
	int error = end_group(scan);
	return error ? error : add(scan->index, &place);
}

/* Takes a record whose changes, or parity, are in the buffer. */
static int take_record(struct scan *scan, const unsigned char bytes[RECORD_HEADER_LEN],
	const struct record_header *header)
{
	const struct sample_place place = {
		.offset = scan->at + RECORD_HEADER_LEN,
		.time = header->time,
		.length = header->length,
		.form = header->kind == RECORD_WHOLE ? SAMPLE_WHOLE : SAMPLE_CHANGES,
	};

	scan->at = place.offset + header->length;
	scan->damaged = false;
	if (header->kind == RECORD_PARITY)
		return repair_lane(scan, header);
	int error = add_to_group(scan, header->number, &place);
	unsigned int lane = header->number % RECORDING_LANES;
	if (error == 0)
		error = repair_add(&scan->repair, lane, 0, bytes, RECORD_HEADER_LEN);
	if (error == 0)
		error = repair_add(
			&scan->repair, lane, RECORD_HEADER_LEN, scan->buffer, header->length);
	return error;
}

static int scan_record(struct scan *scan)
{
	unsigned char bytes[RECORD_HEADER_LEN] = { 0 };
	struct record_header header;
	bool whole = fread(bytes, 1, sizeof(bytes), scan->file) == sizeof(bytes);
	bool is_record = record_header_read(bytes, &header);

	/* Damaged parity is no sample. */
	scan->damaged |= header.kind == RECORD_PARITY;
	scan->group.has_parity |= is_record && header.kind == RECORD_PARITY;
	bool is_sample = header.kind != RECORD_PARITY;
	if (!whole)
		return pass_over(scan, is_sample, "the record is not whole");
	if (!is_record)
		return pass_over(scan, false, "the record is damaged");
	size_t length = fread(scan->buffer, 1, header.length, scan->file);
	scan->wasted += length;
	if (length != header.length)
		return pass_over(scan, is_sample, "the record is not whole");
	if (record_crc_add(record_crc_begin(bytes), (unsigned char *)scan->buffer, header.length) !=
		header.crc)
		return pass_over(scan, is_sample, "the record is damaged");
	scan->wasted -= length;
	return take_record(scan, bytes, &header);
}

static int scan_next(struct scan *scan, int byte)
{
	if (byte == '\n') {
		scan->at++;
		scan->wasted++;
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

	while (error == 0 && scan.wasted < WASTED_MAX && (byte = getc_unlocked(file)) != EOF)
		error = scan_next(&scan, byte);
	if (scan.wasted >= WASTED_MAX)
		leave_out(index, scan.at, 1, "too much of it is damaged");
	if (error == 0)
		error = end_group(&scan);
	repair_free(&scan.repair);
	return error == 0 && ferror(file) ? -EIO : error;
}
