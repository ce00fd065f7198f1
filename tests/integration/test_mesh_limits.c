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

static struct {
	struct mesh_filter_loaded filter;
	struct frame frame;
	_Atomic bool stopped;
} test;

static void limit_to(const char *text)
{
	struct rule_edit flush = { .kind = RULE_EDIT_FLUSH }, add = { .kind = RULE_EDIT_ADD };
	struct failure failure = { 0 };

	assert_int_equal(rule_parse(text, &add.rule, &failure), 0);
	assert_int_equal(rules_change(&test.filter.registry, &flush, &failure), 0);
	assert_int_equal(rules_change(&test.filter.registry, &add, &failure), 0);
}

/* A burst passes at once, and no more. */
static void bursts(void **state)
{
	(void)state;
	limit_to("limit 1/s burst 50 all");
	for (int i = 0; i < 50; i++)
		assert_int_equal(
			bpf_program_run(test.filter.program, test.frame.bytes, test.frame.length),
			XDP_PASS);
	assert_int_equal(bpf_program_run(test.filter.program, test.frame.bytes, test.frame.length),
		XDP_DROP);
}

/* Sends on one CPU until it is told to stop. */
static void *send_on(void *cpu)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame.bytes,
		.data_size_in = (uint32_t)test.frame.length, .repeat = 1000);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)(uintptr_t)cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	setpriority(PRIO_PROCESS, 0, -20); /* of this thread: others have less of the CPU */
	while (!atomic_load(&test.stopped))
		if (bpf_prog_test_run_opts(test.filter.program, &options) < 0)
			abort();
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

/* Sends until the limit drops. Returns the time at which nothing is left of the burst. */
static double drain(double seconds)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame.bytes,
		.data_size_in = (uint32_t)test.frame.length, .repeat = 1000);
	double began = clock_monotonic_seconds();

	do {
		assert_int_equal(bpf_prog_test_run_opts(test.filter.program, &options), 0);
		assert_true(clock_monotonic_seconds() - began < seconds);
	} while (options.retval == XDP_PASS);
	return clock_monotonic_seconds();
}

/*
 * Two CPUs send more than the limit at once: what passes is the rate. The burst is long, so that a machine
 * that lets neither CPU send for a while takes nothing from it.
 */
static void check_rate(uint64_t rate, uint64_t burst, double seconds)
{
	pthread_t threads[2];
	char text[96];

	snprintf(text, sizeof(text), "limit %llu/s burst %llu all", (unsigned long long)rate,
		(unsigned long long)burst);
	limit_to(text);
	atomic_store(&test.stopped, false);
	double began = drain(10);
	uint64_t before = passed();
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_on, (void *)i), 0);
	while (clock_monotonic_seconds() - began < seconds)
		usleep(1000);
	atomic_store(&test.stopped, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	double asked = (double)rate * (drain(10) - began);
	double found = (double)(passed() - before);
	printf("limit %llu/s: %.0f of %.1f packets pass on two CPUs\n", (unsigned long long)rate,
		found, asked);
	assert_true(found > 0.98 * asked && found < 1.02 * asked);
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
	/* Attached somewhere, it is known to the kernel's dispatcher, which BPF_PROG_RUN of many packets would
	 * change twice, waiting for RCU. */
	netns_enter();
	assert_int_equal(bpf_xdp_attach(1, test.filter.program, XDP_FLAGS_SKB_MODE, NULL), 0);
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
