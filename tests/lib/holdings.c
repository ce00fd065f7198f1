// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/holdings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* The first calls fill caches. */
#define CALLS 3
/* Bytes that may differ: what libraries and the allocator keep for the next time. */
#define SLACK 16384
/* And of address space, which comes in larger parts. */
#define MAPPED_SLACK (256 << 10)

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

/*
 * Returns the bytes of address space that are not malloc(3)'s: snapshots and ring buffers are mapped. How many malloc
 * keeps depends on the order of what is freed. 0 where it does not tell.
 */
static size_t count_mapped(void)
{
#ifdef __GLIBC__
	struct mallinfo2 info = mallinfo2();
	FILE *file = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%zu", &pages), 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE) - info.arena - info.hblkhd;
#else
	return 0;
#endif
}

void holdings_check(const char *what, void (*life)(void))
{
#ifdef __GLIBC__
	/* One of another thread would reserve 64 MB, whenever two allocate at once. */
	mallopt(M_ARENA_MAX, 1);
#endif
	for (int i = 0; i < CALLS - 1; i++)
		life();
	unsigned int fds = count_fds();
	size_t bytes = count_bytes(), mapped = count_mapped();
	life();
	if (count_fds() != fds)
		fail_msg("%s: %d descriptors more", what, (int)count_fds() - (int)fds);
	if (count_bytes() > bytes + SLACK)
		fail_msg("%s: %zu bytes more", what, count_bytes() - bytes);
	if (count_mapped() > mapped + MAPPED_SLACK)
		fail_msg("%s: %zu bytes of address space more", what, count_mapped() - mapped);
}
