// SPDX-License-Identifier: BSD-2-Clause
/* How long a look at 200 hosts takes: services that replay a recording, and a real Prometheus. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "fleet/fleet.h"

#define ROUNDS	   9
#define REFRESH_MS 300

enum {
	HOSTS = 200,
	FIRST_PORT = 22000,
	SECONDS_TO_START = 60,
};

static pid_t pids[HOSTS + 1];

static void start_hosts(FILE *targets)
{
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	char address[32];

	for (int i = 0; i < HOSTS; i++) {
		snprintf(address, sizeof(address), "127.0.0.1:%d", FIRST_PORT + i);
		const char *const arguments[] = { x0top, "serve", "--replay",
			"tests/unit/recordings/layout-1.jsonl", "--delay", "1", "--listen", address,
			NULL };
		pids[i] = bench_start(arguments);
		fprintf(targets, "'%s', ", address);
	}
}

static bool start_all(const char *folder)
{
	char config[64], file[96], data[96];

	snprintf(config, sizeof(config), "%s/prometheus.yml", folder);
	FILE *written = fopen(config, "we");
	if (written == NULL)
		return false;
	fprintf(written, "global: {scrape_interval: 2s, scrape_timeout: 2s}\nscrape_configs:\n"
			 "  - {job_name: x0top, static_configs: [{targets: [");
	start_hosts(written);
	fprintf(written, "]}]}\n");
	fclose(written);
	snprintf(file, sizeof(file), "--config.file=%s", config);
	snprintf(data, sizeof(data), "--storage.tsdb.path=%s/data", folder);
	const char *const arguments[] = { "prometheus", file, data,
		"--web.listen-address=127.0.0.1:9091", "--log.level=error", NULL };
	pids[HOSTS] = bench_start(arguments);
	return true;
}

/* Returns the ms that a look takes, or negative. */
static double look(struct prometheus *prometheus, struct fleet *fleet)
{
	const struct fleet_request request = { .job = "x0top", .window = "20s" };
	double started = clock_monotonic_seconds();
	struct failure failure;
	int result = fleet_begin(prometheus, &request, &failure);

	while (result == 0)
		result = fleet_step(prometheus, 100, fleet, &failure);
	return result < 0 ? -1 : (clock_monotonic_seconds() - started) * 1e3;
}

static size_t count_seen(const struct fleet *fleet)
{
	size_t n = 0;

	for (size_t i = 0; i < fleet->n; i++)
		n += fleet->hosts[i].values[FLEET_PACKETS] >= 0;
	return n;
}

static void measure(struct prometheus *prometheus)
{
	double until = clock_monotonic_seconds() + SECONDS_TO_START, ms[ROUNDS];
	struct fleet fleet = { 0 };

	while (count_seen(&fleet) < HOSTS && clock_monotonic_seconds() < until) {
		look(prometheus, &fleet);
		usleep(200000);
	}
	if (count_seen(&fleet) < HOSTS) {
		report_missing("a fleet", "%zu of %d hosts are seen", count_seen(&fleet), HOSTS);
	} else {
		for (int i = 0; i < ROUNDS; i++)
			ms[i] = look(prometheus, &fleet);
		report_add(&(struct measurement) {
			.what = "a look at 200 hosts",
			.unit = "ms",
			.value = bench_median(ms, ROUNDS),
			.rounds = ROUNDS,
			.below = REFRESH_MS,
		});
	}
	fleet_clear(&fleet);
}

/* --- what the Prometheus takes, by its own metrics ------------------------------------------------- */

/* Returns a number of its metrics, or negative. */
static double own_metric(const char *name)
{
	char line[512];
	double value = -1;
	FILE *metrics = popen("curl -s --max-time 10 http://127.0.0.1:9091/metrics", "r");

	while (metrics != NULL && fgets(line, sizeof(line), metrics) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ')
			value = strtod(line + strlen(name), NULL);
	if (metrics != NULL)
		pclose(metrics);
	return value;
}

static void report_one(const char *what, const char *unit, double value)
{
	report_add(
		&(struct measurement) { .what = what, .unit = unit, .value = value, .rounds = 1 });
}

/* What the plan for many hosts is computed from: see FLEET in x0top(8). */
static void measure_prometheus(void)
{
	enum { WATCHED = 20 }; /* s */
	const double cpu = own_metric("process_cpu_seconds_total");
	const double samples =
		own_metric("prometheus_tsdb_head_samples_appended_total{type=\"float\"}");
	sleep(WATCHED);
	const double series = own_metric("prometheus_tsdb_head_series");
	const double appended =
		own_metric("prometheus_tsdb_head_samples_appended_total{type=\"float\"}") - samples;
	const double used = own_metric("process_cpu_seconds_total") - cpu;

	if (series <= 0 || appended <= 0 || cpu < 0) {
		report_missing("what Prometheus takes", "it does not tell");
		return;
	}
	report_one("Prometheus: series of a host of a recording", "series", series / HOSTS);
	report_one("Prometheus: memory of a series", "kB",
		own_metric("process_resident_memory_bytes") / series / 1e3);
	report_one("Prometheus: CPU time of 1,000 samples", "ms", used / appended * 1e6);
}

void bench_fleet(void)
{
	const struct prometheus_access access = { .url = "http://127.0.0.1:9091" };
	char folder[] = "/tmp/x0bench-XXXXXX", command[64];
	struct prometheus *prometheus;
	struct failure failure;

	report_section(
		"FLEET", "200 services of a recording, scraped every 2 s, on the same machine");
	if (mkdtemp(folder) == NULL || system("ip link set lo up") != 0 || !start_all(folder)) {
		report_missing("a fleet", "its hosts cannot be started");
	} else if (prometheus_open(&access, &prometheus, &failure) < 0) {
		report_missing("a fleet", "%s", failure.what);
	} else {
		measure(prometheus);
		measure_prometheus();
		prometheus_close(prometheus);
	}
	for (int i = 0; i <= HOSTS; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
	for (int i = 0; i <= HOSTS; i++)
		if (pids[i] > 0)
			waitpid(pids[i], NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		report_missing("a fleet", "%s is left", folder);
}
