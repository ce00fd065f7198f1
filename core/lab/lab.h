/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab: a mesh in network namespaces with real traffic; the calling process becomes this host's
 * end. Nothing of it has a name outside. Its nodes die with their parent, and the kernel then
 * removes the namespaces.
 */
#ifndef X0_LAB_LAB_H
#define X0_LAB_LAB_H

#include <sys/types.h>

#include "base/failure.h"
#include "lab/scenes.h"
#include "lab/topology.h"
#include "programs/settings.h"

struct lab {
	pid_t pids[LAB_NODES]; /* 0: not running */
	int controls[LAB_NODES]; /* sockets to the nodes while they start; -1: none */
	struct scene_plan plan;
};

/*
 * Moves the calling process, which must have one thread, into new namespaces: network, mounts (with
 * its own bpffs on /sys/fs/bpf, and tracefs where the kernel has it) and host name. Starts the
 * nodes, and returns when every interface has received traffic; scenes follow `plan`. There is no way back to the old
 * namespaces. Needs root. Returns 0, then call lab_close(); or a negative errno with *failure set
 * and no process left, but the namespaces changed.
 */
int lab_open(struct lab *lab, const struct scene_plan *plan, struct failure *failure);

/* Kills the nodes and waits for them. */
void lab_close(struct lab *lab);

/*
 * Sets the lab's settings: the interfaces of this host's end, some mesh rules, enforcement of rules
 * and signatures, which cuts nobody off here, and the identity and trust store that lab_open()
 * makes.
 */
void lab_settings(struct settings *settings);

#endif
