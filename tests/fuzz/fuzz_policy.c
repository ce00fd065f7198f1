// SPDX-License-Identifier: BSD-2-Clause
/* Files of policies: nothing changes where one is refused; what is in force has bounds, and an action that ends. */
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mapek/policy.h"

static void expect_sound(const struct policies *policies, const struct policy *policy)
{
	static char texts[HOOK_ARGUMENTS_MAX][HOOK_LEN];
	const char *target =
		policy_target(policy) == POLICY_SENDERS ? "02:00:00:00:00:07" : "192.0.2.7";
	char *arguments[HOOK_ARGUMENTS_MAX + 1], about[MAPEK_TARGET_LEN], text[RULE_LEN];

	expect(policy->name[0] != '\0' && memchr(policy->name, 0, sizeof(policy->name)) != NULL);
	expect(memchr(policy->action, 0, sizeof(policy->action)) != NULL);
	expect(policy->most >= 1 && policy->most <= POLICY_ACTIONS_MAX);
	expect(policy->length >= 1 && policy->length <= POLICY_LENGTH_MAX);
	expect(policy->length_4 <= 32 && policy->length_6 <= 128);
	expect(policy->n_arguments <= HOOK_ARGUMENTS_MAX && policy->within <= POLICY_WITHIN_MAX);
	expect(policy_target(policy) < POLICY_TARGETS);
	expect(strlen(policy_about(policy, target, about, sizeof(about))) < sizeof(about));
	expect(strlen(policy_action(policy, about, text, sizeof(text))) < sizeof(text));
	policy_arguments(policy, about, texts, arguments);
	for (uint32_t i = 0; i < policy->n_arguments; i++)
		expect(strlen(arguments[i]) < HOOK_LEN);
	expect(arguments[policy->n_arguments] == NULL);
	policies_spare(policies, about);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policies before, policies;
	const struct connection operator_of = { "203.0.113.7", 22 };
	struct failure failure = { 0 };
	char path[32];
	int fd = memfd_create("policies", MFD_CLOEXEC);

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	policies = before;
	int error = policies_read(&policies, path, size % 2 ? &operator_of : NULL, &failure);
	close(fd);
	if (error < 0) {
		expect(failure.error == error && failure.what[0] != '\0');
		/* Gaps are equal, too: one was copied. NOLINTNEXTLINE(*-memory-comparison,cert-*) */
		expect(memcmp(&policies, &before, sizeof(policies)) == 0);
		return 0;
	}
	expect(policies.n <= POLICIES_MAX && policies.n_never <= POLICY_NEVER_MAX);
	for (uint32_t i = 0; i < policies.n; i++)
		expect_sound(&policies, &policies.list[i]);
	return 0;
}
