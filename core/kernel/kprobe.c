// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/kprobe.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/perf_event.h"
#include "kernel/release.h"

#define RETPROBE 1 /* in the configuration of a kprobe's event */

/* Returns the type of the kprobe PMU for perf events; 0 if the kernel has none. */
static unsigned int kprobe_pmu(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	unsigned int type = 0;

	if (file == NULL)
		return 0;
	int fields = fscanf(file, "%u", &type);
	fclose(file);
	return fields == 1 ? type : 0;
}

struct bpf_link *kprobe_attach(const struct bpf_program *program, bool leave, const char *function,
	const struct kernel_functions *functions)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.config = leave ? RETPROBE : 0,
		.kprobe_addr = kernel_function_address(functions, function),
	};

	if (attributes.kprobe_addr != 0)
		attributes.type = kprobe_pmu();
	if (attributes.type != 0) {
		struct bpf_link *link = perf_event_attach(program, &attributes);
		if (link != NULL)
			return link;
	}
	return bpf_program__attach_kprobe(program, leave, function);
}

bool kprobe_names_are_slow(void)
{
	return !release_at_least(6, 1);
}

int kprobe_probe(void)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = kprobe_pmu(),
		.kprobe_func = (uint64_t)(uintptr_t)SYSCALL_PREFIX "getpid",
	};
	uint64_t hits = 0;

	if (attributes.type == 0)
		return -EOPNOTSUPP;
	/* Counts the hits of this thread only. */
	int fd = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	syscall(SYS_getpid);
	int error = read(fd, &hits, sizeof(hits)) == sizeof(hits) ? 0 : -errno;
	close(fd);
	return error == 0 && hits == 0 ? -ENODATA : error;
}
