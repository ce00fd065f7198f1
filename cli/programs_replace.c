// SPDX-License-Identifier: BSD-2-Clause
#include "cli/programs_replace.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/enforcing.h"
#include "control/verbs_replace.h"
#include "model/snapshot.h"
#include "serve/viewer.h"

/* --- by the service ------------------------------------------------------------------------------- */

/* Asks again, with the operator's yes. Returns 1 if it was asked, else an exit status, negative. */
static int confirm(struct viewer *viewer, const struct action *action, const char *question,
	struct failure *failure)
{
	char asked[REASON_LEN];

	snprintf(asked, sizeof(asked), "%s", question);
	if (command_confirm(asked))
		return viewer_act(viewer, action, true, failure);
	failure_set(failure, -ECANCELED, "Not done, it needs a yes: %s", asked);
	return failure_remedy(failure, "Confirm it with --yes");
}

static int wait_for_answer(struct viewer *viewer, const struct action *action,
	struct snapshot *samples, struct failure *failure)
{
	struct pollfd readable = { .fd = viewer_fd(viewer), .events = POLLIN };
	const char *text = "";
	char words[RULE_LEN];
	int event = 0;

	while (event >= 0) {
		event = viewer_read(viewer, samples, &text, failure);
		if (event == VIEWER_NOTHING)
			poll(&readable, 1, -1);
		else if (event == VIEWER_QUESTION)
			event = confirm(viewer, action, text, failure);
		else if (event == VIEWER_FAILURE)
			event = failure->error;
		else if (event == VIEWER_DONE)
			break;
	}
	if (event < 0)
		return event;
	action_format(action, words, sizeof(words));
	printf("%s: done by the service%s\n", words, text);
	return 0;
}

static int ask_service(struct viewer *viewer, const struct action *action)
{
	struct failure failure = { 0 };
	struct snapshot *samples = snapshot_open();
	int error = command_confine(&failure);

	if (samples == NULL)
		return command_no_memory();
	if (error == 0)
		error = viewer_act(viewer, action, action->confirmed, &failure);
	if (error == 0)
		error = wait_for_answer(viewer, action, samples, &failure);
	snapshot_close(samples);
	return error < 0 ? command_failed(&failure, false) : EXIT_ALL_RAN;
}

/* --- what is pinned ------------------------------------------------------------------------------- */

/* Takes the old one back at once if a signal ends the waiting. */
static int interrupted(struct orchestrator *orchestrator, const char *program)
{
	struct action back = { .verb = &control_verbs[VERB_PROGRAM_TAKE_BACK],
		.actor = ACTOR_COMMAND_LINE };

	snprintf(back.program, sizeof(back.program), "%s", program);
	enforcing_apply(orchestrator, &back);
	return EXIT_SOME_FAILED;
}

/* Looks at the trial until it is over. */
static int wait_for_trial(struct orchestrator *orchestrator, const struct action *action)
{
	const struct timespec between = { .tv_nsec = 200000000 };
	struct failure failure = { 0 };
	sigset_t signals;
	double left;
	int state;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fflush(stdout);
	while ((state = orchestrator_trial(orchestrator, action->program, &left)) > 0)
		if (sigtimedwait(&signals, NULL, &between) > 0)
			return interrupted(orchestrator, action->program);
	if (state == 0) {
		printf("program keep %s: done%s\n", action->program,
			orchestrator_done(orchestrator));
		return EXIT_ALL_RAN;
	}
	if (state == -ECANCELED)
		failure_set(&failure, state, "The old %s is back%s", action->program,
			orchestrator_done(orchestrator));
	else
		failure_set(&failure, state,
			"The old %s cannot be put back, and the new one stays: %s", action->program,
			strerror(-state));
	return command_failed(&failure, false);
}

static int replace_pinned(const struct action *action, const struct replace_options *options)
{
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	uint32_t audit;
	int status = command_audit_policy(options->config, &audit);

	if (status != EXIT_ALL_RAN)
		return status;
	if (enforcing_open_chain(audit, &orchestrator, &failure) < 0)
		return command_failed(&failure, options->verbose);
	int error = orchestrator_apply(orchestrator, action, &failure);
	status = error < 0 ? command_failed(&failure, options->verbose)
			   : enforcing_tell(orchestrator, action);
	if (error == 0 && action->canary > 0)
		status = wait_for_trial(orchestrator, action);
	enforcing_notice(orchestrator);
	orchestrator_close(orchestrator);
	return status;
}

/* --- words ---------------------------------------------------------------------------------------- */

/* The service and every later x0top have other working directories. */
static int take_path(struct action *action, struct failure *failure)
{
	char whole[PATH_MAX];

	if (action->file[0] == '\0')
		return 0;
	if (realpath(action->file, whole) == NULL)
		return failure_set(failure, -errno == -EINVAL ? -ENOENT : -errno,
			"Cannot open the object %s: %s", action->file, strerror(errno));
	if (strlen(whole) < sizeof(action->file)) {
		snprintf(action->file, sizeof(action->file), "%s", whole);
		return 0;
	}
	return failure_set(failure, -ENAMETOOLONG, "The path of %.100s has more than %d characters",
		action->file, PROGRAM_PATH_LEN - 1);
}

int programs_replace(int argc, char **argv, const struct replace_options *options)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = options->yes };
	char text[RULE_LEN + NAME_LEN] = "program replace";
	struct failure failure = { 0 };
	struct viewer *viewer = NULL;
	int error = argc != 2 ? failure_set(&failure, -EINVAL, "x0top programs replace takes %s",
					operand_replacement.usage)
			      : command_add_words(text, sizeof(text), argc, argv, &failure);

	if (error == 0 && options->canary != NULL)
		error = command_add_words(text, sizeof(text), 2,
			(char *const[]) { "canary", (char *)(uintptr_t)options->canary }, &failure);
	if (error == 0)
		error = action_parse(text, &action, &failure);
	if (error == 0)
		error = take_path(&action, &failure);
	if (error < 0)
		return command_failed(&failure, false);
	if (viewer_open(&viewer) < 0)
		return replace_pinned(&action, options);
	int status = ask_service(viewer, &action);
	viewer_close(viewer);
	return status;
}
