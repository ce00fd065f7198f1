// SPDX-License-Identifier: BSD-2-Clause
/* x0top bench pqc: the rows of loading and of signatures, and what makes a time meaningless. The kernel is made up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define capability_missing    fake_missing
#define object_open	      fake_open
#define object_load	      fake_load
#define bpf_object__close     fake_close
#define verify_kernel_open    fake_kernel_open
#define verify_kernel_close   fake_kernel_close
#define verify_kernel_set_key fake_set_key
#define verify_kernel_run     fake_run
#define verify_native	      fake_native
#define key_expand	      fake_expand
#define EVP_DigestVerify      fake_digest_verify
#define pqc_bench_packets     fake_packets
#include "../../cli/bench_pqc.c"

static bool rights;
static int open_error, load_error, kernel_error, packets_error;
static int good_verdict, malformed_verdict, native_verdict;
static unsigned opened, closed, kernels, packets;
static struct failure failure;

int fake_missing(uint64_t mask, char *names, size_t size)
{
	assert_int_equal(mask, 1ull << 12 | 1ull << 38 | 1ull << 39);
	snprintf(names, size, "CAP_BPF");
	return rights ? 0 : 1;
}

int fake_open(
	const char *name, const char *objects, struct bpf_object **object, struct failure *why)
{
	(void)name;
	assert_string_equal(objects, "");
	if (open_error < 0)
		return failure_set(why, open_error, "No object");
	*object = (struct bpf_object *)&opened;
	opened++;
	return 0;
}

int fake_load(struct bpf_object *object, const char *name, struct failure *why)
{
	(void)name;
	assert_ptr_equal(object, &opened);
	return load_error < 0 ? failure_set(why, load_error, "Refused") : 0;
}

void fake_close(struct bpf_object *object)
{
	assert_ptr_equal(object, &opened);
	closed++;
}

int fake_kernel_open(const char *objects, struct verify_kernel **verify, struct failure *why)
{
	(void)objects;
	if (kernel_error < 0)
		return failure_set(why, kernel_error, "No kernel");
	*verify = (struct verify_kernel *)&kernels;
	kernels++;
	return 0;
}

void fake_kernel_close(struct verify_kernel *verify)
{
	assert_ptr_equal(verify, &kernels);
	kernels--;
}

int fake_set_key(struct verify_kernel *verify, const struct mldsa_key *key)
{
	(void)key;
	assert_ptr_equal(verify, &kernels);
	return 0;
}

/* Tells the malformed one from the good by its last byte: more hints than there can be. */
int fake_run(struct verify_kernel *verify, const struct mldsa_request *request, uint32_t repeat,
	uint32_t *run_ns)
{
	assert_ptr_equal(verify, &kernels);
	assert_int_equal(repeat, RUNS_A_ROUND);
	const bool malformed = request->signature[request->signature_length - 1] == UINT8_MAX;
	*run_ns = malformed ? 2000 : 50000;
	return malformed ? malformed_verdict : good_verdict;
}

enum mldsa_verdict fake_native(const struct mldsa_key *key, const struct mldsa_request *request)
{
	(void)key, (void)request;
	return (enum mldsa_verdict)native_verdict;
}

int fake_digest_verify(EVP_MD_CTX *context, const unsigned char *signature, size_t length,
	const unsigned char *bytes, size_t size)
{
	(void)context, (void)signature, (void)length, (void)bytes, (void)size;
	return 1;
}

int fake_expand(const struct public_key *public, struct mldsa_key *key, struct failure *why)
{
	(void)public, (void)key, (void)why;
	return 0;
}

int fake_packets(const struct bench_report *report, struct failure *why)
{
	(void)report;
	packets++;
	return packets_error < 0 ? failure_set(why, packets_error, "No packets") : 0;
}

/* --- the report ------------------------------------------------------------------------------------ */

static struct row {
	char what[64], unit[4];
	double median, below, ratio_below;
	unsigned int rounds;
	bool beside;
} rows[32];
static unsigned n_rows;
static char sections[8][32];
static unsigned n_sections;

static void on_section(void *context, const char *title, const char *how)
{
	assert_ptr_equal(context, rows);
	assert_true(strlen(how) > 0 && n_sections < 8);
	snprintf(sections[n_sections++], sizeof(sections[0]), "%s", title);
}

static void on_row(void *context, const struct bench_row *row)
{
	struct row *kept = &rows[n_rows++];

	assert_ptr_equal(context, rows);
	assert_true(n_rows <= 32);
	*kept = (struct row) { .median = row->median,
		.below = row->below,
		.ratio_below = row->ratio_below,
		.rounds = row->rounds,
		.beside = row->beside_what != NULL };
	snprintf(kept->what, sizeof(kept->what), "%s", row->what);
	snprintf(kept->unit, sizeof(kept->unit), "%s", row->unit);
	if (row->beside_what != NULL) {
		assert_string_equal(row->beside_what, "EVP_DigestVerify");
		assert_true(row->beside > 0);
	}
}

static const struct bench_report report = { on_section, on_row, rows };

