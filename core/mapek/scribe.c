// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/scribe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/rights.h"
#include "kernel/side_process.h"
#include "mapek/execute.h"
#include "mapek/knowledge.h"
#include "mapek/measure.h"
#include "mapek/monitor.h"

enum {
	OPEN_SECONDS = 5,
	LOOK_MS = 2000, /* from one look at what others have written to the next */
	SELDOM_MS = MONITOR_SELDOM_NS / 1000000,
};

_Static_assert(1000 * (LOOK_MS + SELDOM_MS) <= 2 * LOOK_MS * SELDOM_MS,
	"both together wake an idle host twice a second at most");

enum note_kind {
	NOTE_FAILED, /* of the scribe: `failure` says why there is no knowledge */
	NOTE_KNOWN, /* of the scribe, first; then each NOTE_SERIES, and NOTE_END */
	NOTE_END,
	NOTE_ANOMALY,
	NOTE_ACTION,
	NOTE_SERIES,
	NOTE_SPARED, /* of the scribe: all that is spared */
	NOTE_SPARE, /* of the caller; `text` is the target */
	NOTE_SPARE_NO_MORE,
};

struct note {
	uint32_t kind; /* enum note_kind */
	double time;
	char text[REASON_LEN]; /* a sentence, or the name of a series */
	char remedy[REASON_LEN];
	int error;
	union {
		struct scribe_known known;
		struct snapshot_mapek_anomaly anomaly;
		struct snapshot_mapek_action action;
		struct series series;
		struct scribe_spared spared;
	};
};

struct scribe {
	int socket;
	pid_t pid;
	uint64_t lost;
	struct note note; /* being sent */
};

/* --- the process ------------------------------------------------------------------------------ */

