// SPDX-License-Identifier: BSD-2-Clause
/* The neighbour table without the kernel: sets, the lines of babeld and of files, a socket and a file that
 * come, lie and go, the elements for sets of rules. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
/* After the four headers that it needs. */
#include <cmocka.h>

#include "base/clock.h"
#include "neighbours/babel_line.h"
#include "neighbours/entry.h"
#include "neighbours/feed.h"
#include "neighbours/file_lines.h"
#include "neighbours/generic.h"
#include "neighbours/neighbours.h"
#include "tests/lib/holdings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct snapshot *now;
static char folder[] = "/tmp/x0-neighbours-XXXXXX";
static char said[REASON_LEN];

static int set_up(void **state)
{
	(void)state;
	now = snapshot_open();
	return now == NULL || mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	snapshot_close(now);
	return rmdir(folder);
}

static void say(void *data, const char *sentence)
{
	(void)data;
	snprintf(said, sizeof(said), "%s", sentence);
}

/* --- sets --------------------------------------------------------------------------------------- */

static struct neighbour numbered(uint32_t number)
{
	struct neighbour neighbour;
	uint32_t address = htonl(0x0a000000 + number);

	neighbour_init(&neighbour, NEIGHBOUR_NODE);
	neighbour_set_address(&neighbour, AF_INET, &address);
	neighbour.metric = number;
	return neighbour;
}

static void a_set_is_bounded(void **state)
{
	struct neighbour_set set = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++) {
		struct neighbour neighbour = numbered(i);
		assert_int_equal(
			neighbour_set_put(&set, &neighbour), i < NEIGHBOURS_MAX ? 0 : -ENOSPC);
	}
	assert_int_equal(set.n, NEIGHBOURS_MAX);
	assert_int_equal(set.left_out, 1000000 - NEIGHBOURS_MAX);
	neighbour_set_clear(&set);
}

/* Random puts and removes, against an array by number. */
static void a_set_finds_what_it_holds(void **state)
{
	struct neighbour_set set = { 0 };
	static bool there[3000];
	uint32_t n = 0;

	(void)state;
	srandom(1);
	for (int i = 0; i < 200000; i++) {
		uint32_t number = (uint32_t)random() % COUNT(there);
		struct neighbour neighbour = numbered(number);
		bool put = random() % 2;
		n += put && !there[number];
		n -= !put && there[number];
		there[number] = put;
		if (put)
			assert_int_equal(neighbour_set_put(&set, &neighbour), 0);
		else
			neighbour_set_remove(&set, &neighbour.key);
		assert_int_equal(set.n, n);
	}
	for (uint32_t number = 0; number < COUNT(there); number++) {
		struct neighbour neighbour = numbered(number);
		const struct neighbour *found = neighbour_set_find(&set, &neighbour.key);
		assert_int_equal(found != NULL, there[number]);
		if (found != NULL)
			assert_true(found->metric == number);
	}
	neighbour_set_clear(&set);
}

/* --- lines -------------------------------------------------------------------------------------- */

static void lines_of_babeld(void **state)
{
	static const struct {
		const char *line;
		enum babel_line kind;
	} lines[] = {
		{ "BABEL 1.0", BABEL_OTHER },
		{ "version babeld-1.12.1", BABEL_OTHER },
		{ "ok", BABEL_OK },
		{ "no such command", BABEL_REFUSED },
		{ "bad", BABEL_REFUSED },
		{ "add interface eth0 up true ipv6 fe80::1", BABEL_OTHER },
		{ "add xroute 10.0.0.0/8-::/0 prefix 10.0.0.0/8 from ::/0 metric 0", BABEL_OTHER },
		{ "add neighbour 5593f0 address fe80::2 if mesh0 reach fffe ureach 0000 rxcost 96 "
		  "txcost 96 rtt 1.2 rttcost 0 cost 96",
			BABEL_PUT },
		{ "add route 5593f8 prefix 10.1.0.0/16 from ::/0 installed yes id 02:11 metric 96 "
		  "refmetric 0 via fe80::2 if mesh0",
			BABEL_PUT },
		{ "flush route 5593f8 prefix 10.1.0.0/16", BABEL_FLUSH },
		{ "add", BABEL_BROKEN },
		{ "add neighbour", BABEL_BROKEN },
		{ "add neighbour zz address fe80::2", BABEL_BROKEN },
		{ "add neighbour 1 if mesh0", BABEL_BROKEN },
		{ "add neighbour 1 address \x1b[31m", BABEL_BROKEN },
		{ "add neighbour 1 address fe80::2 reach 1ffff", BABEL_BROKEN },
		{ "add route 1 prefix 10.0.0.0/33 via fe80::2", BABEL_BROKEN },
		{ "add route 1 prefix 10.0.0.0/8 metric -1", BABEL_BROKEN },
		{ "", BABEL_OTHER },
	};
	struct neighbour neighbour;
	char line[512];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		snprintf(line, sizeof(line), "%s", lines[i].line);
		if (babel_line_read(line, &neighbour) != lines[i].kind)
			fail_msg("%s", lines[i].line);
	}
	snprintf(line, sizeof(line), "%s", lines[7].line);
	babel_line_read(line, &neighbour);
	assert_true(neighbour.metric == 96 && neighbour.quality == 15.0 / 16);
	assert_string_equal(neighbour.interface, "mesh0");
	snprintf(line, sizeof(line), "add neighbour 1 address fe80::2 if \x1b[2Jx");
	assert_int_equal(babel_line_read(line, &neighbour), BABEL_PUT);
	assert_string_equal(neighbour.interface, "?[2Jx");
}

