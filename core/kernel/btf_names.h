/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the drop reasons of packets from the running kernel's BTF. */
#ifndef X0_KERNEL_BTF_NAMES_H
#define X0_KERNEL_BTF_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "tracepoint_net.h"

struct btf_names {
	bool has_drop_reasons; /* kfree_skb passes the reason: since 5.17 */
	/*
	 * By number, without SKB_DROP_REASON_; empty for numbers that the kernel does not use. The
	 * first is NOT_SPECIFIED on a kernel without reasons; the last, OTHER, stands for all
	 * beyond.
	 */
	char drop_reasons[DROP_REASONS_MAX][NAME_LEN * 2];
};

/* Reads the kernel's BTF. Takes a millisecond or two: call it once. Returns 0, or a negative errno
 * with *failure set. */
int btf_names_load(struct btf_names *names, struct failure *failure);

/* Fills `names` from the bytes of a BTF. Returns 0, or -EINVAL if they are not a BTF. */
int btf_names_read(struct btf_names *names, const void *data, size_t size);

/*
 * Fills the constant `drop_kinds` of tracepoint_net: which reasons make an event. Routine drops are
 * only counted: unexplained ones (mostly from closing sockets), packets for other hosts, and TCP
 * segments that normal operation discards.
 */
void btf_names_drop_kinds(const struct btf_names *names, uint8_t kinds[DROP_REASONS_MAX]);

#endif
