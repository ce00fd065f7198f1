// SPDX-License-Identifier: BSD-2-Clause
#include "serve/viewers.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "control/audit.h"
#include "export/changes.h"
#include "kernel/rights.h"
#include "programs/connection.h"
#include "serve/listen.h"
#include "serve/view_wire.h"

struct looker {
	struct looker *next;
	struct viewers *viewers;
	int fd;
	struct loop_source *source;
	bool writes; /* the source waits for room */
	struct audit_user user;
	struct connection connection;
	bool current; /* it has the sample before */
	unsigned int looks; /* bits of enum look */
	struct look_sort sort; /* with LOOK_PLUGIN_MAP */
	struct view_asked asked;
	char *out; /* what it is to be sent; bytes from `at` to `length` */
	size_t at, length, room;
};

struct viewers {
	int fd;
	gid_t group; /* (gid_t)-1: none */
	struct loop *loop;
	struct loop_source *source;
	struct orchestrator *orchestrator;
	void (*changed)(void *data);
	void *data;
	struct looker *lookers;
	unsigned int n;
	struct snapshot *empty;
	struct changes_text whole, changes;
	const struct snapshot *now; /* NULL before the first sample */
};

/* --- opening -------------------------------------------------------------------------------------- */

static int another_serves(struct failure *failure)
{
	failure_set(failure, -EBUSY, "Another x0top serves this host, by " VIEW_SOCKET);
	return failure_remedy(failure, "Look at that one with x0top, or end it first");
}

int viewers_open(struct viewers **opened, struct failure *failure)
{
	const struct group *group = getgrnam(VIEW_GROUP);
	const gid_t own = getegid();

	*opened = NULL;
	if (rights_user() != 0)
		return 0;
	/* A socket has the group of its maker: changing that later would take another capability. */
	const bool grouped = group != NULL && setegid(group->gr_gid) == 0;
	int fd = listen_open_local(VIEW_SOCKET, VIEW_MODE, failure);
	if (grouped && setegid(own) < 0)
		abort();
	if (fd < 0)
		return fd == -EADDRINUSE ? another_serves(failure) : fd;
	struct viewers *viewers = calloc(1, sizeof(*viewers));
	struct snapshot *empty = snapshot_open();
	if (viewers == NULL || empty == NULL) {
		free(viewers);
		snapshot_close(empty);
		close(fd);
		return failure_set(failure, -ENOMEM, "Not enough memory");
	}
	viewers->fd = fd;
	viewers->empty = empty;
	viewers->group = grouped ? group->gr_gid : (gid_t)-1; /* then it is root's alone */
	*opened = viewers;
	return 0;
}

/* --- sending -------------------------------------------------------------------------------------- */

static void forget(struct looker *looker)
{
	struct viewers *viewers = looker->viewers;
	struct looker **link = &viewers->lookers;

	while (*link != looker)
		link = &(*link)->next;
	*link = looker->next;
	viewers->n--;
	loop_remove(looker->source);
	fd_close(&looker->fd);
	free(looker->out);
	free(looker);
}

static void on_looker(void *data, uint32_t events);

/* Waits for room, too, while there is something to send. Returns 0 or a negative errno. */
static int wait_for(struct looker *looker, bool writes)
{
	if (looker->source != NULL && looker->writes == writes)
		return 0;
	loop_remove(looker->source);
	looker->source = NULL;
	looker->writes = writes;
	return loop_add(looker->viewers->loop, looker->fd, EPOLLIN | (writes ? EPOLLOUT : 0),
		on_looker, looker, &looker->source);
}