static void lines_of_files(void **state)
{
	static const char text[] = "# neighbours\n10.1.0.7 alder\n\n 10.2.0.99/16 ; net\r\n"
				   "02:00:00:00:00:01 birch\nnonsense\nfd00::/8\n10.0.0.1/\n"
				   "10.1.0.7 again";
	struct neighbour_set set = { 0 };
	char address[ENTRY_LEN];

	(void)state;
	assert_int_equal(file_lines_read(text, sizeof(text) - 1, &set), 6);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.left_out, 2);
	entry_format(
		address, set.list[1].key.family, set.list[1].key.address, set.list[1].key.bits);
	assert_string_equal(address, "10.2.0.0/16");
	assert_string_equal(set.list[0].name, "again");
	neighbour_set_clear(&set);
	assert_int_equal(file_lines_read("a\0b\n10.0.0.1", 12, &set), 1);
	assert_int_equal(set.n, 1);
	neighbour_set_clear(&set);
}

/* --- a socket ----------------------------------------------------------------------------------- */

struct babel {
	char path[NEIGHBOURS_PATH_LEN];
	int listener, connection;
	struct neighbours *neighbours;
};

static void listen_at(struct babel *babel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", babel->path);
	unlink(babel->path);
	babel->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(babel->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(babel->listener, 4), 0);
}

static void start(struct babel *babel, uint32_t source, const char *name)
{
	struct neighbours_settings settings = { .wanted = 1U << source };

	snprintf(babel->path, sizeof(babel->path), "%s/%s", folder, name);
	snprintf(settings.babel, sizeof(settings.babel), "%s", babel->path);
	snprintf(settings.file, sizeof(settings.file), "%s", babel->path);
	babel->listener = babel->connection = -1;
	said[0] = '\0';
	assert_int_equal(neighbours_open(&settings, say, NULL, &babel->neighbours), 0);
}

static void stop(struct babel *babel)
{
	neighbours_close(babel->neighbours);
	close(babel->connection);
	close(babel->listener);
	unlink(babel->path);
}

static const struct snapshot_neighbour_source *sample(struct babel *babel, uint32_t source)
{
	struct timespec moment = { .tv_nsec = 2000000 };

	nanosleep(&moment, NULL);
	neighbours_handle(babel->neighbours);
	snapshot_clear(now);
	neighbours_sample(babel->neighbours, now);
	assert_int_equal(now->neighbours.n_sources, NEIGHBOUR_SOURCES);
	for (uint32_t i = 0; i < NEIGHBOUR_SOURCES; i++)
		assert_int_equal(now->neighbours.sources[i].name, i);
	return &now->neighbours.sources[source];
}

/* Polls until a source is in a state with so many nodes and routes. */
static void await(
	struct babel *babel, uint32_t source, uint32_t wanted, uint64_t nodes, uint64_t routes)
{
	double end = clock_monotonic_seconds() + 20;
	const struct snapshot_neighbour_source *row;

	do
		row = sample(babel, source);
	while ((row->state != wanted || row->nodes != nodes || row->routes != routes) &&
		clock_monotonic_seconds() < end);
	if (row->state != wanted || row->nodes != nodes || row->routes != routes)
		fail_msg("state %u, %" PRIu64 " nodes, %" PRIu64 " routes: %s", row->state,
			row->nodes, row->routes, row->reason);
}

