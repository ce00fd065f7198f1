// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verifier_policy.h"

#include <errno.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/map_value.h"

/* The kernel's wall clock may differ this much before it is set again. */
#define CLOCK_TOLERANCE_NS 10000000

void pqc_policy_default(struct pqc_policy *policy)
{
	*policy = (struct pqc_policy) {
		.mode = PQC_OFF,
		.n_ports = 1,
		.ports = { PQC_PORT },
		.reassembly_timeout_ns = 2 * NS_PER_SECOND,
		.node_budget = { .interval_ns = NS_PER_SECOND / 10, .burst = 16 },
		.common_budget = { .interval_ns = NS_PER_SECOND / 1000, .burst = 64 },
	};
}

static int check_policy(const struct pqc_policy *policy, struct failure *failure)
{
	const struct pqc_budget *budgets[] = { &policy->node_budget, &policy->common_budget };

	if (policy->mode > PQC_ENFORCE)
		return failure_set(
			failure, -EINVAL, "The signature verifier has no mode %u", policy->mode);
	if (policy->n_ports == 0 || policy->n_ports > PQC_PORTS_MAX)
		return failure_set(failure, -EINVAL,
			"The signature verifier protects 1 to %d ports, not %u", PQC_PORTS_MAX,
			policy->n_ports);
	for (uint32_t i = 0; i < policy->n_ports; i++)
		if (policy->ports[i] == 0)
			return failure_set(failure, -EINVAL, "Port 0 cannot be protected");
	if (policy->reassembly_timeout_ns == 0)
		return failure_set(failure, -EINVAL, "The reassembly timeout must not be 0");
	for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		if (budgets[i]->interval_ns == 0 || budgets[i]->burst == 0 ||
			budgets[i]->burst > UINT64_MAX / budgets[i]->interval_ns)
			return failure_set(failure, -EINVAL,
				"A budget of %llu verifications, one each %llu ns, is out of range",
				(unsigned long long)budgets[i]->burst,
				(unsigned long long)budgets[i]->interval_ns);
	return 0;
}

/* The offsets of clocks by which the program knows the time of day: see struct pqc_control. */
static void read_clocks(struct pqc_control *control)
{
	control->tai_offset_ns = clock_tai_ns() - clock_realtime_ns();
	control->realtime_offset_ns = clock_realtime_ns() - clock_boottime_ns();
}

static bool is_near(uint64_t a, uint64_t b)
{
	return a - b + CLOCK_TOLERANCE_NS <=
	       2 * CLOCK_TOLERANCE_NS; /* modulo 2^64: either may be more */
}

bool pqc_clock_is_right(const struct pqc_control *control)
{
	struct pqc_control now;

	read_clocks(&now);
	return is_near(now.tai_offset_ns, control->tai_offset_ns) &&
	       is_near(now.realtime_offset_ns, control->realtime_offset_ns);
}

/* Keeps the key of hashes, by which places are found; makes one if there is none. */
static int make_hash_key(int fd, struct pqc_control *control)
{
	static const uint64_t none[2];
	struct pqc_control before;
	uint32_t zero = 0;

	if (map_value_read(fd, &zero, &before, sizeof(before)) == 0 &&
		memcmp(before.hash_key, none, sizeof(none)) != 0) {
		memcpy(control->hash_key, before.hash_key, sizeof(before.hash_key));
		return 0;
	}
	return RAND_bytes((uint8_t *)control->hash_key, sizeof(control->hash_key)) == 1 ? 0 : -EIO;
}

int validate_packet_signatures(
	const struct map_registry *maps, const struct pqc_policy *policy, struct failure *failure)
{
	struct pqc_control control = {
		.mode = policy->mode,
		.reassembly_timeout_ns = policy->reassembly_timeout_ns,
		.node_budget = policy->node_budget,
		.common_budget = policy->common_budget,
	};
	uint32_t zero = 0;
	int fd = map_registry_fd(maps, "pqc_control");
	int error = check_policy(policy, failure);

	if (error < 0)
		return error;
	if (fd < 0)
		return failure_set(failure, fd,
			"The signature verifier is not loaded: there is no map pqc_control");
	read_clocks(&control);
	if (make_hash_key(fd, &control) < 0)
		return failure_set(failure, -EIO, "OpenSSL has no random bytes");
	for (uint32_t i = 0; i < policy->n_ports; i++)
		control.protected_ports[policy->ports[i] / 64] |= UINT64_C(1)
								  << policy->ports[i] % 64;
	error = map_value_write(fd, &zero, &control, sizeof(control));
	return error == 0 ? 0
			  : failure_set(failure, error, "The verifier's mode cannot be changed: %s",
				    strerror(-error));
}
