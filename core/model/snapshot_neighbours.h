/* SPDX-License-Identifier: BSD-2-Clause */
/* The neighbour table in a snapshot: its sources, and what each of them knows. */
#ifndef X0_MODEL_SNAPSHOT_NEIGHBOURS_H
#define X0_MODEL_SNAPSHOT_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"
#include "model/format.h"

enum {
	NEIGHBOURS_SHOWN = 1024, /* neighbours, then routes; sources count what is beyond */
	NEIGHBOUR_KEY_LEN = 48,
};

enum neighbour_source_name {
	NEIGHBOURS_KERNEL,
	NEIGHBOURS_BATMAN,
	NEIGHBOURS_BABEL,
	NEIGHBOURS_WIREGUARD,
	NEIGHBOURS_SIGNED,
	NEIGHBOURS_FILE,
	NEIGHBOUR_SOURCES,
};

enum neighbour_source_state {
	SOURCE_OFF, /* not asked for */
	SOURCE_ABSENT, /* asked for, and not on this host: no error */
	SOURCE_LIVE,
	SOURCE_LOST, /* it went: its last good set is kept */
};

enum neighbour_kind {
	NEIGHBOUR_NODE,
	NEIGHBOUR_ROUTE, /* a prefix that a neighbour leads to */
};

enum neighbour_signature {
	SIGNATURE_UNKNOWN, /* no signed message names it */
	SIGNATURE_VERIFIED,
	SIGNATURE_EXPIRED, /* its last good message is too old */
};

struct snapshot_neighbour_source {
	uint32_t name; /* enum neighbour_source_name */
	uint32_t state; /* enum neighbour_source_state */
	uint64_t nodes, routes; /* in its set; COUNT_UNKNOWN before its first report */
	uint64_t left_out; /* for which its set has no room, or which were unreadable */
	double as_of; /* seconds since 1970 of its last report; NAN: none yet */
	char reason[REASON_LEN]; /* why it is absent or lost; may be empty */
};

struct snapshot_neighbour {
	uint32_t source; /* enum neighbour_source_name */
	uint32_t kind; /* enum neighbour_kind */
	char address[NEIGHBOUR_KEY_LEN]; /* "10.1.0.7", of a route "10.1.0.0/16"; may be empty */
	char mac[18]; /* may be empty */
	char interface[NAME_LEN]; /* may be empty */
	char name[NAME_LEN]; /* of a node, or a peer's key; may be empty */
	char via[NEIGHBOUR_KEY_LEN]; /* next hop: an address, a MAC or a name; may be empty */
	char state[NAME_LEN]; /* in the source's words: "reachable", "installed" */
	double quality; /* 0 to 1; NAN: unknown */
	double metric; /* smaller is better; NAN: unknown */
	double throughput; /* bit/s, estimated by the source; NAN: unknown */
	double last_seen; /* seconds since 1970; NAN: unknown */
	double received_bytes, sent_bytes; /* NAN: unknown */
	uint32_t signature; /* enum neighbour_signature */
	struct traffic traffic; /* from it, as the mesh filter saw it; unknown while nobody looks */
};

struct snapshot_neighbours {
	uint32_t n_sources;
	uint32_t n_neighbours;
	struct snapshot_neighbour_source sources[NEIGHBOUR_SOURCES];
	struct snapshot_neighbour neighbours[NEIGHBOURS_SHOWN];
};

extern const struct field neighbours_fields[];

/* Returns what a row is called: its address or prefix, else its MAC, else its name. */
const char *neighbour_what(const struct snapshot_neighbour *neighbour);

/* Writes what the source says of the way there, a throughput, a metric or a quality: "1.0Gbit", "96", "94%";
 * "-" if nothing. Returns `text`. */
const char *neighbour_link(const struct snapshot_neighbour *neighbour, char text[FORMAT_LEN]);

#endif
