// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/live_frames.h"

#include <bpf/bpf.h>
#include <errno.h>

int live_frames_open(uint32_t ifindex)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = BPF_REG_1,
			.imm = (int32_t)ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(
		BPF_PROG_TYPE_XDP, "sender", "GPL", code, sizeof(code) / sizeof(code[0]), NULL);

	return fd < 0 ? -errno : fd;
}

int live_frames_send(int program, uint32_t ifindex, const struct frame *frame, uint32_t times)
{
	struct xdp_md context = {
		.data_end = (uint32_t)frame->length,
		.ingress_ifindex = ifindex,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
		.data_size_in = (uint32_t)frame->length, .ctx_in = &context,
		.ctx_size_in = sizeof(context), .repeat = (int)times,
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	return bpf_prog_test_run_opts(program, &options) < 0 ? -errno : 0;
}
