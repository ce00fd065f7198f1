// SPDX-License-Identifier: BSD-2-Clause
/* Measures packets in xdp_pqc_verify: good data, and each refusal. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/bench_pqc.h"
#include "kernel/object.h"
#include "lab/frames.h"
#include "model/names.h"
#include "peer/message.h"
#include "programs/programs.h"

#define ROUNDS	     15
#define REPEAT	     20000 /* of one packet in a round */
#define SINGLE_RUNS  500 /* of packets that are accepted only once */
#define TAG_LIMIT_NS 1000
#define SESSION	     1
#define HASH_ROUNDS  101
#define HASH_RUNS    2000
#define HASH_RATIO   1.6 /* at most, of the time in C */

/* The slot of the only node. */
#define SLOT 0

enum map { CONTROL, KEYS, SLOTS, SESSIONS, STATS, MAPS };

struct bench {
	const struct bench_report *report;
	struct failure *failure;
	struct bpf_object *object;
	int program_fd;
	int maps[MAPS];
	int cpus;
	struct pqc_stats *stats; /* of each CPU */
	struct pqc_control control;
	struct identity *identity;
	struct mldsa_key key;
	uint8_t node[PQC_NODE_LEN];
	uint64_t session_key[PQC_KEY_LEN / 8];
	uint64_t sequence; /* of the last data packet */
};

/* A UDP packet over IPv4 and Ethernet. The padding aligns the headers and is not sent. */
struct packet_frame {
	uint8_t padding[6];
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t payload[MESSAGE_PACKET_MAX];
};

#define FRAME_HEADERS \
	(offsetof(struct packet_frame, payload) - offsetof(struct packet_frame, ethernet))

_Static_assert(FRAME_HEADERS == ETH_HLEN + 20 + 8, "the headers follow each other");

static int failed(struct bench *b, const char *what)
{
	return failure_set(
		b->failure, -errno, "Cannot use the verifier's %s: %s", what, strerror(errno));
}

/*
 * --- the program and its maps ------------------------------------------------------------------
 */

static int put(struct bench *b, enum map map, const void *name, const void *value)
{
	if (bpf_map_update_elem(b->maps[map], name, value, BPF_ANY) < 0)
		return failed(b, "maps");
	return 0;
}

/* A burst of 0 throttles every message from an unknown source. */
static int set_budget(struct bench *b, uint64_t burst)
{
	uint32_t zero = 0;

	b->control.common_budget = (struct pqc_budget) { .interval_ns = 1, .burst = burst };
	return put(b, CONTROL, &zero, &b->control);
}

static int load(struct bench *b)
{
	static const char *const names[MAPS] = { "pqc_control", "mldsa_keys", "pqc_node_slots",
		"pqc_sessions", "pqc_stats" };
	int error = object_open(program_xdp_pqc_verify.name, "", &b->object, b->failure);

	if (error < 0)
		return error;
	error = object_load(b->object, program_xdp_pqc_verify.name, b->failure);
	if (error < 0)
		return error;
	b->program_fd = object_program_fd(b->object, program_xdp_pqc_verify.name);
	b->cpus = libbpf_num_possible_cpus();
	for (int i = 0; i < MAPS; i++)
		b->maps[i] = object_map_fd(b->object, names[i]);
	b->stats = b->cpus > 0 ? calloc((size_t)b->cpus, sizeof(*b->stats)) : NULL;
	return b->stats == NULL
		       ? failure_set(b->failure, -ENOMEM, "Not enough memory to measure packets")
		       : 0;
}

/* Puts a node with a key and a session into the maps. */
static int make_node(struct bench *b)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct pqc_session session = { .expires_ns = UINT64_MAX };
	uint32_t slot = SLOT;

	if (identity_new(MLDSA_65, &b->identity, b->failure) < 0 ||
		key_expand(identity_public_key(b->identity), &b->key, b->failure) < 0)
		return b->failure->error;
	memcpy(b->node, identity_fingerprint(b->identity), sizeof(b->node));
	memset(b->session_key, 'k', sizeof(b->session_key));
	memcpy(session.key, b->session_key, sizeof(session.key));
	memcpy(name.node, b->node, sizeof(name.node));
	b->control = (struct pqc_control) {
		.mode = PQC_ENFORCE,
		.realtime_offset_ns = clock_realtime_ns() - clock_boottime_ns(),
		.reassembly_timeout_ns = NS_PER_SECOND,
	};
	b->control.protected_ports[PQC_PORT / 64] = UINT64_C(1) << PQC_PORT % 64;
	if (put(b, KEYS, &slot, &b->key) < 0 || put(b, SLOTS, b->node, &slot) < 0 ||
		put(b, SESSIONS, &name, &session) < 0)
		return b->failure->error;
	return set_budget(b, 0);
}

