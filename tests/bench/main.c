// SPDX-License-Identifier: BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
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
	{ "replacing", bench_replacing },
	{ "packets", bench_packets },
	{ "filters", bench_filters },
	{ "sets", bench_sets },
	{ "throughput", bench_throughput },
	{ "observing", bench_observing },
	{ "sending", bench_sending },
	{ "shaping", bench_shaping },
	{ "syscalls", bench_syscalls },
	{ "signatures", bench_signatures },
	{ "dashboard", bench_dashboard },
	{ "host", bench_host },
	{ "interfaces", bench_interfaces },
	{ "serving", bench_serving },
	{ "fleet", bench_fleet },
	{ "mapek", bench_mapek },
	{ "plugins", bench_plugins },
	{ "fastnetmon", bench_fastnetmon },
	{ "day", bench_day },
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

/* Somebody else may have switched the kernel's run-time statistics on for all programs. */
static void warn_of_statistics(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = "an Ethernet frame",
		.data_size_in = sizeof("an Ethernet frame"));
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = load_empty(BPF_PROG_TYPE_XDP, XDP_PASS);

	if (fd >= 0 && bpf_prog_test_run_opts(fd, &options) == 0 &&
		bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.run_cnt > 0)
		fprintf(stderr, "bench: the kernel's run-time statistics of BPF programs are on: "
				"every run of a program costs more than it does without.\n");
	if (fd >= 0)
		close(fd);
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
	/* What else the machine does is not what is measured. The dashboard and htop run as usual. */
	setpriority(PRIO_PROCESS, 0, -20);
	messages_capture(false);
	report_begin(json);
	warn_of_statistics();
	for (size_t i = 0; i < PARTS; i++)
		if (is_asked(parts[i].name, argv + first, argc - first))
			parts[i].run();
	return report_end();
}
