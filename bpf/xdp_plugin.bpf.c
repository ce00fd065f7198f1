// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A stage of the XDP chain that runs an XDP program of a plugin: plugin.bpf.h. What it passes goes on to the
 * next stage; any other verdict is its own, and ends the chain. It cannot keep a packet from the stages before
 * it, and need not know of those behind: they judge the packet as it leaves it.
 */
#include "license.bpf.h"
#include "plugin.bpf.h"
#include "xdp_chain.bpf.h"

const volatile __u32 stage = XDP_PLUGIN_FIRST; /* enum xdp_stage */
const volatile bool read_again =
	false; /* a stage of x0top's is behind it: the program may change packets */

static __always_inline enum plugin_verdict meaning(__u32 verdict)
{
	switch (verdict) {
	case XDP_PASS:
		return PLUGIN_PASSED;
	case XDP_DROP:
		return PLUGIN_DROPPED;
	case XDP_TX:
	case XDP_REDIRECT:
		return PLUGIN_SENT;
	default:
		return PLUGIN_ABORTED;
	}
}

SEC("xdp")
int xdp_plugin(struct xdp_md *ctx)
{
	struct plugin_counts *counts = plugin_begin();
	__u32 verdict, at = stage;

	if (!counts || at >= XDP_STAGES_MAX)
		return XDP_PASS;
	verdict = plugin_program(ctx);
	plugin_end(counts);
	counts->verdicts[meaning(verdict)]++;
	struct xdp_packet *packet = xdp_chain_begin(at);
	if (!packet)
		return verdict;
	/* The kernel, too, takes what is no verdict for this one, with a warning. */
	if (verdict >= XDP_VERDICTS)
		verdict = XDP_ABORTED;
	if (verdict != XDP_PASS)
		return xdp_chain_end(packet, at, verdict);
	if (read_again && packet->counted)
		xdp_parse(ctx, packet, xdp_frame_length(ctx), &packet->headers);
	xdp_chain_lap(packet, at);
	bpf_tail_call(ctx, &xdp_chain, at);
	return xdp_chain_finish(packet, XDP_PASS);
}
