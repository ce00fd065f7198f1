// SPDX-License-Identifier: BSD-2-Clause
#include "base/memory.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What may be written has been, by the loader: its pages would lose that. */
static int forget(struct dl_phdr_info *file, size_t size, void *context)
{
	const uintptr_t page = *(const uintptr_t *)context;

	(void)size;
	for (int i = 0; i < file->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &file->dlpi_phdr[i];
		if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
			continue;
		uintptr_t begin = (file->dlpi_addr + part->p_vaddr) / page * page;
		uintptr_t end = file->dlpi_addr + part->p_vaddr + part->p_filesz;
		madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void memory_forget_files(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	dl_iterate_phdr(forget, &page);
}
