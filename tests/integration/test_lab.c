// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lab, run in a child: its traffic is captured on this host's end, and after its end, orderly or
 * by SIGKILL, the test looks for what is left.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/magic.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/interface.h"
#include "lab/flows.h"
#include "lab/frames.h"
#include "lab/lab.h"
#include "tests/lib/netns.h"
#include "tests/lib/seen_frame.h"
#include "tests/lib/wait.h"

#define DEADLINE_MS    (PATIENCE_S * 1000)
#define INTERFACES     32
#define MOUNTS_LEN     65536
#define FROM_TWO_HOPS  (IPDEFTTL - 2)
#define LENGTH(array)  (sizeof(array) / sizeof((array)[0]))
#define POLL_PERIOD_MS 50

/* --- kinds of traffic that must be there ---------------------------------------------------- */

static bool is_udp(const struct seen_frame *f, uint8_t version, uint8_t dscp)
{
	return f->version == version && f->protocol == IPPROTO_UDP && f->dscp == dscp;
}

static bool is_tcp(const struct seen_frame *f, uint8_t version, uint8_t dscp)
{
	return f->version == version && f->protocol == IPPROTO_TCP && f->dscp == dscp;
}

#define KIND(name, condition)                        \
	static bool name(const struct seen_frame *f) \
	{                                            \
		return condition;                    \
	}
KIND(voice4_in, !f->outgoing && is_udp(f, 4, 46))
KIND(voice4_out, f->outgoing &&is_udp(f, 4, 46))
KIND(voice6_in, !f->outgoing && is_udp(f, 6, 46))
KIND(shell4_in, !f->outgoing && is_tcp(f, 4, 46))
KIND(shell6_out, f->outgoing &&is_tcp(f, 6, 46))
KIND(control4_out, f->outgoing &&is_tcp(f, 4, 48))
KIND(control6_in, !f->outgoing && is_tcp(f, 6, 48))
KIND(bulk4_in, !f->outgoing && is_tcp(f, 4, 8) && f->destination_port == 873)
KIND(bulk4_out, f->outgoing &&is_tcp(f, 4, 8) && f->destination_port == 873)
KIND(best_effort_in, !f->outgoing && is_udp(f, 4, 0) && f->destination_port == 7)
KIND(web_in, !f->outgoing && is_tcp(f, 4, 0) && f->destination_port == 80)
KIND(hops_in, !f->outgoing && f->version == 4 && f->ttl == FROM_TWO_HOPS)
KIND(ping4_in, !f->outgoing && f->protocol == IPPROTO_ICMP && f->type == ICMP_ECHO)
KIND(pong4_in, !f->outgoing && f->protocol == IPPROTO_ICMP && f->type == ICMP_ECHOREPLY)
KIND(ping6_in, !f->outgoing && f->protocol == IPPROTO_ICMPV6 && f->type == ICMP6_ECHO_REQUEST)
KIND(pong6_in, !f->outgoing && f->protocol == IPPROTO_ICMPV6 && f->type == ICMP6_ECHO_REPLY)
KIND(arp_in, !f->outgoing && f->ethertype == ETHERTYPE_ARP)
KIND(arp_out, f->outgoing && f->ethertype == ETHERTYPE_ARP)
KIND(hello_in, !f->outgoing && is_udp(f, 6, 48) && f->destination_port == BABEL_PORT)
KIND(hello_out, f->outgoing &&is_udp(f, 6, 48) && f->destination_port == BABEL_PORT)
KIND(originator_in, !f->outgoing && f->ethertype == ETHERTYPE_BATMAN && f->source_mac[1] == 0x88)
KIND(originator_out, f->outgoing && f->ethertype == ETHERTYPE_BATMAN)
KIND(forged_in, !f->outgoing && f->ethertype == ETHERTYPE_BATMAN && f->source_mac[1] == 0x66)
KIND(tagged_in, !f->outgoing && f->tagged && f->version == 4 && f->destination_port == 514)
KIND(scan_in, !f->outgoing && f->syn && f->ttl == IPDEFTTL && f->source_port == 40000)
KIND(scan_far_in, !f->outgoing && f->syn && f->ttl == FROM_TWO_HOPS && f->source_port == 40000)
KIND(reset_out, f->outgoing && f->reset)
KIND(reset_in, !f->outgoing && f->reset)
KIND(unreachable4_out, f->outgoing && f->protocol == IPPROTO_ICMP && f->type == ICMP_UNREACH)
KIND(unreachable6_out, f->outgoing && f->protocol == IPPROTO_ICMPV6 && f->type == ICMP6_DST_UNREACH)
KIND(telnet_in, !f->outgoing && f->syn && f->destination_port == 23)

