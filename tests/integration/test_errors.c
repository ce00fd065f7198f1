// SPDX-License-Identifier: BSD-2-Clause
/*
 * When things are wrong: each failure says what is wrong and what to do, and one program's failure
 * leaves the others running. Every test runs in a process of its own, on a host of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"

#define INTERFACE "x0errors"

static struct settings settings;
static struct snapshot now;
static struct orchestrator *orchestrator;
static struct failure failure;

/* --- helpers --------------------------------------------------------------------------------- */

static void host(void)
{
	host_enter(true);
	netns_veth("x0peer", INTERFACE);
	messages_capture(false);
	settings_default(&settings);
	settings.n_interfaces = 1;
	snprintf(settings.interfaces[0], NAME_LEN, INTERFACE);
}

static int open_it(void)
{
	int error = orchestrator_open(&settings, &orchestrator, &failure);

	if (error == 0)
		orchestrator_sample(orchestrator, NULL, &now);
	return error;
}

static const struct snapshot_program *program(const char *name)
{
	for (uint32_t i = 0; i < now.n_programs; i++)
		if (strcmp(now.programs[i].name, name) == 0)
			return &now.programs[i];
	fail_msg("no program %s", name);
	abort();
}

static void assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

/* A program failed with these words, and `other` runs all the same. */
static void assert_failed(const char *name, const char *what, const char *remedy, const char *other)
{
	assert_int_equal(program(name)->state, PROGRAM_FAILED);
	assert_contains(program(name)->reason, what);
	assert_contains(program(name)->remedy, remedy);
	if (other != NULL)
		assert_int_equal(program(other)->state, PROGRAM_ON);
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
}

/* --- capabilities ---------------------------------------------------------------------------- */

static void no_capability(void)
{
	host();
	host_become_ordinary(NULL, 0);
	assert_int_equal(open_it(), -EPERM);
	assert_contains(
		failure.what, "needs CAP_BPF and CAP_PERFMON, and CAP_NET_ADMIN for the XDP");
	assert_contains(failure.remedy, "sudo");
}

static void no_capability_for_the_network(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_PERFMON };

	host();
	host_become_ordinary(held, 2);
	assert_int_equal(open_it(), 0);
	assert_failed("xdp_counter", "needs CAP_NET_ADMIN", "setcap", "tracepoint_net");
	assert_failed("tc_classifier", "needs CAP_NET_ADMIN", "setcap", "kprobe_syscall_latency");
}

static void no_capability_to_monitor(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_NET_ADMIN };

	host();
	host_become_ordinary(held, 2);
	assert_int_equal(open_it(), -EPERM);
	assert_contains(failure.what, "needs CAP_BPF and CAP_PERFMON");
	assert_contains(failure.remedy, "setcap");
}

static void three_capabilities_are_enough(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };
	int refused = 0;

	host();
	host_become_ordinary(held, 3);
	assert_int_equal(open_it(), 0);
	for (uint32_t i = 0; i < now.n_programs; i++)
		if (host_refuses(now.programs[i].name))
			refused++;
		else if (now.programs[i].state != PROGRAM_NOT_BUILT &&
			 now.programs[i].state != PROGRAM_ON)
			fail_msg("%s: %s", now.programs[i].name, now.programs[i].reason);
	assert_int_equal(orchestrator_exit_status(orchestrator), refused);
}

/* --- the kernel ------------------------------------------------------------------------------ */

static void no_btf(void)
{
	host();
	assert_return_code(mount("none", "/sys/kernel/btf", "tmpfs", 0, NULL), 0);
	assert_int_equal(open_it(), 0);
	assert_failed("tracepoint_net", "BTF", "CONFIG_DEBUG_INFO_BTF=y", "xdp_counter");
	assert_failed("kprobe_syscall_latency", "BTF", "CONFIG_DEBUG_INFO_BTF=y", "tc_classifier");
}

/*
 * A kernel that has them looks, with an empty folder here, like one that was built without. The tracer
 * fails where it is told to use kprobes; left to choose, it runs.
 */
static void no_kprobes(void)
{
	host();
	assert_return_code(mount("none", "/sys/bus/event_source/devices", "tmpfs", 0, NULL), 0);
	assert_int_equal(settings_set(&settings, "only", "kprobe_syscall_latency", &failure), 0);
	assert_int_equal(settings_set(&settings, "only", "xdp_counter", &failure), 0);
	settings.syscalls_attach = SYSCALLS_WANT_KPROBE;
	assert_int_equal(open_it(), 0);
	assert_failed("kprobe_syscall_latency", "This kernel has no kprobes",
		"--syscalls-attach tracepoint", "xdp_counter");
	orchestrator_close(orchestrator);
	settings.syscalls_attach = SYSCALLS_WANT_AUTO;
	assert_int_equal(open_it(), 0);
	assert_int_equal(program("kprobe_syscall_latency")->state, PROGRAM_ON);
	assert_string_equal(program("kprobe_syscall_latency")->attached, "tracepoint");
}

/* --- objects --------------------------------------------------------------------------------- */

