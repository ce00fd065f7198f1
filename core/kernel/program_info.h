/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the kernel's description of a loaded program. */
#ifndef X0_KERNEL_PROGRAM_INFO_H
#define X0_KERNEL_PROGRAM_INFO_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads the description of the program behind a file descriptor. Returns 0, or a negative errno
 * with *info zeroed. */
int program_info_read(int fd, struct bpf_prog_info *info);

/*
 * Reads the description of the program with this id. Needs CAP_SYS_ADMIN. Returns 0, or a negative
 * errno with *info zeroed: -EPERM without the capability, -ENOENT if no program has the id.
 */
int program_info_find(uint32_t id, struct bpf_prog_info *info);

/* Returns whether the program with this id uses the map behind a descriptor; true, too, if that cannot be read. */
bool program_info_uses_map(uint32_t id, int map);

#endif
