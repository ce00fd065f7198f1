/* SPDX-License-Identifier: BSD-2-Clause */
/* Many hosts in a table, from the metrics that a Prometheus has of them. Nothing is kept but the last answer. */
#ifndef X0_FLEET_FLEET_H
#define X0_FLEET_FLEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fleet/prometheus.h"

enum fleet_column {
	FLEET_UP, /* 1: its last scrape succeeded */
	FLEET_SEEN, /* time of its last sample */
	FLEET_PACKETS, /* a second */
	FLEET_BYTES,
	FLEET_KERNEL_DROPS,
	FLEET_MESH_DROPS,
	FLEET_REFUSALS, /* of signed packets */
	FLEET_ENFORCING, /* 1: the mesh filter drops */
	FLEET_FAILING, /* 1: something that was asked for is not in force */
	FLEET_FAILED, /* alerts */
	FLEET_WARNINGS,
	FLEET_NAME, /* the host's; no number */
	FLEET_COLUMNS,
};

enum {
	FLEET_INSTANCE_LEN = 128,
	FLEET_NAME_LEN = 65,
	FLEET_WHY_LEN = 48,
};

struct fleet_host {
	char instance[FLEET_INSTANCE_LEN];
	char name[FLEET_NAME_LEN]; /* empty: unknown */
	double values[FLEET_COLUMNS]; /* NAN: unknown */
	double attention; /* that it needs; 0: none */
	char why[FLEET_WHY_LEN]; /* "down", "2 warnings"; empty: nothing */
};

/* Zero: no hosts. */
struct fleet {
	struct fleet_host *hosts; /* those that need attention first */
	size_t n, room;
	double time; /* when it was asked; seconds since 1970 */
};

struct fleet_request {
	const char *job; /* in Prometheus' configuration */
	const char *window; /* of rates: "5m" */
};

/* Member of JSON and title of a column, with its unit. */
struct fleet_field {
	const char *name, *unit, *help;
};
extern const struct fleet_field fleet_fields[FLEET_COLUMNS];

/* Begins to ask. Returns 0, then call fleet_step(), or a negative errno with *failure set. */
int fleet_begin(struct prometheus *prometheus, const struct fleet_request *request,
	struct failure *failure);

/* Goes on, for at most `wait_ms`. Returns 0 while answers are missing, 1 when *fleet is new, or a negative errno
 * with *failure set and *fleet as before. */
int fleet_step(
	struct prometheus *prometheus, int wait_ms, struct fleet *fleet, struct failure *failure);

/* Makes *fleet of answers, an array for each column, which stay the caller's. Returns 0 or -ENOMEM. */
int fleet_take(struct fleet *fleet, json_t *const *results);

void fleet_clear(struct fleet *fleet);

/* Write it. Return 0 or -EIO. */
int fleet_write_text(const struct fleet *fleet, FILE *file);
int fleet_write_json(const struct fleet *fleet, const char *url, FILE *file);

#endif
