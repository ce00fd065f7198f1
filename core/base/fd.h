/* SPDX-License-Identifier: BSD-2-Clause */
/* File descriptors, of which -1 is none. */
#ifndef X0_BASE_FD_H
#define X0_BASE_FD_H

/* Closes *fd if it is one, and sets it to -1. Keeps errno. */
void fd_close(int *fd);

#endif
