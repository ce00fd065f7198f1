// SPDX-License-Identifier: BSD-2-Clause
#include "base/footprint.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Pages that are never written are those of the file: relocations lie in parts that are. A part's first
 * and last page are its own. */
static int release(struct dl_phdr_info *object, size_t size, void *data)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size, (void)data;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + part->p_vaddr, end = begin + part->p_filesz;
		if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
			continue;
		begin = begin / page * page;
		madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void footprint_release(void)
{
	dl_iterate_phdr(release, NULL);
#ifdef __GLIBC__
	malloc_trim(0); /* of itself, it gives back only what lies at the heap's end */
#endif
}
