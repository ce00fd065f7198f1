// SPDX-License-Identifier: BSD-2-Clause
/*
 * x0top bench pqc: its packets. The kernel is a model here that reads each frame as the manual says, and counts it
 * under what it is: packets that are other than their row's name are noticed, as the bench does.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define object_open		 object_opened
#define object_load		 object_loaded_by
#define object_map_fd		 object_map
#define object_program_fd	 object_program
#define bpf_object__close	 object_closed
#define bpf_map_update_elem	 map_update
#define bpf_map_lookup_elem	 map_lookup
#define bpf_prog_test_run_opts	 program_run
#define libbpf_num_possible_cpus cpus_possible
#include "../../cli/bench_pqc_packets.c"

enum { PROGRAM = 7, FIRST_MAP = 100, CPUS = 2, NS = 123 };

static struct pqc_control control;
static struct pqc_session session;
static struct pqc_session_key session_name;
static uint8_t node[PQC_NODE_LEN];
static uint64_t counts[PQC_RESULTS], highest, unprotected;
static unsigned objects, maps_named;
static int wrong_result; /* counted in place of any; PQC_RESULTS: none is */
static int run_error;
static struct failure failure;

/* --- the kernel -------------------------------------------------------------------------------------- */

int object_opened(
	const char *name, const char *file, struct bpf_object **object, struct failure *why)
{
	(void)name, (void)file, (void)why;
	*object = (struct bpf_object *)&objects;
	objects++;
	return 0;
}

int object_loaded_by(struct bpf_object *object, const char *name, struct failure *why)
{
	(void)object, (void)name, (void)why;
	return 0;
}

void object_closed(struct bpf_object *object)
{
	if (object == NULL)
		return;
	assert_ptr_equal(object, &objects);
	objects--;
}

int object_program(const struct bpf_object *object, const char *name)
{
	(void)object, (void)name;
	return PROGRAM;
}

int object_map(const struct bpf_object *object, const char *name)
{
	(void)object, (void)name;
	return FIRST_MAP + (int)maps_named++;
}

int cpus_possible(void)
{
	return CPUS;
}

int map_update(int map, const void *key, const void *value, __u64 flags)
{
	(void)flags;
	switch (map - FIRST_MAP) {
	case CONTROL:
		memcpy(&control, value, sizeof(control));
		return 0;
	case SLOTS:
		memcpy(node, key, sizeof(node));
		assert_int_equal(*(const uint32_t *)value, 0);
		return 0;
	case SESSIONS:
		memcpy(&session_name, key, sizeof(session_name));
		memcpy(&session, value, sizeof(session));
		return 0;
	case KEYS:
		return 0;
	default:
		errno = EBADF;
		return -1;
	}
}

/* The counts of the first processor are all but one. */
int map_lookup(int map, const void *key, void *value)
{
	struct pqc_stats *stats = value;

	(void)key;
	assert_int_equal(map, FIRST_MAP + STATS);
	memset(stats, 0, CPUS * sizeof(*stats));
	for (int i = 0; i < PQC_RESULTS; i++) {
		stats[1].results[i] = counts[i] > 0;
		stats[0].results[i] = counts[i] - stats[1].results[i];
	}
	return 0;
}

static int judge_data(const struct pqc_header *header, size_t length)
{
	const uint8_t *bytes = (const uint8_t *)header;
	const size_t covered = sizeof(*header) + ntohs(header->data.length);
	uint64_t tag[PQC_TAG_LEN / 8];

	if (memcmp(header->node, node, sizeof(node)) != 0)
		return PQC_UNKNOWN_NODE;
	if (header->data.session != session_name.session)
		return PQC_UNKNOWN_SESSION;
	assert_int_equal(length, covered + PQC_TAG_LEN);
	data_tag((const uint64_t *)session.key, &path, header->flags,
		(struct span) { bytes, covered }, tag);
	if (memcmp(tag, bytes + covered, sizeof(tag)) != 0)
		return PQC_BAD_TAG;
	if (be64toh(header->sequence) <= highest)
		return PQC_REPLAYED;
	highest = be64toh(header->sequence);
	return PQC_DATA_ACCEPTED;
}

static int judge_fragment(const struct pqc_header *header, size_t length)
{
	static uint8_t message[MESSAGE_PACKET_MAX * PQC_SLICES_MAX];
	const size_t size = length - sizeof(*header);

	assert_memory_equal(header->node, node, sizeof(node));
	memcpy(message + ntohs(header->fragment.offset), header + 1, size);
	if (header->fragment.index + 1 < header->fragment.count)
		return PQC_FRAGMENT_BUFFERED;
	assert_int_equal(ntohs(header->fragment.offset) + size, ntohs(header->fragment.total));
	if (message[ntohs(header->fragment.total) - 1] == UINT8_MAX)
		return PQC_MALFORMED_SIGNATURE;
	return control.common_budget.burst == 0 ? PQC_THROTTLED : PQC_BAD_SIGNATURE;
}

