// SPDX-License-Identifier: BSD-2-Clause
/* The sample must be what its header says, or the tests that use it prove little. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/snapshot_sample.h"

static struct snapshot sample;

static void check_interface(const struct snapshot_packets_interface *interface)
{
	uint64_t verdicts = 0, networks = 0, transports = 0, sizes = 0;

	for (int i = 0; i < XDP_VERDICTS; i++)
		verdicts += interface->verdicts[i].packets.total;
	for (int i = 0; i < NETWORK_PROTOCOLS; i++)
		networks += interface->networks[i].packets.total;
	for (int i = 0; i < TRANSPORT_PROTOCOLS; i++)
		transports += interface->transports[i].packets.total;
	for (int i = 0; i < FRAME_SIZES; i++)
		sizes += interface->frame_sizes[i].total;
	assert_true(interface->all.packets.total > 0);
	assert_int_equal(verdicts, interface->all.packets.total);
	assert_int_equal(networks, interface->all.packets.total);
	assert_int_equal(transports, interface->all.packets.total);
	assert_int_equal(sizes, interface->all.packets.total);
}

static void test_packets_add_up(void **state)
{
	uint64_t packets = 0;

	(void)state;
	snapshot_sample(&sample);
	check_interface(&sample.packets.sum);
	for (uint32_t i = 0; i < sample.packets.n_interfaces; i++) {
		check_interface(&sample.packets.interfaces[i]);
		packets += sample.packets.interfaces[i].all.packets.total;
	}
	assert_int_equal(packets, sample.packets.sum.all.packets.total);
	assert_int_equal(packets, sample.programs[0].runs.total);
	assert_int_equal(packets,
		sample.mesh.no_match.packets.total + sample.mesh.passed.packets.total +
			sample.mesh.dropped.packets.total + sample.mesh.spared.packets.total);
	assert_int_equal(
		sample.packets.sum.verdicts[1].packets.total, sample.mesh.dropped.packets.total);
}

static void test_histograms_hold_every_call(void **state)
{
	(void)state;
	snapshot_sample(&sample);
	assert_int_equal(sample.syscalls.n_calls, 11);
	for (uint32_t i = 0; i < sample.syscalls.n_calls; i++) {
		const struct snapshot_syscall *call = &sample.syscalls.calls[i];
		const struct snapshot_syscall_secure *secure = &sample.syscalls_secure.calls[i];
		uint64_t calls = 0;

		for (int b = 0; b < LATENCY_BUCKETS; b++)
			calls += call->buckets[b];
		assert_int_equal(calls, call->calls.total);
		assert_int_equal(secure->calls.total % SECURE_STEP, 0);
		assert_true(secure->calls.total <= calls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets_add_up),
		cmocka_unit_test(test_histograms_hold_every_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
