// SPDX-License-Identifier: BSD-2-Clause
/*
 * The mesh filter beside xdp-filter of Debian's xdp-tools with all features, by BPF_PROG_RUN, net of an
 * empty program. What runs is the chain: root, counter, mesh filter. xdp-filter loads itself on the
 * veth; where libxdp can, its dispatcher is measured with it, as it is attached.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "control/state.h"
#include "mesh/compile.h"
#include "mesh/rule.h"
#include "mesh/tables.h"
#include "packet_headers.h"
#include "tests/lib/packets.h"
#include "vary.h"

#define ROUNDS	    15
#define SLICES	    3 /* of a round: what else the machine does slows some of them */
#define SLICE	    100000 /* packets */
#define FEW	    10
#define MANY	    100000
#define ADDRESSES   65536
#define SEED	    20261127
#define SOURCE_WORD (offsetof(struct packet_headers, source4) / sizeof(uint64_t))

static const char *const counter[] = { "xdp_counter", NULL };
static const char *const counter_and_filter[] = { "xdp_counter", "xdp_mesh_filter", NULL };

/* Rules of all dimensions. The sources are a set. */
static const char *const rules_all[] = { "drop from @sources", "pass to 10.7.0.0/16",
	"pass mac 02:00:00:00:00:99", "pass tcp 22", "pass udp 5000-5010", "pass sport 53",
	"pass ethertype 0x88b5", "pass vlan 7", ("pass in " BENCH_SENDS), "drop unreadable" };

#define RULES (sizeof(rules_all) / sizeof(rules_all[0]))

enum subject_kind { CHAIN_COUNTER, CHAIN_NO_RULES, CHAIN_RULES, XDP_FILTER, LOOKUP, EMPTY };

/* What runs. `elements` of the set, of any length or hosts alone; the packet at hand, or many. */
static const struct subject {
	enum subject_kind kind;
	uint32_t elements;
	bool lengths;
	bool flood;
	bool varies;
} subjects[] = {
	{ .kind = EMPTY },
	{ .kind = EMPTY, .varies = true },
	{ .kind = CHAIN_COUNTER },
	{ .kind = CHAIN_NO_RULES },
	{ .kind = XDP_FILTER },
	{ .kind = CHAIN_RULES, .elements = FEW },
	{ .kind = CHAIN_RULES, .elements = MANY, .lengths = true },
	{ .kind = XDP_FILTER, .varies = true },
	{ .kind = CHAIN_RULES, .elements = FEW, .varies = true },
	{ .kind = CHAIN_RULES, .elements = MANY, .varies = true },
	{ .kind = CHAIN_RULES, .elements = FEW, .lengths = true, .varies = true },
	{ .kind = CHAIN_RULES, .elements = MANY, .lengths = true, .varies = true },
	{ .kind = CHAIN_RULES, .elements = FEW, .varies = true, .flood = true },
	{ .kind = LOOKUP },
};

enum {
	OF_EMPTY,
	OF_EMPTY_VARYING,
	OF_COUNTER,
	OF_NO_RULES,
	OF_XDP_FILTER,
	OF_REPEATING,
	OF_REPEATING_MANY,
	OF_XDP_FILTER_NEW,
	OF_NEW,
	OF_NEW_MANY,
	OF_NEW_LENGTHS,
	OF_NEW_LENGTHS_MANY,
	OF_FLOOD,
	OF_LOOKUP,
	SUBJECTS,
};