#define NAMED(name)         \
	{                   \
#name, name \
	}
static const struct {
	const char *name;
	bool (*is)(const struct seen_frame *f);
} kinds[] = {
	NAMED(voice4_in),
	NAMED(voice4_out),
	NAMED(voice6_in),
	NAMED(shell4_in),
	NAMED(shell6_out),
	NAMED(control4_out),
	NAMED(control6_in),
	NAMED(bulk4_in),
	NAMED(bulk4_out),
	NAMED(best_effort_in),
	NAMED(web_in),
	NAMED(hops_in),
	NAMED(ping4_in),
	NAMED(pong4_in),
	NAMED(ping6_in),
	NAMED(pong6_in),
	NAMED(arp_in),
	NAMED(arp_out),
	NAMED(hello_in),
	NAMED(hello_out),
	NAMED(originator_in),
	NAMED(originator_out),
	NAMED(forged_in),
	NAMED(tagged_in),
	NAMED(scan_in),
	NAMED(scan_far_in),
	NAMED(reset_out),
	NAMED(reset_in),
	NAMED(unreachable4_out),
	NAMED(unreachable6_out),
	NAMED(telnet_in),
};

/* --- a lab in a child ----------------------------------------------------------------------- */

/* What a child says when its lab is open, and what it found. */
struct report {
	struct failure failure;
	pid_t pids[LAB_NODES];
	char missing[1024]; /* names of what did not occur */
};

struct child {
	pid_t pid;
	int control; /* gets struct report; a byte sent to it ends the lab in order */
};

static void miss(struct report *report, const char *name)
{
	size_t used = strlen(report->missing);

	snprintf(report->missing + used, sizeof(report->missing) - used, " %s", name);
}

static void capture_kinds(struct report *report)
{
	int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
	bool found[LENGTH(kinds)] = {};
	size_t missing = LENGTH(kinds);
	struct seen_frame seen;
	int packets = seen_frame_open();
	struct pollfd readable = { .fd = packets, .events = POLLIN };

	while (missing && clock_monotonic_ms() < deadline && poll(&readable, 1, DEADLINE_MS) == 1) {
		if (!seen_frame_read(packets, &seen))
			continue;
		for (size_t i = 0; i < LENGTH(kinds); i++) {
			if (!found[i] && kinds[i].is(&seen)) {
				found[i] = true;
				missing--;
			}
		}
	}
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		if (!found[i])
			miss(report, kinds[i].name);
	}
	close(packets);
}

/* A counter of /proc/net/snmp, which shows the namespace of who reads it. */
static long read_snmp(const char *protocol, const char *name)
{
	char names[2048], values[2048];
	long value = -1;
	FILE *file = fopen("/proc/net/snmp", "re");

	while (file && fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		char *names_left = names, *values_left = values;
		if (strncmp(names, protocol, strlen(protocol)) != 0)
			continue;
		for (char *n, *v; (n = strsep(&names_left, " \n")) != NULL &&
				  (v = strsep(&values_left, " \n")) != NULL;) {
			if (strcmp(n, name) == 0)
				value = atol(v);
		}
		break;
	}
	if (file)
		fclose(file);
	return value;
}

static void await_counters(struct report *report)
{
	static const char *const counters[][2] = {
		{ "Tcp:", "RetransSegs" },
		{ "Tcp:", "OutRsts" },
		{ "Tcp:", "AttemptFails" },
		{ "Udp:", "NoPorts" },
		{ "Ip:", "ForwDatagrams" },
	};
	int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

	for (size_t i = 0; i < LENGTH(counters); i++) {
		while (read_snmp(counters[i][0], counters[i][1]) <= 0 &&
			clock_monotonic_ms() < deadline)
			poll(NULL, 0, POLL_PERIOD_MS);
		if (read_snmp(counters[i][0], counters[i][1]) <= 0)
			miss(report, counters[i][1]);
	}
}

/* The mounts and interfaces that x0top needs in the lab. */
static void check_surroundings(struct report *report)
{
	static struct settings settings;
	struct statfs bpffs;
	char host[16] = "";

	lab_settings(&settings);
	for (uint32_t i = 0; i < settings.n_interfaces; i++)
		if (!wait_until(netns_is_running, settings.interfaces[i]))
			miss(report, settings.interfaces[i]);
	if (settings.n_interfaces < 3)
		miss(report, "interfaces");
	if (statfs("/sys/fs/bpf", &bpffs) != 0 || bpffs.f_type != BPF_FS_MAGIC)
		miss(report, "bpffs");
	if (gethostname(host, sizeof(host)) != 0 || strcmp(host, "x0") != 0)
		miss(report, "host name");
}

