// SPDX-License-Identifier: BSD-2-Clause
#include "serve/web_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/words.h"
#include "kernel/keeper.h"
#include "model/names.h"

struct reader {
	const char *path;
	yaml_document_t document;
	struct web_config *config;
	struct failure *failure;
};

/* --- files ---------------------------------------------------------------------------------------- */

static const char *const file_names[] = { "cert_file", "key_file", "client_ca_file", "token_file" };

static bool is_secret(enum web_file file)
{
	return file == WEB_KEY || file == WEB_TOKEN;
}

static int cannot_read(const char *path, int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot read %.160s: %s", path,
		error == -EOWNERDEAD ? keeper_strerror(error) : file_strerror(error));
	if (error == -EFBIG)
		return failure_remedy(failure, "Name another file: this one has more than %d bytes",
			WEB_FILE_MAX);
	if (error == -EACCES)
		failure_remedy(
			failure, "Check its permissions; paths that change need a new start");
	else
		failure_remedy(failure, "Check the path");
	return failure->error = error == -EPERM ? -EACCES : error;
}

/* Reads a file of text. Returns its length, or a negative errno with *failure set. */
static ssize_t read_file(
	const char *path, bool secret, char text[WEB_FILE_MAX + 1], struct failure *failure)
{
	int fd = keeper_open(path, FILE_FLAGS, 0);
	int error = fd < 0 ? fd : file_check_regular(fd);

	if (error == 0 && secret)
		error = secret_check_mode(fd, path, failure) < 0 ? -EINVAL : 0;
	if (error == -EINVAL && secret) {
		fd_close(&fd);
		return error;
	}
	ssize_t length = error < 0 ? error : file_read(fd, text, WEB_FILE_MAX);
	fd_close(&fd);
	if (length < 0)
		return cannot_read(path, (int)length, failure);
	text[length] = '\0';
	return length;
}

static int load_file(struct web_config *config, enum web_file file, struct failure *failure)
{
	static char text[WEB_FILE_MAX + 1];
	const char *path = config->path[file];

	if (path[0] == '\0')
		return 0;
	ssize_t length = read_file(path, is_secret(file), text, failure);
	if (length < 0)
		return (int)length;
	if (file == WEB_TOKEN && !secret_is_line(text, (size_t)length)) {
		explicit_bzero(text, sizeof(text));
		failure_set(failure, -EINVAL, "%.160s is no token_file: a token is one line", path);
		return failure_remedy(failure, "Write the token alone into it");
	}
	if (file != WEB_TOKEN && (length == 0 || strlen(text) != (size_t)length)) {
		explicit_bzero(text, sizeof(text));
		failure_set(failure, -EINVAL, "%.160s is no %s", path, file_names[file]);
		return failure_remedy(failure, "Write what %s needs into it", file_names[file]);
	}
	config->text[file] = strdup(text);
	explicit_bzero(text, sizeof(text));
	return config->text[file] != NULL ? 0 : failure_set(failure, -ENOMEM, "Not enough memory");
}

/* --- keys ----------------------------------------------------------------------------------------- */

static int set_path(struct reader *reader, enum web_file file, const char *value)
{
	char *path = reader->config->path[file];
	const char *slash = value[0] == '/' ? NULL : strrchr(reader->path, '/');
	int folder = slash != NULL ? (int)(slash + 1 - reader->path) : 0;

	if (value[0] != '\0' &&
		snprintf(path, WEB_PATH_LEN, "%.*s%s", folder, reader->path, value) < WEB_PATH_LEN)
		return 0;
	return failure_set(reader->failure, -EINVAL, "%s is no path", file_names[file]);
}

static int set_certificate(struct reader *reader, const char *value)
{
	return set_path(reader, WEB_CERTIFICATE, value);
}

static int set_key(struct reader *reader, const char *value)
{
	return set_path(reader, WEB_KEY, value);
}

static int set_client_ca(struct reader *reader, const char *value)
{
	return set_path(reader, WEB_CLIENT_CA, value);
}

static int set_token(struct reader *reader, const char *value)
{
	return set_path(reader, WEB_TOKEN, value);
}

/* The words of Go's crypto/tls; the two that verify nothing are left out. */
static int set_client_auth(struct reader *reader, const char *value)
{
	static const char *const words[] = { "NoClientCert", "VerifyClientCertIfGiven",
		"RequireAndVerifyClientCert", NULL };
	int found = names_find(words, value);

	if (found >= 0) {
		reader->config->client_auth = (uint32_t)found;
		return 0;
	}
	failure_set(reader->failure, -EINVAL, "Unknown client_auth_type \"%.40s\"", value);
	return failure_remedy(reader->failure,
		"Write NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert");
}

static int set_version(struct reader *reader, const char *value, uint32_t *version)
{
	static const char *const words[] = { "", "", "TLS12", "TLS13", NULL };
	int found = names_find(words, value);

	if (found >= 2) {
		*version = (uint32_t)found;
		return 0;
	}
	failure_set(reader->failure, -EINVAL, "Unknown version \"%.40s\" of TLS", value);
	return failure_remedy(reader->failure, "Write TLS12 or TLS13");
}

