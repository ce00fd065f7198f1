/* SPDX-License-Identifier: BSD-2-Clause */
/* A hand-made snapshot for tests of everything that shows or judges one: always the same. */
#ifndef X0_TESTS_SNAPSHOT_SAMPLE_H
#define X0_TESTS_SNAPSHOT_SAMPLE_H

#include "model/snapshot.h"

/* Sunday 23 November 2025, 00:03:59 UTC. */
#define SAMPLE_TIME 1763856239.0

/*
 * Fills `snapshot` with a healthy mesh node under load, one second after the sample before. Every
 * part has data and the parts agree with each other: verdicts, protocols and sizes add up to the
 * packets, interfaces to their sum, histograms to the calls and their quantiles. The filter
 * enforces, tc_classifier runs on two interfaces of three, the signature verifier is not built.
 */
void snapshot_sample(struct snapshot *snapshot);

/* The same node on a bad day: read-only, a program failed, an interface gone, drops and losses. */
void snapshot_sample_troubled(struct snapshot *snapshot);

#endif
