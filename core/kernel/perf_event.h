/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_KERNEL_PERF_EVENT_H
#define X0_KERNEL_PERF_EVENT_H

#include <bpf/libbpf.h>
#include <linux/perf_event.h>

/* Attaches a loaded program to a perf event, for all processors. Returns the link, or NULL with errno set. */
struct bpf_link *perf_event_attach(
	const struct bpf_program *program, struct perf_event_attr *attributes);

#endif