static void send_text(struct babel *babel, const char *text)
{
	size_t length = strlen(text), sent = 0;

	while (sent < length) {
		ssize_t n = send(
			babel->connection, text + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_true(n > 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		if (n < 0)
			neighbours_handle(babel->neighbours);
	}
}

/* Sends what goes into a connection that may end meanwhile. */
static void send_some(struct babel *babel, const char *text)
{
	for (size_t length = strlen(text); length > 0;) {
		ssize_t n = send(babel->connection, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return;
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
		sample(babel, NEIGHBOURS_BABEL);
	}
}

/* Takes the connection, greets, and waits for the request. */
static void greet(struct babel *babel)
{
	char request[64] = "";

	double end = clock_monotonic_seconds() + 20;

	do {
		sample(babel, NEIGHBOURS_BABEL);
		babel->connection = accept4(babel->listener, NULL, NULL, SOCK_CLOEXEC);
	} while (babel->connection < 0 && clock_monotonic_seconds() < end);
	assert_true(babel->connection >= 0);
	send_text(babel, "BABEL 1.0\nversion babeld-1.12.1\nhost h\nmy-id 02:00\nok\n");
	sample(babel, NEIGHBOURS_BABEL);
	sample(babel, NEIGHBOURS_BABEL);
	assert_true(recv(babel->connection, request, sizeof(request) - 1, 0) > 0);
	assert_string_equal(request, "monitor\n");
}

#define NEIGHBOUR_1 "add neighbour 1a address fe80::2 if mesh0 reach ffff cost 96\n"
#define ROUTE_1	    "add route 2a prefix 10.1.0.0/16 installed yes metric 96 via fe80::2 if mesh0\n"
#define ROUTE_2	    "add route 2b prefix 10.1.0.0/16 installed no metric 300 via fe80::3 if mesh0\n"

static void a_socket_that_comes_and_goes(void **state)
{
	struct babel babel;

	(void)state;
	start(&babel, NEIGHBOURS_BABEL, "babel");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_ABSENT, COUNT_UNKNOWN, COUNT_UNKNOWN);
	assert_string_equal(said, ""); /* what is not there is no error */
	listen_at(&babel);
	greet(&babel);
	send_text(&babel, NEIGHBOUR_1 ROUTE_1 "add rou");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_ABSENT, COUNT_UNKNOWN,
		COUNT_UNKNOWN); /* no half set */
	send_text(&babel, "te 2b prefix 10.1.0.0/16 installed no metric 300 via fe80::3\nok\n");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, 1, 2);
	assert_true(now->neighbours.neighbours[0].metric == 96);
	send_text(&babel, "flush route 2b prefix 10.1.0.0/16\n");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, 1, 1);
	close(babel.connection);
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LOST, 1, 1);
	assert_non_null(strstr(said, "babel are kept as they were"));
	babel.connection = -1;
	greet(&babel); /* it tries again */
	send_text(&babel, NEIGHBOUR_1 "ok\n");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, 1, 0);
	assert_non_null(strstr(said, "live again"));
	stop(&babel);
}

static void live(void)
{
	struct babel babel;

	start(&babel, NEIGHBOURS_BABEL, "babel");
	listen_at(&babel);
	greet(&babel);
	send_text(&babel, NEIGHBOUR_1 ROUTE_1 "ok\n");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, 1, 1);
	stop(&babel);
	start(&babel, NEIGHBOURS_FILE, "file");
	stop(&babel);
}

static void nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("neighbours", live);
}

/* One that tells its list and leaves, again and again, is asked less and less often. */
static void a_socket_that_leaves(void **state)
{
	static const char answer[] = "BABEL 1.0\nok\nok\n";
	struct babel babel;
	int connections = 0;

	(void)state;
	start(&babel, NEIGHBOURS_BABEL, "babel");
	listen_at(&babel);
	for (double end = clock_monotonic_seconds() + 1.2; clock_monotonic_seconds() < end;) {
		sample(&babel, NEIGHBOURS_BABEL);
		int connection = accept4(babel.listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0)
			continue;
		connections++;
		assert_int_equal(send(connection, answer, sizeof(answer) - 1, MSG_NOSIGNAL),
			sizeof(answer) - 1);
		sample(&babel, NEIGHBOURS_BABEL);
		sample(&babel, NEIGHBOURS_BABEL);
		close(connection);
	}
	assert_in_range(connections, 2, 5); /* after 0.1, 0.2, 0.4 and 0.8 s */
	assert_non_null(strstr(said, "babel are kept as they were"));
	stop(&babel);
}

