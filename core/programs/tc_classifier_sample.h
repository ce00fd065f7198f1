/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples what tc_classifier counts: by class and VLAN, on each interface and in all. */
#ifndef X0_PROGRAMS_TC_CLASSIFIER_SAMPLE_H
#define X0_PROGRAMS_TC_CLASSIFIER_SAMPLE_H

#include "programs/program.h"

/*
 * Fills now->tc and now->qos, with rates since `before`, NULL: unknown, and the row of the program. Lines that have
 * changed are put in force first. As the member of struct program_type.
 */
void classifier_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown);

#endif
