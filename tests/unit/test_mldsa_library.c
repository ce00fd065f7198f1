// SPDX-License-Identifier: BSD-2-Clause
/* The pieces of the ML-DSA verifier against straightforward models of what FIPS 202 and 204 say. */
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mldsa/encode.bpf.h"
#include "mldsa/hint.bpf.h"
#include "mldsa/keccak.bpf.h"
#include "mldsa/ntt.bpf.h"
#include "mldsa/sample_in_ball.bpf.h"
#include "tests/lib/signatures.h"

static const struct mldsa_parameters *const sets[] = { &mldsa_44, &mldsa_65, &mldsa_87 };

/* --- Keccak ---------------------------------------------------------------------------------- */

static void shake256_ours(uint8_t *buffer, uint32_t size, uint32_t length, uint64_t *lanes)
{
	uint64_t room[KECCAK_LANES];

	memset(lanes, 0, KECCAK_LANES * sizeof(*lanes));
	shake256_pad(buffer, size, length);
	for (uint32_t at = 0; at <= length; at += SHAKE256_RATE) {
		shake256_add_block((__u64 *)lanes, buffer + at);
		if (length - at < SHAKE256_RATE)
			shake256_add_last_bit((__u64 *)lanes);
		keccak_f1600((__u64 *)lanes, (__u64 *)room);
	}
}

static void shake256_openssl(const void *data, size_t size, uint8_t *output, size_t output_size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_true(EVP_DigestInit_ex2(context, EVP_shake256(), NULL));
	assert_true(EVP_DigestUpdate(context, data, size));
	assert_true(EVP_DigestFinalXOF(context, output, output_size));
	EVP_MD_CTX_free(context);
}

static void shake256_is_openssl(void **state)
{
	uint8_t buffer[8 * SHAKE256_RATE], expected[SHAKE256_RATE];
	uint64_t lanes[KECCAK_LANES];

	(void)state;
	for (uint32_t length = 0; length < sizeof(buffer); length++) {
		random_fill(buffer, sizeof(buffer));
		shake256_openssl(buffer, length, expected, sizeof(expected));
		shake256_ours(buffer, sizeof(buffer), length, lanes);
		assert_memory_equal(lanes, expected, sizeof(expected));
	}
}

/* --- arithmetic ------------------------------------------------------------------------------ */

static void reductions_are_modulo_q(void **state)
{
	(void)state;
	for (uint64_t a = 0; a <= UINT32_MAX; a += 509)
		assert_int_equal(reduce(a), a % MLDSA_Q);
	for (uint64_t a = 0; a < 2048; a++)
		assert_int_equal(reduce(UINT32_MAX - a), (UINT32_MAX - a) % MLDSA_Q);

	/* a = r 2^32 modulo q, and r < 2q, for sums up to those of eight products. */
	for (unsigned i = 0; i < 1000000; i++) {
		uint64_t a;

		random_fill(&a, sizeof(a));
		a >>= 10;
		uint64_t r = montgomery_reduce(a);
		assert_true(r < 2 * MLDSA_Q);
		assert_int_equal((r % MLDSA_Q << 32) % MLDSA_Q, a % MLDSA_Q);
	}
}

static unsigned reverse_bits(unsigned m)
{
	unsigned reversed = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		reversed |= (m >> bit & 1) << (7 - bit);
	return reversed;
}

/* zeta^exponent; FIPS 204 section 2.5. */
static uint64_t power_of_zeta(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent-- > 0)
		power = power * 1753 % MLDSA_Q;
	return power;
}

static void assert_product(int64_t a, int64_t zeta, uint64_t factor)
{
	uint64_t product = multiply_zeta((uint64_t)a, factor);
	int64_t expected = a % MLDSA_Q * zeta % MLDSA_Q;

	assert_true(product <= MLDSA_Q);
	assert_int_equal(product % MLDSA_Q, expected < 0 ? expected + MLDSA_Q : expected);
}

