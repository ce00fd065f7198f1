// SPDX-License-Identifier: BSD-2-Clause
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"

enum {
	BACKLOG = 128,
	WEB_SOCKET_MODE = 0660,
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static int wrong_address(const char *text, struct failure *failure)
{
	if (strncmp(text, LISTEN_UNIX "/", strlen(LISTEN_UNIX "/")) == 0)
		failure_set(failure, -EINVAL,
			"A local socket's path has at most %zu bytes: %.64s is longer",
			sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1, text);
	else
		failure_set(failure, -EINVAL, "\"%.64s\" is no address to listen on", text);
	return failure_remedy(failure, "Write one such as %s, [::1]:26970 or %s/run/x0top.http",
		LISTEN_DEFAULT, LISTEN_UNIX);
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool read_local(const char *path, union address *address, socklen_t *size)
{
	size_t length = strlen(path);

	if (path[0] != '/' || length >= sizeof(address->local.sun_path))
		return false;
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, path, length + 1);
	*size = sizeof(address->local);
	return true;
}

/* Reads "[::1]", or with the interface of a link-local address "[fe80::1%eth0]". */
static bool read_v6(const char *host, struct sockaddr_in6 *v6)
{
	char inner[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	size_t length = strlen(host);

	if (length < 3 || length - 2 >= sizeof(inner) || host[0] != '[' || host[length - 1] != ']')
		return false;
	snprintf(inner, sizeof(inner), "%.*s", (int)(length - 2), host + 1);
	char *link = strchr(inner, '%');
	if (link != NULL) {
		*link = '\0';
		v6->sin6_scope_id = if_nametoindex(link + 1);
	}
	return inet_pton(AF_INET6, inner, &v6->sin6_addr) == 1 &&
	       (link == NULL || v6->sin6_scope_id != 0);
}

/* Reads the address in front of the port; empty: every one. */
static bool read_host(const char *host, union address *address, socklen_t *size)
{
	if (host[0] == '\0' || strcmp(host, "[::]") == 0) {
		address->v6.sin6_family = AF_INET6;
		*size = sizeof(address->v6);
		return true;
	}
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		*size = sizeof(address->v4);
		return true;
	}
	address->v6.sin6_family = AF_INET6;
	*size = sizeof(address->v6);
	return read_v6(host, &address->v6);
}

static bool read_address(const char *text, union address *address, socklen_t *size)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	uint64_t port;

	memset(address, 0, sizeof(*address));
	if (strncmp(text, LISTEN_UNIX, strlen(LISTEN_UNIX)) == 0)
		return read_local(text + strlen(LISTEN_UNIX), address, size);
	if (colon == NULL || colon - text >= (ptrdiff_t)sizeof(host) ||
		words_number(colon + 1, 1, UINT16_MAX, &port) != 0)
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (!read_host(host, address, size))
		return false;
	/* At the same place in both. */
	address->v4.sin_port = htons((uint16_t)port);
	return true;
}

static bool is_local(const union address *address)
{
	switch (address->any.sa_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	default:
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	}
}

int listen_check(const char *text, bool *local, struct failure *failure)
{
	union address address;
	socklen_t size;

	if (strlen(text) >= LISTEN_ADDRESS_LEN || !read_address(text, &address, &size))
		return wrong_address(text, failure);
	*local = is_local(&address);
	return 0;
}

/* --- opening -------------------------------------------------------------------------------------- */

/* Returns whether something other than a socket is at the path of a local one. */
static bool is_taken(const char *text)
{
	const char *path = strncmp(text, LISTEN_UNIX, strlen(LISTEN_UNIX)) == 0
				   ? text + strlen(LISTEN_UNIX)
				   : text;
	struct stat status;

	return path[0] == '/' && lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode);
}

static int cannot_listen(const char *text, int error, struct failure *failure)
{
	if (error == -EADDRINUSE && is_taken(text)) {
		failure_set(failure, error, "Cannot listen on %.108s: it is there, and no socket",
			text);
		return failure_remedy(failure, "Choose another path");
	}
	failure_set(failure, error, "Cannot listen on %.108s: %s", text, strerror(-error));
	if (error == -EADDRINUSE)
		return failure_remedy(failure,
			"Another process listens there: end it, or choose another port with --listen");
	if (error == -EADDRNOTAVAIL)
		return failure_remedy(failure, "Choose an address that this host has: ip address");
	if (error == -EACCES || error == -EPERM) {
		failure_remedy(
			failure, "Choose a port from 1024 on, or a folder that it may write");
		return failure->error = -EACCES; /* -EPERM would say that a capability is missing */
	}
	if (error == -ENOENT)
		return failure_remedy(failure, "Make its folder, or choose another");
	return failure_remedy(failure, "Choose another address with --listen");
}

/* Returns whether a process listens on a local socket. */
static bool is_served(const union address *address, socklen_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd >= 0 && (connect(fd, &address->any, size) == 0 || errno == EAGAIN);

	fd_close(&fd);
	return served;
}

/* A socket's name stays when its process was killed. */
static void remove_unserved(const union address *address, socklen_t size)
{
	struct stat status;

	if (address->any.sa_family == AF_UNIX && lstat(address->local.sun_path, &status) == 0 &&
		S_ISSOCK(status.st_mode) && !is_served(address, size))
		unlink(address->local.sun_path);
}

static int open_socket(const union address *address, socklen_t size, mode_t mode)
{
	const int on = 1, off = 0;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	remove_unserved(address, size);
	if (address->any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
			IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr) ? &off : &on, sizeof(on));
	mode_t before = umask(0777 & ~mode);
	int result = bind(fd, &address->any, size);
	if (result == 0)
		result = listen(fd, BACKLOG);
	int error = -errno;
	umask(before);
	if (result == 0)
		return fd;
	close(fd);
	return error;
}

int listen_open_local(const char *path, unsigned int mode, struct failure *failure)
{
	union address address = { 0 };
	socklen_t size;

	if (!read_local(path, &address, &size))
		return wrong_address(path, failure);
	int fd = open_socket(&address, size, mode);
	return fd < 0 ? cannot_listen(path, fd, failure) : fd;
}

int listen_open(struct listener *listener, const char *text, struct failure *failure)
{
	union address address;
	socklen_t size;

	*listener = (struct listener) { .fd = -1 };
	if (strlen(text) >= sizeof(listener->address) || !read_address(text, &address, &size))
		return wrong_address(text, failure);
	listener->fd = open_socket(&address, size, WEB_SOCKET_MODE);
	if (listener->fd < 0)
		return cannot_listen(text, listener->fd, failure);
	listener->local = is_local(&address);
	snprintf(listener->address, sizeof(listener->address), "%s", text);
	return 0;
}

void listen_close(struct listener *listener)
{
	if (listener->fd >= 0 && strncmp(listener->address, LISTEN_UNIX, strlen(LISTEN_UNIX)) == 0)
		unlink(listener->address + strlen(LISTEN_UNIX));
	fd_close(&listener->fd);
}
