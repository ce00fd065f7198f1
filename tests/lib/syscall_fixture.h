/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads and attaches a latency tracer for tests. */
#ifndef X0_TESTS_SYSCALL_FIXTURE_H
#define X0_TESTS_SYSCALL_FIXTURE_H

#include "programs/tracer.h"

struct syscall_fixture {
	struct bpf_object *object;
	struct traced_calls calls;
	struct trace_links links;
	bool kprobes;
	bool lru; /* set before opening: always keep calls in flight in the LRU hash */
	struct failure failure;
};

/* `names` is a terminated list; `wanted` is enum syscalls_attach_wanted. Returns 0, or a negative
 * errno with fixture->failure set. */
int syscall_fixture_open(struct syscall_fixture *fixture, const char *program,
	const char *const *names, uint32_t wanted);
void syscall_fixture_close(struct syscall_fixture *fixture);

#endif
