/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples the drops of tracepoint_net: a row for each reason and function. */
#ifndef X0_PROGRAMS_TRACEPOINT_NET_DROPS_H
#define X0_PROGRAMS_TRACEPOINT_NET_DROPS_H

#include <bpf/libbpf.h>

#include "kernel/btf_names.h"
#include "kernel/percpu.h"
#include "model/snapshot.h"

/* One key of `net_drops`. */
struct net_place {
	struct net_drop key;
	struct net_function function; /* its name is empty if unknown */
	uint64_t packets;
};

struct net_drops {
	const struct btf_names *names;
	int drops, functions; /* map file descriptors, of the object */
	uint32_t n;
	struct net_place places[NET_DROPS_MAX]; /* by reason, then by function */
};

/* Takes the maps of a loaded object; it and `names` must outlive *drops. Returns 0 or a negative errno. */
int net_drops_open(
	struct net_drops *drops, const struct bpf_object *object, const struct btf_names *names);

/* Fills the drops of now->net_events, and their sum; `counts` are those of the same object, and
 * `before` may be NULL. Returns 0 or a negative errno. */
int net_drops_collect(struct net_drops *drops, struct percpu *percpu,
	const struct net_counts *counts, const struct snapshot *before, struct snapshot *now);

#endif
