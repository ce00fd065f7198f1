/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaches the XDP chain to interfaces (roots), links programs into it (stages), and pins it.
 * bpf/include/xdp_chain.h describes the mechanism.
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
#include "kernel/tc_attach.h"
#include "kernel/verifier_report.h"
#include "xdp_chain.h"

/* The chain on one interface. */
struct chain_root {
	int link_fd; /* -1 while no XDP program is attached */
	uint32_t ifindex;
	uint32_t mode; /* enum xdp_mode */
	bool in_pins; /* its link was pinned or taken over there: not what was attached since */
	struct tc_attachment tc; /* with XDP_MODE_TC */
};

struct chain {
	struct map_registry *maps; /* not owned */
	const char *objects; /* folder of objects, as in settings; not owned */
	bool frags; /* its programs take frames of several buffers: for native XDP */
	int root_fd; /* xdp_root, one for all interfaces; -1 until it is needed */
	struct tc_programs counter; /* counts at TC; its descriptor is -1 while it is off */
	bool tc_refused; /* the kernel lacks TC: the counter counts at XDP */
	int handed_back_fd; /* link of xdp_handed_back; negative: no root is generic, or it was refused */
	bool handed_back_in_pins; /* a pin of it is there, and is of this link if there is one */
	struct failure handed_back_refused; /* why not; its error is 0 otherwise */
	bool handed_back_told; /* to the operator: why not */
	struct chain_root *roots; /* by interface slot, owned; chain_root() reads them */
	uint32_t n_roots;
	uint8_t order[XDP_STAGES_MAX]; /* stages, as packets meet them; the root first */
	int stages[XDP_STAGES_MAX]; /* program file descriptors, not owned; -1 while off */
	bool stale[XDP_STAGES_MAX]; /* removed; its link to the next stage is not yet cleared */
};

/* The object of the root program, and the variants in which it is verified. */
#define CHAIN_ROOT "xdp_root"
extern const struct verifier_variant chain_root_variants[];

/* The maps that the objects of the chain share. */
extern const struct shared_map chain_maps[];

/* Sets up an empty chain, for native or generic XDP. `maps` and `objects` must outlive it. */
void chain_init(struct chain *chain, struct map_registry *maps, const char *objects, bool native);

/* Learns from the adopted maps what the chain's programs are loaded for. */
void chain_learn_frags(struct chain *chain);

/* Closes the chain, and detaches every root that is not pinned. */
void chain_close(struct chain *chain);

/* --- roots: chain_root.c --------------------------------------------------------------------- */

/* Returns the root of a slot; one with mode XDP_MODE_OFF if it was never attached. */
const struct chain_root *chain_root(const struct chain *chain, uint32_t slot);

/*
 * Attaches the root program to an interface and gives it the slot; ends counting at TC there. With
 * XDP_WANT_AUTO attaches generic XDP: trying native XDP already resets many drivers' queues. Returns
 * 0, or a negative errno with *failure set and all as it was: -EBUSY if the interface carries another
 * XDP program, -EEXIST if an upper device carries one.
 */
int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure);

/*
 * Puts this x0top's root program in the place of those that adopted links have: each packet meets exactly one
 * of them. Returns 0, or a negative errno with *failure set and the others in force.
 */
int chain_update_roots(struct chain *chain, struct failure *failure);

/* Loads xdp_root, one program for all interfaces, unless it is loaded. Returns 0, or a negative errno with *failure
 * set. */
int chain_load_root(struct chain *chain, struct failure *failure);

/*
 * Lets chain->counter count the packets of an interface at TC ingress, by `kind` of enum tc_kind, and
 * ends XDP there. Returns 0, or a negative errno with *failure set and all as it was.
 */
int chain_count_at_tc(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t kind, struct failure *failure);

/* Detaches a root that is not pinned, or the counter. */
void chain_detach(struct chain *chain, uint32_t slot);

/*
 * Detaches a root even if it is pinned; chain_unpin_dead() then removes the pin. For an interface
 * that moved to another namespace, where it would keep its program, or is no longer to be watched.
 */
void chain_abandon(struct chain *chain, uint32_t slot);

/* Takes over the pinned link of an interface into a slot, unchanged. Returns 0, or a negative
 * errno: -ENOENT if none is pinned, -ENODEV if the pinned one is not on this interface. */