/* A row: a subject less another one, beside a third less a fourth. */
static const struct {
	const char *what;
	int of, less;
	const char *beside_what;
	int beside, beside_less;
	double below, ratio_below;
} rows[] = {
	{ "counter", OF_COUNTER, OF_EMPTY, "xdp-filter", OF_XDP_FILTER, OF_EMPTY, 20, 0 },
	{ "mesh filter without rules, over the counter", OF_NO_RULES, OF_COUNTER, "xdp-filter",
		OF_XDP_FILTER, OF_EMPTY, 12, 0 },
	{ "the least: one lookup in an empty hash", OF_LOOKUP, OF_EMPTY, "xdp-filter",
		OF_XDP_FILTER, OF_EMPTY, 0, 0 },
	{ "flow that repeats, 10 elements", OF_REPEATING, OF_EMPTY, "xdp-filter", OF_XDP_FILTER,
		OF_EMPTY, 0, 0.5 },
	{ "flow that repeats, 100,000 elements", OF_REPEATING_MANY, OF_EMPTY, "xdp-filter",
		OF_XDP_FILTER, OF_EMPTY, 0, 0.5 },
	{ "flows never seen, all dimensions", OF_NEW, OF_EMPTY_VARYING, "xdp-filter",
		OF_XDP_FILTER_NEW, OF_EMPTY_VARYING, 0, 1.2 },
	{ "flows never seen, 100,000 addresses", OF_NEW_MANY, OF_EMPTY_VARYING, "10 addresses",
		OF_NEW, OF_EMPTY_VARYING, 0, 1.15 },
	{ "flows never seen, 100,000 prefixes", OF_NEW_LENGTHS_MANY, OF_EMPTY_VARYING,
		"10 prefixes", OF_NEW_LENGTHS, OF_EMPTY_VARYING, 0, 2 },
	{ "flows chosen to collide", OF_FLOOD, OF_EMPTY_VARYING, "flows never seen", OF_NEW,
		OF_EMPTY_VARYING, 0, 1.05 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct {
	uint32_t addresses[ADDRESSES];
	struct mesh_element elements[MANY];
	struct mesh_compiled compiled;
	struct frame frame;
	uint64_t random;
} bench = { .random = SEED };

static uint32_t number(void)
{
	bench.random = bench.random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(bench.random >> 33);
}

/* --- rules and packets ------------------------------------------------------------------------- */

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 77;
}

/* Elements within 10.0.0.0/8: hosts, or prefixes of 20 lengths. */
static void make_elements(const struct subject *subject)
{
	memset(bench.elements, 0, sizeof(bench.elements));
	for (uint32_t i = 0; i < subject->elements; i++) {
		struct mesh_prefix *prefix = &bench.elements[i].prefix;
		uint32_t address = 10u << 24 | (number() & 0xffffff);
		prefix->family = 4;
		prefix->length = (uint8_t)(subject->lengths ? 13 + i % 20 : 32);
		address = htonl(address & ~0u << (32 - prefix->length));
		memcpy(prefix->address, &address, sizeof(address));
	}
}

static int compile(const struct subject *subject)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	const struct mesh_elements set = {
		.kind = MESH_SET_PREFIXES, .n = subject->elements, .elements = bench.elements
	};
	const struct mesh_source source = { .rules = rules,
		.sets = &set,
		.n_sets = 1,
		.generation = 1,
		.seed = SEED,
		.ifindex = no_interface };
	struct failure failure;

	memset(rules, 0, sizeof(rules));
	for (uint16_t i = 0; i < RULES; i++) {
		if (rule_parse(rules_all[i], &rules[i], &failure) < 0)
			abort();
		rules[i].id = i;
	}
	return mesh_compile(&source, &bench.compiled, &failure);
}

/* Returns whether the flows of these addresses share a place of the flow table. */
static bool collides(uint32_t address)
{
	const struct mesh_head *head = (const void *)bench.compiled.lines;

	/* Of what differs, the source alone is looked at here. */
	return (uint64_t)address * head->multipliers[SOURCE_WORD] >> (64 - MESH_FLOWS_BITS) == 0;
}

/* Half of the sources are elements, in no order. */
static void make_addresses(const struct subject *subject)
{
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		uint32_t address = htonl(10u << 24 | (number() & 0xffffff));
		while (subject->flood && !collides(address))
			address = htonl(10u << 24 | (number() & 0xffffff));
		bench.addresses[i] = address;
		if (i % 2 == 0 && subject->elements > 0 && !subject->flood)
			memcpy(&bench.addresses[i],
				bench.elements[number() % subject->elements].prefix.address,
				sizeof(address));
	}
}

static int put_rules(const struct orchestrator *o, const struct subject *subject)
{
	const struct map_registry *registry = &o->context.maps;
	const struct tables_maps maps = { .near = map_registry_fd(registry, "mesh_near"),
		.lines = map_registry_fd(registry, "mesh_lines"),
		.shorts = map_registry_fd(registry, "mesh_shorts"),
		.control = map_registry_fd(registry, "mesh_filter_control") };

	make_elements(subject);
	int error = compile(subject);
	if (error < 0)
		return error;
	error = tables_write(&bench.compiled, &maps);
	if (error == 0)
		error = tables_put(maps.control, MESH_BANKS);
	make_addresses(subject);
	mesh_compiled_free(&bench.compiled);
	return error;
}

/* --- what runs ----------------------------------------------------------------------------------- */

