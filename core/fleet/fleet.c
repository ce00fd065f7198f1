// SPDX-License-Identifier: BSD-2-Clause
#include "fleet/fleet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const struct fleet_field fleet_fields[FLEET_COLUMNS] = {
	[FLEET_UP] = { "up", NULL, "Whether Prometheus reaches it" },
	[FLEET_SEEN] = { "last_seen", "s since 1970", "Time of its last sample" },
	[FLEET_PACKETS] = { "packets", "1/s", "Packets received" },
	[FLEET_BYTES] = { "bytes", "bytes/s", "Bytes received" },
	[FLEET_KERNEL_DROPS] = { "kernel_drops", "1/s", "Packets dropped by the kernel" },
	[FLEET_MESH_DROPS] = { "mesh_drops", "1/s", "Packets dropped by the mesh filter" },
	[FLEET_REFUSALS] = { "refusals", "1/s", "Signed packets refused" },
	[FLEET_ENFORCING] = { "enforcing", NULL, "Whether the mesh filter drops" },
	[FLEET_FAILING] = { "failing", NULL, "Whether something asked for is not in force" },
	[FLEET_FAILED] = { "failed", "alerts", "Alerts: something does not work" },
	[FLEET_WARNINGS] = { "warnings", "alerts", "Alerts: something is lost, or grows" },
	[FLEET_NAME] = { "name", NULL, "Name of the host" },
};

/* A rate has no name: the label keeps those apart that are added up. One that a host lacks is no matter. */
#define MESH_DROPS(kind)                                                               \
	"label_replace(rate(x0top_mesh_" kind "_packets_total{J}[W]),\"kind\",\"" kind \
	"\",\"\",\"\")"

/* Its job, and the window of rates, stand for J and W. */
static const char *const expressions[FLEET_COLUMNS] = {
	[FLEET_UP] = "up{J}",
	[FLEET_SEEN] = "last_over_time(x0top_sample_timestamp_seconds{J}[1h])",
	[FLEET_PACKETS] = "sum by (instance) (rate(x0top_packets_sum_all_packets_total{J}[W]))",
	[FLEET_BYTES] = "sum by (instance) (rate(x0top_packets_sum_all_bytes_total{J}[W]))",
	[FLEET_KERNEL_DROPS] = "sum by (instance) (rate(x0top_net_events_dropped_total{J}[W]))",
	[FLEET_MESH_DROPS] = ("sum by (instance) (" MESH_DROPS("dropped") " or " MESH_DROPS(
		"unreadable") " or " MESH_DROPS("refused") ")"),
	[FLEET_REFUSALS] = ("sum by (instance) (rate(x0top_pqc_results_total{J,"
			    "result!~\"data accepted|fragment buffered|message accepted\"}[W]))"),
	[FLEET_ENFORCING] = "x0top_mesh_enforcing{J}",
	[FLEET_FAILING] = "x0top_serve_failing{J}",
	[FLEET_FAILED] = "x0top_alerts{J,severity=\"failed\"}",
	[FLEET_WARNINGS] = "x0top_alerts{J,severity=\"warning\"}",
	[FLEET_NAME] = "x0top_host_info{J}",
};

/* --- asking --------------------------------------------------------------------------------------- */

enum { EXPRESSION_LEN = 1024 };

/* Puts the job and the window into an expression. */
static void expand(const char *from, const struct fleet_request *request, char to[EXPRESSION_LEN])
{
	size_t length = 0;

	for (; *from != '\0' && length + 1 < EXPRESSION_LEN; from++) {
		int n = 1;
		if (*from == 'J' && (from[1] == '}' || from[1] == ','))
			n = snprintf(
				to + length, EXPRESSION_LEN - length, "job=\"%s\"", request->job);
		else if (*from == 'W' && from[1] == ']')
			n = snprintf(to + length, EXPRESSION_LEN - length, "%s", request->window);
		else
			to[length] = *from;
		length += (size_t)n;
	}
	to[length < EXPRESSION_LEN ? length : EXPRESSION_LEN - 1] = '\0';
}

int fleet_begin(
	struct prometheus *prometheus, const struct fleet_request *request, struct failure *failure)
{
	static char texts[FLEET_COLUMNS][EXPRESSION_LEN];
	const char *asked[FLEET_COLUMNS];

	for (int i = 0; i < FLEET_COLUMNS; i++) {
		expand(expressions[i], request, texts[i]);
		asked[i] = texts[i];
	}
	return prometheus_begin(prometheus, asked, FLEET_COLUMNS, NULL, failure);
}

/* --- answers -------------------------------------------------------------------------------------- */

static int by_instance(const void *one, const void *other)
{
	const struct fleet_host *a = one, *b = other;

	return strcmp(a->instance, b->instance);
}

