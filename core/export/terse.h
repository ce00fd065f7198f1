/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON of which deflate makes less: its brackets and names, its numbers and its texts are apart, each in few
 * bytes. What is packed begins with TERSE_MARK and has five parts, each behind its length, a varint (seven
 * bits a byte, the lowest first, the top bit on all but the last):
 *
 *	structure	codes of a byte. In a list, and for the value of all, enum terse_code. In an object,
 *			TERSE_END or a member: 16 + its number among the members there have been, or from
 *			240 on 240 + n / 256 and n % 256, n being what is beyond 240. A member is a name and
 *			what its value is. One that is new has the next number, is followed by the code of
 *			its value, and has its name among the texts
 *	integers	varints, 2n of n from 0 on, -2n - 1 of others
 *	exponents	of decimals: such integers
 *	decimals	such integers, to be multiplied by ten to the power of their exponent, which is never
 *			0: TERSE_TIME stands for 10^-7, and the integer for the increase, modulo 2^64, of the
 *			last of those, of 0 at first
 *	texts		as between quotes in JSON, ended by 0
 *
 * The members are kept from one packed text to the next, until they are forgotten.
 */
#ifndef X0_EXPORT_TERSE_H
#define X0_EXPORT_TERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERSE_MARK 0x01 /* no JSON begins so */
#define TERSE_TIME 0 /* an exponent */

enum terse_code {
	TERSE_END,
	TERSE_OBJECT,
	TERSE_LIST,
	TERSE_TRUE,
	TERSE_FALSE,
	TERSE_NULL,
	TERSE_INTEGER,
	TERSE_DECIMAL,
	TERSE_TEXT,
	TERSE_CODES,
	TERSE_MEMBERS = 16, /* the code of the first member */
	TERSE_WIDE = 240, /* codes from here on have two bytes */
};

enum {
	TERSE_NAME_LEN = 64,
	TERSE_MEMBERS_MAX = 2048,
	TERSE_DEPTH_MAX = 32, /* of brackets; a snapshot has ten */
};

enum terse_part {
	TERSE_STRUCTURE,
	TERSE_INTEGERS,
	TERSE_EXPONENTS,
	TERSE_DECIMALS,
	TERSE_TEXTS,
	TERSE_PARTS,
};

struct terse_member {
	char name[TERSE_NAME_LEN];
	uint8_t code; /* of its value */
};

struct terse_bytes {
	unsigned char *bytes;
	size_t length, room;
};

/* Zeroed at first. */
struct terse {
	struct terse_member members[TERSE_MEMBERS_MAX];
	uint32_t n_members;
	uint16_t slots[2 * TERSE_MEMBERS_MAX]; /* 1 + a member, by its hash; of a writer */
	struct terse_bytes parts[TERSE_PARTS], packed; /* of a writer */
};

/* Forgets the members. */
void terse_begin(struct terse *terse);

/*
 * Packs JSON without spaces into terse->packed. Returns 0; or -ENOMEM, -EINVAL if it is none, or -E2BIG if there
 * is a bound that it exceeds, and then the members have to be forgotten.
 */
int terse_write(struct terse *terse, const char *text, size_t size);

/*
 * Unpacks what may be hostile into `text`, which has room for as many bytes, unterminated. Returns 0 with its
 * *length, or -EINVAL if it is nothing that was packed behind the same members, or has no room. Its numbers are
 * those that were packed, if not in the same digits.
 */
int terse_read(struct terse *terse, const unsigned char *packed, size_t size, char *text,
	size_t room, size_t *length);

void terse_free(struct terse *terse);

#endif
