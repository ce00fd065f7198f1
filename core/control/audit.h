/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the audit log: a line per change, with who requested it and its result. */
#ifndef X0_CONTROL_AUDIT_H
#define X0_CONTROL_AUDIT_H

#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "control/action.h"

#define AUDIT_LOG	 "/var/log/x0top.log"
#define AUDIT_FLAGS	 (O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define AUDIT_MODE	 0600
#define AUDIT_LINE_MAX	 2048 /* with newline and NUL */
#define AUDIT_RESULT_MAX 1024 /* characters of the result, escaped */

/* The user behind a change, as the kernel knows it. */
struct audit_user {
	uid_t login; /* who logged in, even behind sudo; (uid_t)-1 without login: cron, systemd */
	uid_t real;
	pid_t process; /* that asked; 0: this one */
};

/* The log while open for one change. */
struct audit {
	int fd; /* -1: not open */
	int error; /* why it is not open: a negative errno */
};

/*
 * Opens the log before `action` is applied; `policy` is enum audit_policy. AUDIT_REQUIRED also writes the
 * line "begins", to detect a full disk in time. Returns 0 with *audit to be closed by the caller, even if
 * AUDIT_BEST_EFFORT cannot open the log; if AUDIT_REQUIRED cannot, a negative errno with *failure set:
 * refuse the action then.
 */
int audit_open(
	struct audit *audit, uint32_t policy, const struct action *action, struct failure *failure);

/*
 * Appends the result of the action: "done" with `done` behind it, what was before, or the failure in words. Returns 0, or the negative errno of
 * opening or writing the log.
 */
int audit_write(struct audit *audit, const struct action *action, const struct failure *failure,
	const char *done);

/* Writes the line, as audit_write() does, and closes the log. Returns 0, or a negative errno with
 * *unaudited set: the change was made, and is not in the log. */
int audit_finish(struct audit *audit, const struct action *action, const struct failure *failure,
	const char *done, struct failure *unaudited);

void audit_close(struct audit *audit);

/* Sets *failure: a change was made and is not in the log, because of `error`. */
void audit_explain(int error, struct failure *failure);

/* Reads the user of this process, or of the one that it acts for. */
void audit_user_read(struct audit_user *user);

/* Reads the user of another process, whose user the kernel has told. */
void audit_user_of(pid_t process, uid_t real, struct audit_user *user);

/* Lets the log name another user, whom this process acts for; NULL: its own again. Keeps the pointer. */
void audit_act_for(const struct audit_user *user);

/*
 * Writes a line of the log into `line`: time, process, user, actor, the action's text and `result`.
 * Backslashes and bytes other than printable ASCII become \xNN; a part that is too long ends with
 * "...". Returns the length, less than AUDIT_LINE_MAX; the line ends with its only newline.
 */
size_t audit_format(char line[AUDIT_LINE_MAX], time_t now, const struct audit_user *user,
	const struct action *action, const char *result);

extern const char *const action_actor_names[]; /* enum action_actor */

#endif
