// SPDX-License-Identifier: BSD-2-Clause
#include "agreement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "crypto/verify_native.h"

#define SPOILERS_MAX 32
#define GOOD_BY_KEY  27

int agreement_verdict(struct verify_kernel *kernel, const struct mldsa_key *key,
	const struct mldsa_request *request)
{
	int native = (int)verify_native(key, request);

	assert_int_equal(verify_kernel_run(kernel, request, 1, NULL), native);
	return native;
}

static void check_good(struct verify_kernel *kernel, const struct signed_message *m)
{
	struct mldsa_request request;

	signed_message_request(m, &request);
	assert_true(signed_message_accepted(m));
	assert_int_equal(agreement_verdict(kernel, &m->key->expanded, &request), MLDSA_VALID);
}

/* Spoils a copy of `good` in the way `spoiler` says. Returns whether that could be done. */
static bool check_spoilt(struct verify_kernel *kernel, const struct signed_message *good,
	const struct spoiler *spoiler)
{
	struct signed_message m = *good;
	struct mldsa_request request;

	if (!spoiler->spoil(&m))
		return false;
	signed_message_request(&m, &request);
	int verdict = agreement_verdict(kernel, &m.key->expanded, &request);
	if (signed_message_accepted(&m) || verdict == MLDSA_VALID)
		fail_msg("accepted with %s", spoiler->name);
	if (spoiler->verdict != SPOILT_ANYHOW && verdict != spoiler->verdict)
		fail_msg("%s: verdict %s, not %s", spoiler->name, request_verdict_names[verdict],
			request_verdict_names[spoiler->verdict]);
	return true;
}

/* Spoils `good` in the ways that come next in turn, as long as it takes. */
static void check_all_spoilt(
	struct verify_kernel *kernel, const struct signed_message *good, unsigned spoilt[])
{
	static unsigned next;

	for (unsigned done = 0; done < AGREEMENT_SPOILT_BY_GOOD; next++) {
		if (spoilers[next].name == NULL)
			next = 0;
		if (!check_spoilt(kernel, good, &spoilers[next]))
			continue;
		spoilt[next]++;
		done++;
	}
}

/* The i-th of `count` lengths from 0 to the maximum, both included. */
static size_t length_of(unsigned i, unsigned count, size_t maximum)
{
	return i < count - 1 ? i * maximum / count : maximum;
}

void agreement_check(struct verify_kernel *kernel, uint32_t set, unsigned good)
{
	static struct signing_key key;
	static struct signed_message m;
	unsigned spoilt[SPOILERS_MAX] = { 0 };

	for (unsigned i = 0; i < good; i++) {
		if (i % GOOD_BY_KEY == 0) {
			signing_key_free(&key);
			signing_key_generate(set, &key);
			assert_int_equal(verify_kernel_set_key(kernel, &key.expanded), 0);
		}
		signed_message_make(&key, random_below(MLDSA_CONTEXT_MAX + 1),
			length_of(i % GOOD_BY_KEY, GOOD_BY_KEY, MLDSA_MESSAGE_MAX), &m);
		check_good(kernel, &m);
		check_all_spoilt(kernel, &m, spoilt);
	}
	signing_key_free(&key);
	print_message(
		"ML-DSA-%u: %u good, %u spoilt\n", set, good, good * AGREEMENT_SPOILT_BY_GOOD);
	for (unsigned s = 0; spoilers[s].name != NULL; s++)
		if (spoilt[s] < good / 10)
			fail_msg("only %u with %s", spoilt[s], spoilers[s].name);
}
