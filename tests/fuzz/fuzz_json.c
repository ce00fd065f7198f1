// SPDX-License-Identifier: BSD-2-Clause
/* Recordings, which anybody may have written: what can be read is written and read again the same. */
#include <jansson.h>

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

/* What a member may hold instead of what it has to. To be released. */
static json_t *make_value(unsigned int choice)
{
	static char text[1024];

	memset(text, 'x', sizeof(text) - 1);
	switch (choice % 11) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_object();
	case 3:
		return json_array();
	case 4:
		return json_integer(-1);
	case 5:
		return json_integer(INT64_MAX);
	case 6:
		return json_integer((json_int_t)UINT32_MAX + 1);
	case 7:
		return json_real(1e308);
	case 8:
		return json_string(text);
	case 9:
		return json_string("");
	default:
		return json_integer(choice);
	}
}

static unsigned int next(unsigned int *state)
{
	return *state = *state * 1664525 + 1013904223; /* Numerical Recipes' generator */
}

/* Goes down from the root by chance, and changes what it meets. */
static void change_member(json_t *at, unsigned int random)
{
	for (;;) {
		unsigned int choice = next(&random) >> 8, n = (unsigned int)json_object_size(at);
		void *member = json_object_iter(at);
		json_t *below;

		if (json_is_array(at) && json_array_size(at) > 0) {
			size_t index = choice % json_array_size(at);
			below = json_array_get(at, index);
			if (!json_is_object(below) && !json_is_array(below)) {
				json_array_set_new(at, index, make_value(next(&random) >> 8));
				return;
			}
			if (choice >> 12 & 1)
				json_array_append(at, below);
		} else if (n > 0) {
			for (unsigned int i = choice % n; i > 0; i--)
				member = json_object_iter_next(at, member);
			below = json_object_iter_value(member);
			bool leaf = !json_is_object(below) && !json_is_array(below);
			if (leaf || next(&random) >> 8 & 1 << 4) {
				const char *key = json_object_iter_key(member);
				if (next(&random) >> 8 & 7)
					json_object_set_new(
						at, key, make_value(next(&random) >> 8));
				else
					json_object_del(at, key);
				return;
			}
		} else {
			return;
		}
		at = below;
	}
}

static json_t *make_sample(bool troubled)
{
	static struct snapshot sample;
	size_t size;

	if (troubled)
		snapshot_sample_troubled(&sample);
	else
		snapshot_sample(&sample);
	char *text = write_text(&sample, &size);
	json_t *root = json_loadb(text, size, 0, NULL);
	free(text);
	expect(root != NULL);
	return root;
}

/* Begins with a whole snapshot, which no chance would find, and changes its members. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	json_t *root =
		size > 1 ? json_loadb((const char *)data, size, 0, NULL) : make_sample(seed & 1);

	if (root == NULL || seed % 16 == 0) {
		json_decref(root);
		return LLVMFuzzerMutate(data, size, max_size);
	}
	if (size > 1)
		change_member(root, seed);
	size_t length = json_dumpb(root, (char *)data, max_size, JSON_COMPACT);
	json_decref(root);
	return length <= max_size ? length : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot first, second;
	struct failure failure = { 0 };
	uint8_t *text = copy_exactly(data, size);
	size_t first_size, second_size;

	snapshot_clear(&first);
	int error = json_read((const char *)text, size, &first, &failure);
	free(text);
	if (error < 0) {
		expect(failure.error == error && failure.what[0] != '\0');
		return 0;
	}
	char *first_text = write_text(&first, &first_size);
	snapshot_clear(&second);
	expect(json_read(first_text, first_size, &second, &failure) == 0);
	char *second_text = write_text(&second, &second_size);
	expect(first_size == second_size && memcmp(first_text, second_text, first_size) == 0);
	free(first_text);
	free(second_text);
	return 0;
}
