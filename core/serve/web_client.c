// SPDX-License-Identifier: BSD-2-Clause
/* Connections of the web server. */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "serve/web_state.h"

#ifdef X0_WEB

struct client *web_client(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = web_library.p_MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static int descriptor(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = web_library.p_MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info != NULL ? info->connect_fd : -1;
}

static void add_client(struct web_daemon *daemon, struct MHD_Connection *connection, void **place)
{
	struct client *client = calloc(1, sizeof(*client));

	*place = client;
	if (client == NULL)
		return;
	client->daemon = daemon;
	client->connection = connection;
	client->fd = descriptor(connection);
	client->since = clock_monotonic_ns();
	client->next = daemon->web->clients;
	daemon->web->clients = client;
	daemon->web->n_clients++;
}

static void remove_client(struct web *web, struct client *client)
{
	struct client **link = &web->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	web->n_clients--;
	shared_text_close(client->text);
	free(client);
}

void web_connection(void *data, struct MHD_Connection *connection, void **place,
	enum MHD_ConnectionNotificationCode code)
{
	struct web_daemon *daemon = data;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		add_client(daemon, connection, place);
	else if (*place != NULL)
		remove_client(daemon->web, *place);
}

void web_completed(void *data, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode code)
{
	struct web_daemon *daemon = data;
	struct client *client = web_client(connection);

	(void)request, (void)code;
	if (client == NULL)
		return;
	if (client->phase == CLIENT_FOLLOWS) {
		daemon->web->n_following--;
		shared_text_close(client->text);
		client->text = NULL;
	}
	client->phase = CLIENT_RESTS;
	client->since = clock_monotonic_ns();
}

static void end(struct client *client)
{
	client->cut = true;
	shutdown(client->fd, SHUT_RDWR);
}

void web_cut(struct client *client)
{
	client->daemon->web->counts[WEB_CUT]++;
	end(client);
}

void web_end_half_closed(struct web *web)
{
	struct pollfd fds[WEB_DAEMONS * WEB_ROOM];
	struct client *waiting[WEB_DAEMONS * WEB_ROOM];
	nfds_t n = 0;

	for (struct client *client = web->clients; client != NULL; client = client->next)
		if (!client->cut &&
			(client->phase == CLIENT_ASKS || client->phase == CLIENT_RESTS)) {
			waiting[n] = client;
			fds[n++] = (struct pollfd) { .fd = client->fd, .events = POLLRDHUP };
		}
	if (n == 0 || poll(fds, n, 0) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents & POLLRDHUP)
			end(waiting[i]);
}
#else

void web_cut(struct client *client)
{
	(void)client;
}

void web_end_half_closed(struct web *web)
{
	(void)web;
}
#endif
