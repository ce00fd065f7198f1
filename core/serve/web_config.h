/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of --web-config, in the form that Prometheus' exporters share (exporter-toolkit): TLS, client
 * certificates, users with bcrypt hashes, headers. `token_file` is x0top's own. Paths are relative to its folder.
 */
#ifndef X0_SERVE_WEB_CONFIG_H
#define X0_SERVE_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

enum web_file {
	WEB_CERTIFICATE,
	WEB_KEY,
	WEB_CLIENT_CA,
	WEB_TOKEN,
	WEB_FILES,
};

enum client_auth {
	CLIENT_AUTH_NONE,
	CLIENT_AUTH_IF_GIVEN, /* verifies a certificate, and asks for none */
	CLIENT_AUTH_REQUIRED,
};

enum {
	WEB_PATH_LEN = 256,
	WEB_USERS_MAX = 16,
	WEB_USER_LEN = 64,
	WEB_HASH_LEN = 64, /* bcrypt's has 60 characters */
	WEB_FILE_MAX = 64 << 10, /* bytes */
	WEB_HEADERS = 5,
	WEB_HEADER_LEN = 256,
};

/* Headers of each answer that the file may set, with what they are otherwise; NULL: not sent. */
struct web_header {
	const char *name, *usual;
};
extern const struct web_header web_headers[WEB_HEADERS];

struct web_user {
	char name[WEB_USER_LEN];
	char hash[WEB_HASH_LEN];
};

/* Zero: neither TLS nor anyone to ask who it is. */
struct web_config {
	char path[WEB_FILES][WEB_PATH_LEN]; /* empty: none */
	char *text[WEB_FILES]; /* what the files have, terminated; NULL: none */
	uint32_t client_auth; /* enum client_auth */
	uint32_t tls_min, tls_max; /* 2: TLS 1.2, 3: TLS 1.3; 0: any of these */
	uint32_t n_users;
	struct web_user users[WEB_USERS_MAX];
	char headers[WEB_HEADERS][WEB_HEADER_LEN]; /* empty: as usual */
};

/*
 * Reads the file and those that it names. Returns 0, then call web_config_clear(), or a negative errno with
 * *failure set and *config empty.
 */
int web_config_read(const char *path, struct web_config *config, struct failure *failure);

/* Reads the text of such a file, and not the files that it names. Returns as web_config_read(). */
int web_config_parse(const char *path, const char *text, size_t length, struct web_config *config,
	struct failure *failure);

void web_config_clear(struct web_config *config);

bool web_config_has_tls(const struct web_config *config);

/* Returns whether nobody gets an answer who has not proved who it is. */
bool web_config_identifies(const struct web_config *config);

#endif
