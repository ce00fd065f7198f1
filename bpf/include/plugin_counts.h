/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs that wrap those of plugins count: shared with user space. */
#ifndef X0_PLUGIN_COUNTS_H
#define X0_PLUGIN_COUNTS_H

#include <linux/types.h>

#include "run_stats.h"

/* What became of a packet. */
enum plugin_verdict {
	PLUGIN_PASSED, /* on to the next stage, or to the next program at TC */
	PLUGIN_DROPPED,
	PLUGIN_SENT, /* back, or to another interface, CPU or socket */
	PLUGIN_ABORTED, /* dropped by an error: XDP_ABORTED, or what is no verdict */
	PLUGIN_VERDICTS,
};

/* Of map `plugin_counts`, one element, per CPU. */
struct plugin_counts {
	struct run_stats runs;
	__u64 verdicts[PLUGIN_VERDICTS]; /* by enum plugin_verdict; of tracing programs, none */
};

#endif
