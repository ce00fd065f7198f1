/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source of neighbours: a module with a row in the table of neighbours.c. It fills the set of its
 * struct neighbour_source, and says whether that is current. What it shares with others is here.
 */
#ifndef X0_NEIGHBOURS_SOURCE_H
#define X0_NEIGHBOURS_SOURCE_H

#include <stdarg.h>

#include "base/loop.h"
#include "kernel/interface.h"
#include "model/snapshot_neighbours.h"
#include "neighbours/set.h"

enum { NEIGHBOURS_PATH_LEN = 108 }; /* sun_path, with its NUL */

struct neighbours_settings {
	uint32_t n_wanted; /* bits set below */
	uint32_t wanted; /* bits 1 << enum neighbour_source_name */
	char babel[NEIGHBOURS_PATH_LEN]; /* babeld's socket: a path, or a TCP port of ::1 */
	char file[NEIGHBOURS_PATH_LEN];
};

struct neighbour_source;

struct neighbour_source_type {
	uint32_t name; /* enum neighbour_source_name */
	size_t size; /* of the module's own state, zeroed: source->own */
	uint64_t
		ask_ns; /* a source that reports no changes is asked so often, while wanted; 0: never */
	/* Starts to watch. What is not there is no error: source_absent(). */
	void (*open)(struct neighbour_source *source);
	void (*links_changed)(
		struct neighbour_source *source); /* NULL, or looks at source->links */
	void (*ask)(struct neighbour_source *source); /* with ask_ns only */
	void (*close)(struct neighbour_source *source); /* NULL, or closes what `own` holds */
};

extern const struct neighbour_source_type neighbours_kernel, neighbours_batman, neighbours_babel,
	neighbours_wireguard, neighbours_file;

struct neighbour_source {
	const struct neighbour_source_type *type;
	void *own;
	const struct neighbours_settings *settings;
	struct loop *loop;
	const struct interface *links; /* of the host; valid until the next change */
	size_t n_links;
	/* Tells the operator, in a sentence without its full stop; NULL: nobody listens. */
	void (*say)(void *data, const char *sentence);
	void *say_data;
	uint32_t state; /* enum neighbour_source_state */
	double as_of; /* as in a snapshot */
	char reason[REASON_LEN];
	uint64_t asked_ns; /* CLOCK_MONOTONIC of the last asking */
	bool forgotten; /* it has not been there for long, and is no more expected */
	uint64_t changes; /* rises whenever the set may be another */
	struct neighbour_set set; /* the last good one */
};

/* Puts a whole new set in place, and leaves `next` empty: the source is live. */
void source_replace(struct neighbour_source *source, struct neighbour_set *next);

/* Notes a change of the set of a live source. */
void source_changed(struct neighbour_source *source);

/* Notes that the source is not there, or no more: then its last good set stays, and it is said. */
void source_gone(struct neighbour_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets what a source knew that is gone, and is no more expected: it is absent. */
void source_forget(struct neighbour_source *source);

/* Finds an interface of the host; NULL if there is none. */
const struct interface *source_link(const struct neighbour_source *source, uint32_t ifindex);

/* Sets neighbour->key.ifindex, and the name of that interface as far as it is known. */
void source_set_link(
	const struct neighbour_source *source, struct neighbour *neighbour, uint32_t ifindex);

/* Copies a text of others into a field of a neighbour: "?" for what is not printable ASCII. */
void source_copy_text(char *to, size_t size, const char *from);

#endif
