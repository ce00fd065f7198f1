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
#include "kernel/verifier_report.h"
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
	struct chain_root *roots; /* by interface slot; read by chain_root() */
	uint32_t n_roots;
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
 * Detaches a root in any case, also one that is pinned, whose pin chain_unpin_dead() removes then: its
 * interface went, to another namespace perhaps, where it would keep its programs, or is not to be
 * watched.
 */
void chain_abandon(struct chain *chain, uint32_t slot);

/* Whether any stage is in the chain. */
bool chain_any_stage(const struct chain *chain);

/*
 * Puts a program into the chain as this stage, or replaces the one that is there; takes it out. In
 * both cases packets see the change by one update of one map element. Returns 0 or a negative errno.
 */
int chain_set_stage(struct chain *chain, enum xdp_stage stage, int program_fd);
int chain_clear_stage(struct chain *chain, enum xdp_stage stage);

/* Pins the roots' links in a folder. Returns 0 or a negative errno. */
int chain_pin(const struct chain *chain, int folder);

/* Whether all that chain_pin() pins is there still, by name. */
bool chain_pins_hold(const struct chain *chain, int folder);

/* Removes the pins of links whose interfaces are gone. */
void chain_unpin_dead(int folder);

/* A pinned link. */
struct chain_pin {
	const char *name;
	int fd; /* closed after the call that it is given to */
	uint32_t ifindex; /* 0: its interface is gone */
	uint32_t program_id; /* of the root behind it */
};

/*
 * Calls `look` with each pinned link until it returns something other than 0, and returns that; a
 * negative errno with *failure set if one of them is not a link of an x0top: -EBADMSG.
 */
int chain_look_at_pins(int folder, int (*look)(const struct chain_pin *pin, void *data), void *data,
	struct failure *failure);

/*
 * Takes over the link that is pinned for an interface, as it is now, into a slot. Returns 0, or a
 * negative errno: -ENOENT if none is pinned, -ENODEV if the one that is pinned is not on it.
 */
int chain_adopt(struct chain *chain, uint32_t slot, const struct interface *interface, int folder);

#endif
