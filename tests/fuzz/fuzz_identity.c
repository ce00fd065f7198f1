// SPDX-License-Identifier: BSD-2-Clause
/* Files of private keys: what is none is refused in words, and what is one signs. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/identity.h"
#include "fuzz.h"

static char path[64];
static int file = -1;

static void remove_file(void)
{
	unlink(path);
}

static void open_file(void)
{
	snprintf(path, sizeof(path), "/dev/shm/x0top-fuzz-XXXXXX");
	file = mkstemp(path);
	expect(file >= 0 && fchmod(file, 0600) == 0);
	atexit(remove_file);
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Begins with a key, which no chance would find: a seed of ML-DSA-44 in PKCS #8 (RFC 5958, RFC 9881). */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static const uint8_t head[] = { 0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60,
		0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11, 0x04, 0x22, 0x80, 0x20 };

	if (size > 1 || max_size < sizeof(head) + 32)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(data, head, sizeof(head));
	memset(data + sizeof(head), (int)seed, 32);
	return sizeof(head) + 32;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t signature[MLDSA_SIGNATURE_MAX];
	struct identity *identity = NULL;
	struct failure failure = { 0 };
	const struct span message = { data, size };

	if (file < 0)
		open_file();
	expect(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
	int error = identity_open(path, &identity, &failure);
	if (error < 0) {
		expect(identity == NULL && failure.error == error && failure.what[0] != '\0');
		return 0;
	}
	expect(identity_sign(identity, message, message, signature) != 0);
	identity_close(identity);
	return 0;
}
