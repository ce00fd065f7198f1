// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/hook_run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/fd.h"
#include "mapek/measure.h"

enum {
	VARIABLES = 12,
	VARIABLE_LEN = REASON_LEN + NAME_LEN,
	REPORT = STDERR_FILENO + 1, /* where the new process says why it cannot be the hook */
};

struct environment {
	char text[VARIABLES][VARIABLE_LEN];
	char *list[VARIABLES + 1];
};

/* --- what it is told -------------------------------------------------------------------------- */

static void tell(struct environment *environment, const char *name, const char *value)
{
	uint32_t n = 0;

	while (environment->list[n] != NULL)
		n++;
	snprintf(environment->text[n], VARIABLE_LEN, "%s=%s", name, value);
	environment->list[n] = environment->text[n];
}

/* An unknown number is empty. */
static void tell_number(struct environment *environment, const char *name, double value)
{
	char text[NAME_LEN] = "";

	if (!isnan(value))
		snprintf(text, sizeof(text), "%.6g", value);
	tell(environment, name, text);
}

static void tell_all(struct environment *environment, const struct policy *policy,
	const struct hook_order *order)
{
	memset(environment, 0, sizeof(*environment));
	tell(environment, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	tell(environment, "X0TOP_POLICY", policy->name);
	tell(environment, "X0TOP_SERIES", measures[policy->series].name);
	tell(environment, "X0TOP_TARGET", order->target);
	tell(environment, "X0TOP_REASON", order->reason);
	tell_number(environment, "X0TOP_ACTION", (double)order->action);
	tell_number(environment, "X0TOP_ANOMALY", (double)order->anomaly);
	tell_number(environment, "X0TOP_VALUE", order->value);
	tell_number(environment, "X0TOP_USUAL_LOW", order->low);
	tell_number(environment, "X0TOP_USUAL_HIGH", order->high);
	tell_number(environment, "X0TOP_SCORE", order->score);
}

/* --- the hook --------------------------------------------------------------------------------- */

static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Becomes the hook, or writes its errno to `report` and ends. */
static void __attribute__((noreturn))
become(char *const *arguments, char *const *environment, int output, int report)
{
	const struct rlimit no_core = { 0, 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid(); /* no terminal, and a group to kill */
	reset_signals();
	setrlimit(RLIMIT_CORE, &no_core);
	umask(077);
	/* Beyond the numbers that are taken next. */
	output = fcntl(output, F_DUPFD_CLOEXEC, REPORT + 1);
	report = fcntl(report, F_DUPFD_CLOEXEC, REPORT + 1);
	if (null >= 0 && output >= 0 && report >= 0 && chdir("/") == 0 && dup2(null, 0) >= 0 &&
		dup2(output, 1) >= 0 && dup2(output, 2) >= 0 &&
		dup3(report, REPORT, O_CLOEXEC) >= 0) {
		report = REPORT;
		if (syscall(SYS_close_range, REPORT + 1, ~0U, 0) == 0)
			execve(arguments[0], arguments, environment);
	}
	int error = errno;
	(void)!write(report, &error, sizeof(error));
	_exit(127);
}

/* --- watching it ------------------------------------------------------------------------------ */

/* Appends what can be shown on a line, as far as there is room. */
static void keep(struct hook_report *report, const char *bytes, size_t n)
{
	size_t length = strlen(report->output);

	for (size_t i = 0; i < n && length + 1 < sizeof(report->output); i++) {
		const bool space = bytes[i] == '\n' || bytes[i] == '\t';
		const bool printable = bytes[i] >= ' ' && bytes[i] <= '~';
		report->output[length++] = (char)(space ? ' ' : printable ? bytes[i] : '?');
	}
	report->output[length] = '\0';
}

/* Reads what is there. Returns as read(2). */
static ssize_t read_output(int output, struct hook_report *report)
{
	char bytes[1024];
	ssize_t n = read(output, bytes, sizeof(bytes));

	if (n > 0)
		keep(report, bytes, (size_t)n);
	return n;
}

/* Reads what was left of the output when the hook had ended. */
static void read_rest(int output, struct hook_report *report)
{
	while (strlen(report->output) + 1 < sizeof(report->output) &&
		read_output(output, report) > 0)
		;
	for (size_t n = strlen(report->output); n > 0 && report->output[n - 1] == ' '; n--)
		report->output[n - 1] = '\0';
}

/* Waits for the end of the process, within its time, or for that of x0top. Returns whether it ended itself. */
static bool await(int process, int output, int socket, double within, struct hook_report *report)
{
	const double end = clock_monotonic_seconds() + within;
	struct pollfd wait[] = { { process, POLLIN, 0 }, { output, POLLIN, 0 }, { socket, 0, 0 } };
	double left;

	while ((left = end - clock_monotonic_seconds()) > 0) {
		if (poll(wait, 3, (int)ceil(left * 1000)) <= 0)
			continue;
		if (wait[1].revents != 0 && read_output(output, report) == 0)
			wait[1].fd = -1;
		if (wait[2].revents != 0)
			return false;
		if (wait[0].revents != 0)
			return true;
	}
	return false;
}

/* Kills the children that are left: those that made a session of their own are this process's by now. */
static void kill_children(void)
{
	FILE *file;
	int pid;

	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		file = fopen("/proc/thread-self/children", "re");
		if (file == NULL)
			return;
		const bool found = fscanf(file, "%d", &pid) == 1;
		fclose(file);
		if (!found)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void write_end(struct hook_report *report, int status, bool ended, double within)
{
	if (!ended)
		snprintf(report->ended, sizeof(report->ended), "killed after %gs", within);
	else if (WIFSIGNALED(status))
		snprintf(report->ended, sizeof(report->ended), "signal %d", WTERMSIG(status));
	else
		snprintf(report->ended, sizeof(report->ended), "exit %d", WEXITSTATUS(status));
}

static void watch(
	pid_t pid, int output, int failed, int socket, double within, struct hook_report *report)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0), status = 0, error = 0;
	const bool ended = process >= 0 && await(process, output, socket, within, report);

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* before it had a group */
	waitpid(pid, &status, 0);
	kill_children();
	read_rest(output, report);
	if (read(failed, &error, sizeof(error)) == sizeof(error))
		snprintf(report->ended, sizeof(report->ended), "not run: %.22s", strerror(error));
	else
		write_end(report, status, ended, within);
	fd_close(&process);
}

void hook_run(int socket, const struct policy *policy, const struct hook_order *order,
	struct hook_report *report)
{
	char texts[HOOK_ARGUMENTS_MAX][HOOK_LEN], *arguments[HOOK_ARGUMENTS_MAX + 1] = { NULL };
	struct environment environment;
	int output[2], failed[2];

	policy_arguments(policy, order->target, texts, arguments);
	tell_all(&environment, policy, order);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(report->ended, sizeof(report->ended), "not run: no process");
	if (pipe2(output, O_CLOEXEC) < 0 || pipe2(failed, O_CLOEXEC) < 0 ||
		fcntl(output[0], F_SETFL, O_NONBLOCK) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0)
		become(arguments, environment.list, output[1], failed[1]);
	fd_close(&output[1]);
	fd_close(&failed[1]);
	if (pid > 0)
		watch(pid, output[0], failed[0], socket, policy->within, report);
}
