// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/format.h"
#include "model/text_rows.h"

enum { SLOWEST_SHOWN = 5, LEFT_OUT_INDENT = 23 };

static void write_slowest(FILE *file, const struct snapshot_syscalls *syscalls)
{
	char clock[FORMAT_LEN], latency[FORMAT_LEN];

	for (uint32_t i = 0; i < syscalls->n_slowest && i < SLOWEST_SHOWN; i++) {
		const struct snapshot_slow_call *call = &syscalls->slowest[i];
		fprintf(file, "  %s  %-8s", format_clock(clock, call->time), "slow");
		text_line(file, TEXT_EVENT_INDENT, "%-14s%9s  %s (%u) = %lld", call->name,
			text_time(latency, call->latency_ns), call->command, call->pid,
			(long long)call->result);
	}
}

void syscalls_write_limits(const char *calls_32bit, const char *left_out, FILE *file)
{
	fprintf(file, "  32-bit calls: %s\n", TEXT_PLAIN(calls_32bit));
	if (left_out[0] != '\0') {
		fprintf(file, "  not on this machine: ");
		text_wrapped(file, LEFT_OUT_INDENT, left_out);
	}
}

void syscalls_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_syscalls *syscalls = &snapshot->syscalls;
	char text[7][FORMAT_LEN];

	if (!syscalls->available)
		return;
	fprintf(file, "\n%-22s%8s%8s%8s%8s%8s%8s%8s\n", "SYSTEM CALLS", "CALLS/s", "ERR/s", "P50",
		"P90", "P99", "P99.9", "MAX");
	for (uint32_t i = 0; i < syscalls->n_calls; i++) {
		const struct snapshot_syscall *call = &syscalls->calls[i];
		const struct quantiles *all = &call->overall;
		fprintf(file, "  %-20.20s%8s%8s%8s%8s%8s%8s%8s\n", TEXT_PLAIN(call->name),
			format_rate(text[0], call->calls.rate),
			format_rate(text[1], call->errors.rate), text_time(text[2], all->p50),
			text_time(text[3], all->p90), text_time(text[4], all->p99),
			text_time(text[5], all->p999), text_time(text[6], call->max_ns));
	}
	syscalls_write_limits(syscalls->calls_32bit, syscalls->left_out, file);
	write_slowest(file, syscalls);
}