static void zeta_products_are_modulo_q(void **state)
{
	(void)state;
	for (unsigned m = 1; m < 128; m++) {
		const unsigned indices[] = { m, 2 * m, 2 * m + 1 };

		for (unsigned i = 0; i < 3; i++) {
			int64_t zeta = (int64_t)power_of_zeta(reverse_bits(indices[i]));

			for (unsigned n = 0; n < 3000; n++) {
				int64_t a = n < 100   ? n
					    : n < 200 ? INT64_C(0x100000000) - (n - 100)
					    : n < 300 ? (n - 200) * MLDSA_Q
						      : random_below(UINT32_MAX);

				assert_product(a, zeta, mldsa_zetas[m][i]);
				assert_product(-a, zeta, mldsa_zetas[m][i]);
			}
		}
	}
}

/* FIPS 204 section 2.5: the NTT maps w to its values at zeta^(2 BitRev8(i) + 1). */
static void ntt_evaluates_at_roots_of_unity(void **state)
{
	uint32_t w[MLDSA_N], transformed[MLDSA_N];

	(void)state;
	random_fill(w, sizeof(w));
	for (unsigned n = 0; n < MLDSA_N; n++)
		transformed[n] = w[n] %= MLDSA_Q;
	ntt(transformed);
	for (unsigned i = 0; i < MLDSA_N; i++) {
		uint64_t root = power_of_zeta(2 * reverse_bits(i) + 1), value = 0;

		for (int n = MLDSA_N - 1; n >= 0; n--)
			value = (value * root + w[n]) % MLDSA_Q;
		assert_int_equal(transformed[i] % MLDSA_Q, value);
	}
}

/* Product modulo X^256 + 1, by the definition. */
static void multiply_schoolbook(const uint32_t *a, const uint32_t *b, uint64_t *product)
{
	memset(product, 0, MLDSA_N * sizeof(*product));
	for (unsigned i = 0; i < MLDSA_N; i++)
		for (unsigned j = 0; j < MLDSA_N; j++) {
			uint64_t term = (uint64_t)a[i] * b[j] % MLDSA_Q;

			if (i + j >= MLDSA_N)
				term = MLDSA_Q - term;
			product[(i + j) % MLDSA_N] += term;
		}
	for (unsigned n = 0; n < MLDSA_N; n++)
		product[n] %= MLDSA_Q;
}

/* The greatest coefficients that may come in show that nothing overflows. */
static void ntt_product_is_the_product(void **state)
{
	uint32_t a[MLDSA_N], b[MLDSA_N], w[MLDSA_N];
	uint64_t expected[MLDSA_N];

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		random_fill(a, sizeof(a));
		random_fill(b, sizeof(b));
		for (unsigned n = 0; n < MLDSA_N; n++) {
			a[n] = round == 0 ? MLDSA_Q - 1 : a[n] % MLDSA_Q;
			b[n] = round < 2 ? 2 * MLDSA_Q - 1 : b[n] % (2 * MLDSA_Q);
		}
		multiply_schoolbook(a, b, expected);
		ntt(a);
		ntt(b);
		for (unsigned n = 0; n < MLDSA_N; n++) {
			assert_true(a[n] < 18 * MLDSA_Q && b[n] < 18 * MLDSA_Q);
			a[n] = ((uint64_t)a[n] << 24) % MLDSA_Q; /* as in struct mldsa_key */
		}
		multiply_row(a, b, 1, w, MLDSA_N);
		inverse_ntt(w);
		for (unsigned n = 0; n < MLDSA_N; n++)
			assert_int_equal(reduce(w[n]), expected[n]);
	}
}

static void inverse_ntt_does_not_overflow(void **state)
{
	uint32_t w[MLDSA_N];
	uint64_t sum = 0;

	(void)state;
	for (unsigned n = 0; n < MLDSA_N; n++)
		sum += w[n] = 2 * MLDSA_Q - 1;
	inverse_ntt(w);
	assert_int_equal(w[0], sum); /* the one coefficient that nothing ever reduces */
}

/* --- hints ----------------------------------------------------------------------------------- */

struct decomposed {
	int64_t r1, r0;
};

/* Algorithm 36. */
static struct decomposed decompose(int64_t gamma2, int64_t r)
{
	int64_t r0 = r % (2 * gamma2);

	if (r0 > gamma2)
		r0 -= 2 * gamma2;
	if (r - r0 == MLDSA_Q - 1)
		return (struct decomposed) { 0, r0 - 1 };
	return (struct decomposed) { (r - r0) / (2 * gamma2), r0 };
}

