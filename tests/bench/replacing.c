// SPDX-License-Identifier: BSD-2-Clause
/* What a replacement takes beside opening, loading and verifying the new object, which goes on beside the old one. */
#include <math.h>

#include "bench.h"
#include "control/state.h"

#define ROUNDS	 11
#define LIMIT_MS 5

/* Returns the ms of a replacement by the built-in object, without those of its load, in *load_ms; or NAN. */
static double replace(struct program *program, double *load_ms, struct failure *failure)
{
	double started = clock_monotonic_seconds();

	if (program_replace(program, NULL, 0, failure) < 0)
		return NAN;
	*load_ms = program->load_ms;
	return (clock_monotonic_seconds() - started) * 1000 - *load_ms;
}

static void measure(struct program *program)
{
	double beyond[ROUNDS], load[ROUNDS];
	struct failure failure = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		beyond[round] = replace(program, &load[round], &failure);
		if (isnan(beyond[round])) {
			report_missing(program->type->name, "%s", failure.what);
			return;
		}
	}
	const struct measurement row = {
		.what = program->type->name,
		.unit = "ms",
		.value = bench_median(beyond, ROUNDS),
		.beside_what = "load",
		.beside = bench_median(load, ROUNDS),
		.rounds = ROUNDS,
		.below = LIMIT_MS,
	};
	report_add(&row);
}

void bench_replacing(void)
{
	static const char *const all[] = { NULL };
	char why[256];

	report_section("REPLACEMENT",
		"each program by the same object while it works: what it takes beside opening, loading and "
		"verifying that; median of 11");
	struct orchestrator *o = open_programs(all, 0, why, sizeof(why));
	if (o == NULL) {
		report_missing("replacement of the programs", "%s", why);
		return;
	}
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].running && o->programs[i].type->replace != NULL)
			measure(&o->programs[i]);
	orchestrator_close(o);
}
