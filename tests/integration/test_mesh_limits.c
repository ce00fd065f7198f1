// SPDX-License-Identifier: BSD-2-Clause
/* Limits of mesh rules in the kernel. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

static struct {
	struct mesh_filter_loaded filter;
	struct frame frame;
	_Atomic bool stopped;
	_Atomic uint64_t sent_ns, pause_ns;
} test;

static void limit_to(const char *text)
{
	struct rule_edit flush = { .kind = RULE_EDIT_FLUSH }, add = { .kind = RULE_EDIT_ADD };
	struct failure failure = { 0 };

	assert_int_equal(rule_parse(text, &add.rule, &failure), 0);
	assert_int_equal(rules_change(&test.filter.registry, &flush, &failure), 0);
	assert_int_equal(rules_change(&test.filter.registry, &add, &failure), 0);
}

static uint32_t send_one(void)
{
	return bpf_program_run(test.filter.program, test.frame.bytes, test.frame.length);
}

/* A burst passes at once, and no more than one for each second that a starved machine takes. */
static void bursts(void **state)
{
	uint32_t passed = 0;

	(void)state;
	limit_to("limit 1/s burst 50 all");
	double began = clock_monotonic_seconds();
	while (send_one() == XDP_PASS)
		passed++;
	assert_in_range(passed, 50, 50 + (uint32_t)(clock_monotonic_seconds() - began));
}

/* How long nobody sent, at most. */
static void note_sent(void)
{
	uint64_t now = clock_monotonic_ns(), before = atomic_exchange(&test.sent_ns, now);
	uint64_t longest = atomic_load(&test.pause_ns);

	while (now > before && now - before > longest &&
		!atomic_compare_exchange_weak(&test.pause_ns, &longest, now - before))
		;
}

static bool send_thousand(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame.bytes,
		.data_size_in = (uint32_t)test.frame.length, .repeat = 1000);

	if (bpf_prog_test_run_opts(test.filter.program, &options) < 0)
		abort();
	note_sent();
	return options.retval == XDP_PASS;
}

/* Sends on one CPU until it is told to stop. */
static void *send_on(void *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)(uintptr_t)cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	setpriority(PRIO_PROCESS, 0, -20); /* of this thread: others have less of the CPU */
	while (!atomic_load(&test.stopped))
		send_thousand();
	return NULL;
}

static uint64_t passed(void)
{
	int map = bpf_program_map_fd(test.filter.object, "mesh_rule_counts");
	uint64_t sum = 0;

	for (uint32_t id = 0; id < MESH_RULES_MAX; id++) {
		struct mesh_rule_counts counts;
		bpf_program_sum(map, id, &counts, sizeof(counts));
		sum += counts.decided.packets - counts.dropped.packets;
	}
	return sum;
}

/* Between which times nothing was left of the burst, in seconds. */
struct drained {
	double earliest, latest;
};

/* Sends until the limit drops. */
static struct drained drain(void)
{
	double began = clock_monotonic_seconds();
	struct drained drained;
	bool passing;

	do {
		drained.earliest = clock_monotonic_seconds();
		passing = send_thousand();
		drained.latest = clock_monotonic_seconds();
		assert_true(drained.latest - began < PATIENCE_S);
	} while (passing);
	return drained;
}

static void send_on_two_cpus(double until)
{
	pthread_t threads[2];

	atomic_store(&test.stopped, false);
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_on, (void *)i), 0);
	while (clock_monotonic_seconds() < until)
		usleep(1000);
	atomic_store(&test.stopped, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* Returns false where nobody sent for so long that some of what would have passed is lost. */
static bool rate_is_kept(uint64_t rate, uint64_t burst, double seconds)
{
	char text[96];

	snprintf(text, sizeof(text), "limit %llu/s burst %llu all", (unsigned long long)rate,
		(unsigned long long)burst);
	limit_to(text);
	struct drained began = drain();
	uint64_t before = passed();
	atomic_store(&test.sent_ns, clock_monotonic_ns());
	atomic_store(&test.pause_ns, 0);
	send_on_two_cpus(began.latest + seconds);
	struct drained ended = drain();
	double least = (double)rate * (ended.earliest - began.latest);
	double most = (double)rate * (ended.latest - began.earliest);
	double found = (double)(passed() - before);
	double pause = (double)atomic_load(&test.pause_ns) / NS_PER_SECOND;
	printf("limit %llu/s: %.0f of %.1f to %.1f packets pass on two CPUs, with pauses of %.3f s\n",
		(unsigned long long)rate, found, least, most, pause);
	if ((double)rate * pause > 0.8 * (double)burst)
		return false;
	assert_true(found > 0.98 * least && found < 1.02 * most);
	return true;
}

/* Two CPUs send more than the limit at once: what passes is the rate. */
static void check_rate(uint64_t rate, uint64_t burst, double seconds)
{
	for (int tries = 20; !rate_is_kept(rate, burst, seconds); tries--)
		assert_true(tries > 0);
}

static void rates_on_two_cpus(void **state)
{
	bool emulated = getenv("X0_EMULATED") != NULL;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("skipped: there is one CPU\n");
		skip();
	}
	check_rate(100, 50, 1.5);
	check_rate(5000, 2500, 1);
	/* Emulation sends too few. */
	if (!emulated)
		check_rate(1000000, 500000, 1);
}

static int start(void **state)
{
	(void)state;
	mesh_filter_load(&test.filter);
	bpf_program_enter_alone(test.filter.program);
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&test.frame, 40000, 9);
	frame_payload(&test.frame, 100);
	frame_finish(&test.frame);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	mesh_filter_unload(&test.filter);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts),
		cmocka_unit_test(rates_on_two_cpus),
	};

	return cmocka_run_group_tests_name("mesh limits", tests, start, stop);
}
