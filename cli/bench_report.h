/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that x0top bench reports, and how the measuring parts hand them over. */
#ifndef X0_CLI_BENCH_REPORT_H
#define X0_CLI_BENCH_REPORT_H

#include <stddef.h>

struct bench_row {
	const char *what; /* the measured operation */
	const char *unit; /* "ms", "us" or "ns" */
	double median;
	unsigned int rounds;
	const char *beside_what; /* the reference; NULL: none */
	double beside; /* its median, in the same unit */
	double below, ratio_below; /* required limits; 0: none */
};

/* Receives sections and rows as they are measured. Texts are valid during the call only. */
struct bench_report {
	/* `how`: the method of measuring the section's rows. */
	void (*section)(void *context, const char *title, const char *how);
	void (*row)(void *context, const struct bench_row *row);
	void *context;
};

/* Sorts the values and returns their median. */
double bench_median(double *values, size_t n);

#endif
