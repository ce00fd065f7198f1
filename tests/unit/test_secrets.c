// SPDX-License-Identifier: BSD-2-Clause
/* No memory that libcrypto gives back still holds a private key, a shared secret or a session's key. */
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pqc/exchange.h"
#include "pqc/identity.h"
#include "tests/lib/identities.h"

#define FREED_MAX (64u << 20)
#define WINDOW	  16 /* bytes of a secret that must not be found */

/* Copies of all that was freed, one behind the other. */
static uint8_t *freed;
static size_t freed_size;

static void keep(const void *data)
{
	size_t size = data == NULL ? 0 : malloc_usable_size((void *)data);

	if (freed == NULL || freed_size + size > FREED_MAX)
		return;
	if (size > 0)
		memcpy(freed + freed_size, data, size);
	freed_size += size;
}

static void *test_malloc_(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return malloc(size);
}

static void *test_realloc_(void *data, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	keep(data); /* it may move */
	return realloc(data, size);
}

static void test_free_(void *data, const char *file, int line)
{
	(void)file, (void)line;
	keep(data);
	free(data);
}

static void assert_not_freed(const char *what, const uint8_t *secret, size_t size)
{
	assert_true(freed_size < FREED_MAX);
	for (size_t at = 0; at + WINDOW <= size; at += WINDOW)
		if (memmem(freed, freed_size, secret + at, WINDOW) != NULL)
			fail_msg("%s: byte %zu is in memory that was freed", what, at);
}