static void __attribute__((noreturn)) run_child(int control, void (*look)(struct report *report))
{
	static struct report report;
	struct lab lab;
	char end;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lab_open(&lab, &(struct scene_plan) { 0 }, &report.failure) == 0) {
		memcpy(report.pids, lab.pids, sizeof(report.pids));
		if (look)
			look(&report);
	}
	send(control, &report, sizeof(report), MSG_NOSIGNAL);
	if (report.failure.error == 0 && recv(control, &end, 1, 0) == 1)
		lab_close(&lab);
	_exit(0);
}

static struct child start_child(void (*look)(struct report *report), struct report *report)
{
	struct child child;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	child.pid = fork();
	if (child.pid == 0)
		run_child(ends[1], look);
	close(ends[1]);
	child.control = ends[0];
	assert_true(child.pid > 0);
	assert_int_equal(recv(child.control, report, sizeof(*report), 0), sizeof(*report));
	return child;
}

static void end_child(struct child *child)
{
	assert_int_equal(send(child->control, "", 1, MSG_NOSIGNAL), 1);
	close(child->control);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
}

/* --- what is outside ------------------------------------------------------------------------ */

struct outside {
	char mounts[MOUNTS_LEN];
	int n_interfaces;
	struct interface *interfaces; /* not freed: a test ends soon */
	char host[64];
};

static void look_outside(struct outside *outside)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");

	memset(outside, 0, sizeof(*outside));
	assert_non_null(file);
	size_t size = fread(outside->mounts, 1, sizeof(outside->mounts) - 1, file);
	fclose(file);
	assert_in_range(size, 1, sizeof(outside->mounts) - 2);
	outside->n_interfaces = interface_list(&outside->interfaces);
	assert_in_range(outside->n_interfaces, 1, INTERFACES - 1);
	gethostname(outside->host, sizeof(outside->host));
}

static void assert_same_outside(const struct outside *before)
{
	static struct outside now;

	look_outside(&now);
	assert_string_equal(now.mounts, before->mounts);
	assert_string_equal(now.host, before->host);
	assert_int_equal(now.n_interfaces, before->n_interfaces);
	for (int i = 0; i < now.n_interfaces; i++) {
		assert_string_equal(now.interfaces[i].name, before->interfaces[i].name);
		assert_int_equal(now.interfaces[i].ifindex, before->interfaces[i].ifindex);
	}
}

/* --- tests ---------------------------------------------------------------------------------- */

static void traffic_of_each_kind_is_there(void **state)
{
	static struct report report;

	(void)state;
	struct child child = start_child(capture_kinds, &report);
	assert_string_equal(report.failure.what, "");
	end_child(&child);
	assert_string_equal(report.missing, "");
}

static void retransmits_resets_and_closed_ports_are_counted(void **state)
{
	static struct report report;

	(void)state;
	struct child child = start_child(await_counters, &report);
	assert_string_equal(report.failure.what, "");
	end_child(&child);
	assert_string_equal(report.missing, "");
}

static unsigned long long status_number(pid_t pid, const char *name, int base)
{
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0) {
			fclose(file);
			return strtoull(line + strlen(name), NULL, base);
		}
	fail_msg("no %s", name);
	abort();
}

/* A node is a session of its own without a terminal, and outlives whoever closes its connections. */
static void assert_apart(pid_t pid)
{
	char path[64], target[64];

	assert_int_equal(getsid(pid), pid);
	assert_true(status_number(pid, "SigIgn:", 16) & 1ULL << (SIGPIPE - 1));
	assert_int_equal(status_number(pid, "NoNewPrivs:", 10), 1);
	for (int file = 0; file < 3; file++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, file);
		ssize_t length = readlink(path, target, sizeof(target) - 1);
		assert_true(length > 0);
		target[length] = '\0';
		assert_string_equal(target, "/dev/null");
	}
}

