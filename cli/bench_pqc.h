/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures signatures and tags on this host: ML-DSA in the kernel beside OpenSSL, and packets in
 * xdp_pqc_verify, by BPF_PROG_RUN. Attaches nothing and sends no packet. Compared things are
 * measured in turn, A B A B; a row is the median of the rounds.
 */
#ifndef X0_CLI_BENCH_PQC_H
#define X0_CLI_BENCH_PQC_H

#include <stddef.h>

#include "base/failure.h"

struct pqc_bench_row {
	const char *what;
	const char *unit; /* "ms", "us" or "ns" */
	double median;
	unsigned int rounds;
	const char *beside_what; /* NULL: nothing to compare with */
	double beside; /* median, in the same unit */
	double below, ratio_below; /* required; 0: nothing is */
};

/* Receives sections and rows as they are measured. Texts are valid during the call only. */
struct pqc_bench_report {
	/* `how`: how the section's rows are measured. */
	void (*section)(void *context, const char *title, const char *how);
	void (*row)(void *context, const struct pqc_bench_row *row);
	void *context;
};

/*
 * Measures everything, in some seconds. Needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN. Returns 0, or
 * a negative errno with *failure set: -EPERM without them, -EPROTO if the kernel gave a wrong
 * verdict, which makes its time meaningless.
 */
int pqc_bench_run(const struct pqc_bench_report *report, struct failure *failure);

/* --- shared by its parts ------------------------------------------------------------------- */

/* Measures packets in xdp_pqc_verify. Returns as pqc_bench_run(). */
int pqc_bench_packets(const struct pqc_bench_report *report, struct failure *failure);

/* Sorts the values and returns the one in the middle. */
double pqc_bench_median(double *values, size_t n);

#endif
