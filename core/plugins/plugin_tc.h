/* SPDX-License-Identifier: BSD-2-Clause */
/* The TC programs of a plugin, at most one a direction, on the watched interfaces. */
#ifndef X0_PLUGINS_PLUGIN_TC_H
#define X0_PLUGINS_PLUGIN_TC_H

#include "kernel/tc_attach.h"
#include "plugins/plugin.h"

/* The kernel's name of all of them: filters of a killed x0top are found by it. */
#define PLUGIN_TC_NAME "x0p_tc"

struct plugin_tc_slot {
	struct tc_attachment attachment;
	struct failure failure; /* why it is not attached; error 0 if it is */
};

/* Nothing is attached while `slots` is NULL. */
struct plugin_tc {
	struct tc_programs programs;
	struct netlink netlink; /* open while it runs */
	bool open;
	struct plugin_tc_slot *slots; /* by interface slot, owned */
	uint32_t n_slots;
};

/* Attaches the wrapped programs of a loaded object. Returns 0, also if an interface refuses; or a negative errno with
 * *failure set and nothing attached. */
int plugin_tc_start(struct program *program, struct plugin_tc *tc, const struct bpf_object *object,
	struct failure *failure);
void plugin_tc_stop(struct plugin_tc *tc);

/* Puts those of another object in their places, at each hook by one update. Returns 0; or a negative errno with *failure
 * set and the old ones in force: -EBADMSG if it is not of the same directions. */
int plugin_tc_replace(const struct program *program, struct plugin_tc *tc,
	const struct bpf_object *object, struct failure *failure);

/* Puts back those that were there before. */
void plugin_tc_put_back(struct plugin_tc *tc, const struct bpf_object *object);

/* Follow interfaces, as the functions of struct program_type. */
void plugin_tc_attach(struct program *program, struct plugin_tc *tc);
void plugin_tc_gone(struct plugin_tc *tc, uint32_t slot);

/* Return how it is attached to the interface of a slot, NULL if it is not, and why not. */
const char *plugin_tc_how(const struct plugin_tc *tc, uint32_t slot);
const struct failure *plugin_tc_why(const struct plugin_tc *tc, uint32_t slot);

/* Counts, and with `remove` removes, filters that a killed x0top has left. Returns their number or a negative
 * errno. */
int plugin_tc_leftovers(bool remove);

#endif
