// SPDX-License-Identifier: BSD-2-Clause
/* What the service reads, hostile or wrong; and what it tells a service manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "export/record.h"
#include "export/replay.h"
#include "serve/auth.h"
#include "serve/health.h"
#include "serve/library.h"
#include "serve/listen.h"
#include "serve/notify.h"
#include "serve/pages.h"
#include "serve/web.h"
#include "serve/web_config.h"
#include "tests/lib/snapshot_sample.h"

static char folder[] = "/tmp/x0serve-XXXXXX";

static int open_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* Writes a file of the folder. Returns its path. */
static const char *put(const char *name, const char *text, mode_t mode)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text;
		int result;
		bool local;
	} cases[] = {
		{ "127.0.0.1:26970", 0, true },
		{ "127.9.9.9:1", 0, true },
		{ "localhost:26970", 0, true },
		{ "[::1]:26970", 0, true },
		{ "unix:/run/x0top.http", 0, true },
		{ ":26970", 0, false },
		{ "[::]:26970", 0, false },
		{ "0.0.0.0:26970", 0, false },
		{ "192.0.2.1:65535", 0, false },
		{ "[2001:db8::1]:80", 0, false },
		{ "", -EINVAL, false },
		{ "26970", -EINVAL, false },
		{ "127.0.0.1", -EINVAL, false },
		{ "127.0.0.1:0", -EINVAL, false },
		{ "127.0.0.1:65536", -EINVAL, false },
		{ "127.0.0.1:+1", -EINVAL, false },
		{ "127.0.0.256:80", -EINVAL, false },
		{ "example.org:80", -EINVAL, false },
		{ "::1:80", -EINVAL, false },
		{ "[::1:80", -EINVAL, false },
		{ "unix:run/x", -EINVAL, false },
		{ "unix:", -EINVAL, false },
	};
	struct failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool local = !cases[i].local;
		if (listen_check(cases[i].text, &local, &failure) != cases[i].result)
			fail_msg("%s is read otherwise", cases[i].text);
		if (cases[i].result == 0 && local != cases[i].local)
			fail_msg("%s: the reach is wrong", cases[i].text);
	}
}

