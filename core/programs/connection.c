// SPDX-License-Identifier: BSD-2-Clause
#include "programs/connection.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE      "SSH_CONNECTION="
#define ANCESTORS_MAX 16

/* An address as packets have it: without the interface behind one of a link, fe80::1%eth0, and IPv4 as such. */
static void tidy(struct connection *connection)
{
	static const char mapped[] = "::ffff:";
	char *address = connection->address;

	address[strcspn(address, "%")] = '\0';
	if (strncmp(address, mapped, strlen(mapped)) == 0 && strchr(address, '.') != NULL)
		memmove(address, address + strlen(mapped), strlen(address + strlen(mapped)) + 1);
}

/* "CLIENT-ADDRESS CLIENT-PORT SERVER-ADDRESS SERVER-PORT" */
static bool parse(const char *text, struct connection *connection)
{
	bool read = sscanf(text, "%63s %*u %*63s %hu", connection->address, &connection->port) == 2;

	tidy(connection);
	return read;
}

static int parent_of(int pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	/* The command in parentheses may contain parentheses, too. */
	const char *after = strrchr(text, ')');
	if (after == NULL || sscanf(after + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static bool find_in_environment_of(int pid, struct connection *connection)
{
	char path[64], *line = NULL;
	size_t size = 0;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (!found && getdelim(&line, &size, '\0', file) > 0)
		if (strncmp(line, VARIABLE, strlen(VARIABLE)) == 0)
			found = parse(line + strlen(VARIABLE), connection);
	free(line);
	fclose(file);
	return found;
}

static bool look(struct connection *connection)
{
	const char *own = secure_getenv("SSH_CONNECTION");
	int pid = getpid();

	if (own != NULL)
		return parse(own, connection);
	for (int i = 0; i < ANCESTORS_MAX; i++) {
		pid = parent_of(pid);
		if (pid <= 1)
			return false;
		if (find_in_environment_of(pid, connection))
			return true;
	}
	return false;
}

static const struct connection *other; /* NULL: this process acts for its own operator */

void connection_act_for(const struct connection *connection)
{
	other = connection;
}

void connection_read(const char *text, struct connection *connection)
{
	if (sscanf(text, "%63s %hu", connection->address, &connection->port) != 2)
		*connection = (struct connection) { 0 };
	tidy(connection);
}

bool connection_find(struct connection *connection)
{
	static struct connection found;
	static enum { NOT_LOOKED, NONE, FOUND } state;

	if (other != NULL) {
		*connection = *other;
		return other->address[0] != '\0';
	}
	if (state == NOT_LOOKED)
		state = look(&found) ? FOUND : NONE;
	*connection = found;
	return state == FOUND;
}