static int setup(void **state)
{
	(void)state;
	rights = true;
	open_error = load_error = kernel_error = packets_error = 0;
	good_verdict = native_verdict = MLDSA_VALID;
	malformed_verdict = MLDSA_BAD_HINT;
	opened = closed = kernels = packets = n_rows = n_sections = 0;
	memset(&failure, 0, sizeof(failure));
	return 0;
}

static void test_every_row(void **state)
{
	static const struct row expected[] = {
		{ "mldsa_verify", "ms", 0, 100, 0, 15, false },
		{ "xdp_pqc_verify", "ms", 0, 100, 0, 15, false },
		{ "ML-DSA-44 verify, in the kernel", "us", 50, 0, 0.2, 15, true },
		{ "ML-DSA-44 verify, natively", "us", 0, 0, 0, 15, true },
		{ "ML-DSA-44 load a key", "us", 0, 0, 0, 15, false },
		{ "ML-DSA-44 refuse a malformed hint, in the kernel", "us", 2, 0, 0, 15, false },
		{ "ML-DSA-65 verify, in the kernel", "us", 50, 0, 0.2, 15, true },
		{ "ML-DSA-65 verify, natively", "us", 0, 0, 0, 15, true },
		{ "ML-DSA-65 load a key", "us", 0, 0, 0, 15, false },
		{ "ML-DSA-65 refuse a malformed hint, in the kernel", "us", 2, 0, 0, 15, false },
		{ "ML-DSA-87 verify, in the kernel", "us", 50, 0, 0.2, 15, true },
		{ "ML-DSA-87 verify, natively", "us", 0, 0, 0, 15, true },
		{ "ML-DSA-87 load a key", "us", 0, 0, 0, 15, false },
		{ "ML-DSA-87 refuse a malformed hint, in the kernel", "us", 2, 0, 0, 15, false },
	};

	(void)state;
	if (pqc_bench_run(&report, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_int_equal(n_rows, sizeof(expected) / sizeof(expected[0]));
	for (unsigned i = 0; i < n_rows; i++) {
		assert_string_equal(rows[i].what, expected[i].what);
		assert_string_equal(rows[i].unit, expected[i].unit);
		assert_true(rows[i].below == expected[i].below);
		assert_true(rows[i].ratio_below == expected[i].ratio_below);
		assert_int_equal(rows[i].rounds, expected[i].rounds);
		assert_int_equal(rows[i].beside, expected[i].beside);
		assert_true(rows[i].median >= 0);
		if (expected[i].median > 0)
			assert_true(rows[i].median == expected[i].median);
	}
	assert_int_equal(n_sections, 2);
	assert_string_equal(sections[0], "LOAD TIME");
	assert_string_equal(sections[1], "VERIFICATION");
	assert_int_equal(opened, 2 * ROUNDS);
	assert_int_equal(closed, opened);
	assert_int_equal(kernels, 0);
	assert_int_equal(packets, 1);
}

static void test_without_rights_nothing_is_measured(void **state)
{
	(void)state;
	rights = false;
	assert_int_equal(pqc_bench_run(&report, &failure), -EPERM);
	assert_string_equal(
		failure.what, "Measuring in the kernel needs CAP_BPF, which this process lacks");
	assert_string_equal(failure.remedy, "Run it as root");
	assert_int_equal(opened + n_sections + packets, 0);
}

/* What errs is quick: its time means nothing, and its rows are not reported. */
static void test_a_wrong_verdict_is_a_failure(void **state)
{
	static const struct {
		int good, malformed, native;
	} cases[] = {
		{ MLDSA_BAD_HINT, MLDSA_BAD_HINT, MLDSA_VALID },
		{ MLDSA_VALID, MLDSA_VALID, MLDSA_VALID },
		{ MLDSA_VALID, MLDSA_BAD_HINT, MLDSA_BAD_HINT },
		{ -EPERM, MLDSA_BAD_HINT, MLDSA_VALID },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(state);
		good_verdict = cases[i].good;
		malformed_verdict = cases[i].malformed;
		native_verdict = cases[i].native;
		assert_int_equal(pqc_bench_run(&report, &failure), -EPROTO);
		assert_non_null(strstr(failure.what, "ML-DSA-44 signature"));
		assert_int_equal(n_rows, 2);
		assert_int_equal(kernels, 0);
		assert_int_equal(packets, 0);
	}
}

static void test_failures_end_it(void **state)
{
	(void)state;
	open_error = -ENOENT;
	assert_int_equal(pqc_bench_run(&report, &failure), -ENOENT);
	assert_int_equal(n_rows + closed, 0);
	setup(state);
	load_error = -EACCES;
	assert_int_equal(pqc_bench_run(&report, &failure), -EACCES);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(n_rows, 0);
	setup(state);
	kernel_error = -ENOMEM;
	assert_int_equal(pqc_bench_run(&report, &failure), -ENOMEM);
	assert_int_equal(n_sections, 1);
	assert_int_equal(packets, 0);
	setup(state);
	packets_error = -EPROTO;
	assert_int_equal(pqc_bench_run(&report, &failure), -EPROTO);
	assert_string_equal(failure.what, "No packets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_row, setup),
		cmocka_unit_test_setup(test_without_rights_nothing_is_measured, setup),
		cmocka_unit_test_setup(test_a_wrong_verdict_is_a_failure, setup),
		cmocka_unit_test_setup(test_failures_end_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
