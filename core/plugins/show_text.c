// SPDX-License-Identifier: BSD-2-Clause
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "plugins/show.h"

/* --- numbers ---------------------------------------------------------------------------------- */

/* Most numbers have 4 or 8 bytes: a copy of a length that the compiler knows is one instruction. */
static uint64_t read_bits(const uint8_t *bytes, uint32_t offset, uint32_t bits)
{
	uint64_t number = 0;
	uint32_t half;

	if (offset % 8 == 0 && bits == 64) {
		memcpy(&number, bytes + offset / 8, sizeof(number));
		return number;
	}
	if (offset % 8 == 0 && bits == 32) {
		memcpy(&half, bytes + offset / 8, sizeof(half));
		return half;
	}
	if (offset % 8 == 0 && bits % 8 == 0) {
		memcpy(&number, bytes + offset / 8, bits / 8);
		return number;
	}
	for (uint32_t i = 0; i < bits; i++)
		number |= (uint64_t)(bytes[(offset + i) / 8] >> (offset + i) % 8 & 1) << i;
	return number;
}

static void write_bits(uint8_t *bytes, uint32_t offset, uint32_t bits, uint64_t number)
{
	if (offset % 8 == 0 && bits % 8 == 0) {
		memcpy(bytes + offset / 8, &number, bits / 8);
		return;
	}
	for (uint32_t i = 0; i < bits; i++) {
		const uint8_t bit = (uint8_t)(1U << (offset + i) % 8);
		uint8_t *byte = &bytes[(offset + i) / 8];
		*byte = (uint8_t)(number >> i & 1 ? *byte | bit : *byte & ~bit);
	}
}

/* Turns the bytes of a number of `bits` around. */
static uint64_t turned(uint64_t number, uint32_t bits)
{
	return bits < 8 || bits % 8 != 0 ? number : __builtin_bswap64(number) >> (64 - bits);
}

uint64_t show_number(const struct show_column *column, const void *bytes, uint32_t i)
{
	const uint32_t bits = column->bits;
	uint64_t number = read_bits(bytes, column->offset + i * bits, bits);

	if (column->big)
		number = turned(number, bits);
	if (column->is_signed && bits < 64 && number >> (bits - 1) & 1)
		number |= UINT64_MAX << bits;
	return number;
}

static double as_double(const struct show_column *column, uint64_t number)
{
	return column->is_signed ? (double)(int64_t)number : (double)number;
}

static double sum_of(const struct show_column *column, const void *bytes)
{
	double sum = 0;

	for (uint32_t i = 0; i < column->n; i++)
		sum += as_double(column, show_number(column, bytes, i));
	return sum;
}

double show_rank(const struct show_column *column, const void *bytes)
{
	switch (column->kind) {
	case PLUGIN_HISTOGRAM:
		return sum_of(column, bytes);
	case PLUGIN_INTEGER:
	case PLUGIN_SIGNED:
	case PLUGIN_BOOL:
	case PLUGIN_ENUM:
	case PLUGIN_LIST:
		return as_double(column, show_number(column, bytes, 0));
	default:
		return 0;
	}
}

/* --- text ------------------------------------------------------------------------------------- */

static void write_enum(
	const struct show_column *column, const struct btf *btf, uint64_t number, char *text)
{
	const struct btf_type *type = btf__type_by_id(btf, column->type);
	const bool wide = type != NULL && btf_is_enum64(type);
	const uint64_t mask = column->bits < 64 ? ~(UINT64_MAX << column->bits) : UINT64_MAX;

	for (uint32_t i = 0; type != NULL && i < btf_vlen(type); i++) {
		const uint64_t value = wide ? btf_enum64_value(&btf_enum64(type)[i])
					    : (uint32_t)btf_enum(type)[i].val;
		const char *name = btf__name_by_offset(
			btf, wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off);
		if ((value & mask) == (number & mask) && name != NULL) {
			snprintf(text, PLUGIN_CELL_LEN, "%s", name);
			return;
		}
	}
	snprintf(text, PLUGIN_CELL_LEN, "%" PRIu64, number & mask);
}

static void write_address(const struct show_column *column, const uint8_t *bytes, char *text)
{
	if (column->bits == 4 * 8)
		inet_ntop(AF_INET, bytes, text, PLUGIN_CELL_LEN);
	else if (column->bits == 16 * 8)
		inet_ntop(AF_INET6, bytes, text, PLUGIN_CELL_LEN);
	else
		hex_format_mac(bytes, text, PLUGIN_CELL_LEN);
}

