// SPDX-License-Identifier: BSD-2-Clause
#include "model/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "model/fields.h"

/* Formats a rate before the second sample, or a division by zero. */
static char *format_unknown(char text[FORMAT_LEN])
{
	snprintf(text, FORMAT_LEN, "-");
	return text;
}

/*
 * Scales by powers of 1000 to three significant digits. A value that would round up to 1000 of a unit
 * becomes 1.00 of the next. `decimals` are for values below ten of the first unit, whose smaller
 * parts may mean nothing.
 */
static char *format_scaled(
	char text[FORMAT_LEN], double value, const char *const *units, int decimals)
{
	int unit = 0;

	if (!isfinite(value))
		return format_unknown(text);
	while (fabs(value) >= 999.5 && units[unit + 1] != NULL) {
		value /= 1000;
		unit++;
	}
	if (unit > 0)
		decimals = fabs(value) < 9.995 ? 2 : fabs(value) < 99.95 ? 1 : 0;
	else if (fabs(value) < 0.05 || fabs(value) >= (decimals > 1 ? 99.95 : 9.95))
		decimals = 0;
	else if (decimals > 1)
		decimals = 1;
	snprintf(text, FORMAT_LEN, "%.*f%s", decimals, value, units[unit]);
	return text;
}

double format_total(uint64_t total)
{
	return total == COUNT_UNKNOWN ? NAN : (double)total;
}

char *format_count(char text[FORMAT_LEN], double value)
{
	static const char *const units[] = { "", "K", "M", "G", "T", "P", "E", NULL };

	return format_scaled(text, value, units, 0);
}

char *format_rate(char text[FORMAT_LEN], double value)
{
	static const char *const units[] = { "", "K", "M", "G", "T", "P", "E", NULL };

	return format_scaled(text, value, units, 1);
}

char *format_bytes(char text[FORMAT_LEN], double bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB", NULL };

	return format_scaled(text, bytes, units, 0);
}

char *format_bits(char text[FORMAT_LEN], double bytes)
{
	static const char *const units[] = { "bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit", NULL };

	return format_scaled(text, bytes * 8, units, 0);
}

char *format_ns(char text[FORMAT_LEN], double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s", NULL };

	return format_scaled(text, ns, units, 2);
}

char *format_ms(char text[FORMAT_LEN], double ms)
{
	return format_ns(text, ms * 1e6);
}

char *format_percent(char text[FORMAT_LEN], double share)
{
	static const char *const units[] = { "%", NULL };

	return format_scaled(text, share * 100, units, 1);
}

char *format_core(char text[FORMAT_LEN], double percent)
{
	const double least = 0.001;

	if (!isfinite(percent))
		return format_unknown(text);
	if (percent > 0 && percent < least)
		snprintf(text, FORMAT_LEN, "<0.001%%");
	else
		snprintf(text, FORMAT_LEN, percent < 99.5 ? "%.2g%%" : "%.0f%%", percent);
	return text;
}

char *format_load(char text[FORMAT_LEN], double load)
{
	if (!isfinite(load))
		return format_unknown(text);
	snprintf(text, FORMAT_LEN, "%.2f", load);
	return text;
}

char *format_uptime(char text[FORMAT_LEN], double seconds)
{
	if (!isfinite(seconds) || seconds < 0)
		return format_unknown(text);
	unsigned long long s = (unsigned long long)seconds;
	if (s < 60)
		snprintf(text, FORMAT_LEN, "%llus", s);
	else if (s < 3600)
		snprintf(text, FORMAT_LEN, "%llum", s / 60);
	else if (s < 86400)
		snprintf(text, FORMAT_LEN, "%lluh%02llum", s / 3600, s % 3600 / 60);
	else
		snprintf(text, FORMAT_LEN, "%llud%02lluh", s / 86400, s % 86400 / 3600);
	return text;
}

static bool to_local(double time, struct tm *local)
{
	time_t seconds = (time_t)time;

	return isfinite(time) && localtime_r(&seconds, local) != NULL;
}

char *format_clock(char text[FORMAT_LEN], double time)
{
	struct tm local;

	if (!to_local(time, &local) || strftime(text, FORMAT_LEN, "%H:%M:%S", &local) == 0)
		return format_unknown(text);
	return text;
}

char *format_date(char text[FORMAT_LEN], double time)
{
	struct tm local;

	if (!to_local(time, &local) || strftime(text, FORMAT_LEN, "%Y-%m-%d %H:%M:%S", &local) == 0)
		return format_unknown(text);
	return text;
}

char *format_sequence(char text[FORMAT_LEN], uint64_t sequence)
{
	const uint64_t most = 1000000000;

	snprintf(text, FORMAT_LEN, sequence < most ? "%llu" : "..%09llu",
		(unsigned long long)(sequence % most));
	return text;
}
