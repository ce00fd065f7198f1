/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an ifb hands back. */
#ifndef X0_HANDED_BACK_BPF_H
#define X0_HANDED_BACK_BPF_H

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "net_structs.bpf.h"

/* Returns whether an ifb hands a packet back that TC had redirected to it: it was received before. */
static __always_inline bool is_handed_back(const struct sk_buff___x0 *packet)
{
	return bpf_core_field_exists(packet->tc_skip_classify) &&
	       BPF_CORE_READ_BITFIELD(packet, tc_skip_classify);
}

#endif
