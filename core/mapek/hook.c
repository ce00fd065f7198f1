// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/rights.h"
#include "kernel/side_process.h"
#include "mapek/hook_run.h"

struct hooks {
	int socket;
	pid_t pid;
};

/* --- the process ------------------------------------------------------------------------------ */

/* Returns the failure to start with, of error 0 if there is none. */
static struct failure give_up_rights(void)
{
	struct failure failure = { 0 };

	if (rights_drop(RIGHTS_HOOKS, &failure) == 0 && geteuid() == 0) {
		failure_set(&failure, -EPERM,
			"Hooks run as an ordinary user, and x0top cannot become one here");
		failure_remedy(
			&failure, "Give it CAP_SETUID and CAP_SETGID, or leave \"run\" away");
	}
	return failure;
}

/* Runs a hook in a process of its own, whose end is not waited for. Returns 0 or a negative errno. */
static int run_one(int socket, const struct policies *policies, const struct hook_order *order)
{
	struct hook_report report = { .action = order->action };
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? -errno : 0;
	hook_run(socket, &policies->list[order->policy], order, &report);
	send(socket, &report, sizeof(report), MSG_NOSIGNAL);
	_exit(0);
}

static void refuse(int socket, const struct hook_order *order, const char *why)
{
	struct hook_report report = { .action = order->action };

	snprintf(report.ended, sizeof(report.ended), "%s", why);
	send(socket, &report, sizeof(report), MSG_NOSIGNAL);
}

static bool is_right(const struct policies *policies, struct hook_order *order)
{
	order->target[sizeof(order->target) - 1] = '\0';
	order->reason[sizeof(order->reason) - 1] = '\0';
	return order->policy < policies->n && policies->list[order->policy].n_arguments > 0 &&
	       strspn(order->target, "0123456789abcdefABCDEF.:") == strlen(order->target);
}

static void serve(int socket, const void *data)
{
	const struct policies *policies = data;
	const struct failure failure = give_up_rights();
	struct hook_order order;
	unsigned int running = 0;

	send(socket, &failure, sizeof(failure), MSG_NOSIGNAL);
	while (failure.error == 0 && recv(socket, &order, sizeof(order), 0) == sizeof(order)) {
		while (running > 0 && waitpid(-1, NULL, WNOHANG) > 0)
			running--;
		if (!is_right(policies, &order))
			refuse(socket, &order, "not run: no such hook");
		else if (running == HOOKS_AT_ONCE)
			refuse(socket, &order, "not run: others do");
		else if (run_one(socket, policies, &order) < 0)
			refuse(socket, &order, "not run: no process");
		else
			running++;
	}
	shutdown(socket, SHUT_RDWR);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* --- the caller ------------------------------------------------------------------------------- */

static bool any_hook(const struct policies *policies)
{
	for (uint32_t i = 0; i < policies->n; i++)
		if (policies->list[i].n_arguments > 0)
			return true;
	return false;
}

static int start(struct hooks *hooks, const struct policies *policies, struct failure *failure)
{
	struct failure report;

	hooks->socket = side_process_start("x0top-hooks", serve, policies, &hooks->pid);
	if (hooks->socket < 0)
		return failure_set(failure, hooks->socket,
			"Cannot start the process that runs hooks: %s", strerror(-hooks->socket));
	if (recv(hooks->socket, &report, sizeof(report), 0) != sizeof(report))
		return failure_set(failure, -EPIPE, "The process that runs hooks has ended");
	if (report.error < 0)
		*failure = report;
	return report.error;
}

int hooks_open(const struct policies *policies, struct hooks **opened, struct failure *failure)
{
	*opened = NULL;
	if (!any_hook(policies))
		return 0;
	struct hooks *hooks = calloc(1, sizeof(*hooks));
	if (hooks == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for hooks");
	int error = start(hooks, policies, failure);
	if (error < 0)
		hooks_close(hooks);
	else
		*opened = hooks;
	return error;
}

int hooks_run(struct hooks *hooks, const struct hook_order *order, struct failure *failure)
{
	if (hooks == NULL)
		return failure_set(failure, -ENOENT, "No hooks are run");
	if (send(hooks->socket, order, sizeof(*order), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return failure_set(failure, -errno, "The process that runs hooks does not answer");
	return 0;
}

bool hooks_report(struct hooks *hooks, struct hook_report *report)
{
	return hooks != NULL &&
	       recv(hooks->socket, report, sizeof(*report), MSG_DONTWAIT) == sizeof(*report);
}

void hooks_close(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	fd_close(&hooks->socket);
	if (hooks->pid > 0)
		waitpid(hooks->pid, NULL, 0);
	free(hooks);
}
