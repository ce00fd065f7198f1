// SPDX-License-Identifier: BSD-2-Clause
#include "serve/library.h"

#include <errno.h>

#ifdef X0_WEB
#include <dlfcn.h>
#include <stddef.h>

#include "base/library.h"

struct web_library web_library;

#define WEB_ROW(name) { #name, offsetof(struct web_library, p_##name) },

static const struct library_function http[] = { WEB_HTTP_FUNCTIONS(WEB_ROW) };
static const struct library_function tls[] = { WEB_TLS_FUNCTIONS(WEB_ROW) };
static const struct library_function passwords[] = { WEB_CRYPT_FUNCTIONS(WEB_ROW) };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *file, *package;
	const struct library_function *functions;
	size_t n;
} libraries[] = {
	{ "libmicrohttpd.so.12", "libmicrohttpd12", http, LENGTH(http) },
	{ "libgnutls.so.30", "libgnutls30", tls, LENGTH(tls) },
	{ "libcrypt.so.1", "libcrypt1", passwords, LENGTH(passwords) },
};

int web_library_open(struct failure *failure)
{
	static bool open;

	for (size_t i = 0; !open && i < LENGTH(libraries); i++) {
		int error = library_open(
			libraries[i].file, libraries[i].functions, libraries[i].n, &web_library);
		if (error == 0)
			continue;
		const char *cause = dlerror();
		failure_set(
			failure, error, "Cannot serve without the library %s", libraries[i].file);
		failure_cause(failure, "%s", cause != NULL ? cause : "");
		return failure_remedy(failure, "Install it: apt install %s", libraries[i].package);
	}
	open = true;
	return 0;
}
#else

int web_library_open(struct failure *failure)
{
	failure_set(failure, -ENOSYS, "This x0top is linked statically, and has no web server");
	return failure_remedy(failure, "Use one that is built for the system's C library");
}
#endif
