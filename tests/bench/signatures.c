// SPDX-License-Identifier: BSD-2-Clause
/* What signatures and tags cost: the rows of `x0top bench pqc`. */
#include "bench.h"
#include "cli/bench_pqc.h"

static void add_section(void *context, const char *title, const char *how)
{
	(void)context;
	report_section(title, how);
}

static void add_row(void *context, const struct bench_row *row)
{
	(void)context;
	report_add(&(struct measurement) {
		.what = row->what,
		.unit = row->unit,
		.value = row->median,
		.beside_what = row->beside_what,
		.beside = row->beside,
		.rounds = row->rounds,
		.below = row->below,
		.ratio_below = row->ratio_below,
	});
}

void bench_signatures(void)
{
	const struct bench_report report = { add_section, add_row, NULL };
	struct failure failure = { 0 };

	if (pqc_bench_run(&report, &failure) < 0)
		report_missing("signatures and tags", "%s", failure.what);
}
