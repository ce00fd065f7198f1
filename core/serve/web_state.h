/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of the web server, for the files of core/serve. */
#ifndef X0_SERVE_WEB_STATE_H
#define X0_SERVE_WEB_STATE_H

#include <sys/socket.h>
#include <sys/types.h>

#include "serve/auth.h"
#include "serve/library.h"
#include "serve/web.h"

enum client_phase {
	CLIENT_ASKS, /* nothing but its request is awaited */
	CLIENT_TAKES, /* is sent an answer */
	CLIENT_FOLLOWS, /* is sent samples as they come */
	CLIENT_RESTS, /* between two requests */
};

/* A connection. */
struct client {
	struct client *next;
	struct web_daemon *daemon;
	struct MHD_Connection *connection;
	int fd; /* libmicrohttpd's */
	enum client_phase phase;
	uint64_t
		since; /* of the phase, or of the last byte that it followed; CLOCK_MONOTONIC, ns */
	bool cut; /* it is ended */
	/* Of one that follows: */
	bool suspended;
	uint64_t sample; /* that it was sent, of web.sample */
	struct shared_text *text; /* what it is being sent; NULL: nothing */
	size_t at; /* bytes of it that are sent */
};

/* A daemon with its configuration: a new one for each that is read. */
struct web_daemon {
	struct web *web;
	struct MHD_Daemon *daemon; /* NULL: none */
	struct loop_source *source;
	struct web_config config;
	struct auth auth;
	uint64_t retired; /* since when it takes no more connections; 0: it does */
};

enum {
	WEB_ROOM = WEB_CONNECTIONS_MAX + 64, /* connections: some are ended and not yet gone */
	WEB_DAEMONS = 2
}; /* the present one, and the one before it, until its connections are done */

enum web_count {
	WEB_ANSWERED, /* 200 */
	WEB_REFUSED, /* another status of an error of the client's */
	WEB_FAILED, /* 5xx */
	WEB_CUT, /* connections ended for their number or their time */
	WEB_COUNTS,
};

struct web {
	struct loop *loop;
	struct loop_source *timer;
	const char *config_path; /* NULL: none */
	struct timespec changed[WEB_FILES + 1]; /* of the files, when they were read */
	uint32_t n_listeners;
	struct listener listeners[LISTEN_MAX];
	struct loop_source *accepting[LISTEN_MAX];
	struct web_daemon daemons[WEB_DAEMONS];
	unsigned int present; /* of daemons */
	struct client *clients;
	unsigned int n_clients, n_following;
	struct pages pages;
	uint64_t sample; /* number of the present one */
	double sampled; /* CLOCK_MONOTONIC, s */
	uint64_t counts[WEB_COUNTS];
	bool closing;
};

/* --- web_daemon.c --------------------------------------------------------------------------------- */

/* Reads and checks the configuration of a daemon, number 0 or 1. Returns 0 or a negative errno with *failure set;
 * call web_daemon_close() either way. */
int web_daemon_open(struct web *web, unsigned int number, struct failure *failure);
void web_daemon_close(struct web_daemon *daemon);

/* Starts it in the loop, which calls `callback` with the web when something is due. Returns 0 or a negative errno with *failure set. */
int web_daemon_start(struct web_daemon *daemon, loop_callback *callback, struct failure *failure);

/* Does what is due. Returns in how many ns something will be, UINT64_MAX: nothing. */
uint64_t web_daemon_run(struct web_daemon *daemon);

/* Gives it a connection, which it closes. Returns 0, or a negative errno: it is closed already. */
int web_daemon_add(
	struct web_daemon *daemon, int fd, const struct sockaddr *from, unsigned int size);

/* Ends a connection, and counts it; libmicrohttpd closes it when it meets its end. */
void web_cut(struct client *client);

/* Ends those that no answer is due to, and that will ask for none: the client has shut down its side. Call it
 * when libmicrohttpd has nothing left to do. */
void web_end_half_closed(struct web *web);

/* Lets those who follow go on, with a new sample or to end. */
void web_resume_all(struct web *web);

#ifdef X0_WEB
/* For MHD_OPTION_NOTIFY_CONNECTION, MHD_OPTION_NOTIFY_COMPLETED, and to answer. `data` is the web_daemon. */
void web_connection(void *data, struct MHD_Connection *connection, void **client,
	enum MHD_ConnectionNotificationCode code);
void web_completed(void *data, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode code);
enum MHD_Result web_request(void *data, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request);

/* Returns the client of a connection. */
struct client *web_client(struct MHD_Connection *connection);

/* Sends the client samples from now on. Returns the response, or NULL without memory. */
struct MHD_Response *web_follow(struct client *client);
#endif

#endif