static void write_bytes(const struct show_column *column, const uint8_t *bytes, char *text)
{
	enum { MOST = PLUGIN_CELL_LEN / 2 - 2 };
	const uint32_t n = column->n < MOST ? column->n : MOST;

	hex_format(bytes, n, text);
	if (column->n > n)
		snprintf(text + 2 * n, PLUGIN_CELL_LEN - 2 * n, "..");
}

/* As snprintf() does, in a quarter of its time: a view has some ten thousand of them. */
static int write_integer(const struct show_column *column, uint64_t number, char *text, size_t size)
{
	const bool negative = column->is_signed && (int64_t)number < 0;
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	number = negative ? 0 - number : number;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	if (negative)
		digits[--at] = '-';
	const size_t length = sizeof(digits) - 1 - at;
	if (length < size)
		memcpy(text, digits + at, length + 1);
	return (int)length;
}

/* "1 2 3", as many as there is room for. */
static void write_list(const struct show_column *column, const void *bytes, char *text)
{
	enum { LONGEST = 24 };
	size_t used = 0;

	for (uint32_t i = 0; i < column->n; i++) {
		if (used + LONGEST >= PLUGIN_CELL_LEN) {
			snprintf(text + used, PLUGIN_CELL_LEN - used, " ..");
			return;
		}
		if (i > 0)
			text[used++] = ' ';
		used += (size_t)write_integer(
			column, show_number(column, bytes, i), text + used, PLUGIN_CELL_LEN - used);
	}
}

/* The bytes of a column that begins with a byte. */
static const uint8_t *at(const struct show_column *column, const void *bytes)
{
	return (const uint8_t *)bytes + column->offset / 8;
}

char *show_text(const struct show_column *column, const struct btf *btf, const void *bytes,
	char text[PLUGIN_CELL_LEN])
{
	const bool single = column->kind == PLUGIN_INTEGER || column->kind == PLUGIN_SIGNED ||
			    column->kind == PLUGIN_ENUM || column->kind == PLUGIN_BOOL;
	const uint64_t number = single ? show_number(column, bytes, 0) : 0;

	text[0] = '\0';
	if (column->kind == PLUGIN_ENUM)
		write_enum(column, btf, number, text);
	else if (column->kind == PLUGIN_BOOL)
		snprintf(text, PLUGIN_CELL_LEN, "%s", number != 0 ? "true" : "false");
	else if (single)
		write_integer(column, number, text, PLUGIN_CELL_LEN);
	else if (column->kind == PLUGIN_ADDRESS)
		write_address(column, at(column, bytes), text);
	else if (column->kind == PLUGIN_TEXT)
		snprintf(text, PLUGIN_CELL_LEN, "%.*s", (int)column->n,
			(const char *)at(column, bytes));
	else if (column->kind == PLUGIN_BYTES)
		write_bytes(column, at(column, bytes), text);
	else if (column->kind == PLUGIN_LIST)
		write_list(column, bytes, text);
	else if (column->kind == PLUGIN_HISTOGRAM)
		snprintf(text, PLUGIN_CELL_LEN, "%.0f", sum_of(column, bytes));
	return text;
}

/* --- CPUs ------------------------------------------------------------------------------------- */

static bool is_added(const struct show_column *column)
{
	return column->role != PLUGIN_KEY &&
	       (column->kind == PLUGIN_INTEGER || column->kind == PLUGIN_SIGNED ||
		       column->kind == PLUGIN_LIST || column->kind == PLUGIN_HISTOGRAM);
}

static bool is_empty(const uint8_t *bytes, uint32_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static void join_number(const struct show_column *column, uint32_t i, const uint8_t *values,
	uint32_t n, uint32_t stride, uint8_t *joined)
{
	uint64_t all = show_number(column, values, i);

	for (uint32_t cpu = 1; cpu < n; cpu++) {
		const uint64_t number = show_number(column, values + (size_t)cpu * stride, i);
		if (column->sum)
			all += number;
		else if (as_double(column, number) > as_double(column, all))
			all = number;
	}
	if (column->big)
		all = turned(all, column->bits);
	write_bits(joined, column->offset + i * column->bits, column->bits, all);
}

void show_join(const struct show_plan *plan, const void *values, uint32_t n, uint32_t stride,
	void *joined, uint32_t size)
{
	const uint8_t *first = values;
	uint32_t cpu = 0;

	while (cpu + 1 < n && is_empty(first + (size_t)cpu * stride, size))
		cpu++;
	memcpy(joined, first + (size_t)cpu * stride, size);
	for (uint32_t i = 0; i < plan->n; i++) {
		const struct show_column *column = &plan->columns[i];
		for (uint32_t e = 0; is_added(column) && e < (column->n > 0 ? column->n : 1); e++)
			join_number(column, e, values, n, stride, joined);
	}
}
