/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_BASE_FOOTPRINT_H
#define X0_BASE_FOOTPRINT_H

/*
 * Gives back the pages of the files of this program and its libraries that are never written, code, data and
 * the embedded objects: what runs on is mapped again from the page cache as it is used, and the rest, which
 * only a set-up has touched, is the kernel's to reuse.
 */
void footprint_release(void);

#endif
