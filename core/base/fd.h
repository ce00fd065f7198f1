/* SPDX-License-Identifier: BSD-2-Clause */
/* File descriptors kept in structs; -1 means none. */
#ifndef X0_BASE_FD_H
#define X0_BASE_FD_H

/* Closes *fd unless it is negative, and sets it to -1. Keeps errno. */
void fd_close(int *fd);

#endif
