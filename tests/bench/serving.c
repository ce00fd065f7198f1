// SPDX-License-Identifier: BSD-2-Clause
/* What the service costs: an export, a scrape beside node_exporter's, itself, and fifty clients at once. */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "export/metrics.h"
#include "tests/lib/snapshot_sample.h"

#define ROUNDS	      21
#define EXPORT_MS     1
#define EXPORT_BIG_MS 10
#define CPU_PERCENT   1
#define MEMORY_MB     12
#define CLIENTS	      50
#define JITTER	      5 /* % of the interval */

enum {
	RULES = 1024,
	INTERFACES = 300,
	NODES = 64,
	OUR_PORT = 26970,
	NODE_PORT = 26979, /* of node_exporter */
	TURN_SECONDS = 5, /* of following samples, with clients and without */
	TURNS_OF_CLIENTS = 5,
	OFFS_MAX = 16, /* intervals of a turn */
};

/* --- an export ------------------------------------------------------------------------------------ */

/* Repeats an element of a list, each under a name of its own; `name` is its offset, or beyond the element. */
static void repeat(
	void *list, size_t size, uint32_t *n, uint32_t wanted, uint32_t room, size_t name)
{
	wanted = wanted < room ? wanted : room;
	for (uint32_t i = *n; i < wanted; i++) {
		char *element = (char *)list + i * size;
		memcpy(element, list, size);
		snprintf(element + name, 16, "if%u", i);
	}
	if (*n > 0 && *n < wanted)
		*n = wanted;
}

#define REPEAT(part, list, wanted, name)                                         \
	repeat((part)->list, sizeof((part)->list[0]), &(part)->n_##list, wanted, \
		sizeof((part)->list) / sizeof((part)->list[0]),                  \
		offsetof(__typeof__((part)->list[0]), name))

/* The busy node of the tests, with as many of all as there can be. Returns whether all of them are there. */
static bool enlarge(struct snapshot *snapshot)
{
	if (snapshot->pqc.n_nodes == 0)
		SNAPSHOT_ADD(snapshot, &snapshot->pqc, nodes);
	REPEAT(&snapshot->links, links, INTERFACES, name);
	REPEAT(&snapshot->packets, interfaces, INTERFACES, name);
	REPEAT(&snapshot->tc, interfaces, INTERFACES, name);
	REPEAT(&snapshot->net_events, interfaces, INTERFACES, name);
	REPEAT(&snapshot->pqc, nodes, NODES, node);
	REPEAT(&snapshot->mesh, rules, RULES, key);
	for (uint32_t i = 0; i < snapshot->mesh.n_rules; i++)
		snapshot->mesh.rules[i].number = i;
	return snapshot->links.n_links == INTERFACES &&
	       snapshot->packets.n_interfaces == INTERFACES &&
	       snapshot->tc.n_interfaces == INTERFACES && snapshot->pqc.n_nodes == NODES &&
	       snapshot->mesh.n_rules == RULES;
}

static double own_cpu_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void measure_export(const char *what, const struct snapshot *snapshot, double below)
{
	double ms[ROUNDS];
	char *text, line[48];
	size_t size = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double started = own_cpu_seconds();
		text = metrics_text(snapshot, METRICS_OPENMETRICS, &size);
		ms[i] = (own_cpu_seconds() - started) * 1e3;
		free(text);
	}
	snprintf(line, sizeof(line), "export, %s: %.1f MB", what, (double)size / 1e6);
	report_add(&(struct measurement) {
		.what = line,
		.unit = "ms",
		.value = bench_median(ms, ROUNDS),
		.rounds = ROUNDS,
		.below = below,
	});
}

/* --- clients -------------------------------------------------------------------------------------- */

