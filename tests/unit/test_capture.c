// SPDX-License-Identifier: BSD-2-Clause
/* Frames of captures: pcap and pcapng, of both byte orders, whole and damaged anywhere. */
#include <byteswap.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export/capture.h"
#include "tests/lib/holdings.h"

static struct {
	uint8_t bytes[4096];
	size_t size;
	bool swapped;
} file;

static uint8_t frame[CAPTURE_FRAME_MAX];
static struct failure failure;

static void begin(bool swapped)
{
	file.size = 0;
	file.swapped = swapped;
}

static void word(uint32_t value)
{
	value = file.swapped ? bswap_32(value) : value;
	memcpy(file.bytes + file.size, &value, sizeof(value));
	file.size += sizeof(value);
}

static void data(uint8_t value, size_t length)
{
	memset(file.bytes + file.size, value, length);
	file.size += length;
}

static int find(uint32_t number)
{
	uint8_t *bytes = malloc(file.size + 1); /* so that a read behind it is seen */
	int found;

	assert_non_null(bytes);
	memcpy(bytes, file.bytes, file.size);
	memset(frame, 0, sizeof(frame));
	found = capture_find("x.pcap", bytes, file.size, number, frame, &failure);
	free(bytes);
	return found;
}

static void pcap(uint32_t magic, uint32_t link)
{
	const uint32_t rest[] = { 0x00040002, 0, 0, 65535, link };

	word(magic);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		word(rest[i]);
}

static void pcap_frame(uint8_t value, uint32_t length)
{
	word(1);
	word(2);
	word(length);
	word(length + 100); /* on the wire */
	data(value, length);
}

static void test_pcap(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };

	(void)state;
	for (int i = 0; i < 4; i++) {
		begin(i & 1);
		pcap(magics[i / 2], 1 | 0x10000000); /* above: of the check sequence */
		pcap_frame(0x11, 20);
		pcap_frame(0x22, 33);
		assert_int_equal(find(1), 20);
		assert_int_equal(frame[19], 0x11);
		assert_int_equal(frame[20], 0);
		assert_int_equal(find(2), 33);
		assert_int_equal(frame[32], 0x22);
		assert_int_equal(find(3), -ENOENT);
		assert_string_equal(failure.what, "x.pcap has no frame 3");
	}
}

static void test_pcap_of_another_link(void **state)
{
	(void)state;
	begin(false);
	pcap(0xa1b2c3d4, 101);
	pcap_frame(0x11, 20);
	assert_int_equal(find(1), -EPROTONOSUPPORT);
	assert_int_equal(find(2), -ENOENT);
}

/* Cut anywhere, a frame is there as a whole or not at all. */
static void test_pcap_cut_short(void **state)
{
	size_t whole;

	(void)state;
	begin(false);
	pcap(0xa1b2c3d4, 1);
	pcap_frame(0x11, 20);
	whole = file.size;
	for (file.size = 0; file.size < whole; file.size++)
		assert_int_equal(
			find(1), file.size < 24 || file.size >= 24 + 16 ? -EBADMSG : -ENOENT);
	assert_int_equal(find(1), 20);
	begin(false);
	pcap(0xa1b2c3d4, 1);
	pcap_frame(0x11, 0);
	assert_int_equal(find(1), -EBADMSG);
	begin(false);
	pcap(0x12345678, 1);
	assert_int_equal(find(1), -EBADMSG);
}

static void section(void)
{
	word(0x0a0d0d0a);
	word(28);
	word(0x1a2b3c4d);
	word(0x00000001);
	word(~0U);
	word(~0U);
	word(28);
}

static void interface(uint16_t link)
{
	uint16_t half = file.swapped ? bswap_16(link) : link;

	word(1);
	word(20);
	memcpy(file.bytes + file.size, &half, sizeof(half));
	memset(file.bytes + file.size + 2, 0, 2);
	file.size += 4;
	word(65535);
	word(20);
}

static void enhanced(uint32_t of, uint8_t value, uint32_t length)
{
	uint32_t padded = (length + 3) / 4 * 4;

	word(6);
	word(32 + padded);
	word(of);
	word(0);
	word(0);
	word(length);
	word(length);
	data(value, padded);
	word(32 + padded);
}

static void simple(uint8_t value, uint32_t whole, uint32_t captured)
{
	word(3);
	word(16 + captured);
	word(whole);
	data(value, captured);
	word(16 + captured);
}

static void test_pcapng(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		begin(swapped);
		section();
		interface(1);
		interface(101);
		enhanced(0, 0x11, 21);
		enhanced(1, 0x22, 24);
		simple(0x33, 10, 12);
		simple(0x44, 100, 12); /* more on the wire than there is */
		enhanced(7, 0x55, 40); /* of an interface that is not described */
		section();
		interface(101);
		enhanced(0, 0x66, 24);
		assert_int_equal(find(1), 21);
		assert_int_equal(frame[20], 0x11);
		assert_int_equal(frame[21], 0);
		assert_int_equal(find(2), -EPROTONOSUPPORT);
		assert_int_equal(find(3), 10);
		assert_int_equal(find(4), 12);
		assert_int_equal(frame[11], 0x44);
		assert_int_equal(find(5), 40);
		assert_int_equal(find(6), -EPROTONOSUPPORT);
		assert_int_equal(find(7), -ENOENT);
	}
}

/* A later section may have the other byte order. */
static void test_pcapng_of_two_orders(void **state)
{
	(void)state;
	begin(false);
	section();
	interface(1);
	enhanced(0, 0x11, 20);
	file.swapped = true;
	section();
	interface(1);
	enhanced(0, 0x22, 28);
	assert_int_equal(find(1), 20);
	assert_int_equal(find(2), 28);
	assert_int_equal(frame[27], 0x22);
}

static void test_pcapng_damaged(void **state)
{
	uint32_t whole;

	(void)state;
	begin(false);
	section();
	interface(1);
	enhanced(0, 0x11, 20);
	whole = (uint32_t)file.size;
	for (file.size = 0; file.size < whole; file.size++)
		assert_true(find(1) < 0);
	assert_int_equal(find(1), 20);
	file.bytes[28 + 20 + 20] = 21; /* captured: more than the block holds */
	assert_int_equal(find(1), -EBADMSG);
	file.bytes[28 + 20 + 20] = 20;
	file.bytes[28 + 4] = 8; /* a block shorter than its header */
	assert_int_equal(find(1), -EBADMSG);
	file.bytes[28 + 4] = 21;
	assert_int_equal(find(1), -EBADMSG);
}

static void test_files(void **state)
{
	(void)state;
	assert_int_equal(capture_read("/nonexistent/x", 1, frame, &failure), -ENOENT);
	assert_true(capture_read("/dev/zero", 1, frame, &failure) < 0);
}

static void read_no_capture(void)
{
	assert_true(capture_read("/proc/self/status", 1, frame, &failure) < 0);
}

static void test_nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("a capture", read_no_capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_pcap_of_another_link),
		cmocka_unit_test(test_pcap_cut_short),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_of_two_orders),
		cmocka_unit_test(test_pcapng_damaged),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nothing_is_held_any_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
