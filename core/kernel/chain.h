/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The XDP chain from user space: root programs on interfaces, and the stages behind them. The
 * mechanism is described in bpf/include/xdp_chain.h.
 */
#ifndef X0_KERNEL_CHAIN_H
#define X0_KERNEL_CHAIN_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "kernel/map_registry.h"
#include "kernel/verifier_report.h"
#include "model/snapshot.h"
#include "programs/settings.h"
#include "xdp_chain.h"

struct chain_root {
	int link_fd; /* -1 while not attached */
	uint32_t mode; /* enum xdp_mode */
	bool adopted;
	struct failure failure; /* why it is not attached; error 0 if it is, or was not tried */
};

struct chain {
	struct map_registry *maps; /* not owned */
	const char *objects; /* folder of objects, as in settings; not owned */
	struct chain_root roots[INTERFACES_MAX]; /* by interface slot */
	int stages[XDP_STAGES_MAX]; /* program file descriptors, not owned; -1 while off */
	bool stale[XDP_STAGES_MAX]; /* taken out, its own link to the next stage not yet cleared */
};

/* The object that is attached to interfaces, and how it is loaded. */
#define CHAIN_ROOT "xdp_root"
extern const struct verifier_variant chain_root_variants[];

/* The maps that every object of the chain has. */
extern const struct shared_map chain_maps[];

void chain_init(struct chain *chain, struct map_registry *maps, const char *objects);

/* Detaches every root that is not pinned. */
void chain_close(struct chain *chain);

/*
 * Loads a root program for the slot and attaches it to the interface: XDP_WANT_AUTO tries native,
 * then generic. An interface that carries somebody else's XDP program is left alone: -EBUSY, with
 * that program's name and id in *failure.
 */
int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure);
void chain_detach(struct chain *chain, uint32_t slot);

/*
 * Puts a program into the chain as this stage, or replaces the one that is there; takes it out. In
 * both cases packets see the change by one update of one map element. Returns 0 or a negative errno.
 */
int chain_set_stage(struct chain *chain, enum xdp_stage stage, int program_fd);
int chain_clear_stage(struct chain *chain, enum xdp_stage stage);

/* Pins the roots' links under `folder`. Returns 0 or a negative errno. */
int chain_pin(const struct chain *chain, const char *folder);

/*
 * Takes over the link that is pinned for a slot. Returns the ifindex that it is attached to, or a
 * negative errno: -ENOENT if none is pinned, -ENODEV if its interface is gone.
 */
int chain_adopt(struct chain *chain, uint32_t slot, const char *folder);

#endif