static int set_tls_min(struct reader *reader, const char *value)
{
	return set_version(reader, value, &reader->config->tls_min);
}

static int set_tls_max(struct reader *reader, const char *value)
{
	return set_version(reader, value, &reader->config->tls_max);
}

static int add_user(struct reader *reader, const char *name, const char *hash)
{
	struct web_config *config = reader->config;
	struct failure *failure = reader->failure;
	struct web_user *user = &config->users[config->n_users];

	if (config->n_users == WEB_USERS_MAX)
		return failure_set(failure, -EINVAL, "There are more than %d users", WEB_USERS_MAX);
	if (name[0] == '\0' || strlen(name) >= WEB_USER_LEN || strchr(name, ':') != NULL)
		return failure_set(failure, -EINVAL, "\"%.64s\" is no name of a user", name);
	if (strlen(hash) != 60 || strncmp(hash, "$2", 2) != 0 || hash[3] != '$') {
		failure_set(failure, -EINVAL, "The password of \"%s\" is no hash of bcrypt", name);
		return failure_remedy(failure, "Write what this prints: htpasswd -nB %s", name);
	}
	snprintf(user->name, sizeof(user->name), "%s", name);
	snprintf(user->hash, sizeof(user->hash), "%s", hash);
	config->n_users++;
	return 0;
}

const struct web_header web_headers[WEB_HEADERS] = {
	{ "Content-Security-Policy", "default-src 'none'" },
	{ "Strict-Transport-Security", NULL },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", NULL },
	{ "X-XSS-Protection", NULL },
};

static int set_header(struct reader *reader, const char *name, const char *value)
{
	for (size_t i = 0; i < WEB_HEADERS; i++) {
		if (strcasecmp(web_headers[i].name, name) != 0)
			continue;
		if (value[0] == '\0' || strlen(value) >= WEB_HEADER_LEN || !words_printable(value))
			return failure_set(reader->failure, -EINVAL,
				"%s takes 1 to %d printable ASCII characters", web_headers[i].name,
				WEB_HEADER_LEN - 1);
		snprintf(reader->config->headers[i], WEB_HEADER_LEN, "%s", value);
		return 0;
	}
	failure_set(reader->failure, -EINVAL, "The header \"%.64s\" cannot be set", name);
	return failure_remedy(reader->failure, "x0top(8) lists those that can");
}

static int set_http2(struct reader *reader, const char *value)
{
	if (strcmp(value, "false") == 0)
		return 0;
	failure_set(reader->failure, -EINVAL, "x0top speaks HTTP/1.1 alone");
	return failure_remedy(reader->failure, "Write http2: false");
}

static const struct key {
	const char *section; /* NULL: at the top */
	const char *name;
	int (*set)(struct reader *reader, const char *value);
} keys[] = {
	{ "tls_server_config", "cert_file", set_certificate },
	{ "tls_server_config", "key_file", set_key },
	{ "tls_server_config", "client_ca_file", set_client_ca },
	{ "tls_server_config", "client_auth_type", set_client_auth },
	{ "tls_server_config", "min_version", set_tls_min },
	{ "tls_server_config", "max_version", set_tls_max },
	{ "http_server_config", "http2", set_http2 },
	{ NULL, "token_file", set_token },
};

/* --- the document --------------------------------------------------------------------------------- */

/* Prefixes a failure with file and line. */
static int at_line(struct reader *reader, size_t line)
{
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", reader->failure->what);
	snprintf(reader->failure->what, sizeof(reader->failure->what), "%.100s, line %zu: %.140s",
		reader->path, line, what);
	return reader->failure->error;
}

static int wrong(struct reader *reader, const yaml_node_t *node, const char *what)
{
	failure_set(reader->failure, -EINVAL, "%s", what);
	return at_line(reader, node->start_mark.line + 1);
}

/* Returns the text of a node, or NULL if it is not text. */
static const char *node_text(const yaml_node_t *node)
{
	if (node == NULL || node->type != YAML_SCALAR_NODE)
		return NULL;
	const char *text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static const struct key *find_key(const char *section, const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, name) == 0 &&
			(keys[i].section == NULL) == (section == NULL) &&
			(section == NULL || strcmp(keys[i].section, section) == 0))
			return &keys[i];
	return NULL;
}

/* Sections whose keys are names of the operator's. */
static const struct {
	const char *section;
	int (*set)(struct reader *reader, const char *name, const char *value);
} named[] = {
	{ "basic_auth_users", add_user },
	{ "headers", set_header },
};

static int set_value(
	struct reader *reader, const char *section, const char *name, const yaml_node_t *node)
{
	const struct key *key = find_key(section, name);
	const char *value = node_text(node);
	size_t n = 0;

