// SPDX-License-Identifier: BSD-2-Clause
#include "serve/web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "kernel/keeper.h"
#include "serve/web_state.h"

/* --- opening -------------------------------------------------------------------------------------- */

/* Beyond this host, what is told and who asks is nobody else's business. */
static int check_reach(
	const struct web_config *config, const char *address, bool local, struct failure *failure)
{
	if (local || (web_config_has_tls(config) && web_config_identifies(config)))
		return 0;
	failure_set(failure, -EINVAL,
		"%.108s is beyond this host: that takes TLS, and a token, "
		"users or client certificates",
		address);
	return failure_remedy(
		failure, "Name a file with both by --web-config, or listen on " LISTEN_DEFAULT);
}

int web_open(const char (*addresses)[LISTEN_ADDRESS_LEN], uint32_t n, const char *config,
	struct web **opened, struct failure *failure)
{
	struct web *web = calloc(1, sizeof(*web));
	bool local[LISTEN_MAX];
	int error = 0;

	if (web == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	web->config_path = config;
	for (uint32_t i = 0; error == 0 && i < n; i++)
		error = listen_check(addresses[i], &local[i], failure);
	if (error == 0)
		error = web_library_open(failure);
	if (error == 0)
		error = web_daemon_open(web, 0, failure);
	for (uint32_t i = 0; error == 0 && i < n; i++)
		error = check_reach(&web->daemons[0].config, addresses[i], local[i], failure);
	for (uint32_t i = 0; error == 0 && i < n; i++) {
		error = listen_open(&web->listeners[i], addresses[i], failure);
		web->n_listeners += error == 0;
	}
	if (error == 0)
		*opened = web;
	else
		web_close(web);
	return error;
}

void web_close(struct web *web)
{
	if (web == NULL)
		return;
	web->closing = true;
	for (uint32_t i = 0; i < web->n_listeners; i++) {
		loop_remove(web->accepting[i]);
		listen_close(&web->listeners[i]);
	}
	for (unsigned int i = 0; i < WEB_DAEMONS; i++)
		web_daemon_close(&web->daemons[i]);
	loop_remove(web->timer);
	pages_clear(&web->pages);
	free(web);
}

const char *web_address(const struct web *web, uint32_t number)
{
	return number < web->n_listeners ? web->listeners[number].address : NULL;
}

void web_files(const struct web *web, void (*each)(void *data, const char *path), void *data)
{
	const struct web_config *config = &web->daemons[web->present].config;

	if (web->config_path == NULL)
		return;
	each(data, web->config_path);
	for (int file = 0; file < WEB_FILES; file++)
		if (config->path[file][0] != '\0')
			each(data, config->path[file]);
}

/* Does what is due, and sets the timer for what will be. */
static void run(struct web *web)
{
	uint64_t wait = web->clients != NULL ? NS_PER_SECOND : UINT64_MAX;

	for (unsigned int i = 0; i < WEB_DAEMONS; i++) {
		uint64_t own = web_daemon_run(&web->daemons[i]);
		wait = own < wait ? own : wait;
		if (web->daemons[i].retired != 0 && web->daemons[i].daemon != NULL)
			wait = wait < NS_PER_SECOND ? wait : NS_PER_SECOND;
	}
	if (wait > 0)
		web_end_half_closed(web);
	loop_timer_at(web->timer, wait == UINT64_MAX ? wait : clock_monotonic_ns() + wait);
}

static void on_events(void *data, uint32_t events)
{
	(void)events;
	run(data);
}

/* --- configurations that change ------------------------------------------------------------------- */

static struct timespec changed_at(const char *path)
{
	struct stat status = { 0 };
	int fd = keeper_open(path, FILE_FLAGS, 0);