/* A line of 1,023 characters is read, one of 1,024 left out, wherever it is cut on its way. */
static void the_longest_line(void **state)
{
	static const char begin[] = "add neighbour 1a address fe80::2 if mesh0 cost 96 ";
	struct babel babel;
	char line[1026];

	(void)state;
	for (size_t length = 1022; length <= 1024; length++) {
		start(&babel, NEIGHBOURS_BABEL, "babel");
		listen_at(&babel);
		greet(&babel);
		memset(line, ' ', length);
		memcpy(line, begin, sizeof(begin) - 1);
		strcpy(line + length, "\n");
		send_text(&babel, line);
		send_text(&babel, "ok\n");
		await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, length < 1024, 0);
		assert_int_equal(sample(&babel, NEIGHBOURS_BABEL)->left_out, length < 1024 ? 0 : 1);
		stop(&babel);
	}
}

/* One that says so much that it is always in the middle of some line: all of them end in time. */
static void begin_busy(struct babel *busy)
{
	start(busy, NEIGHBOURS_BABEL, "busy");
	listen_at(busy);
	greet(busy);
	send_text(busy, "ok\nadd ne");
	await(busy, NEIGHBOURS_BABEL, SOURCE_LIVE, 0, 0);
}

/* Waits until `babel` is lost, while `busy` goes on, and `silent`, which began before. */
static void await_lost(struct babel *babel, struct babel *busy, struct babel *silent)
{
	double end = clock_monotonic_seconds() + 20;

	do {
		send_text(busy, "ighbour 7 address fd00::7 if m\nadd ne");
		sample(busy, NEIGHBOURS_BABEL);
		sample(silent, NEIGHBOURS_BABEL);
	} while (sample(babel, NEIGHBOURS_BABEL)->state != SOURCE_LOST &&
		 clock_monotonic_seconds() < end);
	assert_int_equal(sample(babel, NEIGHBOURS_BABEL)->state, SOURCE_LOST);
}

static void a_socket_that_lies(void **state)
{
	struct babel babel, busy, silent;
	char line[128], *wide = malloc(100001);

	(void)state;
	assert_non_null(wide);
	start(&babel, NEIGHBOURS_BABEL, "babel");
	listen_at(&babel);
	greet(&babel);
	memset(wide, 'x', 100000);
	wide[100000] = '\0';
	send_text(&babel, wide);
	send_text(&babel, "\nadd neighbour \x1b]0;x\n");
	for (uint32_t i = 0; i < 40000; i++) {
		snprintf(line, sizeof(line), "add neighbour %x address fd00::%x:%x if m\n", i + 1,
			i >> 16, i & 0xffff);
		send_text(&babel, line);
	}
	send_text(&babel, "ok\n");
	await(&babel, NEIGHBOURS_BABEL, SOURCE_LIVE, NEIGHBOURS_MAX, 0);
	assert_int_equal(sample(&babel, NEIGHBOURS_BABEL)->left_out, 40000 - NEIGHBOURS_MAX + 2);
	assert_int_equal(now->neighbours.n_neighbours, NEIGHBOURS_SHOWN);
	start(&silent, NEIGHBOURS_BABEL, "silent");
	listen_at(&silent); /* it takes the connection, and says nothing */
	begin_busy(&busy);
	send_text(&babel, "add neighb"); /* and nothing more */
	await_lost(&babel, &busy, &silent);
	assert_non_null(
		strstr(now->neighbours.sources[NEIGHBOURS_BABEL].reason, "middle of a line"));
	assert_int_equal(accept4(babel.listener, NULL, NULL, SOCK_CLOEXEC), -1); /* not at once */
	stop(&babel);
	assert_non_null(strstr(sample(&silent, NEIGHBOURS_BABEL)->reason, "does not end its list"));
	stop(&silent);
	assert_int_equal(sample(&busy, NEIGHBOURS_BABEL)->state, SOURCE_LIVE);
	for (int i = 0; i < 12 && sample(&busy, NEIGHBOURS_BABEL)->state == SOURCE_LIVE; i++)
		send_some(&busy, wide);
	assert_non_null(
		strstr(now->neighbours.sources[NEIGHBOURS_BABEL].reason, "line that does not end"));
	stop(&busy);
	free(wide);
}

