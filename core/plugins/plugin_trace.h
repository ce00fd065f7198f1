/* SPDX-License-Identifier: BSD-2-Clause */
/* The tracing programs of a plugin. Each lies in a slot, and what is attached calls it there: so another one takes its
 * place between two events. */
#ifndef X0_PLUGINS_PLUGIN_TRACE_H
#define X0_PLUGINS_PLUGIN_TRACE_H

#include "base/text.h"
#include "plugins/plugin.h"

struct plugin_slot {
	char section[TEXT_LEN], name[NAME_LEN]; /* of its program */
	int map; /* the slot */
	int program; /* in it */
};

struct plugin_trace {
	uint32_t n_links, n_slots;
	struct bpf_link *links[PLUGIN_OBJECT_PROGRAMS];
	struct plugin_slot slots[PLUGIN_OBJECT_PROGRAMS];
	int tracepoints[PLUGIN_OBJECT_PROGRAMS]; /* numbers, by place in the object; 0: not read */
	char attached[TEXT_LEN];
};

/* Attaches the wrapped programs of a loaded object. Returns 0, or a negative errno with *failure set and nothing
 * attached. */
int plugin_trace_attach(const struct program *program, struct plugin_trace *trace,
	struct bpf_object *object, struct failure *failure);
void plugin_trace_detach(struct plugin_trace *trace);

/*
 * Puts the wrapped programs of another object of the plugin into the slots: each event is handled by one of the two.
 * Returns 0, to be followed by one of the next; or a negative errno with *failure set and the old ones in their slots:
 * -EBADMSG if it does not attach to the same.
 */
int plugin_trace_replace(const struct program *program, struct plugin_trace *trace,
	const struct bpf_object *object, struct failure *failure);

/* Lets them stay, or puts the old ones back. */
void plugin_trace_settle(struct plugin_trace *trace, const struct bpf_object *object);
void plugin_trace_put_back(const struct plugin_trace *trace);

#endif
