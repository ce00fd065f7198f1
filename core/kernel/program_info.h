/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the kernel's description of a loaded program. */
#ifndef X0_KERNEL_PROGRAM_INFO_H
#define X0_KERNEL_PROGRAM_INFO_H

#include <linux/bpf.h>
#include <stdint.h>

/* Reads the description of the program behind a file descriptor. Returns 0, or a negative errno
 * with *info zeroed. */
int program_info_read(int fd, struct bpf_prog_info *info);

/*
 * Reads the description of the program with this id. Needs CAP_SYS_ADMIN. Returns 0, or a negative
 * errno with *info zeroed: -EPERM without the capability, -ENOENT if no program has the id.
 */
int program_info_find(uint32_t id, struct bpf_prog_info *info);

#endif
