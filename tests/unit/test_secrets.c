// SPDX-License-Identifier: BSD-2-Clause
/* Once an identity is made, or closed, this process has its private key nowhere in its memory. */
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/freed_memory.h"
#include "crypto/identity.h"

#define SEED_LEN    32
#define PRIVATE_LEN 4032 /* of ML-DSA-65: FIPS 204 Table 2 */
#define K_AT	    32 /* rho, which is public, comes first: Algorithm 24, skEncode */
#define VECTORS_AT  128 /* behind tr, a hash of the public key */
#define WINDOW	    16 /* bytes in a row that are looked for */
#define CHUNK	    (1u << 16)
/* Terabytes are AddressSanitizer's shadow, a byte of its own making for eight of ours. */
#define SHADOW_AT_LEAST (1ul << 40)

/* Every bit inverted, so that what is looked for is not found here. */
static struct {
	uint8_t seed[SEED_LEN];
	uint8_t key[PRIVATE_LEN];
} inverted;

/* Reads the private key in another process, whose memory goes with it. */
static void learn_key(const char *path)
{
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (pid == 0) {
		size_t seed = SEED_LEN, key = PRIVATE_LEN;
		FILE *file = fopen(path, "re");
		EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, NULL, NULL);

		if (!EVP_PKEY_get_octet_string_param(
			    pkey, OSSL_PKEY_PARAM_ML_DSA_SEED, inverted.seed, seed, &seed) ||
			!EVP_PKEY_get_raw_private_key(pkey, inverted.key, &key))
			_exit(1);
		for (size_t i = 0; i < sizeof(inverted); i++)
			((uint8_t *)&inverted)[i] ^= 0xff;
		_exit(write(pipes[1], &inverted, sizeof(inverted)) != sizeof(inverted));
	}
	assert_int_equal(read(pipes[0], &inverted, sizeof(inverted)), sizeof(inverted));
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool is_inverse(const uint8_t *bytes, const uint8_t *of)
{
	for (size_t i = 0; i < WINDOW; i++)
		if ((bytes[i] ^ of[i]) != 0xff)
			return false;
	return true;
}

/* How often a window at `secret`, which is inverted, is in a chunk of memory. */
static unsigned count_window(const uint8_t *chunk, size_t size, const uint8_t *secret)
{
	const uint8_t first = *secret ^ 0xff, *end = chunk + size, *at = chunk;
	unsigned n = 0;

	while (end - at >= WINDOW && (at = memchr(at, first, (size_t)(end - at) - WINDOW + 1)))
		n += is_inverse(at++, secret);
	return n;
}

/* Looks for the seed, for K, and for some places of the vectors, which are long. */
static unsigned count_secrets(const uint8_t *chunk, size_t size)
{
	unsigned n = count_window(chunk, size, inverted.seed) +
		     count_window(chunk, size, inverted.key + K_AT);

	for (size_t at = VECTORS_AT; at + WINDOW <= PRIVATE_LEN; at += 488)
		n += count_window(chunk, size, inverted.key + at);
	return n;
}

/* How often secrets are in the memory of this process that can be written, the heap and the stack. */
static unsigned secrets_in_memory(void)
{
	static uint8_t chunk[CHUNK + WINDOW];
	unsigned long begin, end;
	char line[512];
	unsigned n = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	assert_true(maps != NULL && memory >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx rw", &begin, &end) != 2 || strstr(line, " rw") == NULL ||
			end - begin >= SHADOW_AT_LEAST)
			continue;
		for (; begin < end; begin += CHUNK) {
			/* Not beyond the end: what is there is counted by itself. */
			size_t most = end - begin < sizeof(chunk) ? end - begin : sizeof(chunk);
			ssize_t size = pread(memory, chunk, most, (off_t)begin);
			if (size > 0)
				n += count_secrets(chunk, (size_t)size);
		}
		explicit_bzero(chunk, sizeof(chunk));
	}
	close(memory);
	fclose(maps);
	return n;
}

static void a_private_key_leaves_nothing_behind(void **state)
{
	char folder[] = "/tmp/x0top-secrets-XXXXXX", name[64], path[80], command[64];
	struct failure failure = { 0 };
	struct identity *identity;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/node", folder);
	snprintf(path, sizeof(path), "%s.key.pem", name);
	assert_int_equal(identity_generate(name, MLDSA_65, &failure), 0);
	learn_key(path);
	assert_int_equal(secrets_in_memory(), 0);
	assert_int_equal(identity_open(path, &identity, &failure), 0);
	assert_true(secrets_in_memory() > 0); /* so they would be found */
	identity_close(identity);
	assert_int_equal(secrets_in_memory(), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* Memory that grows moves, and what it held does not stay behind. */
static void memory_that_moves_leaves_nothing_behind(void **state)
{
	enum { SIZE = 256, AT = 64, LARGE = 1 << 18 };
	uint8_t *small = OPENSSL_malloc(SIZE), *behind = OPENSSL_malloc(SIZE);

	(void)state;
	for (size_t i = 0; i < SEED_LEN; i++) {
		inverted.seed[i] = (uint8_t)(i * 7 + 1);
		small[AT + i] = inverted.seed[i] ^ 0xff;
	}
	memset(inverted.key, 0x5a, sizeof(inverted.key));
	assert_int_equal(secrets_in_memory(), 1);
	uint8_t *large = OPENSSL_realloc(small, LARGE);
	assert_non_null(large);
	for (size_t i = 0; i < SEED_LEN; i++)
		assert_int_equal(large[AT + i], inverted.seed[i] ^ 0xff);
	assert_int_equal(secrets_in_memory(), 1);
	OPENSSL_free(large);
	OPENSSL_free(behind);
	assert_int_equal(secrets_in_memory(), 0);
	assert_null(OPENSSL_realloc(OPENSSL_realloc(NULL, SIZE), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_private_key_leaves_nothing_behind),
		cmocka_unit_test(memory_that_moves_leaves_nothing_behind),
	};

	freed_memory_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