static void the_form_is_chosen_by_weight(void **state)
{
	static const struct {
		const char *header;
		enum metrics_format format;
	} cases[] = {
		{ NULL, METRICS_PROMETHEUS },
		{ "", METRICS_PROMETHEUS },
		{ "*/*", METRICS_PROMETHEUS },
		{ "text/html", METRICS_PROMETHEUS },
		{ "application/openmetrics-text", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
			METRICS_OPENMETRICS },
		{ "text/plain;q=0.6, application/openmetrics-text; version=1.0.0; q=0.5",
			METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=", METRICS_OPENMETRICS },
		{ "application/openmetrics-textual", METRICS_PROMETHEUS },
		{ ",,,;q=;;;q,=", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0.3,*/*", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0.3,text/*;q=0.4", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0.3,text/*;q=0.2", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.5", METRICS_OPENMETRICS },
		{ "text/plain;q=0.1,*/*,application/openmetrics-text;q=0.5", METRICS_OPENMETRICS },
		{ "APPLICATION/OpenMetrics-Text", METRICS_OPENMETRICS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pages_accept(cases[i].header) != cases[i].format)
			fail_msg("%s chooses the other form", cases[i].header);
}

static void names_and_passwords_are_read(void **state)
{
	static const struct {
		const char *header, *name, *password; /* NULL: none */
	} cases[] = {
		{ "Basic YWxpY2U6c2VjcmV0", "alice", "secret" },
		{ "basic   YWxpY2U6c2VjcmV0", "alice", "secret" },
		{ "Basic YTpi", "a", "b" },
		{ "Basic YTo=", "a", "" },
		{ "Basic YTo", "a", "" },
		{ "Basic YTpiOmM=", "a", "b:c" },
		{ "Basic", NULL, NULL },
		{ "Basic ", NULL, NULL },
		{ "Basic YWxpY2U=", NULL, NULL }, /* no colon */
		{ "Basic YTo=x", NULL, NULL },
		{ "Basic YT\n", NULL, NULL },
		{ "Basic AAAA", NULL, NULL }, /* zeros */
		{ "Bearer YTpi", NULL, NULL },
	};
	const char *password;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool read = auth_read_basic(cases[i].header, text, sizeof(text), &password);
		if (read != (cases[i].name != NULL))
			fail_msg("%s is read otherwise", cases[i].header);
		if (!read)
			continue;
		assert_string_equal(text, cases[i].name);
		assert_string_equal(password, cases[i].password);
	}
	char *longest = malloc(4096);
	memset(longest, 'A', 4096);
	memcpy(longest, "Basic ", 6);
	longest[4095] = '\0';
	assert_false(auth_read_basic(longest, text, sizeof(text), &password));
	free(longest);
}

#ifdef X0_WEB
/* The hash is that of "right", with the least work. */
static void passwords_are_tried_once_a_second(void **state)
{
	static struct web_config config;
	static struct auth auth;
	struct failure failure;
	const uint64_t second = 1000000000;

	(void)state;
	assert_int_equal(web_library_open(&failure), 0);
	const char *hash = web_library.p_crypt("right", "$2y$04$abcdefghijklmnopqrstuu");
	assert_non_null(hash);
	assert_int_equal(strlen(hash), 60);
	snprintf(config.users[0].name, sizeof(config.users[0].name), "a");
	snprintf(config.users[0].hash, sizeof(config.users[0].hash), "%s", hash);
	config.n_users = 1;
	assert_int_equal(auth_check(&auth, &config, NULL, second), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Basic YTpyaWdodA==", second), AUTH_GOOD);
	assert_int_equal(auth_check(&auth, &config, "Basic YTp3cm9uZw==", second), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Basic YTp3cm9uZw==", second + 1), AUTH_BUSY);
	/* Who was good before does not wait for an attacker. */
	assert_int_equal(auth_check(&auth, &config, "Basic YTpyaWdodA==", second + 1), AUTH_GOOD);
	assert_int_equal(auth_check(&auth, &config, "Basic YTp3cm9uZw==", 2 * second), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Basic YjpyaWdodA==", 4 * second), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Bearer right", 5 * second), AUTH_WRONG);
}
#endif

static void a_token_must_be_whole(void **state)
{
	struct web_config config = { .text[WEB_TOKEN] = "sesame" };
	struct auth auth = { 0 };

	(void)state;
	assert_int_equal(auth_check(&auth, &config, "Bearer sesame", 1), AUTH_GOOD);
	assert_int_equal(auth_check(&auth, &config, "bearer sesame", 1), AUTH_GOOD);
	assert_int_equal(auth_check(&auth, &config, "Bearer sesam", 1), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Bearer sesames", 1), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "Bearer ", 1), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, "sesame", 1), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, &config, NULL, 1), AUTH_WRONG);
}

/* --- the file of --web-config ------------------------------------------------------------------- */

static void files_are_read(void **state)
{
	struct web_config config;
	struct failure failure = { 0 };

	(void)state;
	put("cert.pem", "certificate\n", 0644);
	put("key.pem", "key\n", 0600);
	put("token", "sesame\n", 0600);
	const char *path = put("web.yml",
		"tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
		"  min_version: TLS13\ntoken_file: token\n"
		"http_server_config:\n  http2: false\n  headers:\n    x-frame-options: deny\n",
		0644);
	assert_int_equal(web_config_read(path, &config, &failure), 0);
	assert_true(web_config_has_tls(&config));
	assert_true(web_config_identifies(&config));
	assert_string_equal(config.text[WEB_CERTIFICATE], "certificate\n");
	assert_string_equal(config.text[WEB_TOKEN], "sesame");
	assert_int_equal(config.tls_min, 3);
	assert_string_equal(config.headers[3], "deny");
	assert_string_equal(config.headers[0], "");
	web_config_clear(&config);
	assert_int_equal(web_config_read(put("empty.yml", "", 0644), &config, &failure), 0);
	assert_false(web_config_has_tls(&config));
	assert_false(web_config_identifies(&config));
}

static void wrong_files_are_told(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "tls_server_config:\n  cert_file: cert.pem\n",
			"only one of cert_file and key_file" },
		{ "tls_server_config: 1\n", "line 1: Expected keys" },
		{ "- 1\n", "line 1: Expected keys" },
		{ "a: [1\n", "line 2: " },
		{ "\nfoo: 1\n", "line 2: Unknown key \"foo\"" },
		{ "tls_server_config:\n  foo: 1\n", "line 2: Unknown key \"foo\"" },
		{ "http_server_config:\n  http2: true\n", "line 2: x0top speaks HTTP/1.1" },
		{ "http_server_config:\n  headers: 1\n", "line 2: Expected keys" },
		{ "headers:\n  X-Frame-Options: deny\n", "line 1: Unknown key \"headers\"" },
		{ "http_server_config:\n  headers:\n    Set-Cookie: a\n",
			"line 3: The header \"Set-Cookie\" cannot be set" },
		{ "http_server_config:\n  headers:\n    X-Frame-Options: \"a\\r\\nb\"\n",
			"line 3: X-Frame-Options takes 1 to 255" },
		{ "token_file: {a: 1}\n", "line 1: token_file: expected a text" },
		{ "tls_server_config:\n  min_version: TLS10\n", "line 2: Unknown version" },
		{ "tls_server_config:\n  client_auth_type: RequireAnyClientCert\n",
			"line 2: Unknown client_auth_type" },
		{ "tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n",
			"without client_ca_file" },
		{ "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_ca_file: c\n",
			"names client_ca_file, and asks for no certificate" },
		{ "tls_server_config:\n  min_version: TLS13\n  max_version: TLS12\n",
			"min_version is above max_version" },
		{ "basic_auth_users:\n  a: plain\n", "no hash of bcrypt" },
		{ "basic_auth_users:\n  \"a:b\": x\n", "no name of a user" },
		{ "token_file: open\n", "others can read or write it" },
		{ "token_file: nothing\n", "is no token_file" },
		{ "token_file: pem\n", "is no token_file: a token is one line" },
		{ "token_file: blank\n", "is no token_file" },
		{ "token_file: binary\n", "is no token_file" },
		{ "token_file: missing\n", "No such file" },
		{ "token_file: .\n", "Is a directory" },
	};
	struct web_config config;

	(void)state;
	put("open", "sesame\n", 0644);
	put("nothing", "\n", 0600);
	put("pem", "-----BEGIN PRIVATE KEY-----\nMIIG\n", 0600);
	put("blank", "\nsesame\n", 0600);
	put("binary", "\177ELF\002", 0600);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure = { 0 };
		int error = web_config_read(put("web.yml", cases[i].text, 0644), &config, &failure);
		assert_true(error < 0);
		if (strstr(failure.what, cases[i].sentence) == NULL)
			fail_msg("not \"%s\": %s", cases[i].sentence, failure.what);
		assert_false(web_config_identifies(&config));
	}
}

/* Reads a file of one value of `n` characters between two texts. */
static int parse_long(const char *before, size_t n, const char *after, struct web_config *config)
{
	static char text[1024];
	struct failure failure = { 0 };

	int size = snprintf(text, sizeof(text), "%s%0*d%s", before, (int)n, 0, after);
	return web_config_parse("/etc/x0/web.yml", text, (size_t)size, config, &failure);
}

/* What has as many characters as there is room for is taken whole; one more is refused. */
static void values_have_a_bound(void **state)
{
	enum { FOLDER = sizeof("/etc/x0/") - 1 };
	static const struct {
		const char *before, *after;
		size_t most;
	} cases[] = {
		{ "token_file: /", "\n", WEB_PATH_LEN - 1 - 1 },
		{ "token_file: x", "\n", WEB_PATH_LEN - 1 - FOLDER - 1 },
		{ "tls_server_config:\n  cert_file: a\n  key_file: /", "\n", WEB_PATH_LEN - 1 - 1 },
		{ "http_server_config:\n  headers:\n    x-frame-options: x", "\n",
			WEB_HEADER_LEN - 1 - 1 },
		{ "basic_auth_users:\n  a",
			": $2y$10$abcdefghijklmnopqrstuuWjvqCVjkYVTMSNzeVEJKZJ5U4mlWbQ2\n",
			WEB_USER_LEN - 1 - 1 },
	};
	static struct web_config config;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t n = cases[i].most - 1; n <= cases[i].most + 1; n++) {
			int error = parse_long(cases[i].before, n, cases[i].after, &config);
			if (error != (n > cases[i].most ? -EINVAL : 0))
				fail_msg("%s with %zu: %d", cases[i].before, n, error);
			web_config_clear(&config);
		}
	}
	assert_int_equal(parse_long("token_file: /", WEB_PATH_LEN - 2, "\n", &config), 0);
	assert_int_equal(strlen(config.path[WEB_TOKEN]), WEB_PATH_LEN - 1);
	assert_int_equal(parse_long("token_file: x", 1, "\n", &config), 0);
	assert_string_equal(config.path[WEB_TOKEN], "/etc/x0/x0");
}

