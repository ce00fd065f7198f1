// SPDX-License-Identifier: BSD-2-Clause
/* The parser of the XDP and TC programs, compiled natively, against a plain model: all its fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/packet_frames.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"

enum { RANDOM_FRAMES = 100000 };

/* Copies the frame so that it ends where its memory does: sanitizers see a byte read too much. */
static void check(const char *what, const uint8_t *bytes, size_t length, bool raw_ip)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct packet_model model, native;

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	packet_model_read(bytes, length, raw_ip, &model);
	packet_native_read(copy, length, raw_ip, &native);
	free(copy);
	native.frame_size = model.frame_size;
	if (memcmp(&native, &model, sizeof(native)) != 0)
		packet_frames_print(what, bytes, length);
	assert_memory_equal(&native, &model, sizeof(native));
}

static void samples_are_what_they_are(void **state)
{
	struct packet_model model;
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < n_frame_samples; i++) {
		const struct frame_sample *sample = &frame_samples[i];

		frame_sample_build(i, &frame);
		packet_model_read(frame.bytes, frame.length, false, &model);
		if (model.network != sample->network || model.transport != sample->transport)
			packet_frames_print(sample->name, frame.bytes, frame.length);
		assert_int_equal(model.network, sample->network);
		assert_int_equal(model.transport, sample->transport);
		assert_int_equal(model.vlan, !!(sample->traits & FRAME_VLAN));
		assert_int_equal(model.fragment, !!(sample->traits & FRAME_FRAGMENT));
		assert_int_equal(model.malformed, !!(sample->traits & FRAME_MALFORMED));
		assert_int_equal(model.hiding, !!(sample->traits & FRAME_HIDING));
		check(sample->name, frame.bytes, frame.length, false);
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
	(void)state;
	packet_frames_random(check, RANDOM_FRAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_what_they_are),
		cmocka_unit_test(truncated),
		cmocka_unit_test(hostile),
		cmocka_unit_test(random_frames),
	};

	return cmocka_run_group_tests_name("packet parse", tests, NULL, NULL);
}