static void an_orderly_end_leaves_nothing(void **state)
{
	static struct report report;
	static struct outside before;

	(void)state;
	look_outside(&before);
	struct child child = start_child(check_surroundings, &report);
	assert_string_equal(report.failure.what, "");
	assert_string_equal(report.missing, "");
	for (int node = 0; node < LAB_NODES; node++)
		if (node != NODE_X0)
			assert_apart(report.pids[node]);
	assert_int_equal(kill(report.pids[NODE_X0], 0), 0);
	assert_same_outside(&before);
	end_child(&child);
	/* Had lab_close() not waited for its nodes, they would be this process's children now. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_same_outside(&before);
}

/* The next child that ended; 0 if none did before the deadline. */
static pid_t await_child(int *status)
{
	int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
	pid_t pid;

	while ((pid = waitpid(-1, status, WNOHANG)) == 0 && clock_monotonic_ms() < deadline)
		poll(NULL, 0, POLL_PERIOD_MS);
	return pid;
}

static bool was_node(const struct report *report, pid_t pid)
{
	for (int node = 0; node < LAB_NODES; node++) {
		if (report->pids[node] == pid)
			return true;
	}
	return false;
}

static void sigkill_leaves_nothing(void **state)
{
	static struct report report;
	static struct outside before;
	int status;

	(void)state;
	look_outside(&before);
	struct child child = start_child(NULL, &report);
	assert_string_equal(report.failure.what, "");
	assert_int_equal(kill(child.pid, SIGKILL), 0);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	/* Its nodes are this process's children now. */
	for (int i = 0; i < LAB_NODES; i++) {
		assert_true(was_node(&report, await_child(&status)));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_same_outside(&before);
	close(child.control);
}

static void a_node_that_dies_early_leaves_nothing(void **state)
{
	static struct report report;
	static struct outside before;

	(void)state;
	look_outside(&before);
	struct child child = start_child(NULL, &report);
	assert_string_equal(report.failure.what, "");
	assert_int_equal(kill(report.pids[NODE_ELM], SIGKILL), 0);
	end_child(&child);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_same_outside(&before);
}

/* In a process of its own, where `restrict_it` has taken something away: the lab says what, and what to do. */
static void lab_refuses(
	bool (*restrict_it)(void), int error, const char *what[2], const char *remedy)
{
	static struct failure failure;
	struct lab lab;
	int status;

	pid_t child = fork();
	if (child == 0) {
		if (!restrict_it())
			_exit(1);
		_exit(lab_open(&lab, &(struct scene_plan) { 0 }, &failure) == error &&
					failure.error == error && strstr(failure.what, what[0]) &&
					strstr(failure.what, what[1]) &&
					strstr(failure.remedy, remedy)
				? 0
				: 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool drop_root(void)
{
	return setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0;
}

static void without_root_it_says_so(void **state)
{
	(void)state;
	lab_refuses(drop_root, -EPERM, (const char *[]) { "", "" }, "sudo x0top lab");
}

/* As in a container. */
static bool protect_settings(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0 &&
	       mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0;
}

/* What cannot be written, and why, is said. */
static void where_settings_are_read_only_it_says_so(void **state)
{
	(void)state;
	lab_refuses(protect_settings, -EROFS,
		(const char *[]) { "/proc/sys/net/", ": Read-only file system" },
		"/proc/sys is writable");
}

static void the_rules_hit_what_they_name(void **state)
{
	static struct settings settings;
	uint32_t matches[MESH_MATCHES] = {}, actions[MESH_ACTIONS] = {}, disabled = 0;

	(void)state;
	lab_settings(&settings);
	assert_true(settings.lab);
	assert_true(settings.enforce);
	for (uint32_t i = 0; i < settings.n_rules; i++) {
		const struct mesh_rule *rule = &settings.rules[i];
		assert_in_range(rule->match, MESH_MATCH_PREFIX4, MESH_MATCH_PORT);
		matches[rule->match]++;
		actions[rule->action]++;
		disabled += !rule->enabled;
		if (rule->match == MESH_MATCH_PREFIX4)
			assert_int_equal(rule->source.address[3], 0);
	}
	for (int match = MESH_MATCH_PREFIX4; match <= MESH_MATCH_PORT; match++)
		assert_true(matches[match] > 0);
	assert_true(actions[MESH_PASS] > 0);
	assert_true(actions[MESH_DROP] > 0);
	assert_int_equal(disabled, 1);
}

/* Whatever outlived a test that failed. */
static int end_orphans(void **state)
{
	char path[64];
	pid_t orphan;

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (;;) {
		FILE *file = fopen(path, "re");
		bool found = file && fscanf(file, "%d", &orphan) == 1;
		if (file)
			fclose(file);
		if (!found)
			return 0;
		kill(orphan, SIGKILL);
		waitpid(orphan, NULL, 0);
	}
}

/* Surroundings of the test's own, which other tests that run at the same time do not change. */
static int leave_host(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_hit_what_they_name),
		cmocka_unit_test(without_root_it_says_so),
		cmocka_unit_test(where_settings_are_read_only_it_says_so),
		cmocka_unit_test_teardown(an_orderly_end_leaves_nothing, end_orphans),
		cmocka_unit_test_teardown(sigkill_leaves_nothing, end_orphans),
		cmocka_unit_test_teardown(a_node_that_dies_early_leaves_nothing, end_orphans),
		cmocka_unit_test_teardown(traffic_of_each_kind_is_there, end_orphans),
		cmocka_unit_test_teardown(
			retransmits_resets_and_closed_ports_are_counted, end_orphans),
	};

	return cmocka_run_group_tests(tests, leave_host, NULL);
}
