/* SPDX-License-Identifier: BSD-2-Clause */
/* The network interfaces that programs watch: a slot of the per-interface maps for each. */
#ifndef X0_PROGRAMS_INTERFACES_H
#define X0_PROGRAMS_INTERFACES_H

#include <stdbool.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "model/event_log.h"
#include "programs/settings.h"

struct watched_interface {
	bool used;
	bool present; /* it exists now: `interface` is up to date */
	struct interface interface;
	struct failure absent; /* what to say while it is not present */
};

struct interfaces {
	struct watched_interface slots[INTERFACES_MAX];
	int monitor_fd; /* interfaces that come and go */
	struct event_log *log;
};

/* Opens the monitor and fills the slots with what the settings name, or the default interfaces.
 * `log` gets what changes. Returns 0 or a negative errno. */
int interfaces_open(
	struct interfaces *interfaces, const struct settings *settings, struct event_log *log);
void interfaces_close(struct interfaces *interfaces);

/* Takes over the interface of a slot that an earlier x0top filled. */
void interfaces_adopt(struct interfaces *interfaces, uint32_t slot, uint32_t ifindex);

/* Takes note of interfaces that appeared, went, or changed their name. Returns whether any did. */
bool interfaces_handle_changes(struct interfaces *interfaces);

#endif
