// SPDX-License-Identifier: BSD-2-Clause
#include "cli/bench_pqc.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/key.h"
#include "crypto/request.h"
#include "crypto/verify_kernel.h"
#include "crypto/verify_native.h"
#include "kernel/capability.h"
#include "kernel/object.h"
#include "programs/programs.h"

#define ROUNDS	       15
#define RUNS_A_ROUND   200
#define MESSAGE_LENGTH 256
#define LOAD_LIMIT_MS  100
#define RATIO_LIMIT    0.20

/* Reads this thread's CPU time: like BPF_PROG_RUN's, it leaves other threads out. */
static double thread_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* --- load time ------------------------------------------------------------------------------- */

static int measure_load(const char *name, double *ms, struct failure *failure)
{
	struct bpf_object *object;
	double started = thread_us();
	int error = object_open(name, "", &object, failure);

	if (error < 0)
		return error;
	error = object_load(object, name, failure);
	*ms = (thread_us() - started) / 1e3;
	bpf_object__close(object);
	return error;
}

static int bench_loading(const struct bench_report *report, struct failure *failure)
{
	const char *const names[] = { "mldsa_verify", program_xdp_pqc_verify.name };
	double ms[2][ROUNDS];

	report->section(report->context, "LOAD TIME",
		"open, verify and load an object with all three parameter sets; CPU time");
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < 2; i++)
			if (measure_load(names[i], &ms[i][round], failure) < 0)
				return failure->error;
	for (int i = 0; i < 2; i++)
		report->row(report->context, &(struct bench_row) {
						     .what = names[i],
						     .unit = "ms",
						     .median = bench_median(ms[i], ROUNDS),
						     .rounds = ROUNDS,
						     .below = LOAD_LIMIT_MS,
					     });
	return 0;
}

/* --- verification ---------------------------------------------------------------------------- */

/* Measured for each parameter set. */
enum way { WAY_KERNEL, WAY_OPENSSL, WAY_NATIVE, WAY_KEY, WAY_REFUSAL, WAYS };

struct subject {
	struct verify_kernel *kernel;
	EVP_PKEY *openssl;
	struct public_key public;
	struct mldsa_key key;
	uint8_t message[MESSAGE_LENGTH];
	uint8_t signature[MLDSA_SIGNATURE_MAX];
	size_t signature_length;
	struct mldsa_request request;
	struct mldsa_request malformed; /* refused for its hint */
	double us[WAYS][ROUNDS];
};

static bool run_openssl(struct subject *s)
{
	EVP_MD_CTX *verifier = EVP_MD_CTX_new();
	bool good =
		verifier != NULL &&
		EVP_DigestVerifyInit_ex(verifier, NULL, NULL, NULL, NULL, s->openssl, NULL) == 1 &&
		EVP_DigestVerify(verifier, s->signature, s->signature_length, s->message,
			sizeof(s->message)) == 1;

	EVP_MD_CTX_free(verifier);
	return good;
}

static bool run_native(struct subject *s)
{
	return verify_native(&s->key, &s->request) == MLDSA_VALID;
}

/* Loads a new key: expands it and writes it to the map. */
static bool run_key(struct subject *s)
{
	struct failure ignored;

	return key_expand(&s->public, &s->key, &ignored) == 0 &&
	       verify_kernel_set_key(s->kernel, &s->key) == 0;
}

static bool measure_here(struct subject *s, bool (*run)(struct subject *), double *us)
{
	double started = thread_us();

	for (int i = 0; i < RUNS_A_ROUND; i++)
		if (!run(s))
			return false;
	*us = (thread_us() - started) / RUNS_A_ROUND;
	return true;
}

static bool measure_kernel(
	struct subject *s, const struct mldsa_request *request, int expected, double *us)
{
	uint32_t run_ns = 0;
	int verdict = verify_kernel_run(s->kernel, request, RUNS_A_ROUND, &run_ns);

	*us = run_ns / 1e3;
	return verdict == expected;
}

static bool measure_round(struct subject *s, int round)
{
	return measure_kernel(s, &s->request, MLDSA_VALID, &s->us[WAY_KERNEL][round]) &&
	       measure_here(s, run_openssl, &s->us[WAY_OPENSSL][round]) &&
	       measure_here(s, run_native, &s->us[WAY_NATIVE][round]) &&
	       measure_here(s, run_key, &s->us[WAY_KEY][round]) &&
	       measure_kernel(s, &s->malformed, MLDSA_BAD_HINT, &s->us[WAY_REFUSAL][round]);
}

