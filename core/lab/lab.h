/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab: a mesh in network namespaces with real traffic, of which the calling process becomes this
 * host's end. Nothing of it has a name outside, and its nodes die with their parent however that
 * dies: what is left to do then, the kernel does.
 */
#ifndef X0_LAB_LAB_H
#define X0_LAB_LAB_H

#include <sys/types.h>

#include "base/failure.h"
#include "lab/topology.h"
#include "programs/settings.h"

struct lab {
	pid_t pids[LAB_NODES]; /* 0: not running */
	int controls[LAB_NODES];
};

/*
 * Moves the calling process, which must have a single thread, into namespaces of its own: network,
 * mounts (with a bpffs of its own on /sys/fs/bpf, and tracefs where the kernel has it) and host
 * name; starts the nodes, and returns when traffic arrives at every interface. There is no way back
 * to the old namespaces. Needs root. Returns 0 with *lab to be closed by the caller, or a negative
 * errno with *failure set and no process left (but the namespaces changed).
 */
int lab_open(struct lab *lab, struct failure *failure);

/* Ends the nodes and waits for them. */
void lab_close(struct lab *lab);

/*
 * What x0top is to do in the lab, over `settings`: the interfaces of this host's end, a few mesh
 * rules, and to enforce them, which cuts nobody off here; the same with signatures, with this host's
 * identity and a trust store that are there when the lab is open.
 */
void lab_settings(struct settings *settings);

#endif
