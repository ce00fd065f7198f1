// SPDX-License-Identifier: BSD-2-Clause
#include "export/capture.h"

#include <byteswap.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define FILE_MAX (64 << 20)

#define PCAP_MICROSECONDS 0xa1b2c3d4
#define PCAP_NANOSECONDS  0xa1b23c4d
#define PCAP_HEADER	  24
#define PCAP_RECORD	  16

#define NG_SECTION     0x0a0d0d0a
#define NG_ORDER       0x1a2b3c4d
#define NG_INTERFACE   1
#define NG_SIMPLE      3
#define NG_ENHANCED    6
#define NG_BLOCK_LEAST 12
#define NG_INTERFACES  64 /* beyond these, links are not told apart */

#define LINK_ETHERNET 1

struct capture {
	const char *path;
	const uint8_t *bytes;
	size_t size, at;
	bool swapped;
	uint32_t number; /* of frames that are still to come before the one asked for, and it */
	uint32_t links[NG_INTERFACES], n_links; /* pcapng: of each interface */
	uint8_t *frame;
	struct failure *failure;
};

static int damaged(const struct capture *capture)
{
	return failure_set(capture->failure, -EBADMSG,
		"%.100s is no capture, or damaged at byte %zu", capture->path, capture->at);
}

static uint32_t word(const struct capture *capture, size_t at)
{
	uint32_t value;

	memcpy(&value, capture->bytes + at, sizeof(value));
	return capture->swapped ? bswap_32(value) : value;
}

static bool has(const struct capture *capture, size_t bytes)
{
	return capture->size - capture->at >= bytes;
}

/* Takes a frame of `length` bytes. Returns 0 if it is not the one asked for, or its bytes. */
static int take(struct capture *capture, size_t at, size_t length, uint32_t link)
{
	if (--capture->number > 0)
		return 0;
	if (link != LINK_ETHERNET) {
		failure_set(capture->failure, -EPROTONOSUPPORT,
			"The frame of %.100s is not of Ethernet, but of link type %u",
			capture->path, link);
		return failure_remedy(capture->failure, "Capture on the interface itself");
	}
	if (length == 0)
		return damaged(capture);
	length = length < CAPTURE_FRAME_MAX ? length : CAPTURE_FRAME_MAX;
	memcpy(capture->frame, capture->bytes + at, length);
	return (int)length;
}

static int read_pcap(struct capture *capture)
{
	int found = 0;

	if (!has(capture, PCAP_HEADER))
		return damaged(capture);
	uint32_t link = word(capture, 20) & 0xffff;
	for (capture->at = PCAP_HEADER; found == 0 && has(capture, PCAP_RECORD);) {
		size_t length = word(capture, capture->at + 8);
		capture->at += PCAP_RECORD;
		if (!has(capture, length))
			return damaged(capture);
		found = take(capture, capture->at, length, link);
		capture->at += length;
	}
	return found;
}

static void note_interface(struct capture *capture)
{
	uint32_t both = word(capture, capture->at + 8); /* 16 bits of link type, and 16 reserved */
	uint32_t link = capture->swapped ? both >> 16 : both & 0xffff;

	if (capture->n_links < NG_INTERFACES)
		capture->links[capture->n_links++] = link;
}

static uint32_t link_of(const struct capture *capture, uint32_t interface)
{
	return interface < capture->n_links ? capture->links[interface] : LINK_ETHERNET;
}

/* Takes the block at the present place. Returns as take(). */
static int take_block(struct capture *capture, uint32_t type, size_t length)
{
	size_t begin = capture->at;

	if (type == NG_INTERFACE && length >= 20)
		note_interface(capture);
	if (type == NG_ENHANCED && length >= 32) {
		size_t captured = word(capture, begin + 20);
		return captured <= length - 32 ? take(capture, begin + 28, captured,
							 link_of(capture, word(capture, begin + 8)))
					       : damaged(capture);
	}
	if (type == NG_SIMPLE && length >= 16) {
		size_t whole = word(capture, begin + 8), room = length - 16;
		return take(capture, begin + 12, whole < room ? whole : room, link_of(capture, 0));
	}
	return 0;
}

static int read_pcapng(struct capture *capture)
{
	int found = 0;

	while (found == 0 && has(capture, NG_BLOCK_LEAST)) {
		uint32_t type = word(capture, capture->at);
		if (type == NG_SECTION) {
			capture->swapped ^= word(capture, capture->at + 8) != NG_ORDER;
			capture->n_links = 0;
		}
		size_t length = word(capture, capture->at + 4);
		if (length < NG_BLOCK_LEAST || length % 4 != 0 || !has(capture, length))
			return damaged(capture);
		found = take_block(capture, type, length);
		capture->at += length;
	}
	return found;
}

static int read_any(struct capture *capture)
{
	if (!has(capture, sizeof(uint32_t)))
		return damaged(capture);
	uint32_t magic = word(capture, 0);
	if (magic == NG_SECTION)
		return read_pcapng(capture);
	capture->swapped =
		magic == bswap_32(PCAP_MICROSECONDS) || magic == bswap_32(PCAP_NANOSECONDS);
	magic = word(capture, 0);
	return magic == PCAP_MICROSECONDS || magic == PCAP_NANOSECONDS ? read_pcap(capture)
								       : damaged(capture);
}

int capture_find(const char *path, const uint8_t *bytes, size_t size, uint32_t number,
	uint8_t frame[CAPTURE_FRAME_MAX], struct failure *failure)
{
	struct capture capture = { .path = path,
		.bytes = bytes,
		.size = size,
		.number = number,
		.frame = frame,
		.failure = failure };
	int found = read_any(&capture);

	return found != 0 ? found
			  : failure_set(failure, -ENOENT, "%.100s has no frame %u", path, number);
}

int capture_read(const char *path, uint32_t number, uint8_t frame[CAPTURE_FRAME_MAX],
	struct failure *failure)
{
	uint8_t *bytes = malloc(FILE_MAX);

	if (bytes == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %.100s", path);
	ssize_t size = file_read_path(path, bytes, FILE_MAX);
	int found = size < 0 ? failure_set(failure, (int)size, "Cannot read the capture %.100s: %s",
				       path, file_strerror((int)size))
			     : capture_find(path, bytes, (size_t)size, number, frame, failure);
	free(bytes);
	return found;
}
