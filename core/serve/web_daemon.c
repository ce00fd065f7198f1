// SPDX-License-Identifier: BSD-2-Clause
/* A daemon of libmicrohttpd, and its connections. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "serve/web_state.h"

#ifdef X0_WEB

enum {
	MEMORY_MAX = 16 << 10, /* bytes: of a connection, for headers */
};

/* --- credentials ---------------------------------------------------------------------------------- */

static int wrong_files(const char *what, int result, struct failure *failure)
{
	failure_set(failure, -EINVAL, "%s", what);
	failure_remedy(
		failure, "Make them anew, or name the right files in the file of --web-config");
	return failure_cause(failure, "%s", web_library.p_gnutls_strerror(result)) < 0 ? -EINVAL
										       : 0;
}

/* Says what is wrong with certificates, which the daemon would not. */
static int check_credentials(const struct web_config *config, struct failure *failure)
{
	gnutls_certificate_credentials_t credentials;
	char what[FAILURE_SENTENCE_LEN];
	int error = 0, result;

	if (!web_config_has_tls(config))
		return 0;
	if (web_library.p_gnutls_certificate_allocate_credentials(&credentials) < 0)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	gnutls_datum_t certificate = { (unsigned char *)config->text[WEB_CERTIFICATE],
		(unsigned int)strlen(config->text[WEB_CERTIFICATE]) };
	gnutls_datum_t key = { (unsigned char *)config->text[WEB_KEY],
		(unsigned int)strlen(config->text[WEB_KEY]) };
	result = web_library.p_gnutls_certificate_set_x509_key_mem(
		credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
	if (result < 0) {
		snprintf(what, sizeof(what),
			result == GNUTLS_E_CERTIFICATE_KEY_MISMATCH
				? "The certificate %.100s does not fit the key %.100s"
			: strstr(config->text[WEB_KEY], "ENCRYPTED") != NULL
				? "The certificate %.100s has a key with a password, %.100s, "
				  "which nobody can be asked for"
				: "The certificate %.100s and the key %.100s cannot be read as PEM",
			config->path[WEB_CERTIFICATE], config->path[WEB_KEY]);
		error = wrong_files(what, result, failure);
	}
	if (error == 0 && config->text[WEB_CLIENT_CA] != NULL) {
		gnutls_datum_t ca = { (unsigned char *)config->text[WEB_CLIENT_CA],
			(unsigned int)strlen(config->text[WEB_CLIENT_CA]) };
		result = web_library.p_gnutls_certificate_set_x509_trust_mem(
			credentials, &ca, GNUTLS_X509_FMT_PEM);
		if (result <= 0) {
			snprintf(what, sizeof(what), "%.160s has no certificate",
				config->path[WEB_CLIENT_CA]);
			error = wrong_files(what, result, failure);
		}
	}
	web_library.p_gnutls_certificate_free_credentials(credentials);
	return error;
}

int web_daemon_open(struct web *web, unsigned int number, struct failure *failure)
{
	struct web_daemon *daemon = &web->daemons[number];

	*daemon = (struct web_daemon) { .web = web };
	if (web->config_path == NULL)
		return 0;
	int error = web_config_read(web->config_path, &daemon->config, failure);
	return error < 0 ? error : check_credentials(&daemon->config, failure);
}

/* --- starting and ending -------------------------------------------------------------------------- */

/* The words of GnuTLS for the versions that are accepted. */
static const char *priorities(const struct web_config *config)
{
	return config->tls_max == 2   ? "NORMAL:-VERS-ALL:+VERS-TLS1.2"
	       : config->tls_min == 3 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3"
				      : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
}

static void say_nothing(void *data, const char *format, va_list arguments)
{
	(void)data, (void)format, (void)arguments;
}

static struct MHD_Daemon *start(struct web_daemon *daemon)
{
	const struct web_config *config = &daemon->config;
	const bool tls = web_config_has_tls(config);
	struct MHD_OptionItem options[5] = { { MHD_OPTION_END, 0, NULL } };
	int n = 0;

	if (tls) {
		options[n++] = (struct MHD_OptionItem) { MHD_OPTION_HTTPS_MEM_CERT, 0,
			config->text[WEB_CERTIFICATE] };
		options[n++] = (struct MHD_OptionItem) { MHD_OPTION_HTTPS_MEM_KEY, 0,
			config->text[WEB_KEY] };
		options[n++] = (struct MHD_OptionItem) { MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)priorities(config) };
	}
	if (tls && config->client_auth != CLIENT_AUTH_NONE)
		options[n++] = (struct MHD_OptionItem) { MHD_OPTION_HTTPS_MEM_TRUST, 0,
			config->text[WEB_CLIENT_CA] };
	options[n] = (struct MHD_OptionItem) { MHD_OPTION_END, 0, NULL };
	return web_library.p_MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
						      MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
						      (tls ? MHD_USE_TLS : 0),
		0, NULL, NULL, web_request, daemon, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, web_connection, daemon, MHD_OPTION_NOTIFY_COMPLETED,
		web_completed, daemon, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)WEB_ROOM,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)WEB_IDLE_SECONDS, MHD_OPTION_ARRAY,
		options, MHD_OPTION_END);
}

