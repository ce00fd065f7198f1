// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/syscall_filter.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* A name that this libseccomp does not know is that of a call newer than it: left out. */
static const char *const shared[] = { "read", "write", "readv", "writev", "pread64", "pwrite64",
	"lseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "fstat",
	"fstat64", "stat", "stat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx",
	"statfs", "statfs64", "fstatfs", "fstatfs64", "open", "openat", "access", "faccessat",
	"faccessat2", "getcwd", "readlink", "readlinkat", "getdents", "getdents64", "munmap",
	"mremap", "madvise", "brk", "futex", "futex_time64", "futex_waitv", "set_robust_list",
	"get_robust_list", "rseq", "membarrier", "exit", "exit_group", "getpid", "gettid",
	"getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
	"capget", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack",
	"restart_syscall", "tgkill", "sendmsg", "recvmsg", "getrandom", "clock_gettime",
	"clock_gettime64", "gettimeofday", "time", "bpf" };

static const char *const running[] = { "getpgrp", "getpgid", "getsid", "uname", "sysinfo", "times",
	"getrlimit", "ugetrlimit", "getrusage", "sched_yield", "sched_getaffinity",
	"sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
	"set_tid_address", "rt_sigpending", "rt_sigtimedwait", "rt_sigtimedwait_time64",
	"rt_sigsuspend", "rt_sigqueueinfo", "signalfd", "signalfd4", "kill", "tkill", "wait4",
	"waitid", "alarm", "setitimer", "getitimer", "clock_getres", "clock_getres_time64",
	"clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "timerfd_create",
	"timerfd_settime", "timerfd_settime64", "timerfd_gettime", "timerfd_gettime64", "eventfd2",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
	"pipe", "pipe2", "socketpair", "bind", "connect", "accept4", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "sendto", "sendmmsg", "recvfrom", "recvmmsg", "recvmmsg_time64",
	"shutdown", "perf_event_open", "fsync", "fdatasync", "ftruncate", "ftruncate64", "flock",
	"fallocate", "mlock", "mlock2", "munlock" };

static const char *const keeper[] = { "mkdir", "mkdirat", "unlinkat", "rename", "renameat",
	"renameat2", "mount", "connect", "poll", "ppoll", "ppoll_time64" };

/* Kinds of socket, requests of ioctl(2): what terminals, perf events and interfaces need. Not TIOCSTI, which
 * types into the terminal, nor a packet socket. */
static const unsigned int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
static const unsigned int requests[] = { TCGETS, TCSETS, TCSETSW, TCSETSF, TCXONC, TCFLSH, TCSBRK,
	TIOCGWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCGSID, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX,
	SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFFLAGS, SIOCETHTOOL, PERF_EVENT_IOC_ENABLE,
	PERF_EVENT_IOC_DISABLE, PERF_EVENT_IOC_SET_BPF, PERF_EVENT_IOC_ID };

/* Options of prctl(2): names, what is read, and what takes rights away. PR_SET_VMA names memory for malloc(3). */
static const unsigned int options[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_PDEATHSIG,
	PR_SET_CHILD_SUBREAPER, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_KEEPCAPS, PR_CAP_AMBIENT,
	PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP, 0x53564d41 /* PR_SET_VMA */ };

/* A new namespace in clone(2), or a process in place of a thread. */
#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | \
		CLONE_NEWCGROUP)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int allow(scmp_filter_ctx filter, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		int error = number == __NR_SCMP_ERROR
				    ? 0
				    : seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Allows a call where its argument `index` has one of these values in its lower 32 bits. */
static int allow_values(scmp_filter_ctx filter, int number, unsigned int index,
	const unsigned int *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct scmp_arg_cmp value = { index, SCMP_CMP_MASKED_EQ, 0xffffffff,
			values[i] };
		int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &value);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Memory is never executable that was not so before; a limit is read, not set; a child is a thread. */
static int allow_with_conditions(scmp_filter_ctx filter)
{
	static const struct {
		int number;
		struct scmp_arg_cmp condition;
	} rules[] = {
		{ SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
		{ SCMP_SYS(mmap2), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
		{ SCMP_SYS(mprotect), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
		{ SCMP_SYS(prlimit64), { 2, SCMP_CMP_EQ, 0, 0 } },
		{ SCMP_SYS(clone),
			{ 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_NAMESPACES, CLONE_THREAD } },
	};

	for (size_t i = 0; i < LENGTH(rules); i++) {
		int error = seccomp_rule_add_array(
			filter, SCMP_ACT_ALLOW, rules[i].number, 1, &rules[i].condition);
		if (error < 0)
			return error;
	}
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* Core files and tracers can be turned off, not on. */
static int allow_options(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp off[] = {
		{ 0, SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_DUMPABLE },
		{ 1, SCMP_CMP_EQ, 0, 0 },
	};
	int error = allow_values(filter, SCMP_SYS(prctl), 0, options, LENGTH(options));

	return error < 0 ? error
			 : seccomp_rule_add_array(
				   filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), LENGTH(off), off);
}

static int allow_running(scmp_filter_ctx filter)
{
	int error = allow(filter, running, LENGTH(running));

	if (error == 0)
		error = allow_values(filter, SCMP_SYS(socket), 0, families, LENGTH(families));
	if (error == 0)
		error = allow_values(filter, SCMP_SYS(ioctl), 1, requests, LENGTH(requests));
	return error;
}

/* Of sockets, only local ones: babeld's may be open to root alone. */
static int allow_keeper(scmp_filter_ctx filter)
{
	static const unsigned int local[] = { AF_UNIX };
	int error = allow(filter, keeper, LENGTH(keeper));

	return error < 0 ? error : allow_values(filter, SCMP_SYS(socket), 0, local, LENGTH(local));
}

int syscall_filter_set(enum syscall_list list)
{
	if (list == SYSCALLS_ALL)
		return 0;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return -ENOMEM;
	int error = allow(filter, shared, LENGTH(shared));
	if (error == 0)
		error = allow_with_conditions(filter);
	if (error == 0)
		error = allow_options(filter);
	if (error == 0)
		error = list == SYSCALLS_RUNNING ? allow_running(filter) : allow_keeper(filter);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
