// SPDX-License-Identifier: BSD-2-Clause
/* Answers of a Prometheus, for the table of a fleet and for the history of a host: whatever it says, there are
 * hosts with names that end, and samples whose lists end. */
#include <math.h>

#include "fleet/fleet.h"
#include "fleet/past.h"
#include "fuzz.h"

enum { POINTS = 8 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Begins with an answer that both can use. */
static const char first[] =
	"{\"data\":{\"result\":["
	"{\"metric\":{\"__name__\":\"x0top_sample_timestamp_seconds\",\"instance\":\"a:1\"},"
	"\"value\":[1764284400,\"1\"],\"values\":[[1764284399,\"5\"],[1764284400,\"6\"]]},"
	"{\"metric\":{\"__name__\":\"x0top_mesh_rules_traffic_packets_total\",\"rule\":\"3\"},"
	"\"values\":[[1764284399,\"7\"],[1764284400,\"9\"]]},"
	"{\"metric\":{\"__name__\":\"x0top_syscalls_calls_latency_seconds_bucket\",\"call\":\"read\","
	"\"le\":\"+Inf\"},\"values\":[[1764284400,\"9\"]]}]}}";

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	(void)seed;
	if (size > 1 || sizeof(first) > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(data, first, sizeof(first) - 1);
	return sizeof(first) - 1;
}

static void try_fleet(json_t *answer)
{
	static struct fleet fleet;
	json_t *results[FLEET_COLUMNS];

	for (int i = 0; i < FLEET_COLUMNS; i++)
		results[i] = answer;
	expect(fleet_take(&fleet, results) == 0);
	for (size_t i = 0; i < fleet.n; i++) {
		expect(strlen(fleet.hosts[i].instance) < FLEET_INSTANCE_LEN);
		expect(strlen(fleet.hosts[i].name) < FLEET_NAME_LEN);
		expect(!isnan(fleet.hosts[i].attention));
		expect(i == 0 || fleet.hosts[i - 1].attention >= fleet.hosts[i].attention);
	}
}

static void try_past(const json_t *answer)
{
	static struct past *past;
	static struct snapshot *snapshot;
	struct failure failure = { 0 };
	uint32_t at = 0;

	if (past == NULL)
		past = past_open();
	if (snapshot == NULL)
		snapshot = snapshot_open();
	expect(past != NULL && snapshot != NULL);
	past_expect(past, 1764284400, 7, POINTS);
	int result = past_take(past, answer, &failure);
	const struct samples samples = past_samples(past);
	expect(result == 1 || failure.what[0] != '\0');
	expect(samples.count(past) <= POINTS && (result == 1) == (samples.count(past) > 0));
	for (; at < samples.count(past); at++) {
		expect(samples.read(past, &at, snapshot, &failure) == 0);
		expect(snapshot->mesh.n_rules <= MESH_RULES_MAX);
		expect(snapshot->n_programs <= PROGRAMS_MAX && snapshot->n_alerts <= ALERTS_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure failure = { 0 };
	json_t *answer = NULL;
	uint8_t *copy = copy_exactly(data, size);
	int error = prometheus_read((const char *)copy, size, &answer, &failure);

	free(copy);
	expect(error == 0 ? answer != NULL : answer == NULL && failure.what[0] != '\0');
	if (error == 0) {
		try_fleet(answer);
		try_past(answer);
	}
	json_decref(answer);
	return 0;
}
