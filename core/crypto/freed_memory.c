// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/freed_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static bool wiping;

/* Locks what libcrypto allocates once there are keys: it does not say where it puts them. */
static void *lock(void *data, size_t size)
{
	if (wiping && data != NULL)
		secret_lock(data, size);
	return data;
}

static void *take(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return lock(malloc(size), size);
}

static void give_back(void *data, const char *file, int line)
{
	(void)file, (void)line;
	if (wiping && data != NULL)
		explicit_bzero(data, malloc_usable_size(data));
	free(data);
}

/* realloc() would leave the old bytes behind where it moves them. */
static void *resize(void *data, size_t size, const char *file, int line)
{
	size_t old = data == NULL ? 0 : malloc_usable_size(data);

	if (!wiping || data == NULL)
		return realloc(data, size);
	if (size == 0) {
		give_back(data, file, line);
		return NULL;
	}
	void *moved = lock(malloc(size), size);
	if (moved == NULL)
		return NULL;
	memcpy(moved, data, old < size ? old : size);
	give_back(data, file, line);
	return moved;
}

void freed_memory_watch(void)
{
	CRYPTO_set_mem_functions(take, resize, give_back);
}

void freed_memory_wipe(void)
{
	wiping = true;
}