int chain_adopt(struct chain *chain, uint32_t slot, const struct interface *interface, int folder);

/* --- what an ifb hands back: chain_handed_back.c ----------------------------------------------- */

/* The object of the program that tells the root of it. */
#define CHAIN_HANDED_BACK "xdp_handed_back"

/*
 * Attaches that program before the first root is in generic mode. Without it, the chain judges such packets twice:
 * chain->handed_back_refused says why.
 */
void chain_begin_handed_back(struct chain *chain);

/* Attaches it where roots in generic mode were taken over; detaches it once there is none. */
void chain_follow_handed_back(struct chain *chain);

/* Attaches another one, with the maps that the registry has now, where one is attached, or pinned in `folder` (not
 * negative). Returns the file descriptor of its link, or a negative number. */
int chain_renew_handed_back(struct chain *chain, int folder);

/* Puts that, if it is one, in the place of the other, also in `folder`; chain->handed_back_refused says why it is not. */
void chain_replace_handed_back(struct chain *chain, int folder, int fd);

/* --- stages: chain.c ------------------------------------------------------------------------- */

/* Sets the order of the stages, before any is in the chain; without, it is that of their numbers. */
void chain_set_order(struct chain *chain, const uint8_t order[XDP_STAGES_MAX]);

/* Returns whether any stage is in the chain. */
bool chain_any_stage(const struct chain *chain);

/* Puts a program into the chain as this stage, replacing its predecessor there; removes it. Packets
 * see either change as one update of one map element. Return 0 or a negative errno. */
int chain_set_stage(struct chain *chain, enum xdp_stage stage, int program_fd);
int chain_clear_stage(struct chain *chain, enum xdp_stage stage);

/* Links the root and all stages to their successors, in a map that no packet meets. Returns 0 or a negative errno. */
int chain_link_all(const struct chain *chain);

/* --- renewing: chain_renew.c ------------------------------------------------------------------ */

/*
 * Puts other programs in the place of all stages at once, -1 for none: they are linked to each other by the map xdp_chain
 * that the registry has now, which no packet meets, and begin with a root of their own, by one update on each interface,
 * also where a link is pinned in `folder` (not negative) that this process has not taken over. The old map has to stay
 * until no packet is in the chain any more. Returns 0, or a negative errno with *failure set and the present ones in force.
 */
int chain_renew(
	struct chain *chain, const int stages[XDP_STAGES_MAX], int folder, struct failure *failure);

/* --- pins: chain_pins.c ---------------------------------------------------------------------- */

/* Pins the roots' links, and that of xdp_handed_back, in a folder. Returns 0 or a negative errno. */
int chain_pin(struct chain *chain, int folder);

/* Returns whether each link was pinned or taken over, and none was attached or ended since. */
bool chain_is_in_pins(const struct chain *chain);

/* Returns whether the folder still has a pin for each link that was pinned there or taken over from there. */
bool chain_pins_hold(const struct chain *chain, int folder);

/* Removes the pins of all links. */
void chain_unpin(struct chain *chain, int folder);

/* Removes the pins of links whose interfaces are gone. */
void chain_unpin_dead(int folder);

/*
 * Returns 0 if what is pinned can be seen; -ENXIO with *failure set if an interface has the root of an x0top while no bpffs
 * is mounted where its pins would be, as behind the fresh /sys of ip netns exec: not to be told as if nothing were there.
 */
int chain_check_seen(struct failure *failure);

/* A pinned link. */
struct chain_pin {
	const char *name;
	int fd; /* closed after the call of `look` */
	uint32_t ifindex; /* 0: its interface is gone */
	uint32_t program_id; /* of its root program */
};

/*
 * Calls `look` with each pinned link until it returns a value other than 0, and returns that value.
 * Returns a negative errno with *failure set if a pin is unusable: -EBADMSG if it is not a link of
 * an x0top.
 */
int chain_look_at_pins(int folder, int (*look)(const struct chain_pin *pin, void *data), void *data,
	struct failure *failure);

/*
 * Opens the pinned link of an interface and reads its description. Returns a file descriptor to be
 * closed by the caller, or a negative errno: -ENOENT if none is pinned, -EBADMSG if the pin is not
 * an XDP link.
 */
int chain_open_pin(int folder, uint32_t ifindex, struct bpf_link_info *info);

#endif
