/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_BASE_FOOTPRINT_H
#define X0_BASE_FOOTPRINT_H

/*
 * Gives back the pages of code that a set-up has touched, of this program and its libraries: what runs on is
 * mapped again from the page cache as it is called.
 */
void footprint_release_code(void);

#endif
