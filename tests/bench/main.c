// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bench.h"
#include "kernel/messages.h"
#include "tests/lib/netns.h"

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "loading", bench_loading },
	{ "packets", bench_packets },
	{ "throughput", bench_throughput },
	{ "syscalls", bench_syscalls },
	{ "signatures", bench_signatures },
	{ "dashboard", bench_dashboard },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/*
 * A network namespace with a veth pair, a bpffs in which nobody has pinned anything, and tracefs for
 * bpftrace: all of it goes with this process.
 */
static int leave_host(void)
{
	struct statfs file_system;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=700") < 0) {
		fprintf(stderr, "bench: no mounts of its own: %s. Run it as root.\n",
			strerror(errno));
		return -1;
	}
	if (statfs("/sys/kernel/tracing", &file_system) < 0 ||
		(unsigned long)file_system.f_type != TRACEFS_MAGIC)
		mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	netns_enter();
	netns_veth(BENCH_SENDS, BENCH_RECEIVES);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "Usage: bench [--json] [PART...]\nParts:");
	for (size_t i = 0; i < PARTS; i++)
		fprintf(stderr, " %s", parts[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static bool is_asked(const char *name, char **asked, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, asked[i]) == 0)
			return true;
	return n == 0;
}

static bool is_part(const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (strcmp(name, parts[i].name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	int first = json ? 2 : 1;

	for (int i = first; i < argc; i++)
		if (!is_part(argv[i]))
			return usage();
	if (leave_host() < 0)
		return 1;
	messages_capture(false);
	report_begin(json);
	for (size_t i = 0; i < PARTS; i++)
		if (is_asked(parts[i].name, argv + first, argc - first))
			parts[i].run();
	return report_end();
}
