// SPDX-License-Identifier: BSD-2-Clause
/* What the service reads itself: two headers of requests, addresses, the file of --web-config. libmicrohttpd reads
 * the rest. */
#include "fuzz.h"
#include "serve/auth.h"
#include "serve/listen.h"
#include "serve/pages.h"

static void try_headers(const char *text)
{
	static struct web_config config = { .text[WEB_TOKEN] = "sesame" };
	struct auth auth = { 0 };
	char name[64];
	const char *password;

	enum metrics_format format = pages_accept(text);
	expect(format == METRICS_PROMETHEUS || format == METRICS_OPENMETRICS);
	if (auth_read_basic(text, name, sizeof(name), &password))
		expect(password > name && password <= name + sizeof(name) - 1 &&
			strlen(name) + strlen(password) < sizeof(name));
	if (auth_check(&auth, &config, text, 1) == AUTH_GOOD)
		expect(strstr(text, "sesame") != NULL);
}

static void try_address(const char *text)
{
	struct failure failure = { 0 };
	bool local;

	if (listen_check(text, &local, &failure) < 0)
		expect(failure.error < 0 && failure.what[0] != '\0');
}

static void try_config(const char *text, size_t size)
{
	static struct web_config config;
	struct failure failure = { 0 };

	if (web_config_parse("/x/web.yml", text, size, &config, &failure) < 0)
		expect(failure.error < 0 && failure.what[0] != '\0');
	else
		expect(config.n_users <= WEB_USERS_MAX);
	web_config_clear(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	expect(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	try_headers(text);
	try_address(text);
	try_config(text, size);
	free(text);
	return 0;
}
