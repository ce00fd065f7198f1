// SPDX-License-Identifier: BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "control/state.h"
#include "kernel/interface_table.h"
#include "mesh/rule.h"
#include "tests/lib/packets.h"

/*
 * Of every four rules two are prefixes, one is a MAC address and one a port. Rule 0 is the one that
 * the benchmark's packets match.
 */
static void make_rule(uint32_t i, struct mesh_rule *rule)
{
	struct failure failure;
	char text[64];

	if (i % 4 == 2)
		snprintf(text, sizeof(text), "pass mac 02:00:01:00:%02x:%02x", i >> 8, i & 0xff);
	else if (i % 4 == 3)
		snprintf(text, sizeof(text), "pass udp %u", 10000 + i);
	else if (i == 0)
		snprintf(text, sizeof(text), "pass 10.1.0.0/16");
	else
		snprintf(text, sizeof(text), "pass 172.%u.%u.0/24", 16 + (i >> 8), i & 0xff);
	if (rule_parse(text, rule, &failure) < 0)
		abort();
}

static void fill_settings(struct settings *settings, const char *const *programs, uint32_t n_rules,
	enum xdp_mode_wanted mode)
{
	settings_default(settings);
	settings->xdp_mode = mode;
	settings->n_interfaces = 1;
	snprintf(settings->interfaces[0], sizeof(settings->interfaces[0]), BENCH_RECEIVES);
	for (uint32_t i = 0; programs[i] != NULL; i++)
		snprintf(settings->only[settings->n_only++], sizeof(settings->only[0]), "%s",
			programs[i]);
	for (uint32_t i = 0; i < n_rules; i++)
		make_rule(i, &settings->rules[i]);
	settings->n_rules = n_rules;
	settings->lab = true; /* nobody else is in these namespaces: no lock */
}

/* A program that was asked for and does not run. */
static const struct snapshot_program *failed_program(
	struct orchestrator *orchestrator, struct snapshot *snapshot)
{
	orchestrator_sample(orchestrator, NULL, snapshot);
	for (uint32_t i = 0; i < snapshot->n_programs; i++)
		if (snapshot->programs[i].state == PROGRAM_FAILED ||
			snapshot->programs[i].state == PROGRAM_PARTLY)
			return &snapshot->programs[i];
	return NULL;
}

struct orchestrator *open_programs_in_mode(enum xdp_mode_wanted mode, const char *const *programs,
	uint32_t n_rules, char *why, size_t size)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct snapshot *snapshot = snapshot_open();
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };

	if (settings == NULL || snapshot == NULL)
		abort();
	fill_settings(settings, programs, n_rules, mode);
	if (orchestrator_open(settings, &orchestrator, &failure) < 0) {
		snprintf(why, size, "%s", failure.what);
		goto out;
	}
	const struct snapshot_program *failed = failed_program(orchestrator, snapshot);
	if (failed != NULL) {
		snprintf(why, size, "%s: %s", failed->name, failed->reason);
		orchestrator_close(orchestrator);
		orchestrator = NULL;
	}
out:
	free(settings);
	snapshot_close(snapshot);
	return orchestrator;
}

struct orchestrator *open_programs(
	const char *const *programs, uint32_t n_rules, char *why, size_t size)
{
	return open_programs_in_mode(XDP_WANT_AUTO, programs, n_rules, why, size);
}

int load_empty(uint32_t type, int32_t verdict)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	/* As libbpf says of every XDP program: a tail call wants it (Linux 6.17). */
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		.expected_attach_type = type == BPF_PROG_TYPE_XDP ? BPF_XDP : 0);
	int fd =
		bpf_prog_load(type, "empty", "GPL", code, sizeof(code) / sizeof(code[0]), &options);

	return fd < 0 ? -errno : fd;
}

void watch_loopback(const struct orchestrator *o, const char *table)
{
	const struct interface_entry entry = { .ifindex = 1 };

	interface_table_put(map_registry_fd(&o->context.maps, table), &entry);
}

int newest_program(const char *name)
{
	uint32_t id = 0;
	int newest = -ENOENT;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, name) == 0) {
			if (newest >= 0)
				close(newest);
			newest = fd;
		} else {
			close(fd);
		}
	}
	return newest;
}

static double thread_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

double run_ns(int fd, const struct frame *frame, uint32_t runs)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
		.data_size_in = (uint32_t)frame->length, .repeat = runs);
	double started = thread_ns();

	if (bpf_prog_test_run_opts(fd, &options) < 0)
		abort();
	return (thread_ns() - started) / runs;
}

void make_packet(struct frame *frame, size_t bytes)
{
	const struct frame_ipv4 ipv4 = { .protocol = IPPROTO_UDP };

	frame_ethernet(frame, ETHERTYPE_IP);
	frame_ipv4(frame, &ipv4);
	frame_udp(frame, 40000, 9);
	frame_payload(frame, bytes - frame->length);
	frame_finish(frame);
}

pid_t bench_start(const char *const *arguments)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
		_exit(127);
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

void bench_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

double bench_cpu_seconds(pid_t pid)
{
	char path[64];
	double ns = -1, all = 0;
	FILE *tasks;

	/* Of all threads: node_exporter has some. */
	snprintf(path, sizeof(path), "cat /proc/%d/task/*/schedstat", pid);
	tasks = popen(path, "r");
	while (tasks != NULL && fscanf(tasks, "%lf %*s %*s", &ns) == 1)
		all += ns;
	if (tasks != NULL)
		pclose(tasks);
	return all / 1e9;
}

double bench_resident_mb(pid_t pid)
{
	char path[64], line[128];
	double kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "VmRSS: %lf", &kb);
	if (file != NULL)
		fclose(file);
	return kb / 1024;
}
