/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmicrohttpd, GnuTLS and crypt(3), opened when `serve` needs them: as libraries of the whole program
 * they would make each start 5 ms longer, and each process 2.7 MB larger. A static x0top has none.
 */
#ifndef X0_SERVE_LIBRARY_H
#define X0_SERVE_LIBRARY_H

#include "base/failure.h"

#ifdef X0_WEB
#include <gnutls/gnutls.h>
#include <microhttpd.h>

char *crypt(const char *phrase, const char *setting);

/* Functions of each library, by their names. */
#define WEB_HTTP_FUNCTIONS(X)                \
	X(MHD_start_daemon)                  \
	X(MHD_stop_daemon)                   \
	X(MHD_run)                           \
	X(MHD_get_timeout)                   \
	X(MHD_get_daemon_info)               \
	X(MHD_get_connection_info)           \
	X(MHD_add_connection)                \
	X(MHD_lookup_connection_value)       \
	X(MHD_create_response_from_iovec)    \
	X(MHD_create_response_from_callback) \
	X(MHD_add_response_header)           \
	X(MHD_queue_response)                \
	X(MHD_destroy_response)              \
	X(MHD_suspend_connection)            \
	X(MHD_resume_connection)
#define WEB_TLS_FUNCTIONS(X)                       \
	X(gnutls_certificate_allocate_credentials) \
	X(gnutls_certificate_free_credentials)     \
	X(gnutls_certificate_set_x509_key_mem)     \
	X(gnutls_certificate_set_x509_trust_mem)   \
	X(gnutls_certificate_verify_peers2)        \
	X(gnutls_certificate_get_peers)            \
	X(gnutls_strerror)
#define WEB_CRYPT_FUNCTIONS(X) X(crypt)

#define WEB_MEMBER(name) __typeof__(&(name)) p_##name;

struct web_library {
	WEB_HTTP_FUNCTIONS(WEB_MEMBER)
	WEB_TLS_FUNCTIONS(WEB_MEMBER)
	WEB_CRYPT_FUNCTIONS(WEB_MEMBER)
};

extern struct web_library web_library;
#endif

/* Opens them, once. Returns 0, or a negative errno with *failure naming the package that is missing. */
int web_library_open(struct failure *failure);

#endif
