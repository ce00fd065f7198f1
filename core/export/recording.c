// SPDX-License-Identifier: BSD-2-Clause
#include "export/recording.h"

#include <endian.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

/* No character of UTF-8 begins with the first byte: a record is no line of text. */
static const unsigned char magic[3] = { 0x9b, 'x', '0' };

enum {
	KIND_AT = 3,
	LENGTH_AT = 4,
	NUMBER_AT = 7, /* the length has three bytes */
	TIME_AT = 8,
	CRC_AT = 16,
};

static const unsigned char kinds[RECORD_KINDS] = {
	[RECORD_CHANGES] = 'C',
	[RECORD_WHOLE] = 'W',
	[RECORD_PARITY] = 'P',
};

uint32_t record_crc_begin(const unsigned char bytes[RECORD_HEADER_LEN])
{
	return (uint32_t)crc32_z(0, bytes, CRC_AT);
}

uint32_t record_crc_add(uint32_t crc, const unsigned char *changes, size_t size)
{
	return (uint32_t)crc32_z(crc, changes, size);
}

void record_header_write(const struct record_header *header, const unsigned char *changes,
	unsigned char bytes[RECORD_HEADER_LEN])
{
	uint32_t length = htole32(header->length | (uint32_t)header->number << 24), crc;
	uint64_t time;

	memcpy(&time, &header->time, sizeof(time));
	time = htole64(time);
	memcpy(bytes, magic, sizeof(magic));
	bytes[KIND_AT] = kinds[header->kind];
	memcpy(bytes + LENGTH_AT, &length, sizeof(length));
	memcpy(bytes + TIME_AT, &time, sizeof(time));
	crc = htole32(record_crc_add(record_crc_begin(bytes), changes, header->length));
	memcpy(bytes + CRC_AT, &crc, sizeof(crc));
}

static bool number_fits(const struct record_header *header)
{
	switch (header->kind) {
	case RECORD_CHANGES:
		return header->number > 0 && header->number < RECORDING_GROUP;
	case RECORD_WHOLE:
		return header->number == 0;
	case RECORD_PARITY:
		return header->number < RECORDING_LANES;
	default:
		return false;
	}
}

bool record_header_read(const unsigned char bytes[RECORD_HEADER_LEN], struct record_header *header)
{
	uint64_t time;

	memcpy(&header->length, bytes + LENGTH_AT, sizeof(header->length));
	memcpy(&time, bytes + TIME_AT, sizeof(time));
	memcpy(&header->crc, bytes + CRC_AT, sizeof(header->crc));
	header->length = le32toh(header->length) & 0xffffff;
	header->number = bytes[NUMBER_AT];
	header->crc = le32toh(header->crc);
	time = le64toh(time);
	memcpy(&header->time, &time, sizeof(time));
	for (header->kind = 0; header->kind < RECORD_KINDS; header->kind++)
		if (bytes[KIND_AT] == kinds[header->kind])
			break;
	return memcmp(bytes, magic, sizeof(magic)) == 0 && number_fits(header) &&
	       header->length <= RECORD_LENGTH_MAX && isfinite(header->time);
}

bool recording_begins(int byte)
{
	return byte == magic[0] || byte == '{' || byte == '#' || byte == '\n';
}

static bool begins_with(const unsigned char *bytes, size_t n, const void *begin, size_t size)
{
	return n >= size && memcmp(bytes, begin, size) == 0;
}

bool recording_is(const unsigned char *bytes, size_t n)
{
	static const char line[] = "{\"schema\":\"x0top/";

	return begins_with(bytes, n, RECORDING_TITLE, sizeof(RECORDING_TITLE) - 1) ||
	       begins_with(bytes, n, line, sizeof(line) - 1) ||
	       begins_with(bytes, n, magic, sizeof(magic));
}
