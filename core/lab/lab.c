// SPDX-License-Identifier: BSD-2-Clause
#include "lab/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/interface.h"
#include "kernel/rights.h"
#include "lab/peers.h"
#include "lab/traffic.h"

#define DEADLINE_MS 60000

static int wait_readable(int file, int64_t deadline)
{
	struct pollfd readable = { .fd = file, .events = POLLIN };
	int64_t left = deadline - clock_monotonic_ms();
	int ready = poll(&readable, 1, left > 0 ? (int)left : 0);

	if (ready < 0)
		return -errno;
	return ready == 0 ? -ETIMEDOUT : 0;
}

/* --- this process's own namespaces ---------------------------------------------------------- */

static int mount_tracefs(void)
{
	struct statfs file_system;

	if (statfs("/sys/kernel/tracing", &file_system) == 0 &&
		(unsigned long)file_system.f_type == TRACEFS_MAGIC)
		return 0;
	return mount("tracefs", "/sys/kernel/tracing", "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL);
}

static int leave_host(struct failure *failure)
{
	const char *name = node_name(NODE_X0);

	if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) < 0) {
		failure_set(
			failure, -errno, "The lab cannot make its namespaces: %s", strerror(errno));
		return failure_remedy(failure, "%s",
			failure->error == -EPERM
				? "Run it as root: sudo x0top lab"
				: "The kernel needs CONFIG_NET_NS and CONFIG_UTS_NS");
	}
	/* Later mounts stay in this namespace; mounts and unmounts of the host propagate to it. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return failure_set(failure, -errno, "The lab cannot make its mounts private: %s",
			strerror(errno));
	if (mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700") < 0) {
		int error = -errno;
		failure_set(failure, error, "The lab cannot mount bpffs on /sys/fs/bpf: %s",
			strerror(-error));
		return failure_remedy(failure, error == -ENOENT
						       ? "Mount sysfs: mount -t sysfs sysfs /sys"
						       : "The kernel needs CONFIG_BPF_SYSCALL");
	}
	/* Ignores errors: only classic tracepoints need it, and they report what they lack. */
	mount_tracefs();
	if (sethostname(name, strlen(name)) < 0)
		return failure_set(
			failure, -errno, "The lab cannot set its host name: %s", strerror(errno));
	return 0;
}

/* --- nodes ---------------------------------------------------------------------------------- */

/* In a node: reports a step to the parent and waits for permission to continue. */
static void finish_step(int control, const struct failure *failure)
{
	char go;

	if (send(control, failure, sizeof(*failure), MSG_NOSIGNAL) < 0 || failure->error)
		_exit(1);
	if (recv(control, &go, 1, 0) != 1)
		_exit(1);
}

/* Detaches a node from x0top: its descriptors, its terminal, its session. */
static void leave_parent(enum lab_node node, int *control, pid_t parent)
{
	char name[16];
	int nothing;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0); /* it died before the line above */
	setsid();
	signal(SIGPIPE, SIG_IGN);
	snprintf(name, sizeof(name), "lab-%s", node_name(node));
	prctl(PR_SET_NAME, name);
	*control = dup2(*control, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	nothing = open("/dev/null", O_RDWR);
	for (int file = 0; file < 3; file++)
		dup2(nothing, file);
	if (nothing > 2)
		close(nothing);
}

/* Becomes the user that x0top will be, who may otherwise not end this process. */
static void confine_node(pid_t parent, struct failure *failure)
{
	rights_drop(RIGHTS_LAB_NODE, failure);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the kernel forgets it with the user */
	if (getppid() != parent)
		_exit(0);
}

static void __attribute__((noreturn))
run_node(enum lab_node node, const struct scene_plan *plan, int control, pid_t parent)
{
	struct failure failure = {};
	struct traffic_node *traffic = NULL;

	leave_parent(node, &control, parent);
	/* This host's end stays in its parent's namespace. */
	if (node != NODE_X0 && unshare(CLONE_NEWNET) < 0)
		failure_set(&failure, -errno, "The lab cannot make a network namespace for %s: %s",
			node_name(node), strerror(errno));
	else
		topology_prepare(&failure);
	finish_step(control, &failure);
	if (!topology_configure(node, &failure))
		traffic_open(node, plan, &traffic, &failure);
	if (failure.error == 0)
		confine_node(parent, &failure);
	finish_step(control, &failure);
	close(control);
	traffic_run(traffic);
}

static int start_node(struct lab *lab, enum lab_node node, struct failure *failure)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		goto failed;
	pid_t pid = fork();
	if (pid == 0)
		run_node(node, &lab->plan, ends[1], parent);
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		goto failed;
	}
	close(ends[1]);
	lab->pids[node] = pid;
	lab->controls[node] = ends[0];
	return 0;
