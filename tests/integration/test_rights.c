// SPDX-License-Identifier: BSD-2-Clause
/*
 * What x0top may do after its set-up, and what it may not. Each case runs in a process of its own, whose
 * rights do not come back, on a host of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session.h"
#include "control/audit.h"
#include "crypto/trust.h"
#include "kernel/keeper.h"
#include "kernel/pin.h"
#include "kernel/pins.h"
#include "kernel/rights.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/wait.h"

#define LEFT  "x0left"
#define RIGHT "x0right"
#define STORE "/run/trust"

static struct failure failure;

/* Runs a case in a child. Its messages are on stderr. */
static void in_child(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define must(condition)                                                                   \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "line %d: not so: %s (%s; errno %d)\n", __LINE__, \
				#condition, failure.what, errno);                         \
			_exit(1);                                                         \
		}                                                                         \
	} while (0)

/* --- what is forbidden ------------------------------------------------------------------------- */

static long try_execve(void)
{
	char *arguments[] = { "/bin/true", NULL };

	return execve("/bin/true", arguments, NULL);
}

static long try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static long try_mount(void)
{
	return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static long try_module(void)
{
	return syscall(SYS_init_module, "", 0, "");
}

static long try_kexec(void)
{
	return syscall(SYS_kexec_load, 0, 0, NULL, 0);
}

static long try_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long try_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static long try_root(void)
{
	return setresuid(0, 0, 0);
}

static long try_memory(void)
{
	return syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0);
}

static long try_executable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(memory, 4096, PROT_READ | PROT_EXEC);
}

static long try_packets(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long try_typing(void)
{
	return ioctl(0, TIOCSTI, "x");
}

static long try_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_CORE, &limit);
}

static long try_keys(void)
{
	return syscall(SYS_add_key, "user", "x", "x", 1, -1);
}

static long try_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long try_shadow(void)
{
	return open("/etc/shadow", O_RDONLY);
}

static long try_creation(void)
{
	return open("/run/x", O_WRONLY | O_CREAT, 0600);
}

static long try_chmod(void)
{
	return chmod("/run", 0777);
}