/*
 * --- packets ------------------------------------------------------------------------------------
 */

/* From and to 127.0.0.1, at the protected port. */
static const struct pqc_path path = {
	.source = { [10] = 0xff, 0xff, 127, 0, 0, 1 },
	.destination = { [10] = 0xff, 0xff, 127, 0, 0, 1 },
	.source_port = __builtin_bswap16(PQC_PORT),
	.destination_port = __builtin_bswap16(PQC_PORT),
};

/* Writes headers before `payload` bytes. Returns the length of the frame. */
static uint32_t wrap(struct packet_frame *frame, size_t payload)
{
	memset(&frame->ethernet, 0, sizeof(frame->ethernet));
	frame->ethernet.h_proto = htons(ETH_P_IP);
	frame_datagram((uint8_t *)&frame->ip, &path, frame->payload, payload);
	return (uint32_t)(FRAME_HEADERS + payload);
}

/* Makes a data packet with the next sequence number. Returns the length of the frame. */
static uint32_t make_data(struct bench *b, size_t payload, struct packet_frame *frame)
{
	static const uint8_t zeros[PQC_DATA_MAX];
	const struct data_content content = {
		.sequence = ++b->sequence,
		.session = SESSION,
		.key = b->session_key,
		.path = &path,
		.payload = { zeros, payload },
	};

	return wrap(frame, message_data(b->node, &content, frame->payload));
}

/* Runs the program on a frame. Returns the mean time of a run in ns, or a negative errno. */
static double run(struct bench *b, const struct packet_frame *frame, uint32_t length, int repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = &frame->ethernet, .data_size_in = length,
		.repeat = repeat);

	if (bpf_prog_test_run_opts(b->program_fd, &options) < 0)
		return failed(b, "program");
	return options.duration;
}

/* Returns the packets counted under a result; 0 for PQC_RESULTS, which means "not protected". */
static uint64_t counted(struct bench *b, uint32_t result)
{
	uint64_t sum = 0;
	uint32_t zero = 0;

	if (result == PQC_RESULTS || bpf_map_lookup_elem(b->maps[STATS], &zero, b->stats) < 0)
		return 0;
	for (int cpu = 0; cpu < b->cpus; cpu++)
		sum += b->stats[cpu].results[result];
	return sum;
}

/* Checks that every packet got the expected result; otherwise the time means nothing. */
static int check_counted(struct bench *b, uint32_t result, uint64_t before, uint64_t packets)
{
	if (result == PQC_RESULTS || counted(b, result) - before == packets)
		return 0;
	return failure_set(b->failure, -EPROTO, "The verifier counted %llu of %llu packets as %s",
		(unsigned long long)(counted(b, result) - before), (unsigned long long)packets,
		pqc_result_names[result]);
}

static void report_ns(
	struct bench *b, const char *what, double *ns, unsigned int rounds, double below)
{
	b->report->row(b->report->context, &(struct bench_row) {
						   .what = what,
						   .unit = "ns",
						   .median = bench_median(ns, rounds),
						   .rounds = rounds,
						   .below = below,
					   });
}

/* Measures the same packet, repeated. */
static int measure_repeated(struct bench *b, const char *what, const struct packet_frame *frame,
	uint32_t length, uint32_t result, double below)
{
	uint64_t before = counted(b, result);
	double ns[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		ns[round] = run(b, frame, length, REPEAT);
		if (ns[round] < 0)
			return b->failure->error;
	}
	if (check_counted(b, result, before, UINT64_C(1) * ROUNDS * REPEAT) < 0)
		return b->failure->error;
	report_ns(b, what, ns, ROUNDS, below);
	return 0;
}