failed:
	return failure_set(failure, -errno, "The lab cannot start its node %s: %s", node_name(node),
		strerror(errno));
}

/* Waits until every node has finished its step. */
static int await_nodes(const struct lab *lab, int64_t deadline, struct failure *failure)
{
	for (int node = 0; node < LAB_NODES; node++) {
		struct failure report;
		int error = wait_readable(lab->controls[node], deadline);
		if (error)
			return failure_set(failure, error,
				"The lab's node %s did not start in time: %s", node_name(node),
				strerror(-error));
		if (recv(lab->controls[node], &report, sizeof(report), 0) != sizeof(report))
			return failure_set(
				failure, -ECHILD, "The lab's node %s died", node_name(node));
		if (report.error) {
			*failure = report;
			return report.error;
		}
	}
	return 0;
}

static int release_nodes(const struct lab *lab, struct failure *failure)
{
	for (int node = 0; node < LAB_NODES; node++) {
		if (send(lab->controls[node], "", 1, MSG_NOSIGNAL) < 0)
			return failure_set(
				failure, -ECHILD, "The lab's node %s died", node_name(node));
	}
	return 0;
}

/* --- first traffic -------------------------------------------------------------------------- */

/* Returns the link of this host's end that received the next packet; LAB_LINKS for another one. */
static int next_packet(int packets)
{
	struct interface interface = { 0 };
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	char byte;
	int link;

	if (recvfrom(packets, &byte, 1, 0, (struct sockaddr *)&from, &size) < 0)
		return -errno;
	int error = interface_find_index((uint32_t)from.sll_ifindex, &interface);
	for (link = 0; !error && link < LAB_LINKS; link++) {
		if (lab_links[link].nodes[0] == NODE_X0 &&
			strcmp(lab_links[link].interfaces[0], interface.name) == 0)
			break;
	}
	return error ? error : link;
}

/* Reads from the packet socket until every link of this host's end has received IPv4. */
static int await_traffic(int packets, int64_t deadline, struct failure *failure)
{
	bool awaited[LAB_LINKS + 1] = {};
	int missing = 0;

	for (int link = 0; link < LAB_LINKS; link++) {
		awaited[link] = lab_links[link].nodes[0] == NODE_X0;
		missing += awaited[link];
	}
	while (missing > 0) {
		int link = wait_readable(packets, deadline);
		if (!link)
			link = next_packet(packets);
		if (link < 0)
			return failure_set(failure, link,
				"No traffic on %d of the lab's interfaces: %s", missing,
				strerror(-link));
		missing -= awaited[link];
		awaited[link] = false;
	}
	return 0;
}

static int start_traffic(const struct lab *lab, int64_t deadline, struct failure *failure)
{
	int packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));

	if (packets < 0)
		return failure_set(
			failure, -errno, "The lab cannot watch its traffic: %s", strerror(errno));
	int error = release_nodes(lab, failure);
	if (!error)
		error = await_traffic(packets, deadline, failure);
	close(packets);
	return error;
}

/* --- the lab -------------------------------------------------------------------------------- */

static void close_controls(struct lab *lab)
{
	for (int node = 0; node < LAB_NODES; node++)
		fd_close(&lab->controls[node]);
}

int lab_open(struct lab *lab, const struct scene_plan *plan, struct failure *failure)
{
	int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
	int error;

	*lab = (struct lab) { .plan = *plan };
	memset(lab->controls, -1, sizeof(lab->controls));
	error = leave_host(failure);
	if (!error)
		error = lab_keys_make(failure);
	for (int node = 0; !error && node < LAB_NODES; node++)
		error = start_node(lab, node, failure);
	if (!error)
		error = await_nodes(lab, deadline, failure);
	if (!error)
		error = topology_create_links(lab->pids, failure);
	if (!error)
		error = release_nodes(lab, failure);
	if (!error)
		error = await_nodes(lab, deadline, failure);
	if (!error)
		error = start_traffic(lab, deadline, failure);
	close_controls(lab);
	if (error)
		lab_close(lab);
	return error;
}

void lab_close(struct lab *lab)
{
	for (int node = 0; node < LAB_NODES; node++) {
		if (lab->pids[node])
			kill(lab->pids[node], SIGKILL);
	}
	for (int node = 0; node < LAB_NODES; node++) {
		while (lab->pids[node] && waitpid(lab->pids[node], NULL, 0) < 0 && errno == EINTR)
			;
		lab->pids[node] = 0;
	}
}
