// SPDX-License-Identifier: BSD-2-Clause
/* Objects of `programs verify`, which anybody may have made: everything that the report says is in it. */
#include "fuzz.h"
#include "kernel/messages.h"
#include "kernel/object_verify.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	messages_capture(false); /* libbpf's words about each input */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct object_report report;
	struct failure failure = { 0 };
	uint8_t *copy = copy_exactly(data, size);
	int error = object_verify(copy, size, "object", &report, &failure);

	free(copy);
	if (error < 0) {
		expect(failure.error == error && failure.what[0] != '\0');
		return 0;
	}
	expect(report.n_sections <= VERIFY_SECTIONS_MAX);
	expect(report.n_functions > 0 && report.n_functions <= VERIFY_FUNCTIONS_MAX);
	expect(memchr(report.license, 0, sizeof(report.license)) != NULL);
	for (uint32_t i = 0; i < report.n_functions; i++)
		expect(report.functions[i].instructions <= size / 8);
	return 0;
}
