// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Run the programs of plugins outside the XDP chain: plugin.bpf.h. */
#include <linux/pkt_cls.h>

#include "license.bpf.h"
#include "plugin.bpf.h"

static __always_inline enum plugin_verdict meaning(int verdict)
{
	switch (verdict) {
	case TC_ACT_SHOT:
		return PLUGIN_DROPPED;
	case TC_ACT_STOLEN:
	case TC_ACT_QUEUED:
	case TC_ACT_TRAP:
	case TC_ACT_REDIRECT:
		return PLUGIN_SENT;
	default:
		return PLUGIN_PASSED;
	}
}

/* What passes goes on to the programs behind it: TC_ACT_OK would hide it from them. */
SEC("tc")
int tc_plugin(struct __sk_buff *skb)
{
	struct plugin_counts *counts = plugin_begin();
	int verdict;

	if (!counts)
		return TC_ACT_UNSPEC;
	verdict = plugin_program(skb);
	plugin_end(counts);
	counts->verdicts[meaning(verdict)]++;
	return verdict == TC_ACT_OK ? TC_ACT_UNSPEC : verdict;
}

/* For tracing programs of any type: it uses only what all of them may. */
SEC("raw_tp")
int trace_plugin(void *ctx)
{
	struct plugin_counts *counts = plugin_begin();
	int result;

	if (!counts)
		return 0;
	result = plugin_program(ctx);
	plugin_end(counts);
	return result;
}