static int connect_to(int port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Asks and reads to the end. Returns the bytes, or -1. */
static long scrape(int port)
{
	static const char request[] =
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	static char answer[1 << 16];
	int fd = connect_to(port);
	long all = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (write(fd, request, sizeof(request) - 1) < 0)
		all = -1;
	while (all >= 0 && (n = read(fd, answer, sizeof(answer))) > 0)
		all += n;
	close(fd);
	return all;
}

static bool await_port(int port)
{
	double until = clock_monotonic_seconds() + 20;

	while (clock_monotonic_seconds() < until) {
		if (scrape(port) > 0)
			return true;
		usleep(50000);
	}
	return false;
}

/* CPU time of the server for a scrape, in ms. */
static double scrape_cost(pid_t pid, int port)
{
	enum { TIMES = 20 };
	double before = bench_cpu_seconds(pid);

	for (int i = 0; i < TIMES; i++)
		if (scrape(port) < 0)
			return -1;
	return (bench_cpu_seconds(pid) - before) * 1e3 / TIMES;
}

static void compare_scrapes(pid_t ours)
{
	enum { TURNS = 9 };
	static const char *const arguments[] = { "prometheus-node-exporter",
		"--web.listen-address=127.0.0.1:26979", "--log.level=error", NULL };
	double us[TURNS], them[TURNS];
	pid_t theirs = bench_start(arguments);

	if (!await_port(NODE_PORT)) {
		report_missing("a scrape", "prometheus-node-exporter does not answer");
		bench_stop(theirs);
		return;
	}
	for (int i = 0; i < TURNS; i++) {
		us[i] = scrape_cost(ours, OUR_PORT);
		them[i] = scrape_cost(theirs, NODE_PORT);
	}
	report_add(&(struct measurement) {
		.what = "CPU time of a scrape, of 20 in a row",
		.unit = "ms",
		.value = bench_median(us, TURNS),
		.beside_what = "node_exporter",
		.beside = bench_median(them, TURNS),
		.rounds = TURNS,
	});
	bench_stop(theirs);
}

/* --- fifty clients -------------------------------------------------------------------------------- */

static void scrape_until(double until)
{
	while (clock_monotonic_seconds() < until)
		scrape(OUR_PORT);
	_exit(0);
}

/* Reads the times of samples from /events into offs[], each as how far its interval is from the wanted one, in
 * percent. Returns how many; 0 if it fails. */
static int intervals_off(double seconds, double interval, double offs[OFFS_MAX])
{
	static const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static char bytes[1 << 21];
	double until = clock_monotonic_seconds() + seconds, before = 0;
	size_t length = 0;
	ssize_t got;
	int n = 0, fd = connect_to(OUR_PORT);

	if (fd < 0 || write(fd, request, sizeof(request) - 1) < 0)
		return 0;
	while (clock_monotonic_seconds() < until && length + 1 < sizeof(bytes) &&
		(got = read(fd, bytes + length, sizeof(bytes) - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	bytes[length] = '\0';
	for (const char *at = bytes; (at = strstr(at, "\"schema\":\"")) != NULL && n < OFFS_MAX;
		at++) {
		const char *time = strstr(at, "\"time\":");
		double now = time != NULL ? strtod(time + strlen("\"time\":"), NULL) : 0;
		if (before > 0 && now > 0)
			offs[n++] = fabs(now - before - interval) / interval * 100;
		before = now;
	}
	return n;
}

static int intervals_among(int clients, double offs[OFFS_MAX])
{
	double until = clock_monotonic_seconds() + TURN_SECONDS;
	pid_t pids[CLIENTS];

	for (int i = 0; i < clients; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			scrape_until(until);
	}
	int n = intervals_off(TURN_SECONDS, 1, offs);
	for (int i = 0; i < clients; i++)
		waitpid(pids[i], NULL, 0);
	return n;
}

/* In turns without and with them: what else the machine does meets both alike. */
static void measure_clients(void)
{
	double alone[TURNS_OF_CLIENTS * OFFS_MAX], among[TURNS_OF_CLIENTS * OFFS_MAX];
	double worst[TURNS_OF_CLIENTS];
	int n_alone = 0, n_among = 0;

	for (int turn = 0; turn < TURNS_OF_CLIENTS; turn++) {
		int n = intervals_among(0, alone + n_alone);
		n_alone += n;
		n = intervals_among(CLIENTS, among + n_among);
		worst[turn] = 0;
		for (int i = 0; i < n; i++)
			worst[turn] = fmax(worst[turn], among[n_among + i]);
		n_among += n;
	}
	if (n_alone < TURNS_OF_CLIENTS || n_among < TURNS_OF_CLIENTS) {
		report_missing("50 clients at once", "the samples cannot be followed");
		return;
	}
	report_add(&(struct measurement) {
		.what = "50 clients at once: a sample is off by",
		.unit = "% of a second",
		.value = bench_median(among, (size_t)n_among),
		.beside_what = "no client",
		.beside = bench_median(alone, (size_t)n_alone),
		.rounds = TURNS_OF_CLIENTS,
		.below = JITTER,
	});
	report_add(&(struct measurement) {
		.what = "the sample that is off most, of a turn",
		.unit = "% of a second",
		.value = bench_median(worst, TURNS_OF_CLIENTS),
		.rounds = TURNS_OF_CLIENTS,
		.below = JITTER,
	});
}

/* How much a scrape brings. */
static void measure_answer(void)
{
	double series = 0, bytes = (double)scrape(OUR_PORT);
	FILE *count = popen("curl -s http://127.0.0.1:26970/metrics | grep -vc '^#'", "r");

	if (count == NULL || fscanf(count, "%lf", &series) != 1)
		series = -1;
	if (count != NULL)
		pclose(count);
	report_add(&(struct measurement) {
		.what = "series of a host, by all programs",
		.unit = "series",
		.value = series,
		.rounds = 1,
	});
	report_add(&(struct measurement) {
		.what = "bytes of a scrape",
		.unit = "kB",
		.value = bytes / 1e3,
		.rounds = 1,
	});
}

/* --- the service ---------------------------------------------------------------------------------- */

static void measure_service(pid_t pid)
{
	double percent[3];

	for (int i = 0; i < 3; i++) {
		double before = bench_cpu_seconds(pid), started = clock_monotonic_seconds();
		for (int second = 0; second < 5; second++) {
			sleep(1);
			scrape(OUR_PORT);
		}
		percent[i] = 100 * (bench_cpu_seconds(pid) - before) /
			     (clock_monotonic_seconds() - started);
	}
	report_add(&(struct measurement) {
		.what = "serve, a scrape a second",
		.unit = "% of a core",
		.value = bench_median(percent, 3),
		.rounds = 3,
		.below = CPU_PERCENT,
	});
	report_add(&(struct measurement) {
		.what = "serve, resident memory",
		.unit = "MB",
		.value = bench_resident_mb(pid),
		.rounds = 1,
		.below = MEMORY_MB,
	});
}

void bench_serving(void)
{
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	const char *const arguments[] = { x0top, "serve", "-i", BENCH_RECEIVES, NULL };
	struct snapshot *snapshot = snapshot_open();

	report_section("SERVICE", "CPU time by the scheduler's clock, over all threads");
	if (snapshot == NULL) {
		report_missing("the service", "there is no memory");
		return;
	}
	snapshot_sample(snapshot);
	measure_export("a busy node", snapshot, EXPORT_MS);
	if (enlarge(snapshot))
		measure_export("1024 rules, 300 links, 64 nodes", snapshot, EXPORT_BIG_MS);
	else
		report_missing("a large export", "not all that was asked for is in it");
	snapshot_close(snapshot);
	if (system("ip link set lo up") != 0)
		report_missing("the service", "the loopback cannot be used");
	pid_t service = bench_start(arguments);
	if (await_port(OUR_PORT)) {
		measure_service(service);
		measure_answer();
		compare_scrapes(service);
		measure_clients();
	} else {
		report_missing("the service", "it does not answer");
	}
	bench_stop(service);
}