/*
 * --- data ---------------------------------------------------------------------------------------
 */

/* Runs each packet once, because a sequence is accepted once: each run costs a system call. */
static int measure_good(struct bench *b, size_t payload)
{
	uint64_t before = counted(b, PQC_DATA_ACCEPTED);
	double ns[SINGLE_RUNS];
	struct packet_frame frame;
	char what[64];

	for (int i = 0; i < SINGLE_RUNS; i++) {
		uint32_t length = make_data(b, payload, &frame);
		ns[i] = run(b, &frame, length, 1);
		if (ns[i] < 0)
			return b->failure->error;
	}
	if (check_counted(b, PQC_DATA_ACCEPTED, before, SINGLE_RUNS) < 0)
		return b->failure->error;
	snprintf(what, sizeof(what), "good data, %zu bytes, one packet", payload);
	report_ns(b, what, ns, SINGLE_RUNS, 0);
	return 0;
}

/* Repeats one good packet: its tag is checked, then the window refuses it. */
static int measure_tag(struct bench *b, size_t payload)
{
	struct packet_frame frame;
	char what[64];
	uint32_t length = make_data(b, payload, &frame);

	if (run(b, &frame, length, 1) < 0)
		return b->failure->error;
	snprintf(what, sizeof(what), "good tag, %zu bytes, replayed", payload);
	return measure_repeated(b, what, &frame, length, PQC_REPLAYED, TAG_LIMIT_NS);
}

/* Returns the mean time of the same hash in C, in ns. */
static double run_natively(const struct bench *b, const uint8_t *bytes, size_t size)
{
	uint64_t began = clock_monotonic_ns(), tag[PQC_TAG_LEN / 8];

	for (int i = 0; i < HASH_RUNS; i++) {
		data_tag(b->session_key, &path, 0, (struct span) { bytes, size }, tag);
		__asm__ volatile("" : : "r"(tag) : "memory"); /* each of them is wanted */
	}
	return (double)(clock_monotonic_ns() - began) / HASH_RUNS;
}

/*
 * Measures what the longest payload adds to a packet with a good tag, beside what it adds to the hash in
 * C: without lookups and headers, which the C does not do.
 */
static int measure_hash(struct bench *b)
{
	struct packet_frame full, empty;
	uint32_t full_length = make_data(b, PQC_DATA_MAX, &full);
	uint32_t empty_length = make_data(b, 0, &empty);
	size_t header = sizeof(struct pqc_header);
	double kernel[HASH_ROUNDS], native[HASH_ROUNDS];

	for (int i = 0; i < HASH_ROUNDS; i++) {
		double with = run(b, &full, full_length, HASH_RUNS);
		double without = run(b, &empty, empty_length, HASH_RUNS);

		if (with < 0 || without < 0)
			return b->failure->error;
		kernel[i] = with - without;
		native[i] = run_natively(b, full.payload, header + PQC_DATA_MAX) -
			    run_natively(b, empty.payload, header);
	}
	b->report->row(b->report->context, &(struct bench_row) {
						   .what = "1400 bytes under a tag",
						   .unit = "ns",
						   .median = bench_median(kernel, HASH_ROUNDS),
						   .rounds = HASH_ROUNDS,
						   .beside_what = "SipHash in C",
						   .beside = bench_median(native, HASH_ROUNDS),
						   .ratio_below = HASH_RATIO,
					   });
	return 0;
}

static int bench_data(struct bench *b)
{
	static const size_t payloads[] = { 64, 256, 1024, PQC_DATA_MAX };
	int error = 0;

	b->report->section(b->report->context, "DATA",
		"a whole packet through the verifier alone; replayed: 20,000 runs of one packet "
		"with a good tag, refused by the replay window; one packet: single runs, each with "
		"a new sequence number and a system call before it");
	for (size_t i = 0; error == 0 && i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		error = measure_tag(b, payloads[i]);
		if (error == 0)
			error = measure_good(b, payloads[i]);
	}
	return error == 0 ? measure_hash(b) : error;
}

/*
 * --- refusals -----------------------------------------------------------------------------------
 */

