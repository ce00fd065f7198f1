// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "kernel/keeper.h"
#include "kernel/rights.h"

enum {
	COMMAND_LEN = 96,
	HOLDER_LEN = COMMAND_LEN + 64, /* a line of the lock's file */
	BRIEF_US = 20000, /* from one look at a lock that is free soon to the next */
	BRIEF_LOOKS = 100,
};

/* Writes the path of a lock: in /run for root, else in a place of the user's own. */
static void lock_path(char *path, size_t size, const char *name)
{
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");

	if (rights_user() == 0)
		snprintf(path, size, LOCK_FOLDER "x0top.%s", name);
	else if (runtime != NULL && runtime[0] == '/')
		snprintf(path, size, "%s/x0top.%s", runtime, name);
	else
		snprintf(path, size, "/tmp/x0top-%u.%s", geteuid(), name);
}

static int cannot_lock(const char *path, int error, struct failure *failure)
{
	failure_set(
		failure, error, "Cannot take the lock %.160s: %s", path, keeper_strerror(error));
	return failure_remedy(
		failure, "Without it x0top changes nothing: make its folder writable");
}

static int open_beside(const char *name)
{
	char path[256];

	lock_path(path, sizeof(path), name);
	return keeper_open(path, LOCK_FLAGS, LOCK_MODE);
}

int lock_open_undo(void)
{
	return open_beside("undo");
}

int lock_open_classes(void)
{
	return open_beside("classes");
}

int lock_open_qos(void)
{
	return open_beside("qos");
}

int lock_open_switches(void)
{
	return open_beside("switches");
}

int lock_check_hidden(const char *path, struct failure *failure)
{
	struct stat status;

	if (rights_user() == 0 || stat(path, &status) < 0 || status.st_size == 0 ||
		access(path, R_OK) == 0)
		return 0;
	failure_set(failure, -EPERM, "Cannot read %s: %s", path, strerror(errno));
	return failure_remedy(failure, "Run x0top as root");
}

static int open_lock(const char *name, char *path, size_t size, struct failure *failure)
{
	lock_path(path, size, name);
	int fd = keeper_open(path, LOCK_FLAGS, LOCK_MODE);
	return fd < 0 ? cannot_lock(path, fd, failure) : fd;
}

/* Joins this process's command line; /proc has a NUL after each word. */
static void own_command(char command[COMMAND_LEN])
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, command, COMMAND_LEN - 1);

	fd_close(&fd);
	length = length < 0 ? 0 : length;
	command[length] = '\0';
	for (ssize_t i = 0; i + 1 < length; i++)
		if (command[i] == '\0' || command[i] == '\n')
			command[i] = ' ';
}

/* "PID SINCE COMMAND": the lock holds without it, it only serves a message. */
static void write_holder(int fd)
{
	char command[COMMAND_LEN], line[HOLDER_LEN];

	own_command(command);
	int length = snprintf(
		line, sizeof(line), "%d %lld %s\n", getpid(), (long long)time(NULL), command);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, line, (size_t)length, 0) != length) {
		/* A message without the holder. */
	}
}

struct holder {
	unsigned int pid; /* 0: unknown */
	long long since; /* seconds since 1970; 0: unknown */
	char command[COMMAND_LEN];
};

/* Any user may have written the file where that is in /tmp. */
static void read_holder(int fd, struct holder *holder)
{
	char line[HOLDER_LEN] = "";
	int command = 0;

	*holder = (struct holder) { 0 };
	if (pread(fd, line, sizeof(line) - 1, 0) <= 0)
		return;
	line[strcspn(line, "\n")] = '\0';
	sscanf(line, "%u %lld %n", &holder->pid, &holder->since, &command);
	if (command > 0)
		snprintf(holder->command, sizeof(holder->command), "%s", line + command);
	words_make_printable(holder->command);
}

/* Writes the local time, with its date if that is not today's. */
static void format_since(long long since, char *text, size_t size)
{
	time_t then = (time_t)since, now = time(NULL);
	struct tm at, today;

	text[0] = '\0';
	if (since <= 0 || localtime_r(&then, &at) == NULL || localtime_r(&now, &today) == NULL)
		return;
	bool same_day = at.tm_year == today.tm_year && at.tm_yday == today.tm_yday;
	strftime(text, size, same_day ? ", since %H:%M:%S" : ", since %Y-%m-%d %H:%M", &at);
}

static int explain_holder(int fd, struct failure *failure)
{
	struct holder holder;
	char since[48], who[HOLDER_LEN] = "";

	read_holder(fd, &holder);
	format_since(holder.since, since, sizeof(since));
	if (holder.pid != 0)
		snprintf(who, sizeof(who), ": process %u%s%s%s%s", holder.pid, since,
			holder.command[0] != '\0' ? " (" : "", holder.command,
			holder.command[0] != '\0' ? ")" : "");
	failure_set(failure, -EBUSY, "Another x0top owns the XDP chain of this host%.180s", who);
	return failure_remedy(failure, "This one attaches no XDP program and changes no rule: "
				       "use that one, or end it and start this one again");
}

/* Returns whether the holder of a lock has it for a moment alone: /proc has its name with a newline. */
static bool is_brief(int fd)
{
	char path[48], name[sizeof(LOCK_BRIEF) + 1] = "";
	struct holder holder;

	read_holder(fd, &holder);
	snprintf(path, sizeof(path), "/proc/%u/comm", holder.pid);
	int comm = open(path, O_RDONLY | O_CLOEXEC);
	bool is = comm >= 0 && read(comm, name, sizeof(name) - 1) > 0 &&
		  strcmp(name, LOCK_BRIEF "\n") == 0;
	fd_close(&comm);
	return is;
}

/* Takes a lock if it is free, or soon will be. Returns 0 or a negative errno. */
static int take_soon(int fd)
{
	int error = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;

	for (int i = 0; i < BRIEF_LOOKS && error == -EWOULDBLOCK && is_brief(fd); i++) {
		usleep(BRIEF_US);
		error = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	}
	return error;
}

int lock_own(struct failure *failure)
{
	char path[256];
	int fd = open_lock("lock", path, sizeof(path), failure);

	if (fd < 0)
		return fd;
	int taken = take_soon(fd);
	if (taken < 0) {
		int error = taken == -EWOULDBLOCK ? explain_holder(fd, failure)
						  : cannot_lock(path, taken, failure);
		close(fd);
		return error;
	}
	write_holder(fd);
	return fd;
}

int lock_change(struct failure *failure)
{
	char path[256];
	int fd = open_lock("change", path, sizeof(path), failure), result;

	if (fd < 0)
		return fd;
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	if (result == 0)
		return fd;
	int error = cannot_lock(path, -errno, failure);
	close(fd);
	return error;
}
