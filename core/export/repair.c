// SPDX-License-Identifier: BSD-2-Clause
#include "export/repair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void repair_begin(struct repair *repair)
{
	for (size_t i = 0; i < RECORDING_LANES; i++)
		repair->lanes[i].length = 0;
}

static int make_room(struct repair_lane *lane, size_t size)
{
	if (size > lane->room) {
		unsigned char *grown = realloc(lane->sum, 2 * size);
		if (grown == NULL)
			return -ENOMEM;
		lane->sum = grown;
		lane->room = 2 * size;
	}
	if (size > lane->length) {
		memset(lane->sum + lane->length, 0, size - lane->length);
		lane->length = size;
	}
	return 0;
}

int repair_add(struct repair *repair, unsigned int lane, size_t at, const void *bytes, size_t size)
{
	struct repair_lane *to = &repair->lanes[lane];
	const unsigned char *from = bytes;

	if (make_room(to, at + size) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++)
		to->sum[at + i] ^= from[i];
	return 0;
}

bool repair_take(const struct repair *repair, unsigned int lane, struct record_header *header,
	const unsigned char **changes)
{
	const struct repair_lane *of = &repair->lanes[lane];

	if (of->length < RECORD_HEADER_LEN || !record_header_read(of->sum, header) ||
		header->kind == RECORD_PARITY || header->length > of->length - RECORD_HEADER_LEN)
		return false;
	*changes = of->sum + RECORD_HEADER_LEN;
	return record_crc_add(record_crc_begin(of->sum), *changes, header->length) == header->crc;
}

void repair_free(struct repair *repair)
{
	for (size_t i = 0; i < RECORDING_LANES; i++)
		free(repair->lanes[i].sum);
	memset(repair, 0, sizeof(*repair));
}