static int open_chain(const struct subject *subject, char *why, size_t size)
{
	struct orchestrator *o = open_programs_in_mode(XDP_WANT_NATIVE,
		subject->kind == CHAIN_COUNTER ? counter : counter_and_filter, 0, why, size);
	int error = 0;

	if (o == NULL)
		return -ENOEXEC;
	if (subject->kind == CHAIN_RULES)
		error = put_rules(o, subject);
	if (error < 0)
		snprintf(why, size, "its rules: %s", strerror(-error));
	int fd = error < 0 ? error : dup(o->context.chain.root_fd);
	chain_detach(&o->context.chain, 0);
	watch_loopback(o, "xdp_interfaces");
	return fd;
}

static int open_xdp_filter(char *why, size_t size)
{
	int fd = -ENOENT;

	if (system("xdp-filter load " BENCH_RECEIVES " -m native >/dev/null 2>&1 &&"
		   "xdp-filter ip 10.200.0.1 && xdp-filter port 7 &&"
		   "xdp-filter ether 02:00:00:00:00:98") != 0) {
		snprintf(why, size, "xdp-filter does not load");
		return -ENOEXEC;
	}
	fd = newest_program("xdp_dispatcher");
	if (fd < 0)
		fd = newest_program("xdpfilt_alw_all");
	if (fd < 0)
		snprintf(why, size, "the program of xdp-filter is not found");
	if (system("xdp-filter unload " BENCH_RECEIVES " >/dev/null 2>&1") != 0)
		snprintf(why, size, "xdp-filter does not unload");
	return fd;
}

static int open_subject(const struct subject *subject, char *why, size_t size)
{
	int fd = subject->kind == EMPTY	       ? load_empty(BPF_PROG_TYPE_XDP, XDP_PASS)
		 : subject->kind == LOOKUP     ? lookup_load()
		 : subject->kind == XDP_FILTER ? open_xdp_filter(why, size)
					       : open_chain(subject, why, size);

	if (fd < 0 || !subject->varies)
		return fd;
	int vary = vary_load(fd, bench.addresses, ADDRESSES);
	close(fd);
	if (vary < 0)
		snprintf(why, size, "the program before it: %s", strerror(-vary));
	return vary;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static double least(const double *values)
{
	double found = values[0];

	for (int i = 1; i < ROUNDS; i++)
		if (values[i] < found)
			found = values[i];
	return found;
}

/* Returns the ns of a packet in the fastest slice. The first warms the caches. */
static double run_slices(int fd)
{
	double best = INFINITY;

	for (int i = 0; i < SLICES; i++)
		best = fmin(best, run_ns(fd, &bench.frame, SLICE));
	return best;
}

static void report(const double *ns)
{
	for (size_t i = 0; i < ROWS; i++) {
		double value = ns[rows[i].of] - ns[rows[i].less];
		double beside = ns[rows[i].beside] - ns[rows[i].beside_less];
		if (ns[rows[i].of] == 0 || ns[rows[i].beside] == 0)
			report_missing(rows[i].what, "see above");
		else
			report_add(&(struct measurement) {
				.what = rows[i].what,
				.unit = "ns",
				.value = value,
				.beside_what = rows[i].beside_what,
				.beside = beside,
				.rounds = ROUNDS,
				.below = rows[i].below,
				.ratio_below = rows[i].ratio_below,
			});
	}
}

void bench_filters(void)
{
	static double ns[SUBJECTS][ROUNDS];
	double found[SUBJECTS] = { 0 };
	int fds[SUBJECTS];
	char why[256];

	report_section("FILTERS",
		"a UDP packet of 64 bytes by BPF_PROG_RUN, 100,000 at a time, net of an empty "
		"program; least of 3 times in 15 rounds in turn");
	make_addresses(&subjects[OF_EMPTY]);
	vary_packet(&bench.frame);
	for (int i = 0; i < SUBJECTS; i++) {
		fds[i] = open_subject(&subjects[i], why, sizeof(why));
		if (fds[i] < 0)
			report_missing("a program", "%s", why);
	}
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < SUBJECTS; i++)
			ns[i][round] = fds[i] < 0 ? 0 : run_slices(fds[i]);
	for (int i = 0; i < SUBJECTS; i++) {
		found[i] = least(ns[i]);
		if (getenv("BENCH_RAW") != NULL)
			fprintf(stderr, "%2d %.2f\n", i, found[i]);
		if (fds[i] >= 0)
			close(fds[i]);
	}
	report(found);
}