static struct fleet_host *add_host(struct fleet *fleet, const char *instance)
{
	if (fleet->n == fleet->room) {
		size_t room = 2 * fleet->room + 64;
		struct fleet_host *grown = realloc(fleet->hosts, room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		fleet->hosts = grown;
		fleet->room = room;
	}
	struct fleet_host *host = &fleet->hosts[fleet->n++];
	memset(host, 0, sizeof(*host));
	snprintf(host->instance, sizeof(host->instance), "%s", instance);
	for (int i = 0; i < FLEET_COLUMNS; i++)
		host->values[i] = NAN;
	return host;
}

static const char *label_of(const json_t *sample, const char *label)
{
	return json_string_value(json_object_get(json_object_get(sample, "metric"), label));
}

/* A number comes as a text: [1764284400, "12.5"]. What is none, or has no end, is not known. */
static double value_of(const json_t *sample)
{
	const char *text = json_string_value(json_array_get(json_object_get(sample, "value"), 1));
	char *end = NULL;
	double value = text != NULL ? strtod(text, &end) : NAN;

	return end != NULL && end != text && *end == '\0' && isfinite(value) ? value : NAN;
}

/* The targets of the job are the hosts, also those that do not answer. */
static int list_hosts(struct fleet *fleet, const json_t *up)
{
	const json_t *sample;
	size_t i;

	json_array_foreach (up, i, sample) {
		const char *instance = label_of(sample, "instance");
		if (instance == NULL)
			continue;
		struct fleet_host *host = add_host(fleet, instance);
		if (host == NULL)
			return -ENOMEM;
		host->values[FLEET_UP] = value_of(sample);
	}
	if (fleet->n > 0)
		qsort(fleet->hosts, fleet->n, sizeof(fleet->hosts[0]), by_instance);
	return 0;
}

static void fill(struct fleet *fleet, int column, const json_t *samples)
{
	struct fleet_host wanted;
	const json_t *sample;
	size_t i;

	json_array_foreach (samples, i, sample) {
		const char *instance = label_of(sample, "instance");
		const char *name = label_of(sample, "name");
		if (instance == NULL)
			continue;
		snprintf(wanted.instance, sizeof(wanted.instance), "%s", instance);
		struct fleet_host *host = fleet->n == 0
						  ? NULL
						  : bsearch(&wanted, fleet->hosts, fleet->n,
							    sizeof(fleet->hosts[0]), by_instance);
		if (host != NULL && column == FLEET_NAME && name != NULL)
			snprintf(host->name, sizeof(host->name), "%s", name);
		else if (host != NULL)
			host->values[column] = value_of(sample);
	}
}

/* --- what needs attention ------------------------------------------------------------------------- */

static bool is(double value)
{
	return !isnan(value) && value > 0;
}

/* What is worse counts more than any number of what is less bad. */
static void judge_host(struct fleet_host *host)
{
	static const struct {
		int column;
		double weight;
		const char *one, *several; /* "1 warning", "%.0f warnings" */
	} kinds[] = {
		{ FLEET_FAILING, 1e12, "not in force", "not in force" },
		{ FLEET_FAILED, 1e9, "1 failed", "%.0f failed" },
		{ FLEET_WARNINGS, 1e6, "1 warning", "%.0f warnings" },
		{ FLEET_REFUSALS, 1, "refuses", "refuses" },
		{ FLEET_MESH_DROPS, 1e-3, "drops", "drops" },
		{ FLEET_KERNEL_DROPS, 1e-3, "kernel drops", "kernel drops" },
	};

	host->attention = 0;
	host->why[0] = '\0';
	if (!is(host->values[FLEET_UP])) {
		host->attention = 1e15;
		snprintf(host->why, sizeof(host->why), "down");
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		double value = host->values[kinds[i].column];
		if (!is(value))
			continue;
		host->attention += fmin(value, 999) * kinds[i].weight;
		if (host->why[0] != '\0')
			continue;
		if (value > 1 && strchr(kinds[i].several, '%') != NULL)
			snprintf(host->why, sizeof(host->why), "%.0f%s", value,
				kinds[i].several + strlen("%.0f"));
		else
			snprintf(host->why, sizeof(host->why), "%s", kinds[i].one);
	}
}

static int by_attention(const void *one, const void *other)
{
	const struct fleet_host *a = one, *b = other;

	return a->attention > b->attention   ? -1
	       : a->attention < b->attention ? 1
					     : by_instance(one, other);
}

int fleet_take(struct fleet *fleet, json_t *const *results)
{
	fleet->n = 0;
	int error = list_hosts(fleet, results[FLEET_UP]);
	for (int i = FLEET_UP + 1; i < FLEET_COLUMNS; i++)
		fill(fleet, i, results[i]);
	for (size_t i = 0; i < fleet->n; i++)
		judge_host(&fleet->hosts[i]);
	if (fleet->n > 0)
		qsort(fleet->hosts, fleet->n, sizeof(fleet->hosts[0]), by_attention);
	fleet->time = clock_realtime_seconds();
	return error;
}

int fleet_step(
	struct prometheus *prometheus, int wait_ms, struct fleet *fleet, struct failure *failure)
{
	json_t *results[PROMETHEUS_QUERIES_MAX];
	int result = prometheus_step(prometheus, wait_ms, results, failure);

	if (result <= 0)
		return result;
	int error = fleet_take(fleet, results);
	for (int i = 0; i < FLEET_COLUMNS; i++)
		json_decref(results[i]);
	return error < 0 ? failure_set(failure, error, "Not enough memory") : 1;
}

void fleet_clear(struct fleet *fleet)
{
	free(fleet->hosts);
	*fleet = (struct fleet) { 0 };
}
