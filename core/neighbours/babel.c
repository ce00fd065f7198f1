// SPDX-License-Identifier: BSD-2-Clause
/*
 * babeld's local socket, a Unix socket (-G) or a TCP port of ::1 (-g): "monitor" lists neighbours and routes,
 * up to "ok", and then each change. inotify tells when a Unix socket appears; nothing tells for a port, which
 * is tried every RETRY_PORT if the operator named it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/words.h"
#include "kernel/keeper.h"
#include "neighbours/babel_line.h"
#include "neighbours/path_watch.h"
#include "neighbours/source.h"

#define RETRY_FIRST (NS_PER_SECOND / 10) /* between bind(2) and listen(2) of babeld; doubles */
#define RETRY_PORT  (5 * NS_PER_SECOND)
#define ANSWER_TIME (5 * NS_PER_SECOND) /* for the first list, and the rest of a line */
#define LIAR_PAUSE  (30 * NS_PER_SECOND) /* after an answer that babeld would not give */
#define ENDLESS	    (1 << 20) /* bytes of a line */

enum {
	LINE_LEN = 1024, /* babeld's longest are below 300 */
	READ_LEN = 16384,
	READS_AT_ONCE = 16, /* others have their turn then */
	RETRIES = 6, /* of a Unix socket that is there: 0.1 s to 3.2 s */
	ANSWERS = 2, /* "ok" after the greeting, and after the list */
};

struct babel_source {
	int fd, folder; /* folder: of inotify */
	struct loop_source *watch, *folder_watch, *timer;
	uint32_t answers, retries;
	uint64_t whole_ns; /* when its list was */
	bool timed; /* the timer ends the connection */
	bool too_long; /* the rest of the line is dropped */
	uint64_t lines, timed_lines; /* that have ended; when the timer was set */
	size_t dropped; /* bytes of the line that are */
	size_t length;
	char line[LINE_LEN];
	struct neighbour_set next; /* until the list is whole */
};

/* --- the end of a connection ------------------------------------------------------------------ */

static bool is_port(const struct neighbour_source *source, uint64_t *port)
{
	return words_number(source->settings->babel, 1, UINT16_MAX, port) == 0;
}

/* `answered`: somebody has accepted the connection that ended. */
static void retry_later(struct neighbour_source *source, bool answered)
{
	struct babel_source *own = source->own;
	uint64_t port, wait = RETRY_PORT;

	own->timed = false;
	if (!is_port(source, &port)) {
		if (own->retries == RETRIES && !answered)
			return; /* until its folder changes */
		wait = own->retries == RETRIES ? LIAR_PAUSE : RETRY_FIRST << own->retries++;
	}
	loop_timer_at(own->timer, clock_monotonic_ns() + wait);
}

static void disconnect(struct babel_source *own)
{
	loop_remove(own->watch);
	own->watch = NULL;
	fd_close(&own->fd);
	neighbour_set_clear(&own->next);
	own->length = 0;
	own->too_long = false;
	own->dropped = 0;
	own->answers = 0;
}

/* One that has told its list, and ends soon after, is asked less and less often, too. */
static void end_connection(struct neighbour_source *source, const char *why)
{
	struct babel_source *own = source->own;

	if (own->answers >= ANSWERS && clock_monotonic_ns() - own->whole_ns >= ANSWER_TIME)
		own->retries = 0;
	disconnect(own);
	source_gone(source, "%s", why);
	retry_later(source, true);
}

/* What lies is not asked again at once, so that it stays said. A new socket is. */
static void end_liar(struct neighbour_source *source, const char *why)
{
	struct babel_source *own = source->own;

	disconnect(own);
	source_gone(source, "%s", why);
	own->timed = false;
	loop_timer_at(own->timer, clock_monotonic_ns() + LIAR_PAUSE);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void take_ok(struct neighbour_source *source)
{
	struct babel_source *own = source->own;

	if (++own->answers != ANSWERS)
		return;
	own->whole_ns = clock_monotonic_ns();
	own->timed = false;
	loop_timer_at(own->timer, UINT64_MAX);
	source_replace(source, &own->next);
}

/* Takes own->line. Returns whether the connection goes on. */
static bool take_line(struct neighbour_source *source)
{
	struct babel_source *own = source->own;
	bool whole = own->answers >= ANSWERS;
	struct neighbour_set *set = whole ? &source->set : &own->next;
	struct neighbour neighbour;

	switch (babel_line_read(own->line, &neighbour)) {
	case BABEL_PUT:
		neighbour_set_put(set, &neighbour);
		break;
	case BABEL_FLUSH:
		neighbour_set_remove(set, &neighbour.key);
		break;
	case BABEL_OK:
		take_ok(source);
		return true;
	case BABEL_REFUSED:
		end_connection(source, "babeld refused to list its neighbours");
		return false;
	case BABEL_BROKEN:
		set->left_out++;
		break;
	case BABEL_OTHER:
		return true;
	}
	if (whole)
		source_changed(source);
	return true;
}

/* Takes own->line, or drops it. Returns whether the connection goes on. */
static bool end_line(struct neighbour_source *source)
{
	struct babel_source *own = source->own;
	bool dropped = own->too_long;

	own->line[own->length] = '\0';
	own->lines++;
	own->length = own->dropped = 0;
	own->too_long = false;
	if (!dropped)
		return take_line(source);
	(own->answers < ANSWERS ? &own->next : &source->set)->left_out++;
	return true;
}

/* Takes bytes of any division into lines. Returns whether the connection goes on. */
static bool take_bytes(struct neighbour_source *source, const char *bytes, size_t n)
{
	struct babel_source *own = source->own;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			if (!end_line(source))
				return false;
			continue;
		}
		own->too_long |= own->length == LINE_LEN - 1;
		own->dropped += own->too_long;
		if (!own->too_long)
			own->line[own->length++] = bytes[i] == '\0' ? '?' : bytes[i];
	}
	if (own->dropped > ENDLESS)
		end_liar(source, "babeld sends a line that does not end");
	return own->dropped <= ENDLESS && own->fd >= 0;
}

