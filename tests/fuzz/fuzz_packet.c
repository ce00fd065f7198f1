// SPDX-License-Identifier: BSD-2-Clause
/* The parser of the XDP and TC programs, compiled natively, against the plain model of it. */
#include "fuzz.h"
#include "tests/lib/packet_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_model native, model;

	if (size == 0)
		return 0;
	bool raw_ip = data[0] & 1;
	uint8_t *frame = copy_exactly(data + 1, --size);

	packet_native_read(frame, size, raw_ip, &native);
	packet_model_read(frame, size, raw_ip, &model);
	free(frame);
	native.frame_size = model.frame_size; /* only the model has it */
	expect(memcmp(&native, &model, sizeof(native)) == 0);
	return 0;
}