static long try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* The kernel takes the lower half. */
static long try_dumpable_in_64_bits(void)
{
	return syscall(SYS_prctl, 1UL << 32 | PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static const struct {
	const char *name;
	long (*attempt)(void);
	int error;
} forbidden[] = {
	{ "execve", try_execve, EPERM },
	{ "ptrace", try_ptrace, EPERM },
	{ "mount", try_mount, EPERM },
	{ "init_module", try_module, EPERM },
	{ "kexec_load", try_kexec, EPERM },
	{ "unshare", try_namespace, EPERM },
	{ "clone of a process", try_fork, EPERM },
	{ "setresuid", try_root, EPERM },
	{ "process_vm_readv", try_memory, EPERM },
	{ "mprotect to code", try_executable, EPERM },
	{ "socket of packets", try_packets, EPERM },
	{ "TIOCSTI", try_typing, EPERM },
	{ "setrlimit", try_limit, EPERM },
	{ "add_key", try_keys, EPERM },
	{ "PR_SET_DUMPABLE", try_dumpable, EPERM },
	{ "PR_SET_DUMPABLE in 64 bits", try_dumpable_in_64_bits, EPERM },
	{ "io_uring_setup", try_ring, EPERM },
	{ "open of /etc/shadow", try_shadow, EACCES },
	{ "open of a new file in /run", try_creation, EACCES },
	{ "chmod", try_chmod, EPERM },
};

static void try_forbidden(void)
{
	int failed = 0;

	must(rights_drop(RIGHTS_RUNNING, &failure) == 0);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		errno = 0;
		long result = forbidden[i].attempt();
		if (result >= 0 || errno != forbidden[i].error) {
			fprintf(stderr, "%s: %ld, errno %d\n", forbidden[i].name, result, errno);
			failed = 1;
		}
	}
	must(!failed);
	must(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	must(rights_user() == 0 && rights_real_user() == 0 && getuid() != 0);
}

static void forbidden_calls_fail(void **state)
{
	(void)state;
	in_child(try_forbidden);
}

static void drop_without_users(void)
{
	must(unshare(CLONE_NEWNS) == 0 && mount("tmpfs", "/etc", "tmpfs", 0, NULL) == 0);
	must(rights_drop(RIGHTS_RUNNING, &failure) == 0);
	must(getuid() == HOST_ORDINARY && getgid() == HOST_ORDINARY);
}

static void a_host_without_users_has_nobody(void **state)
{
	(void)state;
	in_child(drop_without_users);
}

/* Refuses setgroups, like a user namespace that has it denied. */
static void drop_in_user_namespace(void)
{
	int fd;

	must(unshare(CLONE_NEWUSER) == 0);
	fd = open("/proc/self/setgroups", O_WRONLY);
	must(fd >= 0 && write(fd, "deny", 4) == 4);
	close(fd);
	fd = open("/proc/self/uid_map", O_WRONLY);
	must(fd >= 0 && write(fd, "0 0 1", 5) == 5);
	close(fd);
	must(rights_drop(RIGHTS_RUNNING, &failure) < 0);
	must(strstr(failure.what, "Cannot give up rights: to leave") != NULL);
	must(failure.remedy[0] != '\0' && failure.error != -EPERM);
}

static void a_failure_is_said(void **state)
{
	(void)state;
	in_child(drop_in_user_namespace);
}

/* --- what the keeper grants ---------------------------------------------------------------------- */

/* Listens at a socket that only root may connect to. */
static void listen_for_root(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	must(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	must(chmod(path, 0700) == 0 && listen(listener, 4) == 0);
}

static void ask_keeper(void)
{
	const struct kept_path paths[] = {
		{ AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE, false },
		{ PINS_BPFFS, PINS_BPFFS_FLAGS, 0, false },
		{ STORE, TRUST_FLAGS, 0, true },
		{ "store-by-link", TRUST_FLAGS, 0, true }, /* by the current folder */
		{ "/run/babeld.sock", KEPT_SOCKET, 0, false },
		{ NULL, 0, 0, true },
	};
	struct stat status;
	struct pins pins;

	mkdir(STORE, 0700);
	must(close(open(STORE "/key", O_CREAT | O_WRONLY, 0600)) == 0);
	must(chdir("/run") == 0 && symlink(STORE, "store-by-link") == 0);
	mkdir(PINS_BPFFS "/other", 0700);
	int etc = open("/etc", O_RDONLY | O_DIRECTORY);
	listen_for_root("/run/babeld.sock");
	listen_for_root("/run/other.sock");
	must(keeper_start(paths, sizeof(paths) / sizeof(paths[0]), &failure) == 0);
	must(rights_drop(RIGHTS_RUNNING, &failure) == 0);
	must(keeper_open("/etc/shadow", O_RDONLY, 0) == -EACCES); /* not asked yet */
	keeper_use();
	must(keeper_open("/etc/shadow", O_RDONLY, 0) == -EACCES);
	must(keeper_open(AUDIT_LOG, O_RDWR, 0) == -EACCES);
	must(keeper_open(AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE) >= 0);
	must(keeper_connect("/run/babeld.sock") >= 0);
	must(keeper_connect("/run/other.sock") == -EACCES);
	must(keeper_open("/run/babeld.sock", KEPT_SOCKET, 0) == -EACCES);
	must(keeper_open_in(etc, "shadow", O_RDONLY | O_NOFOLLOW) == -EACCES);
	must(keeper_remove(etc, "shadow", 0) == -EACCES);
	int store = keeper_open_trusted(STORE, TRUST_FLAGS, &failure);
	must(store >= 0);
	must(keeper_open_trusted(STORE, O_RDONLY, &failure) == -EACCES);
	must(keeper_open_trusted("/etc", TRUST_FLAGS, &failure) == -EACCES);
	must(strstr(failure.what, "Cannot open /etc") != NULL);
	must(keeper_open_trusted("store-by-link", TRUST_FLAGS, &failure) == -ELOOP);
	must(strstr(failure.what, "is a symbolic link") != NULL);
	must(keeper_open_in(store, "key", O_RDONLY | O_NOFOLLOW) >= 0);
	must(keeper_open_in(store, "key", O_RDONLY) == -EACCES); /* would follow a link */
	must(keeper_open_in(store, "key", O_WRONLY | O_NOFOLLOW) == -EACCES);
	must(keeper_open_in(store, "../../etc/shadow", O_RDONLY | O_NOFOLLOW) == -EACCES);
	must(keeper_remove(store, "key", 0) == -EACCES);
	int bpffs = keeper_open(PINS_BPFFS, PINS_BPFFS_FLAGS, 0);
	must(bpffs >= 0);
	must(keeper_make(bpffs, "y0top") == -EACCES);
	must(keeper_remove(bpffs, "other", AT_REMOVEDIR) == -EACCES);
	must(keeper_rename(bpffs, PINS_ROOT_NAME, "x") == -EACCES);
	pins_init(&pins);
	must(pins_begin(&pins, &failure) == 0 && pins_commit(&pins) == 0 && pins_in_force(&pins));
	must(keeper_status(pins.folder, "..", &status) == -EACCES);
	must(keeper_rename(pins.root, PINS_LAYOUT, "../x") == -EACCES);
	must(keeper_get(pins.folder, "none") == -ENOENT);
	must(keeper_mount_bpffs() == -EACCES); /* it is there */
	must(pins_empty(&pins, false) == 0);
	keeper_stop();
}

static void the_keeper_opens_what_it_was_started_for(void **state)
{
	(void)state;
	in_child(ask_keeper);
}

/* --- what still works --------------------------------------------------------------------------- */

static struct settings settings;
static struct session session;

static int apply(const char *text)
{
	struct action action = { .actor = ACTOR_KEY, .confirmed = true };

	must(action_parse(text, &action, &failure) == 0);
	return session_apply(&session, &action, &failure);
}

static bool program_is_on(const char *name)
{
	must(session_sample(&session, &failure) == 0);
	for (uint32_t i = 0; i < session.now->n_programs; i++)
		if (strcmp(session.now->programs[i].name, name) == 0)
			return session.now->programs[i].state == PROGRAM_ON;
	return false;
}

/* Waits until the new interface's link is pinned. */
static bool new_is_pinned(void *name)
{
	struct pins pins;

	orchestrator_handle_events(session.orchestrator);
	pins_init(&pins);
	must(pins_open(&pins, &failure) == 0 && pins.folder >= 0);
	bool pinned = pin_exists(pins.folder, name);
	pins_close(&pins);
	return pinned;
}

/* Lets the parent, who is root, look and change something. */
static void let_parent(void)
{
	must(raise(SIGSTOP) == 0);
}

static void act_on(const char *what, const char *program)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s", what, program);
	must(apply(text) == 0);
}

/* Those that x0top starts with, and those that take the kernel's verifier so long that they are loaded once. */
static const char *const started[] = { "xdp_counter", "xdp_mesh_filter", "tracepoint_net",
	"kprobe_syscall_latency", "kprobe_syscall_latency_secure" };
static const char *const added[] = { "xdp_pqc_verify", "tc_classifier" };

enum {
	STARTED = sizeof(started) / sizeof(started[0]),
	ADDED = sizeof(added) / sizeof(added[0]),
};

/* Switches each program off and on, or on, until all of them are on. */
static void switch_on(void)
{
	for (size_t i = 0; i < STARTED; i++) {
		must(program_is_on(started[i]));
		act_on("program off", started[i]);
		must(!program_is_on(started[i]));
		act_on("program on", started[i]);
	}
	for (size_t i = 0; i < ADDED; i++) {
		must(!program_is_on(added[i]));
		act_on("program on", added[i]);
	}
	for (size_t i = 0; i < STARTED; i++)
		must(program_is_on(started[i]));
	for (size_t i = 0; i < ADDED; i++)
		must(program_is_on(added[i]));
}

static void work_confined(void)
{
	const struct session_files recording = {
		.record = "/run/recording",
		.record_limit = UINT64_MAX,
	};
	char text[128];

	settings_default(&settings);
	settings.audit = AUDIT_REQUIRED;
	snprintf(settings.trust, sizeof(settings.trust), STORE);
	for (size_t i = 0; i < STARTED; i++)
		snprintf(settings.only[settings.n_only++], NAME_LEN, "%s", started[i]);
	must(session_open(&session, &settings, &recording, &failure) == 0);
	must(session_confine(&session, &failure) == 0);
	must(getuid() != 0);
	switch_on();
	must(apply("rule add drop 10.9.0.3") >= 0);
	must(apply("keys reload") >= 0);
	for (size_t i = 0; i < ADDED; i++) {
		act_on("program off", added[i]);
		must(!program_is_on(added[i]));
	}
	must(apply("enforce on xdp_mesh_filter") >= 0);
	let_parent(); /* who makes x0new */
	snprintf(text, sizeof(text), "xdp_link_%u", if_nametoindex("x0new"));
	must(wait_until(new_is_pinned, text));
	let_parent();
	must(apply("enforce off xdp_mesh_filter") >= 0);
	let_parent();
	session_close(&session);
}

static int audit_lines(const char *part)
{
	char line[AUDIT_LINE_MAX];
	FILE *log = fopen(AUDIT_LOG, "re");
	int n = 0;

	assert_non_null(log);
	while (fgets(line, sizeof(line), log) != NULL)
		n += strstr(line, part) != NULL;
	fclose(log);
	return n;
}

static void await_stop(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
}

static void everything_works_after_it(void **state)
{
	struct stat status;
	char pin[128];
	int ended;

	(void)state;
	netns_veth(LEFT, RIGHT);
	mkdir(STORE, 0700);
	pid_t pid = fork();
	if (pid == 0) {
		work_confined();
		_exit(0);
	}
	await_stop(pid);
	assert_return_code(stat(PINS_FOLDER, &status), 0);
	assert_int_equal(status.st_uid, 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	netns_veth("x0new", "x0peer");
	kill(pid, SIGCONT);
	await_stop(pid);
	snprintf(pin, sizeof(pin), PINS_FOLDER "/xdp_link_%u", if_nametoindex("x0new"));
	assert_return_code(stat(pin, &status), 0);
	kill(pid, SIGCONT);
	await_stop(pid);
	assert_int_equal(stat(PINS_ROOT, &status), -1);
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
	assert_int_equal(audit_lines(": done"), 2 * (STARTED + ADDED) + 4);
	assert_int_equal(audit_lines("uid 0 (root)"), audit_lines(""));
	assert_return_code(stat("/run/recording", &status), 0);
	assert_true(status.st_size > 0);
}

/* --- the keeper is killed ------------------------------------------------------------------------ */

static bool says(const char *part)
{
	for (uint32_t i = 0; i < session.now->net_events.n_events; i++)
		if (strstr(session.now->net_events.events[i].text, part) != NULL)
			return true;
	return false;
}

static void refused(const char *text)
{
	must(apply(text) == -EOWNERDEAD);
	must(strstr(failure.what, "x0top-keeper, which keeps root's rights, was killed") != NULL);
	must(strstr(failure.remedy, "Start x0top again") != NULL);
}

static void lose_keeper(void)
{
	const struct session_files no_files = { 0 };

	must(session_open(&session, &settings, &no_files, &failure) == 0);
	must(session_confine(&session, &failure) == 0);
	must(apply("enforce on xdp_mesh_filter") >= 0);
	must(session_sample(&session, &failure) == 0 && !session.now->self.readonly);
	let_parent(); /* who kills the keeper */
	refused("enforce off xdp_mesh_filter");
	refused("rule add drop 10.9.0.9");
	refused("program off kprobe_syscall_latency");
	must(session_sample(&session, &failure) == 0 && session.now->self.readonly);
	must(program_is_on("kprobe_syscall_latency"));
	must(says("was killed: nothing can be changed"));
	must(!says("the pins in"));
	for (uint32_t i = 0; i < session.now->n_programs; i++)
		must(strcmp(session.now->programs[i].name, "xdp_mesh_filter") != 0 ||
			session.now->programs[i].enforcing);
	session_close(&session);
}

/* The only child of a process. */
static pid_t child_of(pid_t pid)
{
	char path[64];
	int child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &child), 1);
	fclose(file);
	return child;
}

/* Kills the keeper of a stopped process, lets that go on, and expects it to end well. */
static void go_on_without_keeper(pid_t pid)
{
	int ended;

	await_stop(pid);
	kill(child_of(pid), SIGKILL);
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}

/* What enforces stays in force, as it is, and each change is refused in words. */
static void without_the_keeper_nothing_changes(void **state)
{
	struct stat status;

	(void)state;
	settings_default(&settings);
	settings.audit = AUDIT_BEST_EFFORT;
	settings.n_only = 2;
	snprintf(settings.only[0], NAME_LEN, "xdp_mesh_filter");
	snprintf(settings.only[1], NAME_LEN, "kprobe_syscall_latency");
	int lines = audit_lines("");
	pid_t pid = fork();
	if (pid == 0) {
		lose_keeper();
		_exit(0);
	}
	go_on_without_keeper(pid);
	assert_return_code(stat(PINS_FOLDER "/xdp_chain", &status), 0);
	assert_int_equal(audit_lines(""), lines + 1);
	assert_true(pins_remove() > 0);
}

/* Waits a fifth of a second for the keeper, by the only socket of its kind. */
static void be_impatient(void)
{
	const struct timeval patience = { .tv_usec = 200000 };
	int type;

	for (int fd = 3; fd < 64; fd++)
		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t) { sizeof(type) }) ==
				0 &&
			type == SOCK_SEQPACKET)
			must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ==
				0);
}

