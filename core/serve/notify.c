// SPDX-License-Identifier: BSD-2-Clause
#include "serve/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"

static int manager = -1;

void notify_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path != NULL ? strlen(path) : 0;

	if (length < 2 || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@') /* of the abstract namespace */
		address.sun_path[0] = '\0';
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (manager >= 0 && connect(manager, (const struct sockaddr *)&address, size) < 0)
		fd_close(&manager);
}

void notify_close(void)
{
	fd_close(&manager);
}

void notify_send(const char *format, ...)
{
	char text[512];
	va_list arguments;

	if (manager < 0)
		return;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* A manager that does not listen is not ours to mend. */
	if (length > 0)
		send(manager, text,
			(size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1,
			MSG_NOSIGNAL);
}

uint64_t notify_watchdog_ns(void)
{
	const char *microseconds = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t value, of;

	if (microseconds == NULL || words_number(microseconds, 1, UINT32_MAX, &value) != 0)
		return 0;
	if (pid != NULL && (words_number(pid, 1, INT32_MAX, &of) != 0 || of != (uint64_t)getpid()))
		return 0;
	return value * 1000 / 2;
}
