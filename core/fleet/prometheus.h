/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks a Prometheus by its HTTP API, with libcurl, which is opened when it is needed. */
#ifndef X0_FLEET_PROMETHEUS_H
#define X0_FLEET_PROMETHEUS_H

#include <jansson.h>
#include <stddef.h>

#include "base/failure.h"

/* Where it is, and who asks; NULL: none. */
struct prometheus_access {
	const char *url; /* "https://prometheus.example:9090", also with a path */
	const char *user, *password_file;
	const char *token_file; /* of a bearer token */
	const char *ca_file; /* to trust instead of the system's */
};

enum {
	PROMETHEUS_QUERIES_MAX = 16,
	PROMETHEUS_SECONDS = 10, /* that an answer may take */
	PROMETHEUS_BYTES_MAX = 64 << 20, /* of the answers to all that is asked at once */
};

struct prometheus;

/* Reads the secrets. Returns 0, then call prometheus_close(), or a negative errno with *failure set. */
int prometheus_open(const struct prometheus_access *access, struct prometheus **prometheus,
	struct failure *failure);
void prometheus_close(struct prometheus *prometheus);

/* Times that values are wanted for. */
struct prometheus_range {
	double start, end; /* seconds since 1970 */
	double step; /* s */
};

/* Asks for the values of some expressions, all at once: the present ones, where `range` is NULL. Returns 0, then call prometheus_step() until it
 * says more, or a negative errno with *failure set. Forgets what was asked before. */
int prometheus_begin(struct prometheus *prometheus, const char *const *expressions, size_t n,
	const struct prometheus_range *range, struct failure *failure);

/*
 * Goes on, for at most `wait_ms`. Returns 0 while answers are missing; 1 when all are there, in results[], each
 * to be freed by json_decref(): the arrays "data.result"; or a negative errno with *failure set.
 */
int prometheus_step(
	struct prometheus *prometheus, int wait_ms, json_t **results, struct failure *failure);

/* Reads an answer, which may be hostile: the array "data.result", to be freed by json_decref(). Returns 0, or
 * -EPROTO or -ENOMEM with *failure set. */
int prometheus_read(const char *text, size_t size, json_t **result, struct failure *failure);

#endif
