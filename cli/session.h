/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes snapshots from the running kernel, through the orchestrator, or from a recording. */
#ifndef X0_CLI_SESSION_H
#define X0_CLI_SESSION_H

#include "cli/take_back.h"
#include "cli/thinking.h"
#include "control/orchestrator.h"
#include "export/record.h"
#include "export/replay.h"
#include "programs/settings.h"
#include "serve/viewer.h"

/* Files of recordings; NULL: none. The paths are kept. */
struct session_files {
	const char *replay; /* samples come from here, and not from the kernel */
	bool attach; /* looks at the service of this host, if there is one */
	const char *record; /* samples are appended here */
	uint64_t record_limit; /* bytes */
	const char *const *kept; /* paths that are read again later, ended by NULL; NULL: none */
	double pace; /* of a replay: seconds between samples; 0: as they were recorded */
	bool think; /* MAPE-K judges the samples of this host */
	bool once; /* and there is one, or two: thinking_open() */
};

struct session {
	struct orchestrator *orchestrator; /* NULL in a replay, and of a service's samples */
	struct replayer *replayer; /* NULL on a live host */
	struct thinking *thinking; /* NULL: nobody does */
	struct take_back take_back;
	struct viewer *viewer; /* of a service; NULL: there is none, or it is not looked at */
	struct recorder *recorder; /* NULL without --record, and once its limit is reached */
	struct snapshot *now, *before;
	bool sampled; /* `now` holds a sample */
	uint32_t at; /* in a replay, its number, from 0 on */
	double pace; /* of session_files */
};

/*
 * Opens the programs of the settings, or a recording, and the file to record to. Returns 0, or a
 * negative errno with *failure set.
 */
int session_open(struct session *session, const struct settings *settings,
	const struct session_files *files, struct failure *failure);
/* Returns the seconds between samples that a service takes; else `wanted`. */
double session_interval(const struct session *session, double wanted);

/* Gives up the rights that only the set-up needs. Returns 0, or a negative errno with *failure set:
 * end then. */
int session_confine(const struct session *session, struct failure *failure);

/* Tells what somebody looks at, as orchestrator_look(); MAPE-K may look at flows, too. */
void session_look(struct session *session, unsigned int looks);

/* Tells how entries are sorted, as orchestrator_sort(). */
void session_sort(struct session *session, const struct look_sort *sort);

void session_close(struct session *session);

/* Returns what the operator should know from the start, a sentence without its full stop, or "". */
const char *session_notice(const struct session *session);

/*
 * Takes a sample of the host into session->now. Returns 0, or a negative errno with *failure set if
 * it cannot be recorded; it is there all the same.
 */
int session_sample(struct session *session, struct failure *failure);

/* Reads sample number `at` of the recording, or the last, into session->now: see replayer_read(). */
int session_seek(struct session *session, uint32_t at, struct failure *failure);

/* Takes what the service said next, a sample into session->now: see viewer_read(). */
int session_view(struct session *session, const char **text, struct failure *failure);

/* Returns what the last action did beyond its words, as orchestrator_done(). */
const char *session_done(const struct session *session);

/* Applies an action; a replay refuses it. Returns as orchestrator_apply(). */
int session_apply(struct session *session, const struct action *action, struct failure *failure);

#endif
