/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the kernel says of a map. */
#ifndef X0_KERNEL_MAP_INFO_H
#define X0_KERNEL_MAP_INFO_H

#include <linux/bpf.h>

/* Returns 0, or a negative errno with *info zeroed. */
int map_info_read(int fd, struct bpf_map_info *info);

#endif