/* --- a service manager -------------------------------------------------------------------------- */

#ifdef X0_WEB
static int manager_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
	return fd;
}

/* Waits for a message with this in it. */
static void manager_expect(int fd, const char *part)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	char text[1024];

	while (poll(&readable, 1, 20000) > 0) {
		ssize_t length = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(length > 0);
		text[length] = '\0';
		if (strstr(text, part) != NULL)
			return;
	}
	fail_msg("the manager never heard %s", part);
}

static void a_manager_hears_of_the_service(void **state)
{
	const char *x0top = getenv("X0TOP") != NULL ? getenv("X0TOP") : "./x0top";
	int fd = manager_open();

	(void)state;
	setenv("WATCHDOG_USEC", "200000", 1);
	unsetenv("WATCHDOG_PID");
	pid_t pid = fork();
	if (pid == 0) {
		execl(x0top, x0top, "serve", "--replay", "tests/unit/recordings/layout-1.jsonl",
			"--listen", "unix:/tmp/x0top-test.http", (char *)NULL);
		_exit(127);
	}
	manager_expect(fd, "STATUS=");
	manager_expect(fd, "READY=1");
	manager_expect(fd, "WATCHDOG=1");
	kill(pid, SIGHUP);
	manager_expect(fd, "RELOADING=1");
	manager_expect(fd, "READY=1");
	kill(pid, SIGTERM);
	manager_expect(fd, "STOPPING=1");
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(fd);
}
#endif

