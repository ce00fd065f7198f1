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
#include "mesh/rule.h"

/* A process for each user. */
struct runner {
	char user[NAME_LEN]; /* empty: nobody */
	int socket;
	pid_t pid;
};

struct hooks {
	uint32_t n;
	struct runner list[HOOK_USERS_MAX];
	uint32_t of[POLICIES_MAX]; /* runner of a policy */
};

/* What a runner is given. */
struct task {
	const struct policies *policies;
	const char *user;
};

/* --- the process ------------------------------------------------------------------------------ */

/* Returns the failure to start with, of error 0 if there is none. */
static struct failure give_up_rights(const char *user)
{
	struct failure failure = { 0 };

	if (rights_become(user, &failure) == 0 && geteuid() == 0) {
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

/* An address, a MAC address, an id, or a network: a slash stands nowhere else, or an argument could be made another path. */
static bool is_target(const char *text)
{
	struct mesh_prefix prefix;
	struct failure ignored;

	return strspn(text, "0123456789abcdefABCDEF.:") == strlen(text) ||
	       rule_parse_prefix(text, &prefix, &ignored) == 0;
}

static bool is_right(const struct task *task, struct hook_order *order)
{
	const struct policy *list = task->policies->list;

	order->target[sizeof(order->target) - 1] = '\0';
	order->reason[sizeof(order->reason) - 1] = '\0';
	return order->policy < task->policies->n && list[order->policy].n_arguments > 0 &&
	       strcmp(list[order->policy].user, task->user) == 0 && is_target(order->target);
}

static void serve(int socket, const void *data)
{
	const struct task *task = data;
	const struct failure failure = give_up_rights(task->user);
	struct hook_order order;
	unsigned int running = 0;

	send(socket, &failure, sizeof(failure), MSG_NOSIGNAL);
	while (failure.error == 0 && recv(socket, &order, sizeof(order), 0) == sizeof(order)) {
		while (running > 0 && waitpid(-1, NULL, WNOHANG) > 0)
			running--;
		if (!is_right(task, &order))
			refuse(socket, &order, "not run: no such hook");
		else if (running == HOOKS_AT_ONCE)
			refuse(socket, &order, "not run: others do");
		else if (run_one(socket, task->policies, &order) < 0)
			refuse(socket, &order, "not run: no process");
		else
			running++;
	}
	shutdown(socket, SHUT_RDWR);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* --- the caller ------------------------------------------------------------------------------- */

static int start(struct runner *runner, const struct policies *policies, struct failure *failure)
{
	const struct task task = { policies, runner->user };
	struct failure report;

	runner->socket = side_process_start("x0top-hooks", serve, &task, &runner->pid);
	if (runner->socket < 0)
		return failure_set(failure, runner->socket,
			"Cannot start the process that runs hooks: %s", strerror(-runner->socket));
	if (recv(runner->socket, &report, sizeof(report), 0) != sizeof(report))
		return failure_set(failure, -EPIPE, "The process that runs hooks has ended");
	if (report.error < 0)
		*failure = report;
	return report.error;
}

/* Finds the runner of a policy, or starts it. Returns 0, or a negative errno with *failure set. */
static int find_runner(struct hooks *hooks, const struct policies *policies, uint32_t policy,
	struct failure *failure)
{
	const char *user = policies->list[policy].user;
	uint32_t i = 0;

	while (i < hooks->n && strcmp(hooks->list[i].user, user) != 0)
		i++;
	if (i == HOOK_USERS_MAX)
		return failure_set(failure, -ENOSPC,
			"Hooks run as %d users at most: policies name more", HOOK_USERS_MAX);
	hooks->of[policy] = i;
	if (i < hooks->n)
		return 0;
	memcpy(hooks->list[i].user, user, sizeof(hooks->list[i].user));
	hooks->n++;
	return start(&hooks->list[i], policies, failure);
}

int hooks_open(const struct policies *policies, struct hooks **opened, struct failure *failure)
{
	struct hooks *hooks = NULL;
	int error = 0;

	*opened = NULL;
	for (uint32_t i = 0; i < policies->n && error == 0; i++) {
		if (policies->list[i].n_arguments == 0)
			continue;
		if (hooks == NULL && (hooks = calloc(1, sizeof(*hooks))) == NULL)
			return failure_set(failure, -ENOMEM, "Not enough memory for hooks");
		error = find_runner(hooks, policies, i, failure);
	}
	if (error < 0)
		hooks_close(hooks);
	else
		*opened = hooks;
	return error;
}

int hooks_run(struct hooks *hooks, const struct hook_order *order, struct failure *failure)
{
	if (hooks == NULL || order->policy >= POLICIES_MAX)
		return failure_set(failure, -ENOENT, "No hooks are run");
	if (send(hooks->list[hooks->of[order->policy]].socket, order, sizeof(*order),
		    MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return failure_set(failure, -errno, "The process that runs hooks does not answer");
	return 0;
}

bool hooks_report(struct hooks *hooks, struct hook_report *report)
{
	for (uint32_t i = 0; hooks != NULL && i < hooks->n; i++)
		if (recv(hooks->list[i].socket, report, sizeof(*report), MSG_DONTWAIT) ==
			sizeof(*report))
			return true;
	return false;
}

void hooks_close(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	for (uint32_t i = 0; i < hooks->n; i++)
		fd_close(&hooks->list[i].socket);
	for (uint32_t i = 0; i < hooks->n; i++)
		if (hooks->list[i].pid > 0)
			waitpid(hooks->list[i].pid, NULL, 0);
	free(hooks);
}
