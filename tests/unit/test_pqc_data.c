// SPDX-License-Identifier: BSD-2-Clause
/* What guards data packets: SipHash against OpenSSL's, the replay window against a plain model. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pqc/siphash.bpf.h"
#include "pqc/window.bpf.h"
#include "tests/lib/signatures.h"

#define LENGTH_MAX 1500

static void openssl_tag(const uint8_t key[16], const uint8_t *data, size_t length, uint8_t tag[16])
{
	unsigned size = 16, c_rounds = 2, d_rounds = 4;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &c_rounds),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &d_rounds),
		OSSL_PARAM_construct_end(),
	};
	size_t written = 0;

	assert_non_null(EVP_Q_mac(
		NULL, "SIPHASH", NULL, NULL, parameters, key, 16, data, length, tag, 16, &written));
	assert_int_equal(written, 16);
}

static void siphash_is_openssl(void **state)
{
	uint8_t data[LENGTH_MAX], expected[16];
	__u64 key[2], tag[2];

	(void)state;
	for (uint32_t length = 0; length <= LENGTH_MAX; length++) {
		random_fill(data, sizeof(data));
		random_fill(key, sizeof(key));
		openssl_tag((const uint8_t *)key, data, length, expected);
		assert_int_equal(siphash_128(key, data, data + length, length, LENGTH_MAX, tag), 0);
		assert_memory_equal(tag, expected, sizeof(expected));
		if (length > 0) /* a byte is missing */
			assert_int_equal(
				siphash_128(key, data, data + length - 1, length, LENGTH_MAX, tag),
				-1);
	}
}

#define NUMBERS 200000

/* Takes numbers as `next` gives them; each is to be taken once, and only within the window. */
static void check_window(uint64_t (*next)(uint64_t highest))
{
	struct pqc_window window = { 0 };
	static bool taken[NUMBERS * 8];
	uint64_t highest = 0;

	memset(taken, 0, sizeof(taken));
	for (unsigned i = 0; i < NUMBERS; i++) {
		uint64_t number = next(highest);

		if (number >= NUMBERS * 8)
			break;
		bool expected = number > 0 && !taken[number] && number + PQC_WINDOW > highest;
		assert_int_equal(window_take(&window, number), expected);
		if (expected)
			taken[number] = true;
		if (expected && number > highest)
			highest = number;
	}
	assert_true(highest > NUMBERS / 4);
}

static uint64_t around(uint64_t highest)
{
	uint64_t back = random_below(2 * PQC_WINDOW);
	uint64_t number = highest + random_below(16);

	return random_below(3) == 0 ? number : number > back ? number - back : 0;
}

static uint64_t leaping(uint64_t highest)
{
	static const unsigned leaps[] = { 1, 63, 64, 65, 1983, 1984, 1985, 2047, 2048, 2049, 5000 };
	uint64_t back = PQC_WINDOW - 2 + random_below(5);

	if (random_below(400) == 0)
		return highest + leaps[random_below(11)];
	if (random_below(2))
		return highest > back ? highest - back : 1;
	return highest + 1 + random_below(2);
}

static void window_takes_each_number_once(void **state)
{
	(void)state;
	check_window(around);
	check_window(leaping);
}

static void window_ends_where_it_says(void **state)
{
	struct pqc_window window = { 0 };

	(void)state;
	assert_true(PQC_WINDOW >= 1024);
	assert_false(window_take(&window, 0));
	assert_true(window_take(&window, 1));
	assert_false(window_take(&window, 1));
	assert_true(window_take(&window, 10000));
	assert_true(window_take(&window, 10000 - PQC_WINDOW + 1));
	assert_false(window_take(&window, 10000 - PQC_WINDOW));
	assert_true(window_take(&window, UINT64_MAX));
	assert_false(window_take(&window, UINT64_MAX));
	assert_false(window_take(&window, 10001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_is_openssl),
		cmocka_unit_test(window_takes_each_number_once),
		cmocka_unit_test(window_ends_where_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
