// SPDX-License-Identifier: BSD-2-Clause
/* What a recording's records hold once they are inflated: what can be unpacked is packed again, to the same. */
#include "export/terse.h"
#include "fuzz.h"

#define ROOM (1 << 20)

static struct terse writer, reader;
static char first[ROOM], second[ROOM];

/* Packs a text, and unpacks it. Returns whether it is JSON. */
static int pass(const char *text, size_t size, char *to, size_t *length)
{
	terse_begin(&writer);
	terse_begin(&reader);
	if (terse_write(&writer, text, size) < 0)
		return 0;
	expect(terse_read(&reader, writer.packed.bytes, writer.packed.length, to, ROOM, length) ==
			0 ||
		size > ROOM / 8);
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packed = copy_exactly(data, size);
	size_t n = 0, again = 0;

	terse_begin(&reader);
	int error = terse_read(&reader, packed, size, first, ROOM, &n);
	free(packed);
	/*
	 * What was meant as a text may hold a quote, and behind it what is nearly JSON: "7." is a decimal after
	 * the first pass, and has the digits of a time after the second.
	 */
	if (error == 0 && pass(first, n, second, &again) && pass(second, again, first, &n) &&
		pass(first, n, second, &again))
		expect(n == again && memcmp(first, second, n) == 0);
	return 0;
}