/* A folder with the good objects, but for one that `command` makes. */
static void objects_with(const char *command)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char text[512];

	host();
	assert_return_code(mkdir("/run/objects", 0755), 0);
	snprintf(text, sizeof(text), "cp %s/bpf/*.bpf.o /run/objects && cd /run/objects && %s",
		build, command);
	assert_int_equal(system(text), 0);
	snprintf(settings.objects, sizeof(settings.objects), "/run/objects");
	assert_int_equal(open_it(), 0);
}

static void missing_object(void)
{
	objects_with("rm xdp_counter.bpf.o");
	assert_failed("xdp_counter",
		"Cannot open the object /run/objects/xdp_counter.bpf.o: No such file", "--objects",
		"xdp_mesh_filter");
}

static void empty_object(void)
{
	objects_with(": > xdp_counter.bpf.o");
	assert_failed("xdp_counter", "is empty", "Build it again", "xdp_mesh_filter");
}

static void truncated_object(void)
{
	objects_with("truncate -s -100 xdp_counter.bpf.o");
	assert_failed("xdp_counter", "is truncated", "again", "xdp_mesh_filter");
}

static void object_cut_in_its_header(void)
{
	objects_with("truncate -s 40 xdp_counter.bpf.o");
	assert_failed("xdp_counter", "its ELF header is cut short", "again", "xdp_mesh_filter");
}

static void text_for_an_object(void)
{
	objects_with("echo 'no object at all' > tc_classifier.bpf.o");
	assert_failed("tc_classifier", "is not a BPF object: it is not an ELF file", "clang",
		"xdp_counter");
}

static void foreign_object(void)
{
	objects_with("cp /bin/true tracepoint_net.bpf.o");
	assert_failed("tracepoint_net", "ELF file for another machine", "clang", "xdp_counter");
}

static void damaged_object(void)
{
	/* Everything between the ELF header and the section table. */
	objects_with("f=kprobe_syscall_latency.bpf.o; "
		     "dd if=/dev/zero of=$f bs=64 seek=1 count=40 conv=notrunc 2>&1");
	assert_int_equal(program("kprobe_syscall_latency")->state, PROGRAM_FAILED);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
}

static void wrong_object(void)
{
	objects_with("cp xdp_mesh_filter.bpf.o xdp_counter.bpf.o");
	assert_failed("xdp_counter", "does not belong to this x0top", "", "xdp_mesh_filter");
}

/* --- interfaces ------------------------------------------------------------------------------ */

static void missing_interface(void)
{
	host();
	snprintf(settings.interfaces[settings.n_interfaces++], NAME_LEN, "x0nowhere");
	assert_int_equal(open_it(), 0);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_PARTLY);
	assert_string_equal(program("xdp_counter")->reason, "There is no interface x0nowhere");
	assert_contains(program("xdp_counter")->remedy, "ip link");
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
}

/* A tun of another hardware type, as no kernel of the tests may have a device of it. It ends with the process. */
static void make_unreadable(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	char command[64];

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	assert_return_code(ioctl(tun, TUNSETIFF, &request), 0);
	assert_return_code(ioctl(tun, TUNSETLINK, ARPHRD_6LOWPAN), 0);
	snprintf(command, sizeof(command), "ip link set %s up", name);
	assert_int_equal(system(command), 0);
}

/* By name it is an error, alone and beside others; the rule leaves it out, where there are others. */
static void interface_that_no_program_reads(void)
{
	static const char why[] = "x0lowpan is not watched: its frames are neither Ethernet nor IP";

	host();
	make_unreadable("x0lowpan");
	snprintf(settings.interfaces[settings.n_interfaces++], NAME_LEN, "x0lowpan");
	assert_int_equal(open_it(), 0);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_PARTLY);
	assert_string_equal(program("xdp_counter")->reason, why);
	assert_string_equal(program("tc_classifier")->reason, why);
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
	orchestrator_close(orchestrator);

	settings.n_interfaces = 0;
	assert_int_equal(open_it(), 0);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	assert_int_equal(orchestrator_exit_status(orchestrator), 0);
	orchestrator_close(orchestrator);

	netns_delete(INTERFACE);
	assert_int_equal(open_it(), 0);
	assert_failed("xdp_counter", why, "-i", "tracepoint_net");
}

static void no_interface_at_all(void)
{
	host();
	netns_delete(INTERFACE);
	settings.n_interfaces = 0;
	assert_int_equal(open_it(), 0);
	assert_failed("xdp_counter", "No network interface is up", "-i", "tracepoint_net");
}

static void host_with_another_xdp_program(void)
{
	char command[256];
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";

	host();
	snprintf(command, sizeof(command),
		"ip link set dev " INTERFACE " xdp obj %s/bpf/xdp_mesh_filter.bpf.o sec xdp",
		build);
	assert_int_equal(system(command), 0);
}

static void interface_with_another_xdp_program(void)
{
	host_with_another_xdp_program();
	settings.xdp_mode = XDP_WANT_GENERIC;
	assert_int_equal(open_it(), 0);
	assert_failed("xdp_counter", INTERFACE " already carries the XDP program xdp_mesh_filt",
		"xdp off", "tc_classifier");
	orchestrator_close(orchestrator);
	orchestrator = NULL;
	assert_int_equal(system("ip link show " INTERFACE " | grep -q prog/xdp"), 0);
}

