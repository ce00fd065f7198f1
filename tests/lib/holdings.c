// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/holdings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* The first calls fill caches. */
#define CALLS 3
/* Bytes that may differ: what libraries and the allocator keep for the next time. */
#define SLACK 16384

static unsigned int count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

/* Returns the bytes that malloc(3) has given out; 0 where it does not tell. */
static size_t count_bytes(void)
{
#ifdef __GLIBC__
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

void holdings_check(const char *what, void (*life)(void))
{
	for (int i = 0; i < CALLS - 1; i++)
		life();
	unsigned int fds = count_fds();
	size_t bytes = count_bytes();
	life();
	if (count_fds() != fds)
		fail_msg("%s: %d descriptors more", what, (int)count_fds() - (int)fds);
	if (count_bytes() > bytes + SLACK)
		fail_msg("%s: %zu bytes more", what, count_bytes() - bytes);
}
