/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that a process has mapped and no longer needs. */
#ifndef X0_BASE_MEMORY_H
#define X0_BASE_MEMORY_H

/*
 * Takes the pages of the program and of its libraries that are never written out of this process. What is
 * used again comes back from the page cache, by a page fault for each 64 KB; the rest, which only setting
 * up has needed, is the kernel's to reuse.
 */
void memory_forget_files(void);

#endif