/* Who may not learn its name is not told to remove it: it may be another x0top's. */
static void interface_with_an_unknown_xdp_program(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };

	host_with_another_xdp_program();
	settings.xdp_mode = XDP_WANT_GENERIC;
	host_become_ordinary(held, 3);
	assert_int_equal(open_it(), 0);
	assert_failed("xdp_counter", INTERFACE " already carries the XDP program (id ",
		"sudo bpftool prog show id ", "tc_classifier");
}

/* --- full maps ------------------------------------------------------------------------------- */

static int act(const char *text)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return orchestrator_apply(orchestrator, &action, &failure);
}

static void full_rule_table(void)
{
	char text[64];

	host();
	assert_int_equal(settings_set(&settings, "only", "xdp_mesh_filter", &failure), 0);
	for (int i = 0; i < MESH_RULES_MAX; i++) {
		snprintf(text, sizeof(text), "drop 10.%d.%d.0/24", i / 256, i % 256);
		if (settings_set(&settings, "rules", text, &failure) < 0)
			fail_msg("%s: %s", text, failure.what);
	}
	assert_int_equal(open_it(), 0);
	assert_int_equal(act("rule add drop tcp 80"), -ENOSPC);
	assert_string_equal(failure.what, "All 1024 mesh rules are in use");
	assert_contains(failure.remedy, "rules delete");
	assert_int_equal(act("rule delete 7"), 0);
	assert_int_equal(act("rule add drop tcp 80"), 0);
	orchestrator_sample(orchestrator, NULL, &now);
	assert_int_equal(now.mesh.n_rules, MESH_RULES_MAX);
	assert_int_equal(program("xdp_mesh_filter")->state, PROGRAM_ON);
}

/* --- bpffs ----------------------------------------------------------------------------------- */

static int enforce(void)
{
	struct action action = { .verb = &control_verbs[VERB_ENFORCE_ON], .confirmed = true };

	snprintf(action.program, sizeof(action.program), "xdp_mesh_filter");
	return orchestrator_apply(orchestrator, &action, &failure);
}

static void bpffs_is_mounted_when_needed(void)
{
	host();
	assert_return_code(umount("/sys/fs/bpf"), 0);
	assert_int_equal(open_it(), 0);
	assert_int_equal(enforce(), 0);
	assert_return_code(access(PINS_FOLDER "/mesh_rules", F_OK), 0);
}

static void bpffs_that_cannot_be_mounted(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };

	host();
	assert_return_code(umount("/sys/fs/bpf"), 0);
	while (umount("/sys/fs/bpf") == 0)
		; /* the host's, below it */
	host_become_ordinary(held, 3);
	assert_int_equal(open_it(), 0);
	assert_int_equal(enforce(), -EPERM);
	assert_contains(failure.what, "Cannot mount bpffs on /sys/fs/bpf");
	assert_contains(failure.remedy, "mount -t bpf -o mode=0700 bpf /sys/fs/bpf");
	orchestrator_sample(orchestrator, NULL, &now);
	assert_false(now.mesh.enforcing);
}

/* --- each in its own process ----------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
#define CASE(function)              \
	{                           \
#function, function \
	}
	CASE(no_capability),
	CASE(no_capability_for_the_network),
	CASE(no_capability_to_monitor),
	CASE(three_capabilities_are_enough),
	CASE(no_btf),
	CASE(no_kprobes),
	CASE(full_rule_table),
	CASE(missing_object),
	CASE(empty_object),
	CASE(truncated_object),
	CASE(object_cut_in_its_header),
	CASE(text_for_an_object),
	CASE(foreign_object),
	CASE(damaged_object),
	CASE(wrong_object),
	CASE(missing_interface),
	CASE(interface_that_no_program_reads),
	CASE(no_interface_at_all),
	CASE(interface_with_another_xdp_program),
	CASE(interface_with_an_unknown_xdp_program),
	CASE(bpffs_is_mounted_when_needed),
	CASE(bpffs_that_cannot_be_mounted),
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

/* The case itself, under cmocka, in the process that is its own. */
static void run_case(void **state)
{
	cases[*(size_t *)*state].run();
	orchestrator_close(orchestrator);
}

static int run_alone(const char *name)
{
	size_t i = 0;

	while (i < CASES && strcmp(cases[i].name, name) != 0)
		i++;
	if (i == CASES)
		return 2;
	const struct CMUnitTest test[] = { { name, run_case, NULL, NULL, &i } };
	return cmocka_run_group_tests(test, NULL, NULL);
}

/* What the parent's cmocka runs: the same program, for one case. */
static void run_in_process(void **state)
{
	const char *name = *state;
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (pid == 0) {
		setenv("CMOCKA_MESSAGE_OUTPUT", "tap", 1);
		execl("/proc/self/exe", "test_errors", name, (char *)NULL);
		_exit(2);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[CASES];

	if (argc == 2)
		return run_alone(argv[1]);
	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, run_in_process, NULL, NULL,
			(void *)(uintptr_t)cases[i].name };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
