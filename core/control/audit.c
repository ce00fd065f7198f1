// SPDX-License-Identifier: BSD-2-Clause
#include "control/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/keeper.h"
#include "kernel/rights.h"
#include "programs/settings.h"

/* Limits of a line's parts in characters, escaped; together less than AUDIT_LINE_MAX. */
enum {
	NAME_MAX_LEN = 40,
	ACTION_MAX_LEN = 320,
};

const char *const action_actor_names[] = { "key", "command line", "configuration", "mapek", "feed",
	"adoption", "time", NULL };

/* --- a line --------------------------------------------------------------------------------- */

static size_t escape(char *to, unsigned char byte)
{
	if (byte >= ' ' && byte <= '~' && byte != '\\') {
		to[0] = (char)byte;
		return 1;
	}
	return (size_t)sprintf(to, "\\x%02x", byte);
}

/* Appends `text`, escaped, in at most `most` characters; "..." replaces the rest. */
static size_t append(char *line, size_t length, const char *text, size_t most)
{
	static const char cut[] = "...";
	char escaped[8];
	size_t begin = length, whole = length; /* `whole`: where "..." still fits */

	for (; *text != '\0'; text++) {
		size_t n = escape(escaped, (unsigned char)*text);
		if (length - begin + n > most) {
			memcpy(line + whole, cut, sizeof(cut));
			return whole + strlen(cut);
		}
		memcpy(line + length, escaped, n);
		length += n;
		if (length - begin + strlen(cut) <= most)
			whole = length;
	}
	line[length] = '\0';
	return length;
}

static size_t append_uid(char *line, size_t length, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	length += (size_t)sprintf(line + length, "uid %u", uid);
	if (entry == NULL)
		return length;
	length = append(line, length, " (", 2);
	length = append(line, length, entry->pw_name, NAME_MAX_LEN);
	return append(line, length, ")", 1);
}

static size_t append_user(char *line, size_t length, const struct audit_user *user)
{
	if (user->login != (uid_t)-1 && user->login != user->real) {
		length = append_uid(line, length, user->login);
		length = append(line, length, " as ", 4);
	}
	return append_uid(line, length, user->real);
}

size_t audit_format(char line[AUDIT_LINE_MAX], time_t now, const struct audit_user *user,
	const struct action *action, const char *result)
{
	const char *actor = action->actor < ACTORS ? action_actor_names[action->actor] : "unknown";
	char what[ACTION_MAX_LEN], when[32];
	struct tm utc;

	action_format(action, what, sizeof(what));
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	size_t length = (size_t)sprintf(
		line, "%s x0top[%d] ", when, user->process != 0 ? user->process : getpid());
	length = append_user(line, length, user);
	length += (size_t)sprintf(line + length, " by %s: ", actor);
	length = append(line, length, what, ACTION_MAX_LEN);
	length = append(line, length, ": ", 2);
	length = append(line, length, result, AUDIT_RESULT_MAX);
	line[length++] = '\n';
	line[length] = '\0';
	return length;
}

/* --- the log -------------------------------------------------------------------------------- */

static const struct audit_user *other; /* NULL: this process acts for its own user */

/* Asks the kernel: the caller can set SUDO_USER and USER to anything. */
static uid_t read_login(const char *process)
{
	char path[32], text[16] = "";
	uid_t login = (uid_t)-1;

	snprintf(path, sizeof(path), "/proc/%s/loginuid", process);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return login;
	if (read(fd, text, sizeof(text) - 1) > 0)
		login = (uid_t)strtoul(text, NULL, 10);
	close(fd);
	return login;
}

void audit_user_read(struct audit_user *user)
{
	if (other != NULL)
		*user = *other;
	else
		*user = (struct audit_user) {
			.login = read_login("self"),
			.real = rights_real_user(),
		};
}

void audit_user_of(pid_t process, uid_t real, struct audit_user *user)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", process);
	*user = (struct audit_user) {
		.login = read_login(name),
		.real = real,
		.process = process,
	};
}

void audit_act_for(const struct audit_user *user)
{
	other = user;
}

/* Opens the log, only if it is a regular file: a pipe would block, or hand the log to its reader. */
static int open_log(void)
{
	struct stat status;
	int fd = keeper_open(AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE);

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Appends a line by one write, so that lines of two processes never mix. */
static int write_line(int fd, const struct action *action, const char *result)
{
	char line[AUDIT_LINE_MAX];
	struct audit_user user;

	audit_user_read(&user);
	size_t length = audit_format(line, time(NULL), &user, action, result);
	ssize_t written = write(fd, line, length);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -ENOSPC;
}

static int refuse(struct audit *audit, int error, struct failure *failure)
{
	audit_close(audit);
	audit->error = error;
	failure_set(failure, error, "Refused, because %s cannot be written: %s", AUDIT_LOG,
		keeper_strerror(error));
	return failure_remedy(failure, "Make it writable, or set audit: best-effort");
}

int audit_open(
	struct audit *audit, uint32_t policy, const struct action *action, struct failure *failure)
{
	int fd = open_log();

	audit->fd = fd < 0 ? -1 : fd;
	audit->error = fd < 0 ? fd : 0;
	if (policy != AUDIT_REQUIRED)
		return 0;
	int error = fd < 0 ? fd : write_line(fd, action, "begins");
	return error < 0 ? refuse(audit, error, failure) : 0;
}

int audit_write(struct audit *audit, const struct action *action, const struct failure *failure,
	const char *done)
{
	char result[DONE_LEN + sizeof("done")];

	if (audit->fd < 0)
		return audit->error;
	snprintf(result, sizeof(result), "done%s", done);
	return write_line(audit->fd, action, failure->error < 0 ? failure->what : result);
}

void audit_close(struct audit *audit)
{
	fd_close(&audit->fd);
}

void audit_explain(int error, struct failure *failure)
{
	failure_set(failure, error, "This change is not in the audit log %s: %s", AUDIT_LOG,
		keeper_strerror(error));
	failure_remedy(failure, "Make it writable; audit: required refuses such changes");
}

int audit_finish(struct audit *audit, const struct action *action, const struct failure *failure,
	const char *done, struct failure *unaudited)
{
	int error = audit_write(audit, action, failure, done);

	audit_close(audit);
	if (error < 0)
		audit_explain(error, unaudited);
	return error;
}
