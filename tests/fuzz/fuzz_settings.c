// SPDX-License-Identifier: BSD-2-Clause
/* The configuration file: nothing changes where it is refused, and no list is longer than it can be. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "programs/settings.h"

static void expect_in_bounds(const struct settings *s)
{
	expect(s->n_interfaces <= INTERFACES_MAX);
	expect(s->n_syscalls <= SYSCALLS_MAX);
	expect(s->n_only <= PROGRAMS_MAX);
	expect(s->n_rules <= MESH_RULES_MAX);
	expect(s->classes.n <= CLASS_LINES_MAX);
	expect(s->n_pqc_ports <= PQC_PORTS_SHOWN);
	expect(s->interval >= INTERVAL_MIN && s->interval <= INTERVAL_MAX);
	expect(memchr(s->trust, 0, sizeof(s->trust)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings before, settings;
	struct failure failure = { 0 };
	char path[32];
	int fd = memfd_create("settings", MFD_CLOEXEC);

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(&before, 0, sizeof(before));
	settings_default(&before);
	settings = before;
	int error = settings_read_file(&settings, path, &failure);
	close(fd);
	if (error == 0) {
		expect_in_bounds(&settings);
		return 0;
	}
	expect(error < 0 && failure.error == error && failure.what[0] != '\0');
	/* Gaps are equal, too: one was copied. NOLINTNEXTLINE(*-memory-comparison,cert-*) */
	expect(memcmp(&settings, &before, sizeof(settings)) == 0);
	return 0;
}
