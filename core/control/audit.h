/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit log: every change, who asked for it, and what became of it, one line each. */
#ifndef X0_CONTROL_AUDIT_H
#define X0_CONTROL_AUDIT_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "control/action.h"

#define AUDIT_LOG      "/var/log/x0top.log"
#define AUDIT_LINE_MAX 1024 /* with its newline and the terminating zero */

/* Who is behind a change, as the kernel knows it. */
struct audit_user {
	uid_t login; /* who logged in, also behind sudo; (uid_t)-1 under cron, systemd and the like */
	uid_t real;
};

/* The log, open for one change. */
struct audit {
	int fd; /* -1: not open */
	int error; /* why not: a negative errno */
};

/*
 * Opens the log before `action` is carried out, for `policy` of enum audit_policy. AUDIT_REQUIRED also
 * writes a line that it begins, so that a full disk is noticed in time. Returns 0, with *audit to be
 * closed by the caller, also where AUDIT_BEST_EFFORT finds no log; or a negative errno with *failure
 * set where AUDIT_REQUIRED does: refuse the action then.
 */
int audit_open(
	struct audit *audit, uint32_t policy, const struct action *action, struct failure *failure);

/*
 * Appends what became of the action: "done", or the failure in words. Returns 0, or the negative errno
 * by which the line could not be written or the log not be opened.
 */
int audit_write(struct audit *audit, const struct action *action, const struct failure *failure);

void audit_close(struct audit *audit);

/* Says in *failure that a change was made and is not in the log, because of `error`. */
void audit_explain(int error, struct failure *failure);

/* Reads who runs this process. */
void audit_user_read(struct audit_user *user);

/*
 * Writes a line of the log into `line`: time, process, user, actor, the action's text and `result`.
 * Bytes other than printable ASCII, and backslashes, become \xNN; a part that is too long ends with
 * "...". Returns the length, which is less than AUDIT_LINE_MAX; the line ends with its only newline.
 */
size_t audit_format(char line[AUDIT_LINE_MAX], time_t now, const struct audit_user *user,
	const struct action *action, const char *result);

extern const char *const action_actor_names[]; /* enum action_actor */

#endif
