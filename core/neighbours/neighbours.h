/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The neighbour table: what the sources know, in one place, for the snapshot and for sets of rules.
 * Sources that report changes are waited for; those that do not are asked while somebody looks.
 */
#ifndef X0_NEIGHBOURS_NEIGHBOURS_H
#define X0_NEIGHBOURS_NEIGHBOURS_H

#include "base/failure.h"
#include "kernel/interface.h"
#include "model/snapshot.h"
#include "neighbours/source.h"

#define NEIGHBOURS_BABEL_SOCKET "/run/babeld.sock"

struct neighbours;

/* Sets the default: all sources but the file, babeld at NEIGHBOURS_BABEL_SOCKET. */
void neighbours_settings_default(struct neighbours_settings *settings);

/*
 * Adds a source to those wanted: "kernel", "batman-adv", "babel", "babel=PATH", "babel=PORT", "wireguard",
 * "signed", "file=PATH"; "none" adds none. Returns 0, or -EINVAL with *failure set.
 */
int neighbours_settings_add(
	struct neighbours_settings *settings, const char *text, struct failure *failure);

/*
 * Opens the wanted sources; one that is not there is no error. `say` gets sentences about sources that go
 * and come back; it may be NULL. Returns 0 with *neighbours to be closed by the caller, or a negative errno.
 */
int neighbours_open(const struct neighbours_settings *settings,
	void (*say)(void *data, const char *sentence), void *data, struct neighbours **neighbours);

/* Accepts NULL. */
void neighbours_close(struct neighbours *neighbours);

/* Readable when neighbours_handle() is to be called. Owned by the table. */
int neighbours_fd(const struct neighbours *neighbours);

/* Takes what sources report. Never blocks. */
void neighbours_handle(struct neighbours *neighbours);

/* Tells the interfaces of the host, in ascending order of ifindex: at the start, and when one changed. The
 * list must be valid until the next call. */
void neighbours_links_changed(
	struct neighbours *neighbours, const struct interface *links, size_t n);

/* Fills the neighbours part, after the part of signatures; asks the sources that must be asked, if their
 * answers are old. `neighbours` may be NULL. */
void neighbours_sample(struct neighbours *neighbours, struct snapshot *now);

/* --- for sets of rules ------------------------------------------------------------------------ */

enum neighbour_elements {
	NEIGHBOUR_ADDRESSES, /* of neighbours, and of WireGuard's peers the allowed single ones */
	NEIGHBOUR_PREFIXES, /* that neighbours lead to, but no default routes */
	NEIGHBOUR_MACS,
	NEIGHBOUR_IDS, /* addresses of nodes whose signature was verified, with their ids */
};

/* An element of a set; zero where its kind has nothing. */
struct neighbour_element {
	uint8_t family; /* AF_INET, AF_INET6; 0: a MAC */
	uint8_t bits;
	uint8_t address[ADDRESS_LEN]; /* IPv4 in the first four bytes */
	uint8_t mac[MAC_LEN];
	uint64_t id; /* of a node, its bytes in order */
};

/*
 * Lists the elements of one kind that the sources in `sources`, bits 1 << enum neighbour_source_name, know:
 * sorted by their bytes, each once. A lost source counts with its last good set. Asks as
 * neighbours_sample() does. Returns their number with *list to be freed by the caller, or -ENOMEM.
 */
int neighbours_elements(struct neighbours *neighbours, uint32_t sources,
	enum neighbour_elements kind, struct neighbour_element **list);

/* Asks those of these sources that report nothing, if their answers are old. Returns how often they want to be
 * asked, in ns; 0: none does. */
uint64_t neighbours_keep_asking(struct neighbours *neighbours, uint32_t sources);

/* Returns which of the sources in `sources` are in a state, enum neighbour_source_state, as bits. */
uint32_t neighbours_in_state(const struct neighbours *neighbours, uint32_t sources, uint32_t state);

/* Returns which of the sources in `sources` have not been there for long, and are no more expected, as bits. */
uint32_t neighbours_forgotten(const struct neighbours *neighbours, uint32_t sources);

/* Returns whether any of these sources has neither answered yet, nor said why not. */
bool neighbours_pending(const struct neighbours *neighbours, uint32_t sources);

/* Returns a number that rises whenever the elements of these sources may be others, or one is gone. */
uint64_t neighbours_changes(const struct neighbours *neighbours, uint32_t sources);

#endif
