// SPDX-License-Identifier: BSD-2-Clause
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>

#include "base/file.h"
#include "base/footprint.h"
#include "base/secret.h"
#include "control/audit.h"
#include "crypto/identity.h"
#include "crypto/trust.h"
#include "kernel/keeper.h"
#include "kernel/lock.h"
#include "kernel/pins.h"
#include "kernel/rights.h"
#include "programs/connection.h"

enum {
	KEPT_MAX = 24,
	SERVICE_MS = 5000, /* that a service may take for its first answer */
};

/* Starts the process that opens, as root, what a dashboard needs after it has given up root's rights. */
static int start_keeper(
	const struct settings *settings, const char *const *kept, struct failure *failure)
{
	struct kept_path paths[KEPT_MAX] = {
		{ AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE, false },
		{ LOCK_OWN, LOCK_FLAGS, LOCK_MODE, false },
		{ LOCK_CHANGE, LOCK_FLAGS, LOCK_MODE, false },
		{ LOCK_UNDO, LOCK_FLAGS, LOCK_MODE, false },
		{ LOCK_CLASSES, LOCK_FLAGS, LOCK_MODE, false },
		{ LOCK_QOS, LOCK_FLAGS, LOCK_MODE, false },
		{ PINS_BPFFS, PINS_BPFFS_FLAGS, 0, false },
		{ settings->identity, IDENTITY_FLAGS, 0, false },
		{ settings->trust, TRUST_FLAGS, 0, true },
		{ settings->neighbours.file, FILE_FLAGS, 0, false },
		{ settings->neighbours.babel, KEPT_SOCKET, 0, false },
	};
	size_t n = 0;

	while (paths[n].path != NULL)
		n++;
	for (; kept != NULL && *kept != NULL && n < KEPT_MAX; kept++)
		paths[n++] = (struct kept_path) { *kept, FILE_FLAGS, 0, false };
	return rights_changes_user() ? keeper_start(paths, n, failure) : 0;
}

/* Opens the programs on this host. */
static int open_live(struct session *session, const struct settings *settings,
	const struct session_files *files, struct failure *failure)
{
	struct connection connection;
	struct failure alone = { 0 };
	int error = start_keeper(settings, files->kept, failure);

	if (error < 0)
		return error;
	if (files->think && !files->once)
		take_back_start(&session->take_back, settings, &alone);
	if (settings->identity[0] != '\0')
		secret_protect_process();
	connection_find(&connection); /* while it may look at its ancestors */
	error = orchestrator_open(settings, &session->orchestrator, failure);
	if (error == 0 && alone.error < 0)
		orchestrator_say(session->orchestrator, alone.what);
	return error;
}

static int open_replay(struct session *session, const struct settings *settings,
	const struct session_files *files, struct failure *failure)
{
	int error = replayer_open(files->replay, &session->replayer, failure);

	if (error == 0 && files->kept != NULL && files->kept[0] != NULL)
		error = start_keeper(settings, files->kept, failure);
	return error;
}

static int record(struct session *session, struct failure *failure)
{
	if (session->recorder == NULL)
		return 0;
	int error = recorder_write(session->recorder, session->now, failure);
	if (error == -EFBIG) {
		recorder_close(session->recorder);
		session->recorder = NULL;
		/* The next key clears the message. */
		if (session->orchestrator != NULL)
			orchestrator_say(session->orchestrator, failure->what);
	}
	return error;
}

int session_view(struct session *session, const char **text, struct failure *failure)
{
	struct failure unrecorded = { 0 };
	int event = viewer_read(session->viewer, session->now, text, failure);

	if (event != VIEWER_SAMPLE)
		return event;
	session->sampled = true;
	if (record(session, &unrecorded) == 0)
		return event;
	*failure = unrecorded;
	return VIEWER_FAILURE;
}

/* Waits for the first sample of a service. */
static int await_sample(struct session *session, struct failure *failure)
{
	struct pollfd readable = { .fd = viewer_fd(session->viewer), .events = POLLIN };
	const char *text;
	int event = VIEWER_NOTHING;

	while (event == VIEWER_NOTHING) {
		if (poll(&readable, 1, SERVICE_MS) == 0) {
			failure_set(
				failure, -ETIMEDOUT, "The service of this host does not answer");
			return failure_remedy(failure, "Look at: systemctl status x0top");
		}
		event = session_view(session, &text, failure);
	}
	return event < 0 ? event : 0;
}

double session_interval(const struct session *session, double wanted)
{
	const double taken = session->viewer != NULL ? session->now->interval : 0;

	return taken > 0 ? round(taken * 10) / 10 : wanted;
}

int session_open(struct session *session, const struct settings *settings,
	const struct session_files *files, struct failure *failure)
{
	*session = (struct session) { 0 };
	session->now = snapshot_open();
	session->before = snapshot_open();
	session->pace = files->pace;
	int error = -ENOMEM;

	if (session->now == NULL || session->before == NULL)
		failure_set(failure, error, "Not enough memory");
	else if (files->replay != NULL)
		error = open_replay(session, settings, files, failure);
	else if (files->attach && viewer_open(&session->viewer) == 0)
		error = await_sample(session, failure);
	else
		error = open_live(session, settings, files, failure);
	if (error == 0 && session->orchestrator != NULL && files->think)
		error = thinking_open(
			settings, files->once, session->orchestrator, &session->thinking, failure);
	if (error == 0 && files->record != NULL)
		error = recorder_open(
			files->record, files->record_limit, &session->recorder, failure);
	if (error < 0)
		session_close(session);
	return error;
}

int session_confine(const struct session *session, struct failure *failure)
{
	int error =
		rights_drop(session->orchestrator != NULL ? RIGHTS_RUNNING : RIGHTS_NONE, failure);

	if (error == 0)
		keeper_use();
	return error;
}

void session_close(struct session *session)
{
	thinking_close(session->thinking);
	orchestrator_close(session->orchestrator);
	take_back_stop(&session->take_back);
	replayer_close(session->replayer);
	viewer_close(session->viewer);
	recorder_close(session->recorder);
	snapshot_close(session->now);
	snapshot_close(session->before);
	keeper_stop();
	*session = (struct session) { 0 };
}

void session_look(struct session *session, unsigned int looks)
{
	orchestrator_look(session->orchestrator,
		looks | (thinking_looks(session->thinking) ? LOOK_FLOWS : LOOK_NOTHING));
}

void session_sort(struct session *session, const struct look_sort *sort)
{
	orchestrator_sort(session->orchestrator, sort);
}

const char *session_notice(const struct session *session)
{
	return session->recorder != NULL ? recorder_notice(session->recorder) : "";
}

int session_sample(struct session *session, struct failure *failure)
{
	struct snapshot *next = session->before;

	orchestrator_sample(session->orchestrator, session->sampled ? session->now : NULL, next);
	if (!session->sampled)
		footprint_release();
	session->before = session->now;
	session->now = next;
	session->sampled = true;
	return record(session, failure);
}

int session_seek(struct session *session, uint32_t at, struct failure *failure)
{
	int error = replayer_read(session->replayer, &at, session->now, failure);

	if (error)
		return error;
	session->at = at;
	session->sampled = true;
	return 0;
}

const char *session_done(const struct session *session)
{
	return session->orchestrator != NULL ? orchestrator_done(session->orchestrator) : "";
}

int session_apply(struct session *session, const struct action *action, struct failure *failure)
{
	if (session->orchestrator != NULL)
		return orchestrator_apply(session->orchestrator, action, failure);
	failure_set(failure, -EROFS, "This is a recording: nothing can be changed");
	return failure_remedy(failure, "Start x0top without --replay");
}
