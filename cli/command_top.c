// SPDX-License-Identifier: BSD-2-Clause
/* The dashboard and --once, on this host or on a lab mesh. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "cli/command.h"
#include "cli/dashboard.h"
#include "cli/options.h"
#include "cli/session.h"
#include "export/json.h"
#include "export/metrics.h"
#include "export/text_write.h"
#include "kernel/messages.h"
#include "lab/lab.h"

static void on_kernel(void *orchestrator, uint32_t events)
{
	(void)events;
	orchestrator_handle_events(orchestrator);
}

/* Waits between two samples, and handles kernel events meanwhile. */
static int wait_interval(struct session *session, double interval, struct failure *failure)
{
	uint64_t until = clock_monotonic_ns() + (uint64_t)(interval * 1e9);
	struct loop *loop;
	int error = loop_open(&loop);

	if (error < 0)
		goto failed;
	error = loop_add(loop, orchestrator_event_fd(session->orchestrator), EPOLLIN, on_kernel,
		session->orchestrator, NULL);
	if (error == 0)
		error = loop_run_until(loop, until);
	loop_close(loop);
failed:
	return error < 0 ? failure_set(failure, error, "Cannot wait between two samples: %s",
				   strerror(-error))
			 : 0;
}

static int print_snapshot(
	const struct snapshot *snapshot, const struct options *options, struct failure *failure)
{
	int error = options->json      ? json_write(snapshot, stdout, options->all)
		    : options->metrics ? metrics_write(snapshot, METRICS_PROMETHEUS, stdout)
				       : text_write(snapshot, stdout);

	if (ferror(stdout))
		return 0; /* main() tells */
	return error < 0 ? failure_set(failure, error, "Cannot write the snapshot") : 0;
}

static void print_sentence(const char *sentence)
{
	if (sentence[0] != '\0')
		command_tell(sentence);
}

/* Prints the second of two samples, which has rates. */
static int run_once(struct session *session, const struct options *options, struct failure *failure)
{
	print_sentence(orchestrator_notice(session->orchestrator)); /* an event in the dashboard */
	int error = session_confine(session, failure);

	orchestrator_look(
		session->orchestrator, LOOK_WHOLE | (options->metrics ? LOOK_METRICS : LOOK_ALL));
	if (error == 0)
		error = session_sample(session, failure);
	if (error == 0)
		error = wait_interval(session, options->settings.interval, failure);
	if (error == 0)
		error = session_sample(session, failure);
	return error < 0 ? error : print_snapshot(session->now, options, failure);
}

/* Prints the last sample of a recording, or each. */
static int print_recording(
	struct session *session, const struct options *options, struct failure *failure)
{
	char left_out[FAILURE_SENTENCE_LEN];
	int error = session_confine(session, failure);

	for (uint32_t at = options->all ? 0 : UINT32_MAX; error == 0 && !ferror(stdout); at++) {
		error = session_seek(session, at, failure);
		/* What cannot be read at the end gives the one before, which is printed already. */
		if (error == 0 && (session->at == at || !options->all))
			error = print_snapshot(session->now, options, failure);
		if (session->at + 1 >= replayer_count(session->replayer))
			break;
	}
	replayer_left_out(session->replayer, left_out);
	print_sentence(left_out);
	return error;
}

/* --- whole runs ------------------------------------------------------------------------------ */

/* Runs the dashboard or --once. -v prints each program's cause of failure before the screen
 * opens. */
static int run(const struct options *options)
{
	struct failure failure = { 0 };
	struct session session;
	const struct session_files files = {
		.replay = options->replay,
		.pace = options->pace,
		.record = options->record,
		.record_limit = options->record_limit,
		.think = true,
		.once = options->once,
		.attach = options->plain && !options->once && !options->settings.lab,
	};
	int error = session_open(&session, &options->settings, &files, &failure);

	if (error < 0)
		return command_failed(&failure, options->verbose);
	print_sentence(session_notice(&session));
	if (!options->once)
		command_unmet(session.orchestrator, options->verbose);
	if (options->once && session.replayer != NULL) {
		error = print_recording(&session, options, &failure);
	} else if (options->once) {
		error = run_once(&session, options, &failure);
		command_unmet(session.orchestrator, options->verbose); /* by its samples, too */
	} else {
		messages_capture(false); /* they would garble the screen */
		error = dashboard_run(
			&session, session_interval(&session, options->settings.interval), &failure);
	}
	int status = error < 0			    ? command_failed(&failure, options->verbose)
		     : session.orchestrator != NULL ? orchestrator_exit_status(session.orchestrator)
						    : EXIT_ALL_RAN;
	session_close(&session);
	return status;
}

static int run_in_lab(const struct options *options)
{
	struct failure failure = { 0 };
	struct lab lab;

	if (lab_open(&lab, &options->scenes, &failure) < 0)
		return command_failed(&failure, options->verbose);
	int status = run(options);
	lab_close(&lab);
	return status;
}

static int top(int argc, char **argv, const struct settings *defaults,
	int (*run_options)(const struct options *options))
{
	struct options *options = calloc(1, sizeof(*options));
	struct failure failure = { 0 };
	int status = EXIT_ALL_RAN;

	if (options == NULL)
		return command_no_memory();
	if (options_parse(argc, argv, defaults, options, &failure) < 0) {
		status = command_failed(&failure, true);
	} else if (options->help) {
		options_print_help(stdout);
	} else if (options->version) {
		printf("x0top " X0TOP_VERSION "\n");
	} else {
		messages_capture(options->verbose);
		options->settings.confirm = command_confirm;
		options->settings.tell = command_tell;
		status = run_options(options);
	}
	free(options);
	return status;
}

int command_top(int argc, char **argv)
{
	static struct settings defaults;

	settings_default(&defaults);
	return top(argc, argv, &defaults, run);
}

int command_lab(int argc, char **argv)
{
	static struct settings defaults;

	settings_default(&defaults);
	lab_settings(&defaults);
	return top(argc, argv, &defaults, run_in_lab);
}
