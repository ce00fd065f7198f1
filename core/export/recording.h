/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The form of a recording: lines and records, one after the other.
 *
 *	#...		a line for people
 *	{...}		a line that is a snapshot's JSON: what --record wrote once
 *	record_header	and behind it compressed changes (changes.h) and a line feed
 *
 * Changes are packed (terse.h) before they are compressed; those of earlier versions are JSON.
 *
 * A record holds the changes of the one before, or of an empty snapshot: then it is `whole`. The
 * changes are a stream of deflate (RFC 1951), flushed after each record, which begins anew with each
 * whole one. Each record is one write(), so that a process that is killed leaves none behind in part.
 *
 * A whole record and those that need it are a group, numbered from 0. Behind a group are its records of
 * parity: for each lane, the exclusive or of the records, header and changes, whose number is the lane's
 * modulo RECORDING_LANES, each as if zeros followed. So a lane's one damaged record can be had again.
 */
#ifndef X0_EXPORT_RECORDING_H
#define X0_EXPORT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORD_HEADER_LEN = 20,
	/* A snapshot with every list full takes 8 MB, and 20 where all text has to be escaped. */
	RECORDING_TEXT_MAX = (32 << 20) - 1,
	RECORD_LENGTH_MAX = (16 << 20) - 1, /* compressed, which makes the escapes small */
	/* Records from one that is whole to the next. */
	RECORDING_GROUP = 60,
	/* A page of 4 kB, or a few sectors, that is lost hits three records of a busy host. */
	RECORDING_LANES = 3,
};

enum record_kind {
	RECORD_CHANGES,
	RECORD_WHOLE,
	RECORD_PARITY,
	RECORD_KINDS,
};

struct record_header {
	enum record_kind kind;
	uint8_t number; /* in its group; of parity: the lane */
	uint32_t length; /* of what follows; at most RECORD_LENGTH_MAX */
	double time; /* the snapshot's; of parity: the number of records in its group */
	uint32_t crc; /* of the header up to here, and of what follows */
};

/* Writes a header for these compressed changes, whose number of bytes is header->length. */
void record_header_write(const struct record_header *header, const unsigned char *changes,
	unsigned char bytes[RECORD_HEADER_LEN]);

/* Reads a header, which may be anything. Returns whether it is one; if not, header->kind is what it says. */
bool record_header_read(const unsigned char bytes[RECORD_HEADER_LEN], struct record_header *header);

/* Goes on with a record's checksum: begin with the header, then add each piece of the changes. */
uint32_t record_crc_begin(const unsigned char bytes[RECORD_HEADER_LEN]);
uint32_t record_crc_add(uint32_t crc, const unsigned char *changes, size_t size);

/* Returns whether a line or record of a recording may begin with this byte. */
bool recording_begins(int byte);

/* The first line of a recording, for people. */
#define RECORDING_TITLE "# A recording of x0top"

/* How many bytes recording_is() looks at. */
enum { RECORDING_BEGIN_LEN = sizeof(RECORDING_TITLE) - 1 };

/* Returns whether a file with these first bytes is a recording: to anything else, nothing is ever added. */
bool recording_is(const unsigned char *bytes, size_t n);

#endif
