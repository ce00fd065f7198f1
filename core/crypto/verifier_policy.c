// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verifier_policy.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"

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

int validate_packet_signatures(
	const struct map_registry *maps, const struct pqc_policy *policy, struct failure *failure)
{
	struct pqc_control control = {
		.mode = policy->mode,
		.realtime_offset_ns = clock_realtime_ns() - clock_monotonic_ns(),
		.reassembly_timeout_ns = policy->reassembly_timeout_ns,
		.node_budget = policy->node_budget,
		.common_budget = policy->common_budget,
	};
	uint32_t zero = 0;
	int error = check_policy(policy, failure);

	if (error < 0)
		return error;
	for (uint32_t i = 0; i < policy->n_ports; i++)
		control.protected_ports[policy->ports[i] / 64] |= UINT64_C(1)
								  << policy->ports[i] % 64;
	int fd = map_registry_fd(maps, "pqc_control");
	if (fd < 0)
		return failure_set(failure, fd,
			"The signature verifier is not loaded: there is no map pqc_control");
	if (bpf_map_update_elem(fd, &zero, &control, BPF_ANY) < 0)
		return failure_set(failure, -errno, "The verifier's mode cannot be changed: %s",
			strerror(errno));
	return 0;
}