	if (fd >= 0)
		fstat(fd, &status);
	fd_close(&fd);
	return status.st_mtim;
}

struct visit {
	struct web *web;
	unsigned int n;
	bool differs;
};

static void look_at(void *data, const char *path)
{
	struct visit *visit = data;
	struct timespec *known = &visit->web->changed[visit->n++], at = changed_at(path);

	/* One that is gone for a moment is being replaced. */
	if (at.tv_sec == 0 || (at.tv_sec == known->tv_sec && at.tv_nsec == known->tv_nsec))
		return;
	visit->differs |= known->tv_sec != 0;
	*known = at;
}

bool web_changed(struct web *web)
{
	struct visit visit = { .web = web };

	web_files(web, look_at, &visit);
	return visit.differs;
}

int web_reload(struct web *web, struct failure *failure)
{
	unsigned int next = (web->present + 1) % WEB_DAEMONS;

	if (web->config_path == NULL)
		return 0;
	web_daemon_close(&web->daemons[next]);
	int error = web_daemon_open(web, next, failure);
	for (uint32_t i = 0; error == 0 && i < web->n_listeners; i++)
		error = check_reach(&web->daemons[next].config, web->listeners[i].address,
			web->listeners[i].local, failure);
	if (error == 0)
		error = web_daemon_start(&web->daemons[next], on_events, failure);
	if (error < 0) {
		web_daemon_close(&web->daemons[next]);
		return error;
	}
	web->daemons[web->present].retired = clock_monotonic_ns();
	web->present = next;
	run(web); /* those who follow the old one are told to come again */
	return 0;
}

/* --- running -------------------------------------------------------------------------------------- */

/* Ends the connection that has waited longest for its request; else that has rested longest. */
static void make_room(struct web *web)
{
	struct client *oldest = NULL;

	for (struct client *client = web->clients; client != NULL; client = client->next) {
		if (client->cut || (client->phase != CLIENT_ASKS && client->phase != CLIENT_RESTS))
			continue;
		if (oldest == NULL || client->since < oldest->since)
			oldest = client;
	}
	if (oldest != NULL)
		web_cut(oldest);
}

static void accept_one(struct web *web, int fd, const struct sockaddr *from, socklen_t size)
{
	if (web->n_clients >= WEB_CONNECTIONS_MAX)
		make_room(web);
	/* It closes what it does not take. */
	if (web_daemon_add(&web->daemons[web->present], fd, from, size) < 0)
		web->counts[WEB_CUT]++;
}

static void on_connection(void *data, uint32_t events)
{
	enum { AT_ONCE = 32 };
	struct web *web = data;
	struct sockaddr_storage from;

	(void)events;
	for (uint32_t i = 0; i < web->n_listeners; i++)
		for (int n = 0; n < AT_ONCE; n++) {
			socklen_t size = sizeof(from);
			int fd = accept4(web->listeners[i].fd, (struct sockaddr *)&from, &size,
				SOCK_CLOEXEC | SOCK_NONBLOCK);
			if (fd < 0)
				break;
			accept_one(web, fd, (const struct sockaddr *)&from, size);
		}
	run(web);
}

/* How long a connection may be in a phase. */
static const uint64_t seconds[] = {
	[CLIENT_ASKS] = WEB_SECONDS,
	[CLIENT_TAKES] = WEB_SECONDS,
	[CLIENT_FOLLOWS] = WEB_SECONDS,
	[CLIENT_RESTS] = WEB_IDLE_SECONDS,
};

static void cut_the_late(struct web *web)
{
	uint64_t now = clock_monotonic_ns();

	for (struct client *client = web->clients; client != NULL; client = client->next)
		if (!client->cut && !client->suspended &&
			now - client->since > seconds[client->phase] * NS_PER_SECOND)
			web_cut(client);
}

/* A configuration before the present one ends with its connections. */
static void end_retired(struct web *web)
{
	struct web_daemon *old = &web->daemons[(web->present + 1) % WEB_DAEMONS];
	bool used = false;

	for (struct client *client = web->clients; client != NULL; client = client->next)
		used |= client->daemon == old && client->phase != CLIENT_RESTS;
	if (old->daemon != NULL &&
		(!used || clock_monotonic_ns() - old->retired > 2 * WEB_SECONDS * NS_PER_SECOND))
		web_daemon_close(old);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct web *web = data;

	(void)expirations;
	cut_the_late(web);
	run(web);
	end_retired(web);
}

int web_start(struct web *web, struct loop *loop, struct failure *failure)
{
	web->loop = loop;
	web_changed(web);
	int error = loop_add_timer(loop, on_timer, web, &web->timer);
	for (uint32_t i = 0; error == 0 && i < web->n_listeners; i++)
		error = loop_add(loop, web->listeners[i].fd, EPOLLIN, on_connection, web,
			&web->accepting[i]);
	if (error < 0)
		return failure_set(
			failure, error, "Cannot wait for connections: %s", strerror(-error));
	return web_daemon_start(&web->daemons[web->present], on_events, failure);
}

unsigned int web_look(const struct web *web)
{
	return pages_look(&web->pages);
}

void web_turn(struct web *web, const struct snapshot *now, const struct health *health)
{
	pages_turn(&web->pages, now, health);
	web->sample++;
	web->sampled = clock_monotonic_seconds();
	if (web->n_following == 0)
		return;
	web_resume_all(web);
	run(web);
}
