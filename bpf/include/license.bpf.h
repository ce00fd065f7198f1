/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The licence of every object; some helpers require a GPL-compatible one. */
#ifndef X0_LICENSE_BPF_H
#define X0_LICENSE_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#endif
