/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaches TC programs, one a hook, to an interface: by TCX links (kernel 6.6), or in a clsact qdisc.
 */
#ifndef X0_KERNEL_TC_ATTACH_H
#define X0_KERNEL_TC_ATTACH_H

#include <bpf/libbpf.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "kernel/netlink.h"

enum tc_kind {
	TC_NONE,
	TC_TCX,
	TC_CLSACT,
};

enum tc_hook {
	TC_HOOK_INGRESS,
	TC_HOOK_EGRESS,
	TC_HOOKS,
};

/* The programs to attach, all of one object, by enum tc_hook. */
struct tc_programs {
	const char *object; /* for messages */
	const char *names[TC_HOOKS]; /* NULL: none at this hook */
	int fds[TC_HOOKS]; /* not owned; -1: not loaded */
	uint32_t handle; /* of the clsact filters; each object has its own */
	struct netlink *netlink; /* an open socket, not owned: one for all interfaces */
	bool first; /* they see a packet before x0top's others do, and with TCX before all that are there */
	/* What is at their place goes on until they are: it enforces, and is this x0top's or was checked. */
	bool replace;
};

/* An attachment to one interface; tc_not_attached is none. */
struct tc_attachment {
	uint32_t kind; /* enum tc_kind */
	uint32_t ifindex;
	int link_fds[TC_HOOKS]; /* of TC_TCX, else -1; closing them detaches */
	bool made_qdisc; /* of TC_CLSACT */
};

extern const struct tc_attachment tc_not_attached;

/*
 * Attaches the programs: with TC_TCX by links, or as clsact filters where the kernel refuses
 * those; with TC_CLSACT as filters only. Adding or removing a TCX link waits for an RCU grace
 * period (14 ms at 250 Hz on 6.18) and holds the lock of all network configuration; clsact filters
 * do neither, but outlive a killed process. Returns 0, or a negative errno with *failure set and
 * nothing attached.
 */
int tc_attach(struct tc_attachment *attachment, const struct tc_programs *programs, uint32_t kind,
	const struct interface *interface, struct failure *failure);

/*
 * Puts the programs of another object in the place of the attached ones, at each hook by one update: a packet meets
 * exactly one of them. Returns 0, or a negative errno with those of some hooks replaced: call it with the others
 * then.
 */
int tc_replace(const struct tc_attachment *attachment, const struct tc_programs *programs);

/* Pins the links of an attachment, if it has links, in a folder. Returns 0 or a negative errno. */
int tc_pin(const struct tc_attachment *attachment, int folder);

/* Returns whether the folder has them; true without links. */
bool tc_is_pinned(const struct tc_attachment *attachment, int folder);

/* Removes the pins of all such links, or with `dead` of those whose interfaces are gone. */
void tc_unpin(int folder, bool dead);

/* Takes over the pinned links of an interface, with other programs in the place of theirs. Returns 0, or a
 * negative errno: -ENOENT if none are pinned. */
int tc_adopt(struct tc_attachment *attachment, const struct tc_programs *programs, int folder,
	uint32_t ifindex);

/* Closes the descriptors of an attachment that stays: of pinned links, or filters. */
void tc_leave(struct tc_attachment *attachment);

/* Detaches, and removes the clsact qdisc if x0top made it and nothing else uses it. */
void tc_detach(struct tc_attachment *attachment, const struct tc_programs *programs);

/*
 * Removes the clsact filters that a killed x0top left on an interface: those at its place whose
 * programs have the same names. (TCX links end with their process.) Returns the number removed.
 */
int tc_remove_leftovers(uint32_t ifindex, const struct tc_programs *programs);

/*
 * Counts them, and those of an x0top that runs, on all interfaces, or removes them there; opens a
 * socket of its own. Returns their number or a negative errno.
 */
int tc_all_leftovers(const struct tc_programs *programs, bool remove);

#endif
