/* SPDX-License-Identifier: BSD-2-Clause */
/* What the running kernel's BTF says of tracepoints and of the reasons why packets are dropped. */
#ifndef X0_KERNEL_BTF_NAMES_H
#define X0_KERNEL_BTF_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "tracepoint_net.h"

struct btf_names {
	bool has_drop_reasons; /* the tracepoint kfree_skb tells the reason: since 5.17 */
	/* By number, without SKB_DROP_REASON_; empty where the kernel has none. On a kernel without
	 * reasons the first is NOT_SPECIFIED; the last one, OTHER, stands for all beyond the table. */
	char drop_reasons[DROP_REASONS_MAX][NAME_LEN * 2];
};

/* Reads the kernel's BTF, once: it takes a millisecond or two. Returns 0, or a negative errno with
 * *failure set. */
int btf_names_load(struct btf_names *names, struct failure *failure);

/* Fills `names` from the bytes of a BTF. Returns 0, or -EINVAL when it is none. */
int btf_names_read(struct btf_names *names, const void *data, size_t size);

/*
 * Which reasons are worth an event, for the constant `drop_kinds` of tracepoint_net. Routine, and
 * counted only: what the kernel does not explain (mostly the leftovers of sockets that close), what
 * was never meant for this host, and TCP segments that normal operation discards.
 */
void btf_names_drop_kinds(const struct btf_names *names, uint8_t kinds[DROP_REASONS_MAX]);

#endif