/* Makes a key and signs a message with it. Returns whether OpenSSL could. */
static bool sign(struct subject *s, uint32_t set, struct failure *failure)
{
	uint8_t raw[MLDSA_PUBLIC_MAX];
	size_t raw_length = sizeof(raw);
	EVP_MD_CTX *signer = EVP_MD_CTX_new();
	char name[16];

	snprintf(name, sizeof(name), "ML-DSA-%u", set);
	s->openssl = EVP_PKEY_Q_keygen(NULL, NULL, name);
	s->signature_length = sizeof(s->signature);
	memset(s->message, 'm', sizeof(s->message));
	bool made = signer != NULL && s->openssl != NULL &&
		    EVP_PKEY_get_raw_public_key(s->openssl, raw, &raw_length) == 1 &&
		    EVP_DigestSignInit_ex(signer, NULL, NULL, NULL, NULL, s->openssl, NULL) == 1 &&
		    EVP_DigestSign(signer, s->signature, &s->signature_length, s->message,
			    sizeof(s->message)) == 1;

	EVP_MD_CTX_free(signer);
	return made && key_parse(raw, raw_length, "The new key", &s->public, failure) == 0 &&
	       run_key(s);
}

static void report_set(const struct bench_report *report, struct subject *s)
{
	static const char *const names[WAYS] = { "verify, in the kernel", NULL, "verify, natively",
		"load a key", "refuse a malformed hint, in the kernel" };
	double openssl = bench_median(s->us[WAY_OPENSSL], ROUNDS);

	for (int way = 0; way < WAYS; way++) {
		bool beside = way == WAY_KERNEL || way == WAY_NATIVE;
		char what[64];

		if (way == WAY_OPENSSL)
			continue;
		snprintf(what, sizeof(what), "ML-DSA-%u %s", s->public.set, names[way]);
		report->row(
			report->context, &(struct bench_row) {
						 .what = what,
						 .unit = "us",
						 .median = bench_median(s->us[way], ROUNDS),
						 .rounds = ROUNDS,
						 .beside_what = beside ? "EVP_DigestVerify" : NULL,
						 .beside = openssl,
						 .ratio_below = way == WAY_KERNEL ? RATIO_LIMIT : 0,
					 });
	}
}

static int bench_set(
	const struct bench_report *report, struct subject *s, uint32_t set, struct failure *failure)
{
	const struct span none = { NULL, 0 };

	if (!sign(s, set, failure))
		return failure_set(failure, -ENOTSUP, "OpenSSL cannot sign with ML-DSA-%u", set);
	request_fill(&s->request, none, (struct span) { s->message, sizeof(s->message) },
		(struct span) { s->signature, s->signature_length });
	s->malformed = s->request;
	s->malformed.signature[s->signature_length - 1] = UINT8_MAX; /* more hints than omega */
	for (int round = 0; round < ROUNDS; round++)
		if (!measure_round(s, round))
			return failure_set(failure, -EPROTO,
				"The verifier refused a good ML-DSA-%u signature, or accepted a malformed one",
				set);
	report_set(report, s);
	return 0;
}

static int bench_verification(const struct bench_report *report, struct failure *failure)
{
	static const uint32_t sets[] = { MLDSA_44, MLDSA_65, MLDSA_87 };
	struct verify_kernel *kernel = NULL;
	int error = verify_kernel_open("", &kernel, failure);

	if (error < 0)
		return error;
	report->section(report->context, "VERIFICATION",
		"256 bytes signed; in the kernel by BPF_PROG_RUN, 200 runs per round, with a "
		"loaded key");
	for (size_t i = 0; error == 0 && i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct subject *s = calloc(1, sizeof(*s));

		if (s == NULL) {
			error = failure_set(
				failure, -ENOMEM, "Not enough memory to measure signatures");
			break;
		}
		s->kernel = kernel;
		error = bench_set(report, s, sets[i], failure);
		EVP_PKEY_free(s->openssl);
		free(s);
	}
	verify_kernel_close(kernel);
	return error;
}

int pqc_bench_run(const struct bench_report *report, struct failure *failure)
{
	const uint64_t needed = 1ull << CAP_BPF | 1ull << CAP_PERFMON | 1ull << CAP_NET_ADMIN;
	char missing[64];

	if (capability_missing(needed, missing, sizeof(missing)) > 0) {
		failure_set(failure, -EPERM,
			"Measuring in the kernel needs %s, which this process lacks", missing);
		return failure_remedy(failure, "Run it as root");
	}
	int error = bench_loading(report, failure);
	if (error == 0)
		error = bench_verification(report, failure);
	return error < 0 ? error : pqc_bench_packets(report, failure);
}