static void use_hint_is_algorithm_40(void **state)
{
	(void)state;
	for (unsigned set = 0; set < 2; set++) {
		const struct mldsa_parameters *p = sets[set];
		const int64_t m = set == 0 ? 44 : 16, gamma2 = (MLDSA_Q - 1) / m / 2;

		for (int64_t r = 0; r < MLDSA_Q; r++) {
			struct decomposed d = decompose(gamma2, r);
			int64_t hinted = ((d.r0 > 0 ? d.r1 + 1 : d.r1 - 1) + m) % m;

			if ((int64_t)high_bits(p, (uint64_t)r) != d.r1 ||
				(int64_t)use_hint(p, (uint64_t)r) != hinted)
				fail_msg("gamma2 %d, r %d", (int)gamma2, (int)r);
		}
		for (int64_t r1 = 0; r1 < m; r1++) /* what hint_apply() leaves in w */
			assert_int_equal(high_bits(p, (uint64_t)(r1 * 2 * gamma2)), r1);
	}
}

/* Algorithm 21, line by line; h must be zero. Returns false for "bottom". */
static bool hint_bit_unpack_model(
	const struct mldsa_parameters *p, const uint8_t *y, uint8_t h[MLDSA_K_MAX][MLDSA_N])
{
	unsigned index = 0;

	for (unsigned i = 0; i < p->k; i++) {
		unsigned first = index;

		if (y[p->omega + i] < index || y[p->omega + i] > p->omega)
			return false;
		for (; index < y[p->omega + i]; index++) {
			if (index > first && y[index - 1] >= y[index])
				return false;
			h[i][y[index]] = 1;
		}
	}
	for (; index < p->omega; index++)
		if (y[index] != 0)
			return false;
	return true;
}

/* An encoding that is right, or nearly so. */
static void random_hint(const struct mldsa_parameters *p, uint8_t *y)
{
	unsigned index = 0;

	memset(y, 0, p->omega + p->k);
	for (unsigned i = 0; i < p->k; i++) {
		unsigned position = random_below(60);
		unsigned ones = random_below(2 * p->omega / p->k);

		for (; ones > 0 && index < p->omega && position < 256; ones--) {
			y[index++] = (uint8_t)position;
			position += 1 + random_below(40);
		}
		y[p->omega + i] = (uint8_t)index;
	}
	for (unsigned changes = random_below(3); changes > 0; changes--)
		y[random_below(p->omega + p->k)] = (uint8_t)random_below(256);
}

static void check_hint(const struct mldsa_parameters *p, unsigned *good, unsigned *bad)
{
	uint8_t y[MLDSA_OMEGA_MAX + MLDSA_K_MAX], h[MLDSA_K_MAX][MLDSA_N] = { 0 };
	struct mldsa_hint ours = { 0 };
	struct hint_state state;

	random_hint(p, y);
	bool right = hint_bit_unpack_model(p, y, h);
	assert_int_equal(hint_bit_unpack(p, &state, y, &ours), right ? 0 : -1);
	if (!right) {
		(*bad)++;
		return;
	}
	(*good)++;
	for (unsigned i = 0; i < p->k; i++) {
		uint32_t w[MLDSA_N], expected[MLDSA_N];

		for (unsigned n = 0; n < MLDSA_N; n++) {
			w[n] = random_below(UINT32_MAX);
			expected[n] = h[i][n] ? (uint32_t)use_hint(p, reduce(w[n]))
					      : (uint32_t)high_bits(p, reduce(w[n]));
		}
		hint_apply(p, &state, &ours, i, w);
		for (unsigned n = 0; n < MLDSA_N; n++)
			assert_int_equal(high_bits(p, reduce(w[n])), expected[n]);
	}
}

static void hints_are_those_of_algorithm_21(void **state)
{
	(void)state;
	for (unsigned set = 0; set < 3; set++) {
		unsigned good = 0, bad = 0;

		for (unsigned i = 0; i < 20000; i++)
			check_hint(sets[set], &good, &bad);
		assert_true(good > 2000 && bad > 2000);
	}
}

/* --- encodings ------------------------------------------------------------------------------- */

static uint32_t bits_at(const uint8_t *bytes, unsigned bit, unsigned width)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < width; i++, bit++)
		value |= (uint32_t)(bytes[bit / 8] >> bit % 8 & 1) << i;
	return value;
}