/* Sends what it can. Returns 0, or a negative errno: forget it. */
static int flush(struct looker *looker)
{
	while (looker->at < looker->length) {
		ssize_t sent = send(looker->fd, looker->out + looker->at,
			looker->length - looker->at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return wait_for(looker, true);
		if (sent <= 0)
			return -EPIPE;
		looker->at += (size_t)sent;
	}
	looker->at = looker->length = 0;
	return wait_for(looker, false);
}

static int tell(struct looker *looker, enum view_kind kind, const char *bytes, size_t length)
{
	const struct view_header header = { (uint32_t)kind, (uint32_t)length };
	size_t wanted = looker->length + sizeof(header) + length;

	if (wanted > looker->room) {
		char *grown = realloc(looker->out, wanted);
		if (grown == NULL)
			return -ENOMEM;
		looker->out = grown;
		looker->room = wanted;
	}
	memcpy(looker->out + looker->length, &header, sizeof(header));
	memcpy(looker->out + looker->length + sizeof(header), bytes, length);
	looker->length = wanted;
	return flush(looker);
}

static int tell_sample(struct looker *looker)
{
	struct viewers *viewers = looker->viewers;
	const struct changes_text *text = looker->current ? &viewers->changes : &viewers->whole;

	if (looker->length > 0) {
		looker->current = false; /* a slow one misses some */
		return 0;
	}
	if (!looker->current && viewers->whole.length == 0 &&
		changes_write(viewers->empty, viewers->now, &viewers->whole) < 0)
		return -ENOMEM;
	looker->current = true;
	return tell(looker, text == &viewers->whole ? VIEW_WHOLE : VIEW_CHANGES, text->bytes,
		text->length);
}

void viewers_turn(
	struct viewers *viewers, const struct snapshot *before, const struct snapshot *now)
{
	struct looker *next;

	if (viewers == NULL)
		return;
	viewers->now = now;
	viewers->whole.length = 0;
	if (viewers->lookers != NULL && changes_write(before, now, &viewers->changes) < 0)
		return;
	for (struct looker *looker = viewers->lookers; looker != NULL; looker = next) {
		next = looker->next;
		if (tell_sample(looker) < 0)
			forget(looker);
	}
}

/* --- what is asked -------------------------------------------------------------------------------- */

static int tell_failure(struct looker *looker, const struct failure *failure)
{
	char text[2 * FAILURE_SENTENCE_LEN];
	int length = snprintf(text, sizeof(text), "%s\n%s", failure->what, failure->remedy);

	return tell(looker, VIEW_FAILURE, text, (size_t)length);
}

/* Decides, asks and does as if the operator's own x0top did. */
static int act(struct looker *looker, const struct action *action)
{
	struct orchestrator *orchestrator = looker->viewers->orchestrator;
	struct failure failure = { 0 };
	char question[REASON_LEN], done[TEXT_LEN];

	if (orchestrator_decide(orchestrator, action, question, sizeof(question)) == DECISION_ASK)
		return tell(looker, VIEW_QUESTION, question, strlen(question));
	if (orchestrator_apply(orchestrator, action, &failure) < 0)
		return tell_failure(looker, &failure);
	snprintf(done, sizeof(done), "%s", orchestrator_done(orchestrator));
	return tell(looker, VIEW_DONE, done, strlen(done));
}

static int act_on(struct looker *looker, const char *text)
{
	struct action action = { .actor = ACTOR_KEY, .confirmed = text[0] == '1' };
	struct failure failure = { 0 };

	if (text[0] == '\0' || action_parse(text + 1, &action, &failure) < 0)
		return tell_failure(looker, &failure);
	audit_act_for(&looker->user);
	connection_act_for(&looker->connection);
	int error = act(looker, &action);
	audit_act_for(NULL);
	connection_act_for(NULL);
	return error;
}

/* Does what a whole request asks for. Returns 0, or a negative errno: forget it. */
static int take(struct looker *looker, enum view_kind kind, const char *text)
{
	switch (kind) {
	case VIEW_FROM:
		connection_read(text, &looker->connection);
		return 0;
	case VIEW_ACTION:
		return act_on(looker, text);
	case VIEW_LOOK:
		looker->looks = view_look_read(text, &looker->sort);
		return 0;
	default:
		return -EPROTO;
	}
}

/* Takes the requests that are whole. `*acted` tells whether a sample shows more or other things now. */
static int take_all(struct looker *looker, bool *acted)
{
	struct view_header header;
	char text[VIEW_ASK_MAX + 1];
	int result;

	while ((result = view_asked_take(&looker->asked, &header, text)) > 0) {
		*acted |= header.kind == VIEW_ACTION || header.kind == VIEW_LOOK;
		result = take(looker, header.kind, text);
		if (result < 0)
			break;
	}
	return result;
}

/* Returns 0, or a negative errno: forget it. */
static int read_requests(struct looker *looker, bool *acted)
{
	struct view_asked *asked = &looker->asked;
	ssize_t got = recv(looker->fd, asked->bytes + asked->length,
		sizeof(asked->bytes) - asked->length, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -EPIPE;
	asked->length += (size_t)got;
	return take_all(looker, acted);
}

static void on_looker(void *data, uint32_t events)
{
	struct looker *looker = data;
	struct viewers *viewers = looker->viewers;
	bool acted = false;
	int error = events & EPOLLOUT ? flush(looker) : 0;

	if (error == 0 && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		error = read_requests(looker, &acted);
	if (error < 0)
		forget(looker);
	/* Shows the effect at once: the next key acts on what the screen shows. */
	if (acted)
		viewers->changed(viewers->data);
}

/* --- who looks ------------------------------------------------------------------------------------ */

/* Only those who may open the socket come so far; this does not rest on its mode alone. */
static bool may_look(const struct viewers *viewers, int fd, struct audit_user *user)
{
	struct ucred peer;
	gid_t groups[64];
	socklen_t size = sizeof(peer), n_groups = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	audit_user_of(peer.pid, peer.uid, user);
	if (peer.uid == 0)
		return true;
	if (viewers->group == (gid_t)-1)
		return false;
	bool member = peer.gid == viewers->group;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n_groups) < 0)
		n_groups = 0;
	for (size_t i = 0; i < n_groups / sizeof(groups[0]); i++)
		member |= groups[i] == viewers->group;
	return member;
}

static void on_connection(void *data, uint32_t events)
{
	struct viewers *viewers = data;
	int fd = accept4(viewers->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct audit_user user;

	(void)events;
	if (fd < 0)
		return;
	struct looker *looker = viewers->n < VIEWERS_MAX && may_look(viewers, fd, &user)
					? calloc(1, sizeof(*looker))
					: NULL;
	if (looker == NULL) {
		close(fd);
		return;
	}
	looker->fd = fd;
	looker->user = user;
	looker->viewers = viewers;
	looker->next = viewers->lookers;
	viewers->lookers = looker;
	viewers->n++;
	if (wait_for(looker, false) < 0 || (viewers->now != NULL && tell_sample(looker) < 0))
		forget(looker);
}

int viewers_start(struct viewers *viewers, struct loop *loop, struct orchestrator *orchestrator,
	void (*changed)(void *data), void *data)
{
	if (viewers == NULL)
		return 0;
	viewers->loop = loop;
	viewers->orchestrator = orchestrator;
	viewers->changed = changed;
	viewers->data = data;
	return loop_add(loop, viewers->fd, EPOLLIN, on_connection, viewers, &viewers->source);
}

static bool is_same_map(const struct look_sort *one, const struct look_sort *other)
{
	return strcmp(one->plugin, other->plugin) == 0 && strcmp(one->map, other->map) == 0;
}

unsigned int viewers_look(const struct viewers *viewers, struct look_sort *sort)
{
	unsigned int looks = LOOK_NOTHING;

	*sort = (struct look_sort) { 0 };
	for (const struct looker *looker = viewers != NULL ? viewers->lookers : NULL;
		looker != NULL; looker = looker->next) {
		looks |= looker->looks;
		if (!(looker->looks & LOOK_PLUGIN_MAP))
			continue;
		if (sort->plugin[0] == '\0')
			*sort = looker->sort;
		else if (!is_same_map(sort, &looker->sort))
			looks |= LOOK_PLUGINS;
	}
	return looks;
}

void viewers_close(struct viewers *viewers)
{
	if (viewers == NULL)
		return;
	while (viewers->lookers != NULL)
		forget(viewers->lookers);
	loop_remove(viewers->source);
	fd_close(&viewers->fd);
	unlink(VIEW_SOCKET);
	snapshot_close(viewers->empty);
	free(viewers->whole.bytes);
	free(viewers->changes.bytes);
	free(viewers);
}
