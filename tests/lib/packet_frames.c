// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/packet_frames.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/packets.h"

enum {
	HOSTILE_MAX = 128, /* bytes */
	RANDOM_SEED = 20261123,
};

void packet_frames_print(const char *what, const uint8_t *bytes, size_t length)
{
	fprintf(stderr, "%s: %zu bytes:", what, length);
	for (size_t i = 0; i < length; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fprintf(stderr, "\n");
}

static void truncated_frames(frame_check check)
{
	struct frame frame;

	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		for (size_t length = 0; length <= HOSTILE_MAX && length <= frame.length; length++)
			check(frame_samples[i].name, frame.bytes, length, false);
	}
}

static void truncated_raw_ip(frame_check check)
{
	struct frame frame;

	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		if (!frame.ip_version)
			continue;
		frame.length -= frame.ip;
		for (size_t length = 0; length <= HOSTILE_MAX && length <= frame.length; length++)
			check(frame_samples[i].name, frame.bytes + frame.ip, length, true);
	}
}

void packet_frames_truncated(frame_check check)
{
	truncated_frames(check);
	truncated_raw_ip(check);
}

void packet_frames_hostile(frame_check check)
{
	static const uint8_t fills[] = { 0x00, 0xff, 0x45, 0x4f, 0x60, 0x81, 0x2c, 0x3c, 0x33 };
	struct frame frame;

	for (size_t i = 0; i < n_frame_samples; i++) {
		for (size_t fill = 0; fill < sizeof(fills); fill++) {
			for (size_t length = 0; length <= HOSTILE_MAX; length++) {
				size_t good = (length * 7 + i) % (length + 1);

				frame_sample_build(i, &frame);
				memset(frame.bytes + good, fills[fill], HOSTILE_MAX);
				check(frame_samples[i].name, frame.bytes, length, false);
			}
		}
	}
}

/* xorshift64*: the same frames on every machine. */
static uint32_t random_number(void)
{
	static uint64_t x = RANDOM_SEED;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (x * 0x2545f4914f6cdd1dULL) >> 32;
}

static void make_noise(struct frame *frame)
{
	frame->length = random_number() % 256;
	for (size_t i = 0; i < frame->length; i++)
		frame->bytes[i] = random_number();
}

/* A sample with some bytes changed, most of them in the headers, and perhaps another end. */
static void make_mutation(struct frame *frame)
{
	static const uint8_t telling[] = { 0, 1, 4, 5, 6, 17, 43, 44, 51, 58, 60, 0x45, 0x60,
		0xff };
	unsigned changes = random_number() % 6;

	frame_sample_build(random_number() % n_frame_samples, frame);
	for (unsigned i = 0; i < changes; i++) {
		uint8_t *byte = &frame->bytes[random_number() % 100];

		*byte = random_number() % 2 ? random_number()
					    : telling[random_number() % sizeof(telling)];
	}
	if (random_number() % 4 == 0)
		frame->length = random_number() % (frame->length + 1);
}

static void random_frames(frame_check check, unsigned count, bool raw_ip)
{
	struct frame frame;

	for (unsigned i = 0; i < count; i++) {
		frame_begin(&frame);
		if (random_number() % 4 == 0)
			make_noise(&frame);
		else
			make_mutation(&frame);
		size_t skip = raw_ip && frame.ip < frame.length ? frame.ip : 0;

		check("random", frame.bytes + skip, frame.length - skip, raw_ip);
	}
}

void packet_frames_random(frame_check check, unsigned count)
{
	random_frames(check, count * 3 / 4, false);
	random_frames(check, count / 4, true);
}
