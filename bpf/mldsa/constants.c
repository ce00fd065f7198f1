// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints mldsa_constants.h: the derived constants of FIPS 202 and FIPS 204, computed from their
 * definitions when x0top is built.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define Q    8380417
#define ZETA 1753 /* a 512th root of unity modulo q, FIPS 204 section 2.5 */

/* FIPS 202 Algorithm 5: bit `t` of the linear feedback shift register, x^8 + x^6 + x^5 + x^4 + 1. */
static unsigned keccak_rc(unsigned t)
{
	unsigned r = 1;

	for (unsigned i = 0; i < t % 255; i++) {
		r <<= 1;
		if (r & 0x100)
			r ^= 0x171;
	}
	return r & 1;
}

/* FIPS 202 Algorithm 6: the constant of a round has rc(j + 7 * round) at bit 2^j - 1. */
static void print_keccak_iota(void)
{
	printf("/* The round constants of iota. */\nstatic const __u64 keccak_iota[24] = {\n");
	for (unsigned round = 0; round < 24; round++) {
		uint64_t constant = 0;

		for (unsigned j = 0; j <= 6; j++)
			constant |= (uint64_t)keccak_rc(j + 7 * round) << ((1u << j) - 1);
		printf("\t0x%016" PRIx64 ",\n", constant);
	}
	printf("};\n\n");
}

/* FIPS 202 Algorithm 2: walk the lanes, and rotate the t-th by the t-th triangular number. */
static void print_keccak_rho(void)
{
	unsigned rotation[25] = { 0 };
	unsigned x = 1, y = 0;

	for (unsigned t = 0; t < 24; t++) {
		unsigned next = (2 * x + 3 * y) % 5;

		rotation[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
		x = y;
		y = next;
	}
	printf("/* The rotations of rho, by lane. */\nstatic const __u8 keccak_rho[25] = {\n");
	for (unsigned lane = 0; lane < 25; lane++)
		printf("\t%u,\n", rotation[lane]);
	printf("};\n\n");
}

static unsigned reverse_bits(unsigned m)
{
	unsigned reversed = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		reversed |= (m >> bit & 1) << (7 - bit);
	return reversed;
}

/* The inverse of q modulo 2^64, by Newton's iteration; its low half is that modulo 2^32. */
static uint64_t inverse_of_q(void)
{
	uint64_t inverse = 1;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - Q * inverse;
	return inverse;
}

/* FIPS 204 section 7.5: zetas[m] = zeta^BitRev8(m). Prints the factor of Plantard's multiplication. */
static void print_zeta(unsigned m)
{
	uint64_t power = 1;

	for (unsigned i = 0; i < reverse_bits(m); i++)
		power = power * ZETA % Q;
	for (unsigned i = 0; i < 64; i++)
		power = power * 2 % Q;
	printf("0x%016" PRIx64, (Q - power) * inverse_of_q());
}

/* Prints the zetas of blocks of two merged layers: [m] for the first, [2m] and [2m + 1] for the
 * second. */
static void print_zetas(void)
{
	printf("/* Of zetas[m], zetas[2 m] and zetas[2 m + 1]: (-2^64 zeta mod q) / q modulo 2^64. */\n"
	       "static const __u64 mldsa_zetas[128][3] = {\n");
	for (unsigned m = 0; m < 128; m++) {
		printf("\t{ ");
		print_zeta(m);
		printf(", ");
		print_zeta(2 * m);
		printf(", ");
		print_zeta(2 * m + 1);
		printf(" },\n");
	}
	printf("};\n\n");
}

static void print_montgomery(void)
{
	printf("/* -1/q modulo 2^32. */\n#define MLDSA_MONTGOMERY %" PRIu32 "u\n\n",
		-(uint32_t)inverse_of_q());
}

int main(void)
{
	printf("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"
	       "/* Made by bpf/mldsa/constants.c. */\n"
	       "#ifndef X0_MLDSA_CONSTANTS_H\n#define X0_MLDSA_CONSTANTS_H\n\n"
	       "#include <linux/types.h>\n\n");
	print_keccak_iota();
	print_keccak_rho();
	print_zetas();
	print_montgomery();
	printf("#endif\n");
	return 0;
}
