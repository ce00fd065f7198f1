// SPDX-License-Identifier: BSD-2-Clause
/* Files of sets, as public lists come, and captures. What is read is in order without overlaps, finds itself,
 * and is read again from its text; a frame is no longer than its room. */
#include "export/capture.h"
#include "fuzz.h"
#include "mesh/set_text.h"

static void check_element(const struct set_elements *elements, uint32_t i)
{
	struct set_elements again = { .kind = elements->kind };
	char text[SET_ELEMENT_LEN];
	struct failure failure;

	set_format_element(elements->kind, &elements->list[i], text);
	expect(set_add_text(&again, text, strlen(text), &failure) == 0);
	expect(again.n == 1 && memcmp(again.list, &elements->list[i], sizeof(*again.list)) == 0);
	expect(set_find(elements->kind, elements->list, elements->n, again.list) ==
		&elements->list[i]);
	free(again.list);
}

static void try_text(const uint8_t *data, size_t size)
{
	struct set_elements elements = { .kind = data[0] % (MESH_SET_KINDS + 1) };
	uint8_t *text = copy_exactly(data + 1, size - 1);
	struct failure failure = { 0 };

	int error = set_add_file(&elements, "FILE", (const char *)text, size - 1, &failure);
	expect((error < 0) == (failure.error < 0));
	for (const char *c = failure.what; *c != '\0'; c++)
		expect(*c >= ' ' && *c <= '~');
	if (elements.kind < MESH_SET_KINDS)
		set_merge(&elements);
	for (uint32_t i = 0; i < elements.n && i < 100; i++)
		check_element(&elements, i);
	free(elements.list);
	free(text);
}

static void try_capture(const uint8_t *data, size_t size)
{
	static uint8_t frame[CAPTURE_FRAME_MAX];
	uint8_t *bytes = copy_exactly(data + 1, size - 1);
	struct failure failure;

	int length = capture_find("FILE", bytes, size - 1, 1U + data[0] % 4, frame, &failure);
	expect(length != 0 && length <= CAPTURE_FRAME_MAX);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	try_text(data, size);
	try_capture(data, size);
	return 0;
}