static int judge(const void *frame, size_t length)
{
	const struct packet_frame *in =
		(const void *)((const uint8_t *)frame - offsetof(struct packet_frame, ethernet));
	const struct pqc_header *header = (const struct pqc_header *)in->payload;
	const size_t payload = length - FRAME_HEADERS;

	assert_int_equal(in->ethernet.h_proto, htons(ETH_P_IP));
	assert_int_equal(ntohs(in->ip.tot_len), length - ETH_HLEN);
	if (in->udp.dest != htons(PQC_PORT))
		return PQC_RESULTS;
	if (header->magic != htonl(PQC_MAGIC))
		return PQC_BAD_HEADER;
	return header->type == PQC_TYPE_DATA ? judge_data(header, payload)
					     : judge_fragment(header, payload);
}

int program_run(int program, struct bpf_test_run_opts *options)
{
	assert_int_equal(program, PROGRAM);
	options->duration = NS;
	if (run_error != 0) {
		errno = run_error;
		return -1;
	}
	for (int i = 0; i < options->repeat && i < 2; i++) {
		int result = judge(options->data_in, options->data_size_in);
		const uint64_t n = i == 0 ? 1 : (uint64_t)options->repeat - 1;
		if (result < PQC_RESULTS && wrong_result >= 0)
			result = wrong_result;
		if (result < PQC_RESULTS)
			counts[result] += n;
		else
			unprotected += n;
	}
	return 0;
}

/* --- the report -------------------------------------------------------------------------------------- */

static char rows[32][64];
static double below[32];
static unsigned n_rows, n_sections;

static void on_section(void *context, const char *title, const char *how)
{
	(void)context, (void)title, (void)how;
	n_sections++;
}

static void on_row(void *context, const struct bench_row *row)
{
	(void)context;
	assert_true(n_rows < 32);
	assert_string_equal(row->unit, "ns");
	below[n_rows] = row->below;
	snprintf(rows[n_rows++], sizeof(rows[0]), "%s", row->what);
	if (row->beside_what == NULL && strstr(row->what, "fragments") == NULL)
		assert_true(row->median == NS);
}

static const struct bench_report report = { on_section, on_row, NULL };

static int setup(void **state)
{
	(void)state;
	memset(counts, 0, sizeof(counts));
	memset(&failure, 0, sizeof(failure));
	highest = unprotected = 0;
	objects = maps_named = n_rows = n_sections = 0;
	run_error = 0;
	wrong_result = -1;
	return 0;
}

static void test_every_packet_is_what_its_row_says(void **state)
{
	static const char *const expected[] = { "good tag, 64 bytes, replayed",
		"good data, 64 bytes, one packet", "good tag, 256 bytes, replayed",
		"good data, 256 bytes, one packet", "good tag, 1024 bytes, replayed",
		"good data, 1024 bytes, one packet", "good tag, 1400 bytes, replayed",
		"good data, 1400 bytes, one packet", "1400 bytes under a tag",
		"packet to an unprotected port", "bad header", "unknown node", "unknown session",
		"bad tag, 1400 bytes", "malformed signature, 3 fragments", "throttled, 3 fragments",
		"forged, within the budget, 3 fragments" };

	(void)state;
	if (pqc_bench_packets(&report, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_int_equal(n_rows, sizeof(expected) / sizeof(expected[0]));
	for (unsigned i = 0; i < n_rows; i++) {
		assert_string_equal(rows[i], expected[i]);
		assert_true(below[i] == (strncmp(rows[i], "good tag", 8) == 0 ? 1000 : 0));
	}
	assert_int_equal(n_sections, 2);
	assert_int_equal(objects, 0);
	assert_int_equal(control.mode, PQC_ENFORCE);
	assert_int_equal(unprotected, ROUNDS * REPEAT);
	assert_int_equal(counts[PQC_BAD_HEADER], ROUNDS * REPEAT);
	assert_int_equal(counts[PQC_UNKNOWN_NODE], ROUNDS * REPEAT);
	assert_int_equal(counts[PQC_BAD_TAG], ROUNDS * REPEAT);
	assert_int_equal(counts[PQC_BAD_SIGNATURE], SINGLE_RUNS);
}

/* The time of what was not done means nothing. */
static void test_a_wrong_result_is_a_failure(void **state)
{
	(void)state;
	wrong_result = PQC_BAD_TAG;
	assert_int_equal(pqc_bench_packets(&report, &failure), -EPROTO);
	assert_string_equal(failure.what, "The verifier counted 0 of 300000 packets as replayed");
	assert_int_equal(n_rows, 0);
	assert_int_equal(objects, 0);
}

static void test_a_program_that_does_not_run_is_a_failure(void **state)
{
	(void)state;
	run_error = ENOMEM;
	assert_int_equal(pqc_bench_packets(&report, &failure), -ENOMEM);
	assert_non_null(strstr(failure.what, "Cannot use the verifier's program: "));
	assert_int_equal(n_rows, 0);
	assert_int_equal(objects, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_packet_is_what_its_row_says, setup),
		cmocka_unit_test_setup(test_a_wrong_result_is_a_failure, setup),
		cmocka_unit_test_setup(test_a_program_that_does_not_run_is_a_failure, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