static void outlast_keeper(void)
{
	const struct kept_path log = { AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE, false };

	must(keeper_start(&log, 1, &failure) == 0);
	be_impatient();
	must(rights_drop(RIGHTS_RUNNING, &failure) == 0);
	keeper_use();
	int fd = keeper_open(AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE);
	must(fd >= 0 && !keeper_lost());
	let_parent(); /* who stops the keeper */
	must(keeper_open(AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE) == -EOWNERDEAD && keeper_lost());
	must(keeper_open(AUDIT_LOG, AUDIT_FLAGS, AUDIT_MODE) == -EOWNERDEAD); /* at once */
	keeper_stop(); /* does not wait for it */
}

static void a_keeper_that_hangs_is_not_waited_for(void **state)
{
	int ended;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		outlast_keeper();
		_exit(0);
	}
	await_stop(pid);
	pid_t keeper = child_of(pid);
	kill(keeper, SIGSTOP);
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	kill(keeper, SIGCONT);
	assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}

static void store_without_keeper(void)
{
	const struct kept_path store = { STORE, TRUST_FLAGS, 0, true };
	struct trust *trust = NULL;

	must(keeper_start(&store, 1, &failure) == 0);
	must(rights_drop(RIGHTS_NONE, &failure) == 0);
	keeper_use();
	let_parent(); /* who kills the keeper */
	must(trust_open(STORE, &trust, &failure) == -EOWNERDEAD && trust == NULL);
	must(strstr(failure.what, "was killed") != NULL);
}

