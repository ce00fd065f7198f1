// SPDX-License-Identifier: BSD-2-Clause
/* What a packet pays for the limits that wake x0top: the counter at TC with them and without. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"
#include "control/state.h"
#include "kernel/chain.h"
#include "tests/lib/packets.h"

#define ROUNDS	    15
#define RUNS	    200000
#define RATIO_BELOW 1.05
#define FAR	    1e12 /* packets a second, which never pass: each look is a whole one */

static void arm(struct orchestrator *o, double rate)
{
	double rates[TRANSPORT_PROTOCOLS];

	for (int i = 0; i < TRANSPORT_PROTOCOLS; i++)
		rates[i] = rate;
	orchestrator_wake_at(o, rates);
}

static void measure(struct orchestrator *o, int fd)
{
	double armed[ROUNDS], not_armed[ROUNDS], ratios[ROUNDS];
	struct frame frame;

	make_packet(&frame, 64);
	for (int i = 0; i < ROUNDS; i++) {
		arm(o, INFINITY);
		not_armed[i] = run_ns(fd, &frame, RUNS);
		arm(o, FAR);
		armed[i] = run_ns(fd, &frame, RUNS);
		ratios[i] = armed[i] / not_armed[i];
	}
	report_add(&(struct measurement) {
		.what = "a packet that is counted, limits armed",
		.unit = "ns",
		.value = bench_median(armed, ROUNDS),
		.beside_what = "not armed",
		.beside = bench_median(not_armed, ROUNDS),
		.ratio = bench_median(ratios, ROUNDS),
		.ratio_below = RATIO_BELOW,
		.rounds = ROUNDS,
	});
}

void bench_wake_cost(void)
{
	static const char *const counter[] = { "xdp_counter", NULL };
	char why[256];
	struct orchestrator *o =
		open_programs_in_mode(XDP_WANT_NATIVE, counter, 0, why, sizeof(why));

	if (o == NULL) {
		report_missing("the limits of wakes", "%s", why);
		return;
	}
	int fd = dup(o->context.chain.root_fd);
	chain_detach(&o->context.chain, 0);
	watch_loopback(o, "xdp_interfaces");
	if (fd < 0)
		report_missing("the limits of wakes", "its program cannot be opened");
	else
		measure(o, fd);
	close(fd);
	orchestrator_close(o);
}
