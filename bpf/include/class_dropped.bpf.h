/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The packet that the classifier has dropped, for who counts what the kernel frees: see struct class_dropped. */
#ifndef X0_CLASS_DROPPED_BPF_H
#define X0_CLASS_DROPPED_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "class_act.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class_dropped);
} class_dropped SEC(".maps");

#endif
