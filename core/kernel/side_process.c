// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/side_process.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

enum { SOCKET = STDERR_FILENO + 1 };

static void become(const char *name, int socket)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT };

	prctl(PR_SET_NAME, name);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	dup2(socket, SOCKET);
	/* Programs and locks of the caller end with it alone. */
	syscall(SYS_close_range, SOCKET + 1, ~0U, 0);
}

int side_process_start(
	const char *name, void (*run)(int socket, const void *data), const void *data, pid_t *pid)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	*pid = fork();
	if (*pid == 0) {
		become(name, sockets[1]);
		run(SOCKET, data);
		_exit(0);
	}
	int error = *pid < 0 ? -errno : 0;
	fd_close(&sockets[1]);
	if (error < 0)
		fd_close(&sockets[0]);
	return error < 0 ? error : sockets[0];
}
