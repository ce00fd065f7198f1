/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugins in a snapshot, beside their rows among the programs: files, and verdicts on packets. */
#ifndef X0_MODEL_SNAPSHOT_PLUGIN_PROGRAMS_H
#define X0_MODEL_SNAPSHOT_PLUGIN_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"

enum { PLUGIN_PROGRAMS_SHOWN = 16 };

struct snapshot_plugin_program {
	char name[NAME_LEN]; /* also that of its row among the programs */
	char file[REASON_LEN];
	char signer[TEXT_LEN]; /* the key that has signed it; empty: none is wanted */
	char behind[NAME_LEN]; /* the stage of the XDP chain before it; empty: it is none */
	bool drops; /* can drop, change or redirect packets: the verifier has not proved that it passes all */
	struct counter passed, dropped, sent, aborted; /* packets, since it was switched on */
};

extern const struct field plugin_program_fields[];

#endif
