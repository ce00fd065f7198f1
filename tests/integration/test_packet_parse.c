// SPDX-License-Identifier: BSD-2-Clause
/*
 * The parser of the XDP and TC programs against a plain model of it. xdp_counter, in the kernel, is
 * compared after each frame in all that it counts; the parser compiled natively in all its fields.
 * The kernel refuses to run a program on less than 14 bytes: such frames meet the native one alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "tests/lib/bpf_program.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"
#include "xdp_counter.h"

enum {
	HOSTILE_MAX = 128, /* bytes */
	RANDOM_FRAMES = 100000,
	RANDOM_SEED = 20261123,
};

static struct {
	struct bpf_object *object;
	int program;
	int counters;
	bool raw_ip;
	struct xdp_interface_counters expected;
} test;

static int start(void **state)
{
	(void)state;
	test.object = bpf_program_open("xdp_counter");
	bpf_program_load(test.object);
	test.program = bpf_program_fd(test.object, "xdp_counter");
	test.counters = bpf_program_map_fd(test.object, "xdp_counters");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	bpf_object__close(test.object);
	return 0;
}

/* What the root program tells the counter about its interface. */
static void set_raw_ip(bool raw_ip)
{
	struct xdp_packet packet = { .raw_ip = raw_ip };

	bpf_program_set_percpu(
		bpf_program_map_fd(test.object, "xdp_packet"), 0, &packet, sizeof(packet));
	test.raw_ip = raw_ip;
}

static void print_frame(const char *what, const uint8_t *bytes, size_t length)
{
	fprintf(stderr, "%s: %zu bytes:", what, length);
	for (size_t i = 0; i < length; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fprintf(stderr, "\n");
}

/* The frame in memory that ends where the frame ends: sanitizers see a byte read too much. */
static void check_native(
	const char *what, const uint8_t *bytes, size_t length, const struct packet_model *model)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct packet_model native;

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	packet_native_read(copy, length, test.raw_ip, &native);
	free(copy);
	native.frame_size = model->frame_size;
	if (memcmp(&native, model, sizeof(native)) != 0)
		print_frame(what, bytes, length);
	assert_memory_equal(&native, model, sizeof(native));
}

static void expect(const struct packet_model *model, size_t length)
{
	struct traffic_count *count =
		&test.expected.packets[model->network][model->transport][XDP_PASS];

	count->packets++;
	count->bytes += length;
	test.expected.frame_sizes[model->frame_size]++;
	test.expected.fragments += model->fragment;
	test.expected.malformed += model->malformed;
	test.expected.vlan += model->vlan;
}

static void check(const char *what, const uint8_t *bytes, size_t length)
{
	struct xdp_interface_counters counters;
	struct packet_model model;

	packet_model_read(bytes, length, test.raw_ip, &model);
	check_native(what, bytes, length, &model);
	if (length < BPF_PROGRAM_RUN_MIN)
		return;
	expect(&model, length);
	assert_int_equal(bpf_program_run(test.program, bytes, length), XDP_PASS);
	bpf_program_sum(test.counters, 0, &counters, sizeof(counters));
	if (memcmp(&counters, &test.expected, sizeof(counters)) != 0)
		print_frame(what, bytes, length);
	assert_memory_equal(&counters, &test.expected, sizeof(counters));
}

static void samples_are_what_they_are(void **state)
{
	struct packet_model model;
	struct frame frame;

	(void)state;
	set_raw_ip(false);
	for (size_t i = 0; i < n_frame_samples; i++) {
		const struct frame_sample *sample = &frame_samples[i];

		frame_sample_build(i, &frame);
		packet_model_read(frame.bytes, frame.length, false, &model);
		if (model.network != sample->network || model.transport != sample->transport)
			print_frame(sample->name, frame.bytes, frame.length);
		assert_int_equal(model.network, sample->network);
		assert_int_equal(model.transport, sample->transport);
		assert_int_equal(model.vlan, !!(sample->traits & FRAME_VLAN));
		assert_int_equal(model.fragment, !!(sample->traits & FRAME_FRAGMENT));
		assert_int_equal(model.malformed, !!(sample->traits & FRAME_MALFORMED));
		assert_int_equal(model.hiding, !!(sample->traits & FRAME_HIDING));
		check(sample->name, frame.bytes, frame.length);
	}
}

/* Every sample, cut after each byte. */
static void truncated_frames(void **state)
{
	struct frame frame;

	(void)state;
	set_raw_ip(false);
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		for (size_t length = 0; length <= HOSTILE_MAX && length <= frame.length; length++)
			check(frame_samples[i].name, frame.bytes, length);
	}
}

static void truncated_raw_ip(void **state)
{
	struct frame frame;

	(void)state;
	set_raw_ip(true);
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		if (!frame.ip_version)
			continue;
		frame.length -= frame.ip;
		for (size_t length = 0; length <= HOSTILE_MAX && length <= frame.length; length++)
			check(frame_samples[i].name, frame.bytes + frame.ip, length);
	}
}

/* After a good beginning, bytes that claim the most, the least, or nonsense; every length. */
static void hostile_frames(void **state)
{
	static const uint8_t fills[] = { 0x00, 0xff, 0x45, 0x4f, 0x60, 0x81, 0x2c, 0x3c, 0x33 };
	struct frame frame;

	(void)state;
	set_raw_ip(false);
	for (size_t i = 0; i < n_frame_samples; i++) {
		for (size_t fill = 0; fill < sizeof(fills); fill++) {
			for (size_t length = 0; length <= HOSTILE_MAX; length++) {
				size_t good = (length * 7 + i) % (length + 1);

				frame_sample_build(i, &frame);
				memset(frame.bytes + good, fills[fill], HOSTILE_MAX);
				check(frame_samples[i].name, frame.bytes, length);
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

static void check_random(unsigned count, bool raw_ip)
{
	struct frame frame;

	set_raw_ip(raw_ip);
	for (unsigned i = 0; i < count; i++) {
		frame_begin(&frame);
		if (random_number() % 4 == 0)
			make_noise(&frame);
		else
			make_mutation(&frame);
		size_t skip = raw_ip && frame.ip < frame.length ? frame.ip : 0;

		check("random", frame.bytes + skip, frame.length - skip);
	}
}

static void random_frames(void **state)
{
	/* An emulated machine is asked for fewer. */
	const char *asked = getenv("X0_RANDOM_FRAMES");
	unsigned frames = asked == NULL ? RANDOM_FRAMES : (unsigned)strtoul(asked, NULL, 10);

	(void)state;
	check_random(frames * 3 / 4, false);
	check_random(frames / 4, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_what_they_are),
		cmocka_unit_test(truncated_frames),
		cmocka_unit_test(truncated_raw_ip),
		cmocka_unit_test(hostile_frames),
		cmocka_unit_test(random_frames),
	};

	return cmocka_run_group_tests_name("packet parse", tests, start, stop);
}