static void without_a_manager_nothing_is_said(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	notify_open();
	notify_send("READY=1");
	assert_int_equal(notify_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(notify_watchdog_ns(), 1500000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ns(), 0); /* another process's */
	notify_close();
}

/* --- a day -------------------------------------------------------------------------------------- */

#ifdef X0_WEB
static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static long resident_kb(void)
{
	long kb = -1;
	char line[128];
	FILE *file = fopen("/proc/self/status", "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "VmRSS: %ld", &kb);
	fclose(file);
	return kb;
}

/* Asks for a page of the server in this thread. Returns the length of the answer. */
static size_t ask(struct loop *loop, const char *path, const char *page)
{
	static char bytes[1 << 20];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = 0;
	ssize_t n = -1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	dprintf(fd, "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", page);
	for (uint64_t until = clock_monotonic_ns() + 10 * NS_PER_SECOND;
		n != 0 && clock_monotonic_ns() < until;) {
		loop_run_until(loop, clock_monotonic_ns());
		n = read(fd, bytes, sizeof(bytes));
		length += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	loop_run_until(loop, clock_monotonic_ns());
	assert_int_equal(n, 0);
	assert_memory_equal(bytes, "HTTP/1.1 200", 0);
	return length;
}

enum { RECORDED = 90 }; /* samples: more than a group of records */

/* Records a busy host, whose counts rise. */
static void record_host(const char *path, struct snapshot *snapshot)
{
	struct recorder *recorder;
	struct failure failure = { 0 };

	snapshot_sample(snapshot);
	assert_int_equal(recorder_open(path, UINT64_MAX, &recorder, &failure), 0);
	for (int i = 0; i < RECORDED; i++) {
		snapshot->time++;
		snapshot->packets.sum.all.packets.total += 1000;
		snapshot->syscalls.calls[i % snapshot->syscalls.n_calls].calls.total++;
		assert_int_equal(recorder_write(recorder, snapshot, &failure), 0);
	}
	recorder_close(recorder);
}

/* Replays a recording over and over: a sample a second and a scrape every fifteen, for 24 hours. */
static void a_day_grows_nothing(void **state)
{
	enum { DAY = 86400, SCRAPE = 15, WARM = 3600, SLACK_KB = 512 };
	char addresses[1][LISTEN_ADDRESS_LEN], path[64], recording[64];
	struct snapshot *snapshot = snapshot_open();
	struct replayer *replayer;
	struct failure failure = { 0 };
	struct health health;
	struct web *web;
	struct loop *loop;
	long kb = 0;
	int fds = 0;

	(void)state;
	assert_non_null(snapshot);
	snprintf(recording, sizeof(recording), "%s/recording", folder);
	record_host(recording, snapshot);
	assert_int_equal(replayer_open(recording, &replayer, &failure), 0);
	assert_int_equal(replayer_count(replayer), RECORDED);
	snprintf(path, sizeof(path), "%s/http", folder);
	snprintf(addresses[0], sizeof(addresses[0]), "unix:%s", path);
	assert_int_equal(web_open(addresses, 1, NULL, &web, &failure), 0);
	assert_int_equal(loop_open(&loop), 0);
	assert_int_equal(web_start(web, loop, &failure), 0);
	for (int second = 0; second < DAY; second++) {
		uint32_t at = (uint32_t)second % RECORDED;
		assert_int_equal(replayer_read(replayer, &at, snapshot, &failure), 0);
		health_look(NULL, snapshot, "", &health);
		web_turn(web, snapshot, &health);
		if (second % SCRAPE == 0)
			assert_true(ask(loop, path, "/metrics") > 10000);
		if (second % WARM == 0)
			assert_true(ask(loop, path, "/snapshot") > 10000);
		if (second == WARM) {
			kb = resident_kb();
			fds = count_fds();
		}
	}
	assert_int_equal(count_fds(), fds);
	assert_true(resident_kb() - kb < SLACK_KB);
	web_close(web);
	loop_close(loop);
	replayer_close(replayer);
	snapshot_close(snapshot);
}
#endif

/* Who asks looks: maps of plugins are read for the next samples. */
static void what_is_asked_for_is_looked_at(void **state)
{
	static struct pages pages;

	(void)state;
	assert_int_equal(pages_look(&pages), LOOK_NOTHING);
	shared_text_close(pages_get(&pages, TEXT_METRICS));
	assert_int_equal(pages_look(&pages), LOOK_METRICS);
	shared_text_close(pages_get(&pages, TEXT_EVENT));
	assert_int_equal(pages_look(&pages), LOOK_METRICS | LOOK_PLUGINS | LOOK_EVENTS);
	pages.asked[TEXT_METRICS] -= 100;
	assert_int_equal(pages_look(&pages), LOOK_PLUGINS | LOOK_EVENTS);
}

/* A server-sent event ends with an empty line, and has no other line feed than those of its lines. */
static void an_event_ends(void **state)
{
	static struct snapshot now;
	static struct pages pages;
	const struct health health = { 0 };
	static const char begin[] = "event: sample\ndata: {";

	(void)state;
	snapshot_sample(&now);
	pages_turn(&pages, &now, &health);
	struct shared_text *text = pages_get(&pages, TEXT_EVENT);
	assert_non_null(text);
	assert_true(text->length > sizeof(begin));
	assert_memory_equal(text->bytes, begin, strlen(begin));
	assert_memory_equal(text->bytes + text->length - 3, "}\n\n", 3);
	assert_null(memchr(text->bytes + strlen(begin), '\n', text->length - strlen(begin) - 2));
	shared_text_close(text);
	pages_clear(&pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(what_is_asked_for_is_looked_at),
		cmocka_unit_test(an_event_ends),
		cmocka_unit_test(the_form_is_chosen_by_weight),
		cmocka_unit_test(names_and_passwords_are_read),
#ifdef X0_WEB
		cmocka_unit_test(passwords_are_tried_once_a_second),
#endif
		cmocka_unit_test(a_token_must_be_whole),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(wrong_files_are_told),
		cmocka_unit_test(values_have_a_bound),
#ifdef X0_WEB
		cmocka_unit_test(a_manager_hears_of_the_service),
		cmocka_unit_test(a_day_grows_nothing),
#endif
		cmocka_unit_test(without_a_manager_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, open_folder, remove_folder);
}
