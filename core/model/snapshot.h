/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snapshot: the host at one moment. Programs fill it, everyone who shows or judges data reads it,
 * nobody changes it afterwards. It holds no pointer: it is copied, kept, compared and recorded.
 *
 * Strings are UTF-8 and terminated. Lists are an array with its count beside it, `n_` and the name.
 * The array is room in virtual memory: a list costs what it holds, as long as nobody touches what is
 * behind its used elements, which is zero. So a snapshot lives in memory of snapshot_open(), counts
 * and fixed members stand in front of the lists, and no code copies or clears the struct as a whole.
 *
 * Each program's part is a header of its own, snapshot_NAME.h; snapshot_NAME.c beside it names the
 * members for JSON, for replay and for the exporters.
 */
#ifndef X0_MODEL_SNAPSHOT_H
#define X0_MODEL_SNAPSHOT_H

#include <stddef.h>

#include "model/snapshot_alerts.h"
#include "model/snapshot_host.h"
#include "model/snapshot_links.h"
#include "model/snapshot_mapek.h"
#include "model/snapshot_mesh.h"
#include "model/snapshot_neighbours.h"
#include "model/snapshot_net_events.h"
#include "model/snapshot_packets.h"
#include "model/snapshot_plugin_programs.h"
#include "model/snapshot_plugins.h"
#include "model/snapshot_pqc.h"
#include "model/snapshot_programs.h"
#include "model/snapshot_qos.h"
#include "model/snapshot_self.h"
#include "model/snapshot_syscalls.h"
#include "model/snapshot_syscalls_secure.h"
#include "model/snapshot_talkers.h"
#include "model/snapshot_tc.h"

#define SNAPSHOT_SCHEMA "x0top/3"
/* Are read, too: what they lack is unknown. */
#define SNAPSHOT_SCHEMA_1 "x0top/1" /* snapshots as lines */
#define SNAPSHOT_SCHEMA_2 \
	"x0top/2" /* recordings: five classes of fixed names, also within interfaces */

struct snapshot {
	char schema[NAME_LEN]; /* SNAPSHOT_SCHEMA */
	double time; /* seconds since 1970 */
	struct snapshot_host host;
	struct snapshot_self self;
	double interval; /* seconds since the sample before; NAN for the first: rates are unknown then */
	uint32_t n_alerts;
	struct snapshot_alert
		alerts[ALERTS_MAX]; /* those that last, the worst first; then the past */
	uint32_t n_programs;
	struct snapshot_program programs[PROGRAMS_MAX];
	struct snapshot_links links;
	struct snapshot_packets packets;
	struct snapshot_mesh mesh;
	struct snapshot_talkers talkers;
	struct snapshot_neighbours neighbours;
	struct snapshot_tc tc;
	struct snapshot_qos qos;
	struct snapshot_net_events net_events;
	struct snapshot_syscalls syscalls;
	struct snapshot_syscalls_secure syscalls_secure;
	struct snapshot_pqc pqc;
	uint32_t n_plugin_programs;
	struct snapshot_plugin_program plugin_programs[PLUGIN_PROGRAMS_SHOWN];
	struct snapshot_mapek mapek;
	struct snapshot_plugins plugins;
};

/* The table of struct snapshot. */
extern const struct field snapshot_fields[];

/* Returns an empty snapshot, to be closed by the caller; NULL if there is no memory. */
struct snapshot *snapshot_open(void);

/* Accepts NULL. */
void snapshot_close(struct snapshot *snapshot);

/* Makes a snapshot empty, or *to what *from is. Returns the bytes that this touched in it. */
size_t snapshot_clear(struct snapshot *snapshot);
size_t snapshot_copy(struct snapshot *to, const struct snapshot *from);

/*
 * Adds an element to the list `list` of *owner, a part of *snapshot or the snapshot itself. Returns
 * the element, zeroed; NULL if there is no room, which self.losses then counts: "no room: LIST".
 */
#define SNAPSHOT_ADD(snapshot, owner, list)                                                 \
	((__typeof__(&(owner)->list[0]))snapshot_add(snapshot, (owner)->list,               \
		sizeof((owner)->list[0]), sizeof((owner)->list) / sizeof((owner)->list[0]), \
		&(owner)->n_##list))

/* Counts an element for which the list `list` has no room, in self.losses: "no room: LIST". */
void snapshot_count_no_room(struct snapshot *snapshot, const void *list);

/* For SNAPSHOT_ADD: a list with room for `room` elements of `size` bytes, *n of them used. */
void *snapshot_add(struct snapshot *snapshot, void *list, size_t size, size_t room, uint32_t *n);

#endif
