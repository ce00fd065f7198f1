// SPDX-License-Identifier: BSD-2-Clause
/* The test of the compiled mesh rules against a plain model, with xdp_mesh_filter compiled for this machine. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#define add program_add /* the test has one of its own */
#define asm /* barriers, for a verifier, in instructions of BPF */
#define volatile(...)
#include "../../bpf/xdp_mesh_filter.bpf.c"
#undef volatile
#undef asm
#undef add

#pragma GCC diagnostic ignored "-Wunused-function"
#include "tests/lib/bpf_fake.h"
#include "tests/lib/bpf_program.h"

#include "base/clock.h"

/* In place of the kernel that the test asks. */
static void load(void)
{
	host_reset();
	host.boot_ns = clock_boottime_ns();
	host.jiffies = 1;
	fake_object_add(mesh_near);
	fake_object_add(mesh_lines);
	fake_object_add(mesh_shorts);
	fake_object_add(mesh_rule_counts);
	fake_object_add(mesh_filter_totals);
	fake_object_add(mesh_filter_control);
}

static int map_fd(const char *name)
{
	return bpf_map__fd(bpf_object__find_map_by_name(fake_object(), name));
}

static uint32_t run(const void *bytes, size_t length)
{
	struct xdp_md context = { .ingress_ifindex = BPF_PROGRAM_RUN_IFINDEX };

	context.data = (__u32)(uintptr_t)host_frame(bytes, length);
	context.data_end = context.data + (__u32)length;
	return (uint32_t)xdp_mesh_filter(&context);
}

#define bpf_program_open(name)		       NULL
#define bpf_program_load(object)	       load()
#define bpf_program_fd(object, name)	       0
#define bpf_program_map_fd(object, name)       map_fd(name)
#define bpf_program_run(program, frame, bytes) run(frame, bytes)
#define main				       integration_main
#include "../integration/test_mesh_rules.c"
#undef main

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rules_sets_and_packets),
	};

	return cmocka_run_group_tests_name("mesh rules", tests, start, stop);
}
