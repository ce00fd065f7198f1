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
#include "base/xdp_mode.h"
#include "kernel/interface.h"
#include "kernel/map_registry.h"
#include "xdp_chain.h"

/* Where the chain is attached to an interface. */
struct chain_root {
	int link_fd; /* -1 while not attached */
	uint32_t ifindex;
	uint32_t mode; /* enum xdp_mode */
	bool adopted;
};

struct chain {
	struct map_registry *maps; /* not owned */
	const char *objects; /* folder of objects, as in settings; not owned */
	int root_fd; /* xdp_root, one for all interfaces; -1 until it is needed */
	struct chain_root *roots; /* by interface slot; read them by chain_root() */
	uint32_t n_roots;
	int stages[XDP_STAGES_MAX]; /* program file descriptors, not owned; -1 while off */
	bool stale[XDP_STAGES_MAX]; /* taken out, its own link to the next stage not yet cleared */
};

void chain_init(struct chain *chain, struct map_registry *maps, const char *objects);

/* Detaches every root that is not pinned. */
void chain_close(struct chain *chain);

/* The root of a slot; of one that was never attached, one that is off. */
const struct chain_root *chain_root(const struct chain *chain, uint32_t slot);

/*
 * Attaches the root program to an interface, which gets the slot: XDP_WANT_AUTO tries native, then
 * generic. An interface that carries somebody else's XDP program is left alone: -EBUSY, with that
 * program's name and id in *failure; one whose master carries one: -EEXIST, with the master's name.
 */
int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure);

/* Detaches a root that is not pinned. */
void chain_detach(struct chain *chain, uint32_t slot);

/*
 * Detaches a root in any case, and removes its pin under `folder` (NULL: it has none): its interface
 * went, to another namespace perhaps, where it would keep its programs, or is not to be watched.
 */
void chain_abandon(struct chain *chain, uint32_t slot, const char *folder);

/*
 * Puts a program into the chain as this stage, or replaces the one that is there; takes it out. In
 * both cases packets see the change by one update of one map element. Returns 0 or a negative errno.
 */
int chain_set_stage(struct chain *chain, enum xdp_stage stage, int program_fd);
int chain_clear_stage(struct chain *chain, enum xdp_stage stage);

/* Pins the roots' links under `folder`, by the ifindex. Returns 0 or a negative errno. */
int chain_pin(const struct chain *chain, const char *folder);

/* The ifindex for which a name in the folder of pins holds a link, or 0. */
uint32_t chain_pinned_ifindex(const char *name);

/*
 * Takes over the link that is pinned for an interface, as it is now, into a slot. Returns 0, or a
 * negative errno: -ENOENT if none is pinned, -ENODEV if the one that is pinned is not on it.
 */
int chain_adopt(
	struct chain *chain, uint32_t slot, const struct interface *interface, const char *folder);

/* Removes the pin of a link whose interface is gone for good; one in another namespace stays. */
void chain_remove_dead_pin(const char *folder, uint32_t ifindex);

#endif
