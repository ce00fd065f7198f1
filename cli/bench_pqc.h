/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures signatures and tags on this host: ML-DSA in the kernel beside OpenSSL, and packets in
 * xdp_pqc_verify, by BPF_PROG_RUN. Attaches nothing and sends no packet. Alternates the subjects of a
 * comparison, A B A B; a row is the median of the rounds.
 */
#ifndef X0_CLI_BENCH_PQC_H
#define X0_CLI_BENCH_PQC_H

#include "base/failure.h"
#include "cli/bench_report.h"

/*
 * Measures everything, in some seconds. Needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN. Returns 0, or
 * a negative errno with *failure set: -EPERM without them, -EPROTO if the kernel gave a wrong
 * verdict, which makes its time meaningless.
 */
int pqc_bench_run(const struct bench_report *report, struct failure *failure);

/* Measures packets in xdp_pqc_verify. Part of pqc_bench_run(), and returns as that does. */
int pqc_bench_packets(const struct bench_report *report, struct failure *failure);

#endif