/* A line that was begun must end; each has its own time. */
static void time_line(struct babel_source *own)
{
	bool open = own->length > 0 || own->too_long;

	if (own->answers < ANSWERS || (!open && !own->timed) ||
		(open && own->timed && own->lines == own->timed_lines))
		return;
	own->timed = open;
	own->timed_lines = own->lines;
	loop_timer_at(own->timer, open ? clock_monotonic_ns() + ANSWER_TIME : UINT64_MAX);
}

static void on_input(void *context, uint32_t what)
{
	struct neighbour_source *source = context;
	struct babel_source *own = source->own;
	char bytes[READ_LEN];

	(void)what;
	for (int i = 0; i < READS_AT_ONCE; i++) {
		ssize_t n = read(own->fd, bytes, sizeof(bytes));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0) {
			end_connection(source, strerror(errno));
			return;
		}
		if (n == 0) {
			end_connection(source, "babeld has closed its socket");
			return;
		}
		if (!take_bytes(source, bytes, (size_t)n))
			return;
	}
	time_line(own);
}

/* --- connecting ------------------------------------------------------------------------------- */

static int connect_port(uint16_t port)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EINPROGRESS)
		return fd;
	int error = -errno;
	close(fd);
	return error;
}

/* Ready for writing once, when the connection stands. */
static void on_connected(void *context, uint32_t what)
{
	static const char request[] = "monitor\n";
	struct neighbour_source *source = context;
	struct babel_source *own = source->own;
	int error = 0;
	socklen_t size = sizeof(error);

	(void)what;
	getsockopt(own->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error == 0 && send(own->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		error = errno;
	loop_remove(own->watch);
	own->watch = NULL;
	if (error == 0)
		error = -loop_add(source->loop, own->fd, EPOLLIN, on_input, source, &own->watch);
	if (error != 0)
		end_connection(source, strerror(error));
}

static void connect_babel(struct neighbour_source *source)
{
	struct babel_source *own = source->own;
	const char *path = source->settings->babel;
	uint64_t port;

	disconnect(own);
	int fd = is_port(source, &port) ? connect_port((uint16_t)port) : keeper_connect(path);
	if (fd == -ENOENT) {
		source_gone(source, "There is no socket %s", path);
		return;
	}
	if (fd < 0) {
		source_gone(source, "Cannot connect to babeld at %s: %s", path, strerror(-fd));
		retry_later(source, false);
		return;
	}
	own->fd = fd;
	own->timed = true;
	loop_timer_at(own->timer, clock_monotonic_ns() + ANSWER_TIME);
	int error = loop_add(source->loop, fd, EPOLLOUT, on_connected, source, &own->watch);
	if (error < 0)
		end_connection(source, strerror(-error));
}

static void on_timer(void *context, uint32_t what)
{
	struct neighbour_source *source = context;
	struct babel_source *own = source->own;

	(void)what;
	if (own->timed && own->answers < ANSWERS)
		end_connection(source, "babeld does not end its list");
	else if (own->timed)
		end_liar(source, "babeld stopped in the middle of a line");
	else if (own->fd < 0)
		connect_babel(source);
}

static void on_folder(void *context, uint32_t what)
{
	struct neighbour_source *source = context;
	struct babel_source *own = source->own;

	(void)what;
	if (!path_watch_read(own->folder, source->settings->babel) || own->fd >= 0)
		return;
	own->retries = 0;
	connect_babel(source);
}

static void watch_folder(struct neighbour_source *source)
{
	struct babel_source *own = source->own;
	uint64_t port;

	if (is_port(source, &port))
		return;
	own->folder = path_watch_open(source->settings->babel, PATH_WATCH_SOCKET);
	if (own->folder >= 0)
		loop_add(source->loop, own->folder, EPOLLIN, on_folder, source, &own->folder_watch);
}

static void open_babel(struct neighbour_source *source)
{
	struct babel_source *own = source->own;
	int error = loop_add_timer(source->loop, on_timer, source, &own->timer);

	own->fd = own->folder = -1;
	if (error < 0) {
		source_gone(source, "%s", strerror(-error));
		return;
	}
	watch_folder(source);
	connect_babel(source);
}

static void close_babel(struct neighbour_source *source)
{
	struct babel_source *own = source->own;

	disconnect(own);
	loop_remove(own->folder_watch);
	loop_remove(own->timer);
	fd_close(&own->folder);
}

const struct neighbour_source_type neighbours_babel = {
	.name = NEIGHBOURS_BABEL,
	.size = sizeof(struct babel_source),
	.open = open_babel,
	.close = close_babel,
};
