// SPDX-License-Identifier: BSD-2-Clause
/* Answers requests. */
#include "serve/web_state.h"

#ifdef X0_WEB
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define TYPE_PROMETHEUS	 "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum { OWN_LEN = 4096 };

/* An answer: a text that others may send, too, and one of its own. */
struct answer {
	struct shared_text *text;
	char own[OWN_LEN];
};

static void free_answer(void *data)
{
	struct answer *answer = data;

	shared_text_close(answer->text);
	free(answer);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return web_library.p_MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* --- sending -------------------------------------------------------------------------------------- */

static void count(struct web *web, unsigned int status)
{
	web->counts[status >= 500 ? WEB_FAILED : status >= 400 ? WEB_REFUSED : WEB_ANSWERED]++;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	web_library.p_MHD_add_response_header(response, name, value);
}

/* What the file of --web-config may set. */
static void add_set_headers(struct MHD_Response *response, const struct web_config *config)
{
	for (size_t i = 0; i < WEB_HEADERS; i++) {
		const char *value =
			config->headers[i][0] != '\0' ? config->headers[i] : web_headers[i].usual;
		if (value != NULL)
			add_header(response, web_headers[i].name, value);
	}
}

static void add_headers(struct MHD_Response *response, const struct web_config *config,
	const char *type, unsigned int status)
{
	add_header(response, "Content-Type", type);
	add_header(response, "Cache-Control", "no-store");
	add_set_headers(response, config);
	if (status == MHD_HTTP_UNAUTHORIZED)
		add_header(response, "WWW-Authenticate", "Basic realm=\"x0top\"");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add_header(response, "Allow", "GET, HEAD");
	if (status == MHD_HTTP_TOO_MANY_REQUESTS)
		add_header(response, "Retry-After", "1");
}

/* Sends an answer, which it takes over: NULL is one for which there is no memory. */
static enum MHD_Result send_answer(
	struct client *client, unsigned int status, const char *type, struct answer *answer)
{
	struct MHD_IoVec parts[2];
	unsigned int n = 0;

	if (answer == NULL)
		return MHD_NO;
	if (answer->text != NULL)
		parts[n++] = (struct MHD_IoVec) { answer->text->bytes, answer->text->length };
	if (answer->own[0] != '\0')
		parts[n++] = (struct MHD_IoVec) { answer->own, strlen(answer->own) };
	struct MHD_Response *response =
		web_library.p_MHD_create_response_from_iovec(parts, n, free_answer, answer);
	if (response == NULL) {
		free_answer(answer);
		return MHD_NO;
	}
	add_headers(response, &client->daemon->config, type, status);
	count(client->daemon->web, status);
	enum MHD_Result result =
		web_library.p_MHD_queue_response(client->connection, status, response);
	web_library.p_MHD_destroy_response(response);
	return result;
}

static enum MHD_Result say(
	struct client *client, unsigned int status, const char *type, const char *text)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (answer != NULL)
		snprintf(answer->own, sizeof(answer->own), "%s", text);
	return send_answer(client, status, type, answer);
}

static enum MHD_Result refuse(struct client *client, unsigned int status, const char *sentence)
{
	return say(client, status, "text/plain; charset=utf-8", sentence);
}

static enum MHD_Result send_text(
	struct client *client, const char *type, enum page_text which, const char *own)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	struct shared_text *text = pages_get(&client->daemon->web->pages, which);

	if (answer == NULL || text == NULL) {
		free(answer);
		shared_text_close(text);
		return refuse(client, MHD_HTTP_SERVICE_UNAVAILABLE, "There is no sample yet.\n");
	}
	answer->text = text;
	snprintf(answer->own, sizeof(answer->own), "%s", own);
	return send_answer(client, MHD_HTTP_OK, type, answer);
}

/* --- pages ---------------------------------------------------------------------------------------- */

static enum MHD_Result send_index(struct client *client)
{
	return say(client, MHD_HTTP_OK, "text/html; charset=utf-8", pages_index);
}

static enum MHD_Result send_health(struct client *client)
{
	const struct health *health = &client->daemon->web->pages.health;

	return say(client, health->failing ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
		"text/plain; charset=utf-8", health->text);
}

static enum MHD_Result send_metrics(struct client *client)
{
	const struct web *web = client->daemon->web;
	const enum metrics_format format = pages_accept(header(client->connection, "Accept"));
	const struct metrics_service service = {
		.age = clock_monotonic_seconds() - web->sampled,
		.samples = (double)web->sample,
		.answered = (double)web->counts[WEB_ANSWERED],
		.refused = (double)web->counts[WEB_REFUSED],
		.failed = (double)web->counts[WEB_FAILED],
		.cut = (double)web->counts[WEB_CUT],
		.connections = web->n_clients,
		.failing = web->pages.health.failing,
	};
	char own[OWN_LEN];

