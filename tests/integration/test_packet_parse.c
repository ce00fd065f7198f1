// SPDX-License-Identifier: BSD-2-Clause
/*
 * The parser of the XDP and TC programs in the kernel against a plain model of it: xdp_counter is
 * compared after each frame in all that it counts. tests/unit/test_packet_parse.c compares the fields.
 * The kernel refuses to run a program on less than 14 bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "tests/lib/bpf_program.h"
#include "tests/lib/packet_frames.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"
#include "xdp_counter.h"

enum {
	RANDOM_FRAMES = 100000,
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
	bpf_program_enter_alone(test.program);
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

static void check(const char *what, const uint8_t *bytes, size_t length, bool raw_ip)
{
	struct xdp_interface_counters counters;
	struct packet_model model;

	if (length < BPF_PROGRAM_RUN_MIN)
		return;
	packet_model_read(bytes, length, raw_ip, &model);
	expect(&model, length);
	if (raw_ip != test.raw_ip)
		set_raw_ip(raw_ip);
	assert_int_equal(bpf_program_run(test.program, bytes, length), XDP_PASS);
	bpf_program_sum(test.counters, 0, &counters, sizeof(counters));
	if (memcmp(&counters, &test.expected, sizeof(counters)) != 0)
		packet_frames_print(what, bytes, length);
	assert_memory_equal(&counters, &test.expected, sizeof(counters));
}

static void samples(void **state)
{
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		check(frame_samples[i].name, frame.bytes, frame.length, false);
	}
}

static void truncated(void **state)
{
	(void)state;
	packet_frames_truncated(check);
}

static void hostile(void **state)
{
	(void)state;
	packet_frames_hostile(check);
}

static void random_frames(void **state)
{
	/* An emulated machine is asked for fewer. */
	const char *asked = getenv("X0_RANDOM_FRAMES");

	(void)state;
	packet_frames_random(
		check, asked == NULL ? RANDOM_FRAMES : (unsigned)strtoul(asked, NULL, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples),
		cmocka_unit_test(truncated),
		cmocka_unit_test(hostile),
		cmocka_unit_test(random_frames),
	};

	return cmocka_run_group_tests_name("packet parse", tests, start, stop);
}
