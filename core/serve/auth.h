/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges who asks, by the header Authorization (RFC 7617, RFC 6750). */
#ifndef X0_SERVE_AUTH_H
#define X0_SERVE_AUTH_H

#include "serve/web_config.h"

enum auth_result {
	AUTH_GOOD,
	AUTH_WRONG,
	AUTH_BUSY, /* ask again in a second: bcrypt takes a tenth of one, and a wrong password was just tried */
};

enum {
	AUTH_DIGEST_LEN = 32,
	AUTH_KEPT = 16,
};

/* Remembers good passwords by their digests: a scrape must not cost a tenth of a second. Zero at first. */
struct auth {
	bool seeded;
	unsigned char seed[AUTH_DIGEST_LEN];
	unsigned char good[AUTH_KEPT][AUTH_DIGEST_LEN];
	unsigned int n_good; /* ever; the oldest is replaced */
	uint64_t wait_until; /* CLOCK_MONOTONIC, ns */
};

/* Reads "Basic BASE64". Returns whether it is that; then the name and password, terminated, are in `text`. */
bool auth_read_basic(const char *header, char *text, size_t size, const char **password);

/* Judges the header, which may be NULL or anything. `now` is CLOCK_MONOTONIC, ns. */
enum auth_result auth_check(
	struct auth *auth, const struct web_config *config, const char *header, uint64_t now);

#endif