static int bench_refused_packets(struct bench *b)
{
	struct packet_frame frame;
	struct pqc_header *header = (struct pqc_header *)frame.payload;
	uint32_t length = make_data(b, PQC_DATA_MAX, &frame);

	frame.udp.dest = htons(PQC_PORT + 1);
	if (measure_repeated(b, "packet to an unprotected port", &frame, length, PQC_RESULTS, 0) <
		0)
		return b->failure->error;
	frame.udp.dest = htons(PQC_PORT);
	header->magic = 0;
	if (measure_repeated(b, "bad header", &frame, length, PQC_BAD_HEADER, 0) < 0)
		return b->failure->error;
	length = make_data(b, PQC_DATA_MAX, &frame);
	header->node[0] ^= 1;
	if (measure_repeated(b, "unknown node", &frame, length, PQC_UNKNOWN_NODE, 0) < 0)
		return b->failure->error;
	header->node[0] ^= 1;
	header->data.session ^= 1;
	if (measure_repeated(b, "unknown session", &frame, length, PQC_UNKNOWN_SESSION, 0) < 0)
		return b->failure->error;
	header->data.session ^= 1;
	frame.payload[length - FRAME_HEADERS - 1] ^= 1;
	return measure_repeated(b, "bad tag, 1400 bytes", &frame, length, PQC_BAD_TAG, 0);
}

/* Runs all fragments of a message; the last one is refused. A time covers all of them. */
static int measure_message(
	struct bench *b, const char *what, const struct message *message, uint32_t result)
{
	uint64_t before = counted(b, result);
	unsigned int fragments = message_slices(message);
	double ns[SINGLE_RUNS];
	struct packet_frame frame;
	char text[64];

	for (int i = 0; i < SINGLE_RUNS; i++) {
		ns[i] = 0;
		for (unsigned int f = 0; f < fragments; f++) {
			uint32_t length = wrap(&frame, message_slice(message, f, frame.payload));
			double took = run(b, &frame, length, 1);
			if (took < 0)
				return b->failure->error;
			ns[i] += took;
		}
	}
	if (check_counted(b, result, before, SINGLE_RUNS) < 0)
		return b->failure->error;
	snprintf(text, sizeof(text), "%s, %u fragments", what, fragments);
	report_ns(b, text, ns, SINGLE_RUNS, 0);
	return 0;
}

static int bench_refused_messages(struct bench *b)
{
	uint64_t now = clock_realtime_ns() / NS_PER_SECOND;
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = 1,
		.valid_from = now - 60,
		.valid_until = now + 3600,
		.path = &path,
	};
	struct message message;

	if (message_sign(b->identity, &content, &message, b->failure) < 0)
		return b->failure->error;
	uint8_t *last = &message.bytes[message.total - 1], good = *last;
	*last = UINT8_MAX; /* more hints than omega */
	if (measure_message(b, "malformed signature", &message, PQC_MALFORMED_SIGNATURE) < 0)
		return b->failure->error;
	*last = good;
	if (measure_message(b, "throttled", &message, PQC_THROTTLED) < 0 ||
		set_budget(b, UINT64_C(1) << 40) < 0)
		return b->failure->error;
	message.bytes[sizeof(struct pqc_message)] ^= 1; /* of c~: fails only the last check */
	return measure_message(b, "forged, within the budget", &message, PQC_BAD_SIGNATURE);
}

int pqc_bench_packets(const struct bench_report *report, struct failure *failure)
{
	struct bench *b = calloc(1, sizeof(*b));
	int error;

	if (b == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to measure packets");
	b->report = report;
	b->failure = failure;
	error = load(b);
	if (error == 0)
		error = make_node(b);
	if (error == 0)
		error = bench_data(b);
	if (error == 0) {
		report->section(report->context, "REFUSALS",
			"packets: 20,000 runs of one; messages: single runs of an ML-DSA-65 beacon, "
			"all fragments together");
		error = bench_refused_packets(b);
	}
	if (error == 0)
		error = bench_refused_messages(b);
	identity_close(b->identity);
	bpf_object__close(b->object);
	free(b->stats);
	free(b);
	return error;
}
