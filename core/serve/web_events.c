// SPDX-License-Identifier: BSD-2-Clause
/* Server-sent events: each sample, to those that are ready for one. A slow reader misses some. */
#include "serve/web_state.h"

#ifdef X0_WEB
#include <string.h>

#include "base/clock.h"

enum { BLOCK = 16 << 10 }; /* bytes */

static void take_sample(struct client *client)
{
	struct web *web = client->daemon->web;

	client->text = pages_get(&web->pages, TEXT_EVENT);
	client->sample = web->sample;
	client->at = 0;
}

/* Hands out bytes. Without a sample that is new to it, the connection sleeps. */
static ssize_t read_events(void *data, uint64_t position, char *to, size_t room)
{
	struct client *client = data;
	struct web *web = client->daemon->web;

	(void)position;
	if (web->closing || client->daemon->retired != 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (client->text == NULL && client->sample != web->sample)
		take_sample(client);
	if (client->text == NULL) {
		client->suspended = true;
		web_library.p_MHD_suspend_connection(client->connection);
		return 0;
	}
	size_t n = client->text->length - client->at;
	n = n < room ? n : room;
	memcpy(to, client->text->bytes + client->at, n);
	client->at += n;
	client->since = clock_monotonic_ns();
	if (client->at == client->text->length) {
		shared_text_close(client->text);
		client->text = NULL;
	}
	return (ssize_t)n;
}

struct MHD_Response *web_follow(struct client *client)
{
	struct MHD_Response *response = web_library.p_MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK, read_events, client, NULL);

	if (response != NULL) {
		client->phase = CLIENT_FOLLOWS;
		client->daemon->web->n_following++;
	}
	return response;
}

void web_resume_all(struct web *web)
{
	for (struct client *client = web->clients; client != NULL; client = client->next) {
		if (!client->suspended)
			continue;
		client->suspended = false;
		client->since = clock_monotonic_ns();
		web_library.p_MHD_resume_connection(client->connection);
	}
}
#else

void web_resume_all(struct web *web)
{
	(void)web;
}
#endif
