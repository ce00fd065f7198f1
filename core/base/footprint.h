/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_BASE_FOOTPRINT_H
#define X0_BASE_FOOTPRINT_H

/*
 * Gives back what only a set-up needed: memory that was freed, and the pages of the files of this program and
 * its libraries that are never written, code, data and the embedded objects: what runs on is mapped again from
 * the page cache as it is used.
 */
void footprint_release(void);

#endif