int web_daemon_start(struct web_daemon *daemon, loop_callback *callback, struct failure *failure)
{
	daemon->daemon = start(daemon);
	const union MHD_DaemonInfo *info =
		daemon->daemon != NULL ? web_library.p_MHD_get_daemon_info(
						 daemon->daemon, MHD_DAEMON_INFO_EPOLL_FD)
				       : NULL;
	int error = info == NULL ? -EIO
				 : loop_add(daemon->web->loop, info->epoll_fd, EPOLLIN, callback,
					   daemon->web, &daemon->source);
	if (error < 0)
		failure_set(failure, error, "Cannot start the web server: %s", strerror(-error));
	return error;
}

void web_daemon_close(struct web_daemon *daemon)
{
	loop_remove(daemon->source);
	if (daemon->daemon != NULL) {
		daemon->retired = daemon->retired != 0 ? daemon->retired : 1;
		web_resume_all(daemon->web); /* it may not be stopped while one sleeps */
		web_library.p_MHD_stop_daemon(daemon->daemon);
	}
	web_config_clear(&daemon->config);
	explicit_bzero(daemon, sizeof(*daemon));
}

uint64_t web_daemon_run(struct web_daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (daemon->daemon == NULL)
		return UINT64_MAX;
	web_library.p_MHD_run(daemon->daemon);
	return web_library.p_MHD_get_timeout(daemon->daemon, &ms) == MHD_YES
		       ? (uint64_t)ms * 1000000
		       : UINT64_MAX;
}

int web_daemon_add(
	struct web_daemon *daemon, int fd, const struct sockaddr *from, unsigned int size)
{
	return web_library.p_MHD_add_connection(daemon->daemon, fd, from, size) == MHD_YES ? 0
											   : -EIO;
}
#else
/* A static x0top has no daemon: web_open() says so. */
int web_daemon_open(struct web *web, unsigned int number, struct failure *failure)
{
	(void)web, (void)number;
	return failure_set(failure, -ENOSYS, "There is no web server");
}

int web_daemon_start(struct web_daemon *daemon, loop_callback *callback, struct failure *failure)
{
	(void)daemon, (void)callback;
	return failure_set(failure, -ENOSYS, "There is no web server");
}

void web_daemon_close(struct web_daemon *daemon)
{
	(void)daemon;
}

uint64_t web_daemon_run(struct web_daemon *daemon)
{
	(void)daemon;
	return UINT64_MAX;
}

int web_daemon_add(
	struct web_daemon *daemon, int fd, const struct sockaddr *from, unsigned int size)
{
	(void)daemon, (void)fd, (void)from, (void)size;
	return -ENOSYS;
}
#endif
