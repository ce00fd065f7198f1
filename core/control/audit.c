// SPDX-License-Identifier: BSD-2-Clause
#include "control/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const action_actor_names[] = { "key", "command line", "configuration", "mapek", NULL };

/* Who is behind sudo, where sudo says so. */
static const char *user_name(void)
{
	const char *user = getenv("SUDO_USER");

	return user != NULL ? user : getenv("USER") != NULL ? getenv("USER") : "unknown";
}

int audit_write(const struct action *action, const struct failure *failure)
{
	char line[FAILURE_SENTENCE_LEN + 256], what[128], when[32];
	time_t now = time(NULL);
	struct tm utc;

	action_format(action, what, sizeof(what));
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	int length = snprintf(line, sizeof(line), "%s x0top[%d] %s by %s: %s: %s\n", when, getpid(),
		user_name(), action_actor_names[action->actor], what,
		failure->error < 0 ? failure->what : "done");
	int fd = open(AUDIT_LOG, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	/* One write: lines of two processes never mix. */
	ssize_t written = write(fd, line, (size_t)length);
	int error = written == length ? 0 : -EIO;
	close(fd);
	return error;
}