/* --- a file ------------------------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_file_that_changes(void **state)
{
	struct babel babel;

	(void)state;
	start(&babel, NEIGHBOURS_FILE, "file");
	await(&babel, NEIGHBOURS_FILE, SOURCE_ABSENT, COUNT_UNKNOWN, COUNT_UNKNOWN);
	write_text(babel.path, "10.1.0.7\nfd00::/8\n");
	await(&babel, NEIGHBOURS_FILE, SOURCE_LIVE, 1, 1);
	write_text(babel.path, "10.1.0.7\n10.1.0.8\nwrong\n");
	await(&babel, NEIGHBOURS_FILE, SOURCE_LIVE, 2, 0);
	assert_non_null(strstr(now->neighbours.sources[NEIGHBOURS_FILE].reason, "line 3"));
	unlink(babel.path);
	await(&babel, NEIGHBOURS_FILE, SOURCE_LOST, 2, 0);
	assert_int_equal(neighbours_in_state(babel.neighbours, UINT32_MAX, SOURCE_LOST),
		1U << NEIGHBOURS_FILE);
	stop(&babel);
}

/* --- an interface that is removed ---------------------------------------------------------------- */

/* What it knew stays for a while, and is then forgotten: no alert lasts for ever. */
static void a_removed_interface_is_forgotten(void **state)
{
	struct generic_source own = { 0 };
	struct neighbour_source source = { .type = &neighbours_wireguard,
		.own = &own,
		.say = say,
		.state = SOURCE_LIVE,
		.as_of = 1 };
	struct neighbour neighbour = numbered(1);

	(void)state;
	assert_int_equal(neighbour_set_put(&source.set, &neighbour), 0);
	source.type->ask(&source);
	assert_int_equal(source.state, SOURCE_LOST);
	assert_int_equal(source.set.n, 1);
	assert_false(source.forgotten);
	own.missing_ns -= GENERIC_KEPT;
	source.type->ask(&source);
	assert_int_equal(source.state, SOURCE_ABSENT);
	assert_int_equal(source.set.n, 0);
	assert_true(source.forgotten);
	assert_non_null(strstr(said, "wireguard are forgotten"));
	said[0] = '\0';
	source.type->ask(&source);
	assert_string_equal(said, ""); /* once */
	source.type->close(&source);
}

/* --- elements ----------------------------------------------------------------------------------- */

static void elements_of_a_set(void **state)
{
	struct babel babel;
	struct neighbour_element *list;
	uint32_t file = 1U << NEIGHBOURS_FILE;

	(void)state;
	start(&babel, NEIGHBOURS_FILE, "file");
	uint64_t before = neighbours_changes(babel.neighbours, file);
	write_text(babel.path, "10.1.0.8 b\n10.1.0.7 a\n10.2.0.0/16\n0.0.0.0/0\n"
			       "02:00:00:00:00:01\n10.1.0.8 c\nfd00::1\n");
	await(&babel, NEIGHBOURS_FILE, SOURCE_LIVE, 4, 2);
	assert_true(neighbours_changes(babel.neighbours, file) > before);
	assert_int_equal(
		neighbours_elements(babel.neighbours, file, NEIGHBOUR_ADDRESSES, &list), 3);
	assert_int_equal(list[0].family, AF_INET);
	assert_int_equal(list[0].address[3], 7);
	assert_int_equal(list[1].address[3], 8);
	assert_int_equal(list[2].family, AF_INET6);
	free(list);
	assert_int_equal(neighbours_elements(babel.neighbours, file, NEIGHBOUR_PREFIXES, &list), 1);
	assert_int_equal(list[0].bits, 16);
	free(list);
	assert_int_equal(neighbours_elements(babel.neighbours, file, NEIGHBOUR_MACS, &list), 1);
	assert_int_equal(list[0].mac[0], 2);
	free(list);
	assert_int_equal(neighbours_elements(
				 babel.neighbours, 1U << NEIGHBOURS_BABEL, NEIGHBOUR_MACS, &list),
		0);
	free(list);
	stop(&babel);
}

