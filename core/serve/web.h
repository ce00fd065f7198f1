/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The web server: libmicrohttpd in the caller's event loop. It only answers GET and HEAD, and changes
 * nothing on the host. Each connection may take WEB_SECONDS for a request and for its answer; of too many,
 * the one that has waited longest goes.
 */
#ifndef X0_SERVE_WEB_H
#define X0_SERVE_WEB_H

#include "base/failure.h"
#include "base/loop.h"
#include "serve/listen.h"
#include "serve/pages.h"
#include "serve/web_config.h"

enum {
	WEB_SECONDS = 15,
	WEB_IDLE_SECONDS = 120, /* between two requests */
	WEB_CONNECTIONS_MAX = 128,
	WEB_STREAMS_MAX = 16, /* of /events */
};

struct web;

/*
 * Checks the addresses and reads the file `config`, NULL: none, and opens the sockets. Beyond this host it
 * listens only with TLS, and to those who prove who they are. Returns 0, then call web_close(), or a negative
 * errno with *failure set.
 */
int web_open(const char (*addresses)[LISTEN_ADDRESS_LEN], uint32_t n, const char *config,
	struct web **web, struct failure *failure);

/* Accepts NULL. Call it before the loop is closed. */
void web_close(struct web *web);

/* Starts to answer, in this loop. Returns 0 or a negative errno with *failure set. */
int web_start(struct web *web, struct loop *loop, struct failure *failure);

/* Reads the file of web_open() anew. Returns 0, or a negative errno with *failure set: all stays as it was. */
int web_reload(struct web *web, struct failure *failure);

/* Returns whether a file that the configuration names has changed since it was read. */
bool web_changed(struct web *web);

/* Answers from now on with this sample, which must stay as it is until the next one. */
void web_turn(struct web *web, const struct snapshot *now, const struct health *health);

/* Returns what those who ask it look at, as bits of enum look. */
unsigned int web_look(const struct web *web);

/* Calls `each` for the file of web_open() and each that it names. */
void web_files(const struct web *web, void (*each)(void *data, const char *path), void *data);

/* Returns address number `number`, as the operator wrote it; NULL after the last. */
const char *web_address(const struct web *web, uint32_t number);

#endif
