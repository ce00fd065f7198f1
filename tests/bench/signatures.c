// SPDX-License-Identifier: BSD-2-Clause
/* What a verification costs in the kernel, beside OpenSSL's EVP_DigestVerify of the same signature. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "pqc/verify_kernel.h"
#include "pqc/verify_native.h"
#include "tests/lib/signatures.h"

#define ROUNDS	       15
#define RUNS_A_ROUND   200
#define MESSAGE_LENGTH 256
#define CONTEXT_LENGTH 7
#define RATIO_LIMIT    0.20
#define LOAD_LIMIT_MS  100

/* What is measured of each parameter set. */
enum row {
	ROW_KERNEL,
	ROW_OPENSSL,
	ROW_NATIVE,
	ROW_REFUSAL,
	ROW_KEY,
	ROWS,
};

struct subject {
	struct verify_kernel *kernel;
	struct signing_key key;
	struct signed_message message;
	struct mldsa_request request;
	struct mldsa_request malformed; /* refused for its hint */
	double us[ROWS][ROUNDS];
};

static double kernel_us(
	struct verify_kernel *kernel, const struct mldsa_request *request, int expected)
{
	uint32_t run_ns = 0;

	if (verify_kernel_run(kernel, request, RUNS_A_ROUND, &run_ns) != expected)
		abort();
	return run_ns / 1e3;
}

static void run_openssl(const struct subject *subject)
{
	if (!signed_message_accepted(&subject->message))
		abort();
}

static void run_native(const struct subject *subject)
{
	if (verify_native(&subject->key.expanded, &subject->request) != MLDSA_VALID)
		abort();
}

static void run_key_expand(const struct subject *subject)
{
	static struct mldsa_key expanded;
	struct failure failure;

	if (key_expand(&subject->key.public, &expanded, &failure) < 0)
		abort();
}

static double us_of(void (*run)(const struct subject *), const struct subject *subject)
{
	double started = now_seconds();

	for (int i = 0; i < RUNS_A_ROUND; i++)
		run(subject);
	return (now_seconds() - started) * 1e6 / RUNS_A_ROUND;
}

static void measure_round(struct subject *subject, int round)
{
	struct verify_kernel *kernel = subject->kernel;

	subject->us[ROW_KERNEL][round] = kernel_us(kernel, &subject->request, MLDSA_VALID);
	subject->us[ROW_OPENSSL][round] = us_of(run_openssl, subject);
	subject->us[ROW_NATIVE][round] = us_of(run_native, subject);
	subject->us[ROW_REFUSAL][round] = kernel_us(kernel, &subject->malformed, MLDSA_BAD_HINT);
	subject->us[ROW_KEY][round] = us_of(run_key_expand, subject);
}

static void report_set(struct subject *subject, uint32_t set)
{
	static const char *const names[ROWS] = { "verify, in the kernel", "OpenSSL",
		"verify, natively", "refuse, malformed hint", "load a key" };
	double openssl = median(subject->us[ROW_OPENSSL], ROUNDS);

	for (int row = 0; row < ROWS; row++) {
		char what[64];
		struct measurement measurement = {
			.what = what,
			.unit = "us",
			.value = median(subject->us[row], ROUNDS),
			.rounds = ROUNDS,
		};

		snprintf(what, sizeof(what), "ML-DSA-%u %s", set, names[row]);
		if (row == ROW_KERNEL || row == ROW_NATIVE) {
			measurement.beside_what = names[ROW_OPENSSL];
			measurement.beside = openssl;
		}
		if (row == ROW_KERNEL)
			measurement.ratio_below = RATIO_LIMIT;
		if (row != ROW_OPENSSL)
			report_add(&measurement);
	}
}

static void bench_set(struct verify_kernel *kernel, uint32_t set)
{
	struct subject *subject = calloc(1, sizeof(*subject));

	if (subject == NULL)
		abort();
	subject->kernel = kernel;
	signing_key_generate(set, &subject->key);
	if (verify_kernel_set_key(kernel, &subject->key.expanded) < 0)
		abort();
	signed_message_make(&subject->key, CONTEXT_LENGTH, MESSAGE_LENGTH, &subject->message);
	signed_message_request(&subject->message, &subject->request);
	subject->malformed = subject->request;
	subject->malformed.signature[subject->message.signature_length - 1] = 255;
	for (int round = 0; round < ROUNDS; round++)
		measure_round(subject, round);
	report_set(subject, set);
	signing_key_free(&subject->key);
	free(subject);
}

static bool bench_load(struct verify_kernel **kernel)
{
	struct failure failure = { 0 };
	double ms[ROUNDS];
	struct measurement row = { .what = "load mldsa_verify, all three sets",
		.unit = "ms",
		.rounds = ROUNDS,
		.below = LOAD_LIMIT_MS };

	for (int round = 0; round < ROUNDS; round++) {
		double started = now_seconds();

		if (round > 0)
			verify_kernel_close(*kernel);
		if (verify_kernel_open("", kernel, &failure) < 0) {
			report_missing("ML-DSA", "%s", failure.what);
			return false;
		}
		ms[round] = (now_seconds() - started) * 1000;
	}
	row.value = median(ms, ROUNDS);
	report_add(&row);
	return true;
}

void bench_signatures(void)
{
	struct verify_kernel *kernel;

	report_section("SIGNATURES", "ML-DSA, 256 bytes signed; in the kernel by BPF_PROG_RUN");
	if (!bench_load(&kernel))
		return;
	for (unsigned i = 0; i < 3; i++)
		bench_set(kernel, signature_sets[i]);
	verify_kernel_close(kernel);
}
