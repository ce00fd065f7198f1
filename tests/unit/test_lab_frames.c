// SPDX-License-Identifier: BSD-2-Clause
/* The lab's packets, byte by byte; the bytes were made by another program. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "lab/frames.h"

static uint8_t frame[FRAME_LEN_MAX];

static struct in_addr address(const char *text)
{
	struct in_addr read = { 0 };

	assert_int_equal(inet_pton(AF_INET, text, &read), 1);
	return read;
}

static void assert_frame(size_t length, const char *bytes)
{
	char text[2 * 128 + 1];

	assert_true(length < 128);
	hex_format(frame, length, text);
	assert_string_equal(text, bytes);
}

static struct pqc_path path(uint16_t source_port, uint16_t destination_port)
{
	struct pqc_path made = { .source_port = htons(source_port),
		.destination_port = htons(destination_port) };

	inet_pton(AF_INET6, "::ffff:10.1.2.3", made.source);
	inet_pton(AF_INET6, "::ffff:10.4.5.6", made.destination);
	return made;
}

static void announcements(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

	(void)state;
	assert_frame(frame_hello(frame, 0x1234, 4000), "2a0200080406000012340190");
	memset(frame, 0x55, sizeof(frame));
	assert_frame(frame_originator(frame, mac, 0x01020304),
		"ffffffffffff0200000000014305000f320001020304020000000001020000000001"
		"00ff000000000000000000000000000000000000000000000000");
	assert_int_equal(frame[60], 0x55);
}

static void segments(void **state)
{
	(void)state;
	assert_frame(
		frame_syn(frame, address("10.1.2.3"), address("10.4.5.6"), 1000, 443, 0x01020304),
		"450000280000400040061fc30a0102030a04050603e801bb010203040000000050020400872c0000");
}

/* Of an odd length; one whose checksum would say that there is none. */
static void datagrams(void **state)
{
	static const uint8_t zero[] = { 0xe4, 0xc9 };
	struct pqc_path way = path(1000, 26970);

	(void)state;
	assert_frame(frame_datagram(frame, &way, "abc", 3),
		"4500001f0000400040111fc10a0102030a04050603e8695a000bb325616263");
	way = path(1, 2);
	assert_frame(frame_datagram(frame, &way, zero, sizeof(zero)),
		"4500001e0000400040111fc20a0102030a04050600010002000affffe4c9");
}

/* The payload may lie in its place already, or behind it. */
static void a_datagram_of_its_own_bytes(void **state)
{
	const struct pqc_path way = path(1000, 26970);

	(void)state;
	for (size_t at = 28; at < 31; at++) {
		memcpy(frame + at, "abc", 3);
		assert_frame(frame_datagram(frame, &way, frame + at, 3),
			"4500001f0000400040111fc10a0102030a04050603e8695a000bb325616263");
	}
}

static void a_tag_has_a_priority(void **state)
{
	const struct frame_endpoint from = { { 2, 0, 0, 0, 0, 1 }, address("10.1.2.3"), 5 },
				    to = { { 2, 0, 0, 0, 0, 2 }, address("10.4.5.6"), 6 };

	(void)state;
	memset(frame, 0x55, sizeof(frame));
	assert_frame(frame_tagged(frame, &from, &to, 46, 3),
		"0200000000020200000000018100a000080045b8001f0000400040111f09"
		"0a0102030a04050600050006000b0000000000");
	assert_int_equal(frame[49], 0x55);
}

/* Options are part of what is summed, and the sum before is not. */
static void headers_are_sealed(void **state)
{
	static const uint8_t header[] = { 0x46, 0, 0, 24, 0, 0, 0, 0, 64, 17, 0xde, 0xad, 10, 1, 2,
		3, 10, 4, 5, 6, 0x94, 4, 0, 0 };

	(void)state;
	memcpy(frame, header, sizeof(header));
	frame_seal_ipv4(frame);
	assert_frame(sizeof(header), "46000018000000004011cac30a0102030a04050694040000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(announcements),
		cmocka_unit_test(segments),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(a_datagram_of_its_own_bytes),
		cmocka_unit_test(a_tag_has_a_priority),
		cmocka_unit_test(headers_are_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