static void without_the_keeper_the_trust_store_stays(void **state)
{
	(void)state;
	mkdir(STORE, 0700);
	pid_t pid = fork();
	if (pid == 0) {
		store_without_keeper();
		_exit(0);
	}
	go_on_without_keeper(pid);
}

static void start_and_stop(void)
{
	const struct session_files no_files = { 0 };

	must(session_open(&session, &settings, &no_files, &failure) == 0);
	must(session_confine(&session, &failure) == 0);
	let_parent();
}

/* x0top is killed: its keeper, which holds nothing of it, ends, and the chain is gone. */
static void the_keeper_ends_with_x0top(void **state)
{
	int ended;

	(void)state;
	assert_return_code(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	settings_default(&settings);
	settings.n_only = 1;
	snprintf(settings.only[0], NAME_LEN, "xdp_counter");
	pid_t pid = fork();
	if (pid == 0) {
		start_and_stop();
		_exit(0);
	}
	await_stop(pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	/* The keeper is this process's child now. */
	assert_true(waitpid(-1, &ended, 0) > 0);
	assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden_calls_fail),
		cmocka_unit_test(a_host_without_users_has_nobody),
		cmocka_unit_test(a_failure_is_said),
		cmocka_unit_test(the_keeper_opens_what_it_was_started_for),
		cmocka_unit_test(everything_works_after_it),
		cmocka_unit_test(without_the_keeper_nothing_changes),
		cmocka_unit_test(a_keeper_that_hangs_is_not_waited_for),
		cmocka_unit_test(without_the_keeper_the_trust_store_stays),
		cmocka_unit_test(the_keeper_ends_with_x0top),
	};

	if (geteuid() != 0) {
		printf("skipped: only root has rights to give up\n");
		return 77;
	}
	host_enter(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
