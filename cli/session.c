// SPDX-License-Identifier: BSD-2-Clause
#include "cli/session.h"

#include <errno.h>

int session_open(struct session *session, const struct settings *settings, const char *replay,
	const char *record, struct failure *failure)
{
	*session = (struct session) { 0 };
	session->now = snapshot_open();
	session->before = snapshot_open();
	int error = -ENOMEM;

	if (session->now == NULL || session->before == NULL)
		failure_set(failure, error, "Not enough memory");
	else if (replay != NULL)
		error = replayer_open(replay, &session->replayer, failure);
	else
		error = orchestrator_open(settings, &session->orchestrator, failure);
	if (error == 0 && record != NULL)
		error = recorder_open(record, &session->recorder, failure);
	if (error < 0)
		session_close(session);
	return error;
}

void session_close(struct session *session)
{
	orchestrator_close(session->orchestrator);
	replayer_close(session->replayer);
	recorder_close(session->recorder);
	snapshot_close(session->now);
	snapshot_close(session->before);
	*session = (struct session) { 0 };
}

static int replay_next(struct session *session, struct failure *failure)
{
	int found = replayer_next(session->replayer, session->before, failure);

	if (found < 0)
		return found;
	session->ended = found == 0;
	if (found == 0)
		return 0;
	struct snapshot *next = session->before;
	session->before = session->now;
	session->now = next;
	session->sampled = true;
	return 0;
}

int session_sample(struct session *session, struct failure *failure)
{
	if (session->replayer != NULL)
		return replay_next(session, failure);

	struct snapshot *next = session->before;
	orchestrator_sample(session->orchestrator, session->sampled ? session->now : NULL, next);
	session->before = session->now;
	session->now = next;
	session->sampled = true;
	if (session->recorder == NULL)
		return 0;
	return recorder_write(session->recorder, session->now, failure);
}

const char *session_done(const struct session *session)
{
	return session->orchestrator != NULL ? orchestrator_done(session->orchestrator) : "";
}

int session_apply(struct session *session, const struct action *action, struct failure *failure)
{
	if (session->orchestrator != NULL)
		return orchestrator_apply(session->orchestrator, action, failure);
	failure_set(failure, -EROFS, "A recording cannot be changed");
	return failure_remedy(failure, "Start x0top without --replay");
}
