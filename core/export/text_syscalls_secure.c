// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/format.h"
#include "model/text_rows.h"

void syscalls_secure_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_syscalls_secure *secure = &snapshot->syscalls_secure;
	char text[5][FORMAT_LEN];

	if (!secure->available)
		return;
	fprintf(file, "\n%-22s%8s%8s%8s%8s%8s\n", "FOR SHARED HOSTS", "CALLS", "ERRORS", "P50 <",
		"P90 <", "P99 <");
	for (uint32_t i = 0; i < secure->n_calls; i++) {
		const struct snapshot_syscall_secure *call = &secure->calls[i];
		fprintf(file, "  %-20.20s%8s%8s%8s%8s%8s\n", TEXT_PLAIN(call->name),
			format_count(text[0], format_total(call->calls.total)),
			format_count(text[1], format_total(call->errors.total)),
			text_time(text[2], call->p50), text_time(text[3], call->p90),
			text_time(text[4], call->p99));
	}
	syscalls_write_limits(secure->calls_32bit, secure->left_out, file);
	fprintf(file, "  with noise (epsilon %.2f), counts in steps of %s\n", secure->epsilon,
		format_count(text[0], format_total(secure->step)));
}
