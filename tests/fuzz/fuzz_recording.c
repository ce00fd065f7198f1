// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whole recordings: their lines and records, and the order in which they are read. Whatever is damaged, what
 * is said to be there can be read, forwards and backwards, and nothing beyond it.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "export/json.h"
#include "export/record.h"
#include "export/recording.h"
#include "export/replay.h"
#include "fuzz.h"
#include "tests/lib/snapshot_sample.h"

#define READS_MAX 200

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Makes a recording of two whole records and changes of each. Returns its size, or 0 if it is too large. */
static size_t make_recording(uint8_t *data, size_t max_size)
{
	static struct snapshot sample, troubled;
	char path[] = "/dev/shm/x0top-fuzz-XXXXXX";
	struct recorder *recorder;
	struct failure failure;
	int fd = mkstemp(path);

	snapshot_sample(&sample);
	snapshot_sample_troubled(&troubled);
	for (int i = 0; i < 2; i++) {
		expect(fd >= 0 && recorder_open(path, 1 << 20, &recorder, &failure) == 0);
		expect(recorder_write(recorder, &sample, &failure) == 0);
		troubled.time = ++sample.time;
		expect(recorder_write(recorder, &troubled, &failure) == 0);
		recorder_close(recorder);
	}
	ssize_t size = pread(fd, data, max_size, 0);
	close(fd);
	unlink(path);
	return size > 0 && (size_t)size < max_size ? (size_t)size : 0;
}

/* Gives each record the checksum of what it holds, so that more than that is reached. */
static void mend_checksums(uint8_t *data, size_t size)
{
	struct record_header header;

	for (size_t at = 0; at + RECORD_HEADER_LEN <= size; at++)
		if (record_header_read(data + at, &header) &&
			header.length <= size - at - RECORD_HEADER_LEN)
			record_header_write(&header, data + at + RECORD_HEADER_LEN, data + at);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	if (size <= 1) {
		size_t made = make_recording(data, max_size);
		if (made > 0)
			return made;
	}
	size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 4 != 0)
		mend_checksums(data, size);
	return size;
}

static void read_all(struct replayer *replayer)
{
	static struct snapshot snapshot;
	char sentence[FAILURE_SENTENCE_LEN];
	struct failure failure = { 0 };
	uint32_t count = replayer_count(replayer);

	for (uint32_t step = 0; step < 2 * count + 1 && step < READS_MAX; step++) {
		/* Forwards, then backwards. */
		uint32_t at = step <= count ? step : 2 * count - step;
		int error = replayer_read(replayer, &at, &snapshot, &failure);

		if (error < 0) {
			expect(failure.error == error && failure.what[0] != '\0');
			break;
		}
		expect(at < replayer_count(replayer) && replayer_count(replayer) <= count);
		replayer_time(replayer, at);
	}
	replayer_left_out(replayer, sentence);
	expect(memchr(sentence, 0, sizeof(sentence)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replayer *replayer = NULL;
	struct failure failure = { 0 };
	char path[32];
	int fd = memfd_create("recording", MFD_CLOEXEC);

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int error = replayer_open(path, &replayer, &failure);
	if (error == 0)
		read_all(replayer);
	else
		expect(replayer == NULL && failure.error == error && failure.what[0] != '\0');
	replayer_close(replayer);
	close(fd);
	return 0;
}
