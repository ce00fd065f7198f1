// SPDX-License-Identifier: BSD-2-Clause
/* Recordings, which anybody may have written: what can be read is written and read again the same. */
#include "export/json.h"
#include "fuzz.h"
#include "tests/lib/snapshot_sample.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* The JSON of a snapshot. To be freed. */
static char *write_text(const struct snapshot *snapshot, size_t *size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, size);

	expect(file != NULL && json_write(snapshot, file, true) == 0);
	fclose(file);
	return text;
}

/* Begins with a whole snapshot, which no chance would find. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static struct snapshot sample;
	size_t length;

	if (size > 1)
		return LLVMFuzzerMutate(data, size, max_size);
	if (seed & 1)
		snapshot_sample(&sample);
	else
		snapshot_sample_troubled(&sample);
	char *text = write_text(&sample, &length);
	if (length > max_size)
		length = max_size;
	memcpy(data, text, length);
	free(text);
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot first, second;
	struct failure failure = { 0 };
	uint8_t *text = copy_exactly(data, size);
	size_t first_size, second_size;

	memset(&first, 0, sizeof(first));
	int error = json_read((const char *)text, size, &first, &failure);
	free(text);
	if (error < 0) {
		expect(failure.error == error && failure.what[0] != '\0');
		return 0;
	}
	char *first_text = write_text(&first, &first_size);
	memset(&second, 0, sizeof(second));
	expect(json_read(first_text, first_size, &second, &failure) == 0);
	char *second_text = write_text(&second, &second_size);
	expect(first_size == second_size && memcmp(first_text, second_text, first_size) == 0);
	free(first_text);
	free(second_text);
	return 0;
}
