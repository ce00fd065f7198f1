/* SPDX-License-Identifier: BSD-2-Clause */
/* Hand-made snapshots, always the same, for tests of output and judgement. */
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

/* Fills `snapshot` with a troubled node: read-only, a failed program, a removed interface,
 * losses. */
void snapshot_sample_troubled(struct snapshot *snapshot);

/* The sample with MAPE-K, which advises, and an anomaly that lasts. */
void snapshot_sample_unusual(struct snapshot *snapshot);

/* The sample when nothing is known but totals: each member that may be unknown is. */
void snapshot_sample_first(struct snapshot *snapshot);

/* The sample with a plugin: a table with histograms, events whose names have escapes, and a map not shown. */
void snapshot_sample_plugins(struct snapshot *snapshot);

#endif