	while (n < sizeof(named) / sizeof(named[0]) &&
		(section == NULL || strcmp(named[n].section, section) != 0))
		n++;
	bool is_named = n < sizeof(named) / sizeof(named[0]);
	if (key == NULL && !is_named) {
		failure_set(reader->failure, -EINVAL, "Unknown key \"%.64s\"", name);
		return failure_remedy(reader->failure, "x0top(8) lists the keys that it knows");
	}
	if (value == NULL)
		return failure_set(reader->failure, -EINVAL, "%.64s: expected a text", name);
	return is_named ? named[n].set(reader, name, value) : key->set(reader, value);
}

/* Returns whether a key within a section, NULL: at the top, is a section of its own. */
static bool is_section(const char *within, const char *name)
{
	static const char *const sections[] = { "tls_server_config", "http_server_config",
		"basic_auth_users", NULL };

	return within == NULL
		       ? names_find(sections, name) >= 0
		       : strcmp(within, "http_server_config") == 0 && strcmp(name, "headers") == 0;
}

static int read_mapping(struct reader *reader, const char *section, const yaml_node_t *mapping)
{
	if (mapping == NULL || mapping->type != YAML_MAPPING_NODE)
		return wrong(reader, mapping, "Expected keys and their values");
	for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
		pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
		const char *name = node_text(key);
		if (name == NULL)
			return wrong(reader, key, "Expected a key");
		if (is_section(section, name)) {
			int error = read_mapping(reader, name, value);
			if (error)
				return error;
		} else if (set_value(reader, section, name, value) < 0) {
			return at_line(reader, key->start_mark.line + 1);
		}
	}
	return 0;
}

static int read_document(struct reader *reader, const char *text, size_t length)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return failure_set(reader->failure, -ENOMEM, "Not enough memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	int error = 0;
	if (!yaml_parser_load(&parser, &reader->document)) {
		failure_set(reader->failure, -EINVAL, "%s",
			parser.problem != NULL ? parser.problem : "This is no YAML");
		error = at_line(reader, parser.problem_mark.line + 1);
	}
	yaml_parser_delete(&parser);
	if (error)
		return error;
	yaml_node_t *root = yaml_document_get_root_node(&reader->document);
	if (root != NULL)
		error = read_mapping(reader, NULL, root);
	yaml_document_delete(&reader->document);
	return error;
}

/* What needs what. */
static int check(const struct web_config *config, const char *path, struct failure *failure)
{
	bool certificate = config->path[WEB_CERTIFICATE][0] != '\0';

	if (certificate != (config->path[WEB_KEY][0] != '\0')) {
		failure_set(
			failure, -EINVAL, "%.160s has only one of cert_file and key_file", path);
		return failure_remedy(failure, "Name both in tls_server_config, or none");
	}
	if (config->client_auth != CLIENT_AUTH_NONE &&
		(!certificate || config->path[WEB_CLIENT_CA][0] == '\0')) {
		failure_set(failure, -EINVAL,
			"%.160s verifies client certificates without client_ca_file", path);
		return failure_remedy(failure, "Name cert_file, key_file and client_ca_file");
	}
	if (config->client_auth == CLIENT_AUTH_NONE && config->path[WEB_CLIENT_CA][0] != '\0') {
		failure_set(failure, -EINVAL,
			"%.160s names client_ca_file, and asks for no certificate", path);
		return failure_remedy(
			failure, "Write client_auth_type: RequireAndVerifyClientCert");
	}
	if (config->tls_min > config->tls_max && config->tls_max != 0) {
		failure_set(failure, -EINVAL, "%.160s: min_version is above max_version", path);
		return failure_remedy(failure, "Leave max_version out");
	}
	return 0;
}

int web_config_parse(const char *path, const char *text, size_t length, struct web_config *config,
	struct failure *failure)
{
	struct reader reader = { .path = path, .config = config, .failure = failure };

	memset(config, 0, sizeof(*config));
	int error = read_document(&reader, text, length);
	return error < 0 ? error : check(config, path, failure);
}

int web_config_read(const char *path, struct web_config *config, struct failure *failure)
{
	static char text[WEB_FILE_MAX + 1];

	memset(config, 0, sizeof(*config));
	ssize_t length = read_file(path, false, text, failure);
	int error = length < 0 ? (int)length
			       : web_config_parse(path, text, (size_t)length, config, failure);
	for (int file = 0; error == 0 && file < WEB_FILES; file++)
		error = load_file(config, (enum web_file)file, failure);
	if (error)
		web_config_clear(config);
	return error;
}

void web_config_clear(struct web_config *config)
{
	for (int file = 0; file < WEB_FILES; file++) {
		if (config->text[file] == NULL)
			continue;
		explicit_bzero(config->text[file], strlen(config->text[file]));
		free(config->text[file]);
	}
	memset(config, 0, sizeof(*config));
}

bool web_config_has_tls(const struct web_config *config)
{
	return config->path[WEB_CERTIFICATE][0] != '\0';
}

bool web_config_identifies(const struct web_config *config)
{
	return config->n_users > 0 || config->path[WEB_TOKEN][0] != '\0' ||
	       config->client_auth == CLIENT_AUTH_REQUIRED;
}