static void send_note(int socket, const struct note *note)
{
	if (send(socket, note, sizeof(*note), MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void take_spared(void *data, const struct snapshot_mapek_spared *spared)
{
	struct scribe_spared *all = data;

	if (all->n < MAPEK_SPARED_MAX)
		all->list[all->n++] = *spared;
}

static void tell_spared(int socket, struct knowledge *knowledge, struct note *note)
{
	*note = (struct note) { .kind = NOTE_SPARED };
	/* A caller that has ended hears nothing more, but what it has said before is still to be written. */
	if (knowledge_each_spared(knowledge, take_spared, &note->spared) >= 0)
		(void)!send(socket, note, sizeof(*note), MSG_NOSIGNAL);
}

struct telling {
	int socket;
	struct note *note;
};

static void tell_action(void *data, const struct snapshot_mapek_action *action, double changed)
{
	const struct telling *telling = data;

	*telling->note = (struct note) { .kind = NOTE_ACTION, .time = changed, .action = *action };
	send_note(telling->socket, telling->note);
}

static void tell_known(
	int socket, struct knowledge *knowledge, const char *notice, struct note *note)
{
	struct telling telling = { socket, note };

	knowledge_changed(knowledge); /* since then: what is written meanwhile is told again */
	*note = (struct note) { .kind = NOTE_KNOWN };
	note->known.last_anomaly = knowledge_last_anomaly(knowledge);
	note->known.last_action = knowledge_last_action(knowledge);
	snprintf(note->known.notice, sizeof(note->known.notice), "%s", notice);
	knowledge_each_spared(knowledge, take_spared, &note->known.spared);
	send_note(socket, note);
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		*note = (struct note) { .kind = NOTE_SERIES };
		snprintf(note->text, sizeof(note->text), "%s", measures[i].name);
		if (knowledge_get_series(knowledge, note->text, &note->series))
			send_note(socket, note);
	}
	knowledge_each_recalled(
		knowledge, clock_realtime_seconds() - EXECUTE_REST_SECONDS, tell_action, &telling);
	*note = (struct note) { .kind = NOTE_END };
	send_note(socket, note);
}

/* Returns whether what is spared is another. */
static bool write_note(struct knowledge *knowledge, const struct note *note)
{
	if (note->kind == NOTE_ANOMALY)
		knowledge_put_anomaly(knowledge, &note->anomaly, note->text);
	else if (note->kind == NOTE_ACTION)
		knowledge_put_action(knowledge, &note->action, note->time);
	else if (note->kind == NOTE_SERIES)
		knowledge_put_series(knowledge, note->text, &note->series);
	else if (note->kind == NOTE_SPARE)
		return knowledge_spare(knowledge, note->text, note->time) == 0;
	else if (note->kind == NOTE_SPARE_NO_MORE)
		return knowledge_spare_no_more(knowledge, note->text) == 0;
	return false;
}

/* Writes notes until the caller ends, and tells it what commands have written meanwhile. */
static void serve(int socket, struct knowledge *knowledge, struct note *note)
{
	struct pollfd wait = { .fd = socket, .events = POLLIN };

	for (;;) {
		bool changed = false;
		const int n = poll(&wait, 1, LOOK_MS);
		if (n > 0) {
			if (recv(socket, note, sizeof(*note), 0) != sizeof(*note))
				return;
			changed = write_note(knowledge, note);
		}
		if (knowledge_changed(knowledge) || changed)
			tell_spared(socket, knowledge, note);
	}
}

static void fail(int socket, const struct failure *failure, struct note *note)
{
	*note = (struct note) { .kind = NOTE_FAILED, .error = failure->error };
	snprintf(note->text, sizeof(note->text), "%s", failure->what);
	snprintf(note->remedy, sizeof(note->remedy), "%s", failure->remedy);
	send_note(socket, note);
	_exit(1);
}

static void run(int socket, const void *data)
{
	const char *path = data;
	static struct note note;
	struct knowledge *knowledge = NULL;
	struct failure failure = { 0 };
	char notice[REASON_LEN];

	int error = knowledge_open(path, KNOWLEDGE_WRITE, &knowledge, notice, &failure);
	if (error == 0)
		error = rights_drop(RIGHTS_NONE, &failure);
	/* SQLite takes a database that has no name any more for deleted, and lets its log grow. */
	if (error == 0 && access(path, F_OK) < 0) {
		error = failure_set(&failure, -errno, "Cannot keep knowledge in %.100s: %s", path,
			strerror(errno));
		failure_remedy(&failure, "Let others search its folder: chmod o+x");
	}
	if (error < 0)
		fail(socket, &failure, &note);
	tell_known(socket, knowledge, notice, &note);
	serve(socket, knowledge, &note);
	knowledge_close(knowledge);
}

/* --- the caller ------------------------------------------------------------------------------- */

static int receive_known(struct scribe *scribe, struct scribe_known *known,
	const struct scribe_takers *take, struct failure *failure)
{
	struct note *note = &scribe->note;

	while (recv(scribe->socket, note, sizeof(*note), 0) == sizeof(*note)) {
		if (note->kind == NOTE_END)
			return 0;
		if (note->kind == NOTE_KNOWN)
			*known = note->known;
		if (note->kind == NOTE_SERIES)
			take->series(take->data, note->text, &note->series);
		if (note->kind == NOTE_ACTION)
			take->action(take->data, &note->action, note->time);
		if (note->kind != NOTE_FAILED)
			continue;
		failure_set(failure, note->error, "%s", note->text);
		return failure_remedy(failure, "%s", note->remedy);
	}
	return failure_set(failure, -ETIMEDOUT, "The process that keeps knowledge does not answer");
}

static int start(struct scribe *scribe, const char *path)
{
	const struct timeval wait = { .tv_sec = OPEN_SECONDS };

	scribe->socket = side_process_start("x0top-scribe", run, path, &scribe->pid);
	if (scribe->socket < 0)
		return scribe->socket;
	setsockopt(scribe->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return 0;
}

int scribe_open(const char *path, struct scribe **opened, struct scribe_known *known,
	const struct scribe_takers *take, struct failure *failure)
{
	struct scribe *scribe = calloc(1, sizeof(*scribe));

	if (scribe == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for knowledge");
	scribe->socket = -1;
	int error = start(scribe, path);
	if (error < 0)
		failure_set(failure, error, "Cannot start the process that keeps knowledge: %s",
			strerror(-error));
	else
		error = receive_known(scribe, known, take, failure);
	if (error < 0)
		scribe_close(scribe);
	else
		*opened = scribe;
	return error;
}

void scribe_close(struct scribe *scribe)
{
	if (scribe == NULL)
		return;
	fd_close(&scribe->socket);
	if (scribe->pid > 0)
		waitpid(scribe->pid, NULL, 0);
	free(scribe);
}

/* --- notes ------------------------------------------------------------------------------------ */

static void post(struct scribe *scribe)
{
	if (send(scribe->socket, &scribe->note, sizeof(scribe->note), MSG_DONTWAIT | MSG_NOSIGNAL) <
		0)
		scribe->lost++;
}

void scribe_anomaly(
	struct scribe *scribe, const struct snapshot_mapek_anomaly *anomaly, const char *sentence)
{
	if (scribe == NULL)
		return;
	scribe->note = (struct note) { .kind = NOTE_ANOMALY, .anomaly = *anomaly };
	snprintf(scribe->note.text, sizeof(scribe->note.text), "%s", sentence);
	post(scribe);
}

void scribe_action(struct scribe *scribe, const struct snapshot_mapek_action *action, double time)
{
	if (scribe == NULL)
		return;
	scribe->note = (struct note) { .kind = NOTE_ACTION, .action = *action, .time = time };
	post(scribe);
}

void scribe_series(struct scribe *scribe, const char *name, const struct series *series)
{
	if (scribe == NULL)
		return;
	scribe->note = (struct note) { .kind = NOTE_SERIES, .series = *series };
	snprintf(scribe->note.text, sizeof(scribe->note.text), "%s", name);
	post(scribe);
}

static void post_target(struct scribe *scribe, enum note_kind kind, const char *target, double time)
{
	if (scribe == NULL)
		return;
	scribe->note = (struct note) { .kind = kind, .time = time };
	snprintf(scribe->note.text, sizeof(scribe->note.text), "%s", target);
	post(scribe);
}

void scribe_spare(struct scribe *scribe, const char *target, double since)
{
	post_target(scribe, NOTE_SPARE, target, since);
}

void scribe_spare_no_more(struct scribe *scribe, const char *target)
{
	post_target(scribe, NOTE_SPARE_NO_MORE, target, 0);
}

bool scribe_spared(struct scribe *scribe, struct scribe_spared *spared)
{
	bool any = false;

	while (scribe != NULL && recv(scribe->socket, &scribe->note, sizeof(scribe->note),
					 MSG_DONTWAIT) == sizeof(scribe->note)) {
		any = true;
		*spared = scribe->note.spared;
	}
	return any;
}

uint64_t scribe_lost(const struct scribe *scribe)
{
	return scribe != NULL ? scribe->lost : 0;
}
