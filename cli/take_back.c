// SPDX-License-Identifier: BSD-2-Clause
#include "cli/take_back.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/command.h"
#include "cli/thinking.h"
#include "control/orchestrator.h"
#include "control/switch_book.h"
#include "kernel/lock.h"
#include "kernel/messages.h"
#include "kernel/side_process.h"
#include "programs/programs.h"

enum {
	ATTEMPTS = 10, /* a second apart: the kernel may be short of something */
	END_US = 5000, /* from one look at the end of x0top to the next */
	END_LOOKS = 200,
};

/* --- the process --------------------------------------------------------------------------------- */

static bool is_asked(const struct settings *settings, const char *program)
{
	for (uint32_t i = 0; i < settings->n_only; i++)
		if (strcmp(settings->only[i], program) == 0)
			return true;
	return false;
}

/* Asks for the programs alone that are to be as they were. */
static void ask_for_noted(
	struct settings *settings, char noted[SWITCH_BOOK_PLACES][RULE_LEN], uint32_t n)
{
	struct failure ignored;

	settings->n_only = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct action action = { .verb = NULL };
		const char *program = program_tc_classifier.name;
		if (action_parse(noted[i], &action, &ignored) == 0 && action.program[0] != '\0')
			program = action.program;
		if (!is_asked(settings, program) && settings->n_only < PROGRAMS_MAX)
			snprintf(settings->only[settings->n_only++], NAME_LEN, "%s", program);
	}
}

/* The next x0top would do it at its start: this is one that does nothing else. */
int take_back_now(struct settings *settings, struct failure *failure)
{
	char noted[SWITCH_BOOK_PLACES][RULE_LEN];
	struct orchestrator *orchestrator = NULL;
	const uint32_t n = switch_book_list(noted);
	int lock = n > 0 ? lock_own(failure) : 0;

	if (n == 0 || lock < 0)
		return lock;
	close(lock);
	messages_capture(false);
	ask_for_noted(settings, noted, n);
	int error = orchestrator_open(settings, &orchestrator, failure);
	if (error < 0)
		return error;
	const uint32_t left = switch_book_list(noted);
	const char *notice = orchestrator_notice(orchestrator);
	if (left > 0)
		failure_set(failure, -EBUSY, "%s",
			notice[0] != '\0' ? notice
					  : "A program does not run that MAPE-K has changed");
	orchestrator_close(orchestrator);
	return left > 0 ? -EBUSY : (int)n;
}

/* Waits until x0top is gone: its descriptors, and with them programs and locks, are closed then. One that ends by itself
 * waits for this process, and has closed them. */
static void await_end(int socket, pid_t x0top)
{
	char byte;

	while (recv(socket, &byte, 1, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < END_LOOKS && getppid() == x0top; i++)
		usleep(END_US);
}

static void run(int socket, const void *data)
{
	const pid_t x0top = getppid();
	struct settings *settings = malloc(sizeof(*settings));
	struct failure ignored;

	fd_leave_terminal();
	if (command_confine(&ignored) < 0)
		return;
	await_end(socket, x0top);
	if (settings == NULL)
		return;
	memcpy(settings, data, sizeof(*settings));
	settings->confirm = NULL;
	settings->tell = NULL;
	/* An x0top that has started meanwhile does it. */
	for (int i = 0; i < ATTEMPTS && take_back_now(settings, &ignored) < 0; i++)
		sleep(1);
}

/* --- the caller ---------------------------------------------------------------------------------- */

int take_back_start(
	struct take_back *take_back, const struct settings *settings, struct failure *failure)
{
	*take_back = (struct take_back) { 0 };
	if (settings->lab || settings->readonly || !thinking_lasts(settings))
		return 0;
	int socket = side_process_start(LOCK_BRIEF, run, settings, &take_back->pid);
	if (socket < 0) {
		take_back->pid = 0;
		failure_set(failure, socket,
			"Cannot start the process that would take back what MAPE-K did: %s",
			strerror(-socket));
		return socket;
	}
	take_back->alive = socket;
	return 0;
}

void take_back_stop(struct take_back *take_back)
{
	if (take_back->pid == 0)
		return;
	close(take_back->alive);
	while (waitpid(take_back->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