static void z_is_unpacked_and_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct mldsa_parameters *p = sets[i];
		const unsigned width = 1 + p->gamma1_bits;
		const int64_t gamma1 = INT64_C(1) << p->gamma1_bits;
		unsigned beyond = 0;

		for (unsigned round = 0; round < 3000; round++) {
			uint8_t v[MLDSA_N / 8 * 20];
			uint32_t z[MLDSA_N];
			bool within = true;

			random_fill(v, sizeof(v));
			bool ours = unpack_z(p, v, z);
			for (unsigned n = 0; n < MLDSA_N; n++) {
				int64_t value = gamma1 - bits_at(v, n * width, width);

				assert_int_equal(z[n], value + MLDSA_Q);
				within &= llabs(value) < gamma1 - p->beta;
			}
			assert_int_equal(ours, within);
			beyond += !within;
		}
		assert_true(beyond > 0 && beyond < 3000);
	}
}

static void w1_is_packed(void **state)
{
	uint32_t w[MLDSA_N];
	uint8_t encoded[MLDSA_N / 8 * 6];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct mldsa_parameters *p = sets[i];

		for (unsigned n = 0; n < MLDSA_N; n++)
			w[n] = random_below(UINT32_MAX);
		encode_w1(p, w, encoded, MLDSA_N);
		for (unsigned n = 0; n < MLDSA_N; n++)
			assert_int_equal(bits_at(encoded, n * p->w1_bits, p->w1_bits),
				high_bits(p, reduce(w[n])));
	}
}

/* --- SampleInBall ---------------------------------------------------------------------------- */

/* Algorithm 29, line by line, with two blocks of output. */
static void sample_in_ball_model(
	const struct mldsa_parameters *p, const uint8_t *output, uint32_t *c)
{
	unsigned next = 8;

	memset(c, 0, MLDSA_N * sizeof(*c));
	for (unsigned i = MLDSA_N - p->tau; i < MLDSA_N; i++) {
		unsigned bit = i + p->tau - MLDSA_N;

		while (output[next] > i)
			next++;
		unsigned j = output[next++];
		c[i] = c[j];
		c[j] = output[bit / 8] >> bit % 8 & 1 ? MLDSA_Q - 1 : 1;
	}
}

static void check_sample(const struct mldsa_parameters *p, const uint8_t *output)
{
	struct sample_state state = { .index = MLDSA_N - p->tau, .output = SAMPLE_SIGN_BYTES };
	uint32_t c[MLDSA_N] = { 0 }, expected[MLDSA_N];

	memcpy(&state.signs, output, sizeof(state.signs));
	sample_block(&state, output, c);
	if (state.index < MLDSA_N) {
		assert_int_equal(state.output, SHAKE256_RATE);
		state.output = 0;
		sample_block(&state, output + SHAKE256_RATE, c);
	}
	assert_int_equal(state.index, MLDSA_N);
	sample_in_ball_model(p, output, expected);
	assert_memory_equal(c, expected, sizeof(expected));
}

static void challenges_are_those_of_algorithm_29(void **state)
{
	uint8_t output[2 * SHAKE256_RATE], c_tilde[64];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned round = 0; round < 1000; round++) {
			random_fill(c_tilde, sizeof(c_tilde));
			shake256_openssl(c_tilde, sets[i]->c_tilde_bytes, output, sizeof(output));
			check_sample(sets[i], output);
		}
		/* So much rejected that the second block is needed: chance never does that. */
		for (unsigned round = 0; round < 1000; round++) {
			random_fill(output, sizeof(output));
			memset(output + 20 + random_below(40), 0xff, 76);
			check_sample(sets[i], output);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shake256_is_openssl),
		cmocka_unit_test(reductions_are_modulo_q),
		cmocka_unit_test(zeta_products_are_modulo_q),
		cmocka_unit_test(ntt_evaluates_at_roots_of_unity),
		cmocka_unit_test(ntt_product_is_the_product),
		cmocka_unit_test(inverse_ntt_does_not_overflow),
		cmocka_unit_test(use_hint_is_algorithm_40),
		cmocka_unit_test(hints_are_those_of_algorithm_21),
		cmocka_unit_test(z_is_unpacked_and_bounded),
		cmocka_unit_test(w1_is_packed),
		cmocka_unit_test(challenges_are_those_of_algorithm_29),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
