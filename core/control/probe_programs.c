// SPDX-License-Identifier: BSD-2-Clause
#include "control/probe_programs.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/orchestrator.h"
#include "kernel/netlink.h"
#include "kernel/pins.h"
#include "programs/programs.h"
#include "programs/settings.h"

#define LOOPBACK "lo"
#define VETH	 "x0veth"

/* The ways of each kind of program. */
static const struct way {
	const char *kind;
	const char *name;
	uint32_t xdp_mode; /* enum xdp_mode_wanted */
	uint32_t syscalls_attach; /* enum syscalls_attach_wanted */
	const char *interface; /* in a private namespace; NULL: needs none */
} ways[] = {
	/* On the host's own interfaces, native XDP depends on their drivers; loopback's has none. */
	{ "XDP", "native XDP", XDP_WANT_NATIVE, SYSCALLS_WANT_AUTO, VETH },
	{ "XDP", "generic XDP", XDP_WANT_GENERIC, SYSCALLS_WANT_AUTO, LOOPBACK },
	{ "TC", "TC", XDP_WANT_OFF, SYSCALLS_WANT_AUTO, LOOPBACK },
	{ "tracepoint", "tracepoint", XDP_WANT_OFF, SYSCALLS_WANT_AUTO, NULL },
	{ "system calls", "kprobe", XDP_WANT_OFF, SYSCALLS_WANT_KPROBE, NULL },
	{ "system calls", "tracepoint", XDP_WANT_OFF, SYSCALLS_WANT_TRACEPOINT, NULL },
};

/* State of a run: settings and a snapshot are too large for the stack. */
struct stage {
	struct settings settings;
	struct snapshot *now;
	struct failure failure;
	bool alone; /* in private namespaces */
	int veth_error; /* 0: the interface VETH exists */
};

static void refuse(
	struct program_probe *probe, uint32_t state, const char *reason, const char *remedy)
{
	probe->state = state;
	snprintf(probe->reason, sizeof(probe->reason), "%s", reason);
	snprintf(probe->remedy, sizeof(probe->remedy), "%s", remedy);
}

static void judge(const struct snapshot *now, struct program_probe *probe)
{
	for (uint32_t i = 0; i < now->n_programs; i++) {
		const struct snapshot_program *program = &now->programs[i];
		if (strcmp(program->name, probe->program) != 0)
			continue;
		if (program->state != PROGRAM_ON) {
			refuse(probe, PROBE_NO, program->reason, program->remedy);
			return;
		}
		probe->state = PROBE_YES;
		/* "lo TCX": leaves out the interface. */
		const char *how = strchr(program->attached, ' ');
		snprintf(probe->attached, sizeof(probe->attached), "%s",
			how == NULL ? program->attached : how + 1);
	}
}

/* Returns whether a trial is possible; if not, *probe says why. */
static bool can_try(struct stage *stage, const struct program_type *program, const struct way *way,
	struct program_probe *probe)
{
	char reason[REASON_LEN];

	if (program_check_capabilities(program, &stage->failure) < 0) {
		refuse(probe, PROBE_UNKNOWN, stage->failure.what, stage->failure.remedy);
		return false;
	}
	if (way->interface == NULL)
		return true;
	if (!stage->alone) {
		refuse(probe, PROBE_UNKNOWN,
			"Trying it needs a private network namespace, which needs CAP_SYS_ADMIN",
			"Run x0top probe as root");
		return false;
	}
	if (strcmp(way->interface, VETH) == 0 && stage->veth_error < 0) {
		snprintf(reason, sizeof(reason), "Trying it needs a veth interface: %s",
			strerror(-stage->veth_error));
		refuse(probe, PROBE_UNKNOWN, reason, "Load the module: modprobe veth");
		return false;
	}
	return true;
}

static void run(struct stage *stage, const struct program_type *program, const struct way *way,
	struct program_probe *probe)
{
	struct orchestrator *orchestrator;

	if (!can_try(stage, program, way, probe))
		return;
	settings_default(&stage->settings);
	stage->settings.lab = true;
	stage->settings.xdp_mode = way->xdp_mode;
	stage->settings.syscalls_attach = way->syscalls_attach;
	stage->settings.n_interfaces = 1;
	snprintf(stage->settings.interfaces[0], NAME_LEN, "%s",
		way->interface == NULL ? LOOPBACK : way->interface);
	stage->settings.n_only = 1;
	snprintf(stage->settings.only[0], NAME_LEN, "%s", probe->program);
	if (orchestrator_open(&stage->settings, &orchestrator, &stage->failure) < 0) {
		refuse(probe, PROBE_NO, stage->failure.what, stage->failure.remedy);
		return;
	}
	orchestrator_sample(orchestrator, NULL, stage->now);
	judge(stage->now, probe);
	orchestrator_close(orchestrator);
}

/* Enters a network namespace with only loopback, and mounts an empty bpffs. */
static bool enter_namespaces(void)
{
	return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("bpf", PINS_BPFFS, "bpf", 0, "mode=0700") == 0;
}

/* Creates a veth pair; the kernel names the other end. */
static int create_veth(void)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(
		buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	struct netlink netlink;

	mnl_attr_put_strz(request, IFLA_IFNAME, VETH);
	struct nlattr *information = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(request, information);
	int error = netlink_open(&netlink);
	if (error == 0)
		error = netlink_exchange(&netlink, request, NULL, NULL);
	netlink_close(&netlink);
	return error;
}

static bool is_wanted(const char *const *names, const char *name)
{
	if (*names == NULL)
		return true;
	while (*names != NULL)
		if (strcmp(*names++, name) == 0)
			return true;
	return false;
}

static void list_ways(
	const char *const *names, struct program_probes *probes, struct stage *stage, bool perform)
{
	uint32_t n = 0;

	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		const struct program_type *program = program_types[i];
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
			if (strcmp(ways[w].kind, program->kind) != 0 ||
				!is_wanted(names, program->name) || n >= PROGRAM_PROBES_MAX)
				continue;
			struct program_probe *probe = &probes->list[n++];
			memset(probe, 0, sizeof(*probe));
			snprintf(probe->program, NAME_LEN, "%s", program->name);
			snprintf(probe->way, NAME_LEN, "%s", ways[w].name);
			if (perform)
				run(stage, program, &ways[w], probe);
			else
				refuse(probe, PROBE_UNKNOWN, "Trying it ended the process", "");
		}
	}
	probes->n = n;
}

int probe_programs(const char *const *names, struct program_probes *probes, struct failure *failure)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct program_probes *shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (stage != NULL)
		stage->now = snapshot_open();
	if (stage == NULL || stage->now == NULL || shared == MAP_FAILED) {
		if (stage != NULL)
			snapshot_close(stage->now);
		free(stage);
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	}
	/* Trials that the child does not reach stay unknown. */
	list_ways(names, shared, stage, false);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		stage->alone = enter_namespaces();
		stage->veth_error = stage->alone ? create_veth() : -EPERM;
		list_ways(names, shared, stage, true);
		_exit(0);
	}
	int error = 0;
	if (child < 0)
		error = failure_set(failure, -errno, "Cannot start a process: %s", strerror(errno));
	else
		waitpid(child, NULL, 0);
	*probes = *shared;
	munmap(shared, sizeof(*shared));
	snapshot_close(stage->now);
	free(stage);
	return error;
}
