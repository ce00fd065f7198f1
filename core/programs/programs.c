// SPDX-License-Identifier: BSD-2-Clause
#include "programs/programs.h"

#include <string.h>

const struct program_type *const program_types[] = {
	&program_xdp_counter,
	&program_xdp_mesh_filter,
	&program_xdp_pqc_verify,
	&program_tracepoint_net,
	&program_tc_classifier,
	&program_kprobe_syscall_latency,
	&program_kprobe_syscall_latency_secure,
	NULL,
};

const struct program_type *program_type_find(const char *name)
{
	for (uint32_t i = 0; program_types[i] != NULL; i++)
		if (strcmp(program_types[i]->name, name) == 0)
			return program_types[i];
	return NULL;
}

const struct verifier_variant *program_object_variants(const char *object)
{
	const struct program_type *type = program_type_find(object);

	if (type != NULL)
		return type->variants;
	return strcmp(object, CHAIN_ROOT) == 0 ? chain_root_variants : NULL;
}