	metrics_write_service(&service, format, own, sizeof(own));
	return format == METRICS_OPENMETRICS
		       ? send_text(client, TYPE_OPENMETRICS, TEXT_OPENMETRICS, own)
		       : send_text(client, TYPE_PROMETHEUS, TEXT_METRICS, own);
}

static enum MHD_Result send_snapshot(struct client *client)
{
	return send_text(client, "application/json", TEXT_SNAPSHOT, "");
}

static enum MHD_Result send_events(struct client *client)
{
	if (client->daemon->web->n_following >= WEB_STREAMS_MAX)
		return refuse(client, MHD_HTTP_SERVICE_UNAVAILABLE,
			"Too many follow the events: end one of them.\n");
	struct MHD_Response *response = web_follow(client);
	if (response == NULL)
		return MHD_NO;
	add_headers(response, &client->daemon->config, "text/event-stream", MHD_HTTP_OK);
	count(client->daemon->web, MHD_HTTP_OK);
	enum MHD_Result result =
		web_library.p_MHD_queue_response(client->connection, MHD_HTTP_OK, response);
	web_library.p_MHD_destroy_response(response);
	return result;
}

static const struct page {
	const char *url;
	enum MHD_Result (*send)(struct client *client);
} pages[] = {
	{ "/", send_index },
	{ "/metrics", send_metrics },
	{ "/healthz", send_health },
	{ "/snapshot", send_snapshot },
	{ "/events", send_events },
};

/* --- who may ask ---------------------------------------------------------------------------------- */

/*
 * Returns whether a host in a request is an address, or this host by a name that no other site can have.
 * Otherwise a page in the operator's browser could read this one under a name of its own.
 */
static bool is_own_host(const char *host)
{
	char name[64];
	unsigned char address[sizeof(struct in6_addr)];
	size_t length = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");

	if (length >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)length, host);
	if (name[0] == '[')
		return inet_pton(AF_INET6, name + 1, address) == 1;
	return strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, address) == 1;
}

/* Returns whether the client's certificate is what the configuration asks for. */
static bool has_certificate(const struct client *client)
{
	const uint32_t wanted = client->daemon->config.client_auth;
	unsigned int status = 0;

	if (wanted == CLIENT_AUTH_NONE)
		return true;
	const union MHD_ConnectionInfo *info = web_library.p_MHD_get_connection_info(
		client->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (info == NULL || info->tls_session == NULL)
		return false;
	if (web_library.p_gnutls_certificate_get_peers(info->tls_session, &(unsigned int) { 0 }) ==
		NULL)
		return wanted == CLIENT_AUTH_IF_GIVEN;
	return web_library.p_gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 &&
	       status == 0;
}

/* Answers those who may not ask. Returns whether it did, with the result in *sent. */
static bool turn_away(struct client *client, enum MHD_Result *sent)
{
	struct web_daemon *daemon = client->daemon;
	const char *host = header(client->connection, "Host");

	if (!has_certificate(client)) {
		*sent = refuse(client, MHD_HTTP_FORBIDDEN,
			"This asks for a certificate of a client that it trusts.\n");
		return true;
	}
	if (!web_config_identifies(&daemon->config) && host != NULL && host[0] != '\0' &&
		!is_own_host(host)) {
		*sent = refuse(client, MHD_HTTP_MISDIRECTED_REQUEST,
			"Ask by address, or as localhost: another name may be another site's.\n");
		return true;
	}
	switch (auth_check(&daemon->auth, &daemon->config,
		header(client->connection, "Authorization"), clock_monotonic_ns())) {
	case AUTH_GOOD:
		return false;
	case AUTH_BUSY:
		*sent = refuse(client, MHD_HTTP_TOO_MANY_REQUESTS,
			"A wrong password was just tried: ask again in a second.\n");
		return true;
	default:
		*sent = refuse(client, MHD_HTTP_UNAUTHORIZED,
			"This asks for a name and password, or a token.\n");
		return true;
	}
}

static enum MHD_Result answer_to(struct client *client, const char *url)
{
	enum MHD_Result sent;

	if (turn_away(client, &sent))
		return sent;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(url, pages[i].url) == 0)
			return pages[i].send(client);
	return refuse(
		client, MHD_HTTP_NOT_FOUND, "There is no such page; / names those there are.\n");
}

/* Called once the headers are there, and again for each part of a body and behind it. */
enum MHD_Result web_request(void *data, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request)
{
	struct client *client = web_client(connection);

	(void)data, (void)version, (void)upload;
	if (client == NULL)
		return MHD_NO;
	const bool asks = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
			  strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	if (asks && *upload_size > 0)
		return MHD_NO; /* a body means nothing here */
	if (asks && *request == NULL) {
		*request = client;
		return MHD_YES;
	}
	client->phase = CLIENT_TAKES;
	client->since = clock_monotonic_ns();
	if (!asks)
		return refuse(
			client, MHD_HTTP_METHOD_NOT_ALLOWED, "x0top answers GET and HEAD alone.\n");
	return answer_to(client, url);
}
#endif