/* Only the addresses of nodes whose last signed message is still valid are elements. */
static void nodes_with_signatures(void **state)
{
	const struct neighbours_settings settings = { .wanted = 1U << NEIGHBOURS_SIGNED };
	const uint32_t source = 1U << NEIGHBOURS_SIGNED;
	struct neighbours *neighbours;
	struct neighbour_element *list;
	const uint8_t id[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	assert_int_equal(neighbours_open(&settings, say, NULL, &neighbours), 0);
	snapshot_clear(now);
	now->time = 1000;
	now->pqc.available = true;
	now->pqc.n_nodes = 2;
	now->pqc.nodes[0] = (struct snapshot_pqc_node) { .node = "0102030405060708",
		.address = "10.1.0.7",
		.last_time = 990,
		.authenticated_until = 1001 };
	now->pqc.nodes[1] = (struct snapshot_pqc_node) { .node = "1102030405060708",
		.address = "10.1.0.8",
		.last_time = 900,
		.authenticated_until = 999 };
	neighbours_sample(neighbours, now);
	assert_int_equal(neighbours_elements(neighbours, source, NEIGHBOUR_ADDRESSES, &list), 1);
	assert_int_equal(list[0].address[3], 7);
	free(list);
	assert_int_equal(neighbours_elements(neighbours, source, NEIGHBOUR_IDS, &list), 1);
	assert_memory_equal(&list[0].id, id, sizeof(id));
	free(list);
	snapshot_clear(now); /* the verifier is off: nodes are where they were */
	neighbours_sample(neighbours, now);
	assert_int_equal(neighbours_in_state(neighbours, source, SOURCE_LOST), source);
	assert_int_equal(neighbours_elements(neighbours, source, NEIGHBOUR_IDS, &list), 1);
	free(list);
	neighbours_close(neighbours);
}

static void words_of_feeds(void **state)
{
	struct failure failure;
	uint32_t feed;

	(void)state;
	assert_int_equal(feed_parse("kernel,babel", &feed, &failure), 0);
	assert_int_equal(feed, 1U << NEIGHBOURS_KERNEL | 1U << NEIGHBOURS_BABEL);
	assert_int_equal(feed_parse("all", &feed, &failure), 0);
	assert_int_equal(feed, FEED_SOURCES);
	assert_int_equal(feed_parse("routes", &feed, &failure), 0);
	assert_int_equal(feed, FEED_SOURCES | FEED_ROUTES);
	assert_int_equal(feed_parse("routes,babel", &feed, &failure), 0);
	assert_int_equal(feed, 1U << NEIGHBOURS_BABEL | FEED_ROUTES);
	for (const char **word = (const char *[]) { "", "kernel,", ",kernel", "Kernel", "none",
		     "kernel babel", NULL };
		*word != NULL; word++)
		assert_int_equal(feed_parse(*word, &feed, &failure), -EINVAL);
}

/* --- settings ----------------------------------------------------------------------------------- */

static void settings_choose_sources(void **state)
{
	struct neighbours_settings settings;
	struct failure failure = { 0 };

	(void)state;
	neighbours_settings_default(&settings);
	assert_int_equal(settings.wanted, (1U << NEIGHBOUR_SOURCES) - 1 - (1U << NEIGHBOURS_FILE));
	settings.n_wanted = 0;
	assert_int_equal(neighbours_settings_add(&settings, "kernel", &failure), 0);
	assert_int_equal(neighbours_settings_add(&settings, "babel=33123", &failure), 0);
	assert_int_equal(settings.wanted, 1U << NEIGHBOURS_KERNEL | 1U << NEIGHBOURS_BABEL);
	assert_string_equal(settings.babel, "33123");
	settings.n_wanted = 0;
	assert_int_equal(neighbours_settings_add(&settings, "none", &failure), 0);
	assert_int_equal(settings.wanted, 0);
	for (const char **word = (const char *[]) { "file", "kernel=x", "file=", "ospf", "", NULL };
		*word != NULL; word++)
		assert_int_equal(neighbours_settings_add(&settings, *word, &failure), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_bounded),
		cmocka_unit_test(a_set_finds_what_it_holds),
		cmocka_unit_test(lines_of_babeld),
		cmocka_unit_test(lines_of_files),
		cmocka_unit_test(a_socket_that_comes_and_goes),
		cmocka_unit_test(nothing_is_held_any_longer),
		cmocka_unit_test(a_socket_that_leaves),
		cmocka_unit_test(the_longest_line),
		cmocka_unit_test(a_socket_that_lies),
		cmocka_unit_test(a_file_that_changes),
		cmocka_unit_test(a_removed_interface_is_forgotten),
		cmocka_unit_test(elements_of_a_set),
		cmocka_unit_test(nodes_with_signatures),
		cmocka_unit_test(words_of_feeds),
		cmocka_unit_test(settings_choose_sources),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
