// SPDX-License-Identifier: BSD-2-Clause
#include "serve/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "export/changes.h"
#include "programs/connection.h"
#include "serve/view_wire.h"

enum { BLOCK = 64 << 10 };

struct viewer {
	int fd;
	char *bytes; /* that came and are not taken yet, from `at` on */
	size_t at, length, room;
};

/* --- asking --------------------------------------------------------------------------------------- */

static int ask(const struct viewer *viewer, enum view_kind kind, const char *text)
{
	char bytes[sizeof(struct view_header) + VIEW_ASK_MAX];
	const struct view_header header = { (uint32_t)kind, (uint32_t)strlen(text) };

	if (header.length > VIEW_ASK_MAX)
		return -EMSGSIZE;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), text, header.length);
	ssize_t sent = send(viewer->fd, bytes, sizeof(header) + header.length, MSG_NOSIGNAL);
	return sent < 0 ? -errno : 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	fd_close(&fd);
	return -ENOENT;
}

int viewer_adopt(int fd, struct viewer **adopted)
{
	struct viewer *viewer = calloc(1, sizeof(*viewer));

	if (viewer == NULL)
		return -ENOMEM;
	viewer->fd = fd;
	*adopted = viewer;
	return 0;
}

int viewer_open(struct viewer **opened)
{
	struct connection connection;
	char from[VIEW_ASK_MAX] = "";
	int fd = connect_to(VIEW_SOCKET);
	struct viewer *viewer;

	if (fd < 0 || viewer_adopt(fd, &viewer) < 0) {
		fd_close(&fd);
		return -ENOENT;
	}
	if (connection_find(&connection))
		snprintf(from, sizeof(from), "%s %u", connection.address, connection.port);
	if (ask(viewer, VIEW_FROM, from) < 0) {
		viewer_close(viewer);
		return -ENOENT;
	}
	*opened = viewer;
	return 0;
}

void viewer_close(struct viewer *viewer)
{
	if (viewer == NULL)
		return;
	fd_close(&viewer->fd);
	free(viewer->bytes);
	free(viewer);
}

int viewer_fd(const struct viewer *viewer)
{
	return viewer->fd;
}

int viewer_act(
	struct viewer *viewer, const struct action *action, bool confirmed, struct failure *failure)
{
	char text[VIEW_ASK_MAX];

	text[0] = confirmed ? '1' : '0';
	action_format(action, text + 1, sizeof(text) - 1);
	int error = ask(viewer, VIEW_ACTION, text);
	return error < 0
		       ? failure_set(failure, error, "Cannot ask the service: %s", strerror(-error))
		       : 0;
}

void viewer_look(struct viewer *viewer, unsigned int looks, const struct look_sort *sort)
{
	char text[VIEW_ASK_MAX + 1];

	view_look_write(text, looks, sort);
	ask(viewer, VIEW_LOOK, text); /* one that has ended is met by reading */
}

/* --- reading -------------------------------------------------------------------------------------- */

static int ended(struct failure *failure)
{
	failure_set(failure, -EPIPE, "The service that this dashboard looked at has ended");
	return failure_remedy(
		failure, "Start x0top again, for a dashboard of its own, or the service");
}

static int odd(struct failure *failure)
{
	failure_set(failure, -EPROTO, "The service says what this x0top does not know");
	return failure_remedy(failure, "Use the x0top that runs as the service");
}

/* Makes room for a block, and moves what is left to the beginning. */
static int make_room(struct viewer *viewer)
{
	if (viewer->at > 0)
		memmove(viewer->bytes, viewer->bytes + viewer->at, viewer->length - viewer->at);
	viewer->length -= viewer->at;
	viewer->at = 0;
	if (viewer->room - viewer->length >= BLOCK)
		return 0;
	size_t room = 2 * viewer->room + BLOCK;
	char *grown = realloc(viewer->bytes, room);
	if (grown == NULL)
		return -ENOMEM;
	viewer->bytes = grown;
	viewer->room = room;
	return 0;
}

/* Returns 1 if bytes came, 0 if there are none now, or a negative errno with *failure set. */
static int receive(struct viewer *viewer, struct failure *failure)
{
	if (viewer->bytes == NULL || viewer->room - viewer->length < BLOCK)
		if (make_room(viewer) < 0)
			return failure_set(failure, -ENOMEM, "Not enough memory");
	ssize_t got = recv(viewer->fd, viewer->bytes + viewer->length,
		viewer->room - viewer->length - 1, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return ended(failure);
	viewer->length += (size_t)got;
	return 1;
}

static int read_sample(
	bool whole, const char *text, size_t size, struct snapshot *now, struct failure *failure)
{
	if (whole)
		snapshot_clear(now);
	int error = changes_read(text, size, now, failure);
	return error < 0 ? error : VIEWER_SAMPLE;
}

static int read_failure(char *text, struct failure *failure)
{
	char *remedy = strchr(text, '\n');

	if (remedy != NULL)
		*remedy++ = '\0';
	failure_set(failure, -ECANCELED, "%s", text);
	failure_remedy(failure, "%s", remedy != NULL ? remedy : "");
	return VIEWER_FAILURE;
}

static int read_message(uint32_t kind, char *text, size_t length, struct snapshot *now,
	const char **shown, struct failure *failure)
{
	char behind = text[length];
	int event;

	switch (kind) {
	case VIEW_WHOLE:
	case VIEW_CHANGES:
		return read_sample(kind == VIEW_WHOLE, text, length, now, failure);
	case VIEW_DONE:
	case VIEW_QUESTION:
		if (length >= REASON_LEN)
			return odd(failure);
		static char kept[REASON_LEN];
		snprintf(kept, sizeof(kept), "%.*s", (int)length, text);
		*shown = kept;
		return kind == VIEW_DONE ? VIEWER_DONE : VIEWER_QUESTION;
	case VIEW_FAILURE:
		text[length] = '\0'; /* the next message may begin there */
		event = read_failure(text, failure);
		text[length] = behind;
		return event;
	default:
		return odd(failure);
	}
}

int viewer_read(
	struct viewer *viewer, struct snapshot *now, const char **text, struct failure *failure)
{
	struct view_header header;
	int result;

	for (;;) {
		size_t there = viewer->length - viewer->at;
		if (there >= sizeof(header)) {
			memcpy(&header, viewer->bytes + viewer->at, sizeof(header));
			if (header.length > VIEW_TELL_MAX)
				return odd(failure);
			if (there >= sizeof(header) + header.length)
				break;
		}
		result = receive(viewer, failure);
		if (result <= 0)
			return result; /* 0 is VIEWER_NOTHING */
	}
	char *message = viewer->bytes + viewer->at + sizeof(header);
	viewer->at += sizeof(header) + header.length;
	return read_message(header.kind, message, header.length, now, text, failure);
}
