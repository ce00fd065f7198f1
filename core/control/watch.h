/* SPDX-License-Identifier: BSD-2-Clause */
/* The interfaces that are watched: each has a slot of the per-interface maps. */
#ifndef X0_CONTROL_WATCH_H
#define X0_CONTROL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "control/coverage.h"
#include "kernel/interface.h"
#include "kernel/tc_attach.h"

/* A slot, and the interface that it is for. */
struct watched_interface {
	bool used;
	bool present; /* it exists now: `interface` is up to date */
	int asked; /* the name in the settings that it was asked for by; -1: by the rule */
	struct interface interface; /* while not present, as it was; ifindex 0: never seen */
	struct failure xdp_failure; /* why the chain is not attached; error 0 if it is */
	struct tc_attachment tc;
	struct failure tc_failure;
};

struct watch {
	struct watched_interface *interfaces; /* by slot; moves when it grows */
	uint32_t n_interfaces; /* slots that were used so far, not all of them now */
	uint32_t slots; /* that the per-interface maps have */
	/* All interfaces of the host as they were last looked at, and what was decided about each. */
	struct interface *list;
	size_t n_list;
	struct coverage *coverage;
};

#endif
