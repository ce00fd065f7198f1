/* SPDX-License-Identifier: BSD-2-Clause */
/* File descriptors kept in structs; -1 means none. */
#ifndef X0_BASE_FD_H
#define X0_BASE_FD_H

/* Closes *fd unless it is negative, and sets it to -1. Keeps errno. */
void fd_close(int *fd);

/* Returns 0 if `n` more descriptors may be opened, or -EMFILE. */
int fd_room(unsigned int n);

/* Raises the limit of open files as far as this process may. select(2), which could not take it, is
 * nowhere used. */
void fd_raise_limit(void);

/* Begins a session without a terminal, and puts /dev/null in place of descriptors 0 to 2: the end of the terminal is not
 * this process's, and who reads its output does not wait. */
void fd_leave_terminal(void);

#endif
