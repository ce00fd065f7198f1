// SPDX-License-Identifier: BSD-2-Clause
/* The changes that records of a recording hold, applied to a snapshot: it stays one that can be written. */
#include "export/changes.h"
#include "export/json.h"
#include "fuzz.h"
#include "tests/lib/snapshot_sample.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static struct snapshot sample, troubled, snapshot;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	snapshot_sample(&sample);
	snapshot_sample_troubled(&troubled);
	return 0;
}

/* Begins with the changes from one sample to another. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct changes_text text = { 0 };

	if (size > 1)
		return LLVMFuzzerMutate(data, size, max_size);
	expect(changes_write(
		       seed & 1 ? &sample : &troubled, seed & 1 ? &troubled : &sample, &text) == 0);
	if (text.length <= max_size) {
		memcpy(data, text.bytes, text.length);
		size = text.length;
	}
	free(text.bytes);
	return size;
}

static void write_out(const struct snapshot *changed)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	expect(file != NULL && json_write(changed, file, true) == 0);
	fclose(file);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure failure = { 0 };
	uint8_t *text = copy_exactly(data, size);

	snapshot_copy(&snapshot, &sample);
	int error = changes_read((const char *)text, size, &snapshot, &failure);
	free(text);
	if (error == 0)
		write_out(&snapshot);
	else
		expect(failure.error == error && failure.what[0] != '\0');
	return 0;
}
