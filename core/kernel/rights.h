/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gives up, after the set-up, all rights of this process but a few capabilities. What needs more
 * later is asked of the keeper (kernel/keeper.h).
 */
#ifndef X0_KERNEL_RIGHTS_H
#define X0_KERNEL_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"

/* The user whose id x0top takes when it came as root; without such a user, "nobody". */
#define RIGHTS_USER "x0top"

/* Returns the effective and the real user that x0top began as. */
uid_t rights_user(void);
uid_t rights_real_user(void);

/* Returns whether rights_drop() changes the user: it is root, and may. Root in a container may lack
 * CAP_SETUID, and stays root without other rights. */
bool rights_changes_user(void);

/* What x0top is from now on, and what it keeps: see the table in rights.c. */
enum rights_kind {
	RIGHTS_RUNNING, /* dashboard, --once: CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN */
	RIGHTS_NONE, /* replay, peer: nothing */
	RIGHTS_KEEPER, /* the keeper: its user, to pin, to log; to mount bpffs until that is done */
	RIGHTS_LAB_NODE, /* a node of the lab, in its namespace: CAP_NET_RAW, CAP_NET_ADMIN */
	RIGHTS_COMMAND, /* a short subcommand: its user, to load BPF programs and look at them */
};

/*
 * Keeps the capabilities of `kind` that the process has, and nothing else: takes an ordinary user's
 * id if it is root, leaves its groups, empties the bounding, ambient and inheritable sets, forbids
 * new rights by execve(2), refuses system calls that x0top does not need, and is not dumpable, so
 * that no process of the same user can trace it. Call it with a single thread. Returns 0, or a
 * negative errno with *failure set: end then.
 */
int rights_drop(enum rights_kind kind, struct failure *failure);

/*
 * Finds the user that the operator's programs run as: the one that is named, or, NULL or "", nobody; an id that no
 * user has where x0top itself is nobody. Returns 0 with its ids, or a negative errno with *failure set: there is no
 * such user, or it has x0top's rights or root's.
 */
int rights_find_user(const char *name, uid_t *uid, gid_t *gid, struct failure *failure);

/* Keeps nothing but execve(2), as that user, where x0top is root; else as the user that it is. Returns as
 * rights_drop(). */
int rights_become(const char *name, struct failure *failure);

#endif
