// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_running.h"

#include "programs/xdp_stage.h"

int plugin_enter_chain(
	struct program *program, const struct bpf_object *object, struct failure *failure)
{
	struct bpf_program *each;

	bpf_object__for_each_program (each, object)
		if (bpf_program__type(each) == BPF_PROG_TYPE_XDP)
			return xdp_stage_join(program, bpf_program__fd(each), failure);
	return 0;
}
