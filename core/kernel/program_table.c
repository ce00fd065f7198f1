// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/program_table.h"

#include <linux/capability.h>
#include <stddef.h>
#include <string.h>

#include "xdp_chain.h"

/* Kernel headers before 5.8 lack the two newer ones; their numbers are fixed. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF	    39
#endif

#define CAPABILITY(number)   (UINT64_C(1) << (number))
#define NETWORK_CAPABILITIES (CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN))
#define TRACING_CAPABILITIES (CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON))

const struct program_description program_table[] = {
	{
		.name = "xdp_counter",
		.kind = "XDP",
		.capabilities = NETWORK_CAPABILITIES,
		.stage = XDP_COUNTER,
		.built = true,
	},
	{
		.name = "xdp_mesh_filter",
		.kind = "XDP",
		.capabilities = NETWORK_CAPABILITIES,
		.stage = XDP_MESH_FILTER,
		.enforcer = true,
		.built = true,
	},
	{
		.name = "xdp_pqc_verify",
		.kind = "XDP",
		.capabilities = NETWORK_CAPABILITIES,
		.stage = XDP_PQC_VERIFY,
		.enforcer = true,
		.built = true,
	},
	{
		.name = "tracepoint_net",
		.kind = "tracepoint",
		.capabilities = TRACING_CAPABILITIES,
		.built = true,
	},
	{
		.name = "tc_classifier",
		.kind = "TC",
		.capabilities = NETWORK_CAPABILITIES,
		.built = true,
	},
	{
		.name = "kprobe_syscall_latency",
		.kind = "system calls",
		.capabilities = TRACING_CAPABILITIES,
		.built = true,
	},
	{
		.name = "kprobe_syscall_latency_secure",
		.kind = "system calls",
		.capabilities = TRACING_CAPABILITIES,
		.built = true,
	},
};

const uint32_t program_table_size = sizeof(program_table) / sizeof(program_table[0]);

const struct program_description *program_table_find(const char *name)
{
	for (uint32_t i = 0; i < program_table_size; i++)
		if (strcmp(program_table[i].name, name) == 0)
			return &program_table[i];
	return NULL;
}
