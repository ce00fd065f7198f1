// SPDX-License-Identifier: BSD-2-Clause
/* The service: takes samples as the dashboard does, and answers by HTTP. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "kernel/messages.h"
#include "lab/lab.h"
#include "programs/programs.h"
#include "serve/health.h"
#include "serve/notify.h"
#include "serve/viewers.h"
#include "serve/web.h"

enum { LOOK_SECONDS = 5 }; /* from one look at the files to the next */

struct service {
	const struct options *options;
	struct session session;
	struct web *web;
	struct viewers *viewers; /* NULL: none look on */
	struct loop *loop;
	struct loop_source *timer;
	uint64_t looked; /* at the files of the web server; CLOCK_MONOTONIC, ns */
	char trouble
		[FAILURE_SENTENCE_LEN]; /* what could not be reloaded or recorded; may be empty */
};

static void say(const char *sentence)
{
	fprintf(stderr, "x0top: %s.\n", sentence);
}

/* Says it now, and to those who ask for the health of the service. */
static void trouble(struct service *service, const struct failure *failure)
{
	if (strcmp(service->trouble, failure->what) == 0)
		return;
	snprintf(service->trouble, sizeof(service->trouble), "%s", failure->what);
	command_failed(failure, service->options->verbose);
}

/* --- samples -------------------------------------------------------------------------------------- */

static void publish(struct service *service)
{
	struct health health;

	health_look(service->session.orchestrator, service->session.now, service->trouble, &health);
	web_turn(service->web, service->session.now, &health);
	viewers_turn(service->viewers, service->session.before, service->session.now);
	notify_send("STATUS=%.*s", (int)strcspn(health.text, "\n"), health.text);
}

/* Reads the next sample of a recording, or the first again, and sets the timer for the one behind it. */
static int next_recorded(struct service *service, struct failure *failure)
{
	struct session *session = &service->session;
	uint32_t at = session->sampled ? session->at + 1 : 0;

	int error = session_seek(session, at < replayer_count(session->replayer) ? at : 0, failure);
	double wait = session->pace > 0		   ? session->pace
		      : session->now->interval > 0 ? session->now->interval
						   : service->options->settings.interval;
	loop_timer_at(service->timer, clock_monotonic_ns() + (uint64_t)(wait * 1e9));
	return error;
}

static void take_sample(struct service *service)
{
	struct session *session = &service->session;
	struct failure failure = { 0 };
	struct look_sort sort;

	if (session->orchestrator != NULL) {
		session_look(
			session, web_look(service->web) | viewers_look(service->viewers, &sort) |
					 (session->recorder != NULL ? LOOK_ALL : LOOK_NOTHING));
		session_sort(session, &sort);
	}
	int error = session->replayer != NULL ? next_recorded(service, &failure)
					      : session_sample(session, &failure);

	if (error < 0)
		trouble(service, &failure);
	if (session->sampled)
		publish(service);
}

/* --- events --------------------------------------------------------------------------------------- */

static void reload_web(struct service *service)
{
	struct failure failure = { 0 };
	char remedy[FAILURE_SENTENCE_LEN];

	if (web_reload(service->web, &failure) < 0) {
		snprintf(remedy, sizeof(remedy), "%s",
			failure.remedy[0] != '\0' ? failure.remedy : "Mend it");
		failure_remedy(&failure, "%.180s: the configuration before stays in force", remedy);
		trouble(service, &failure);
	} else {
		service->trouble[0] = '\0';
	}
}

/* Certificates are renewed by programs that know nothing of x0top. */
static void look_at_files(struct service *service)
{
	if (clock_monotonic_ns() - service->looked < LOOK_SECONDS * NS_PER_SECOND)
		return;
	service->looked = clock_monotonic_ns();
	if (web_changed(service->web))
		reload_web(service);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct service *service = data;

	(void)expirations;
	look_at_files(service);
	take_sample(service);
}

static void on_change(void *data)
{
	take_sample(data);
}

static void on_watchdog(void *data, uint32_t expirations)
{
	(void)data, (void)expirations;
	notify_send("WATCHDOG=1");
}

static void on_kernel(void *orchestrator, uint32_t events)
{
	(void)events;
	orchestrator_handle_events(orchestrator);
}

/* Reads the keys that are trusted, and the configuration of the web server, anew. */
static void reload(struct service *service)
{
	const struct action keys = {
		.verb = &pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD],
		.actor = ACTOR_COMMAND_LINE,
		.confirmed = true,
	};
	struct failure failure = { 0 };

	notify_send("RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)(clock_monotonic_ns() / 1000));
	reload_web(service);
	if (service->session.orchestrator != NULL &&
		session_apply(&service->session, &keys, &failure) < 0)
		trouble(service, &failure);
	notify_send("READY=1");
	if (service->trouble[0] == '\0')
		say("Configuration of the web server and trusted keys are read anew");
	publish(service);
}

static void on_signal(void *data, uint32_t number)
{
	struct service *service = data;

	if (number == SIGHUP) {
		reload(service);
		return;
	}
	notify_send("STOPPING=1");
	loop_stop(service->loop);
}

/* --- a run ---------------------------------------------------------------------------------------- */

static int add_watchdog(struct loop *loop)
{
	struct loop_source *watchdog;
	int error = 0;

	if (notify_watchdog_ns() > 0)
		error = loop_add_timer(loop, on_watchdog, NULL, &watchdog);
	if (error == 0 && notify_watchdog_ns() > 0)
		error = loop_timer_every(watchdog, notify_watchdog_ns());
	return error;
}

static int open_sources(struct service *service)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct orchestrator *orchestrator = service->session.orchestrator;
	struct loop *loop = service->loop;
	int error = loop_add_signals(
		loop, signals, sizeof(signals) / sizeof(signals[0]), on_signal, service, NULL);

	if (error == 0)
		error = loop_add_timer(loop, on_timer, service, &service->timer);
	if (error == 0)
		error = add_watchdog(loop);
	if (error == 0 && orchestrator != NULL)
		error = loop_add(loop, orchestrator_event_fd(orchestrator), EPOLLIN, on_kernel,
			orchestrator, NULL);
	if (error == 0 && orchestrator != NULL)
		error = loop_timer_every(
			service->timer, (uint64_t)(service->options->settings.interval * 1e9));
	return error;
}

static void say_where(const struct service *service)
{
	char line[FAILURE_SENTENCE_LEN];
	const char *address;

	for (uint32_t i = 0; (address = web_address(service->web, i)) != NULL; i++) {
		snprintf(line, sizeof(line), "Serving on %s", address);
		say(line);
	}
}

static int run_loop(struct service *service, struct failure *failure)
{
	int error = loop_open(&service->loop);

	if (error == 0)
		error = open_sources(service);
	if (error < 0)
		return failure_set(failure, error, "Cannot wait for events: %s", strerror(-error));
	error = session_confine(&service->session, failure);
	if (error == 0)
		error = web_start(service->web, service->loop, failure);
	if (error < 0)
		return error;
	error = viewers_start(
		service->viewers, service->loop, service->session.orchestrator, on_change, service);
	if (error < 0)
		return failure_set(
			failure, error, "Cannot wait for dashboards: %s", strerror(-error));
	take_sample(service);
	say_where(service);
	notify_send("READY=1");
	error = loop_run(service->loop);
	return error < 0
		       ? failure_set(failure, error, "Cannot wait for events: %s", strerror(-error))
		       : 0;
}

enum { KEPT_FILES = WEB_FILES + 2 };

struct kept {
	const char *paths[KEPT_FILES];
	size_t n;
};

static void keep(void *data, const char *path)
{
	struct kept *kept = data;

	if (kept->n + 1 < KEPT_FILES)
		kept->paths[kept->n++] = path;
}

static int open_session(struct service *service, struct failure *failure)
{
	const struct options *options = service->options;
	struct kept kept = { .n = 0 };
	const struct session_files files = {
		.replay = options->replay,
		.pace = options->pace,
		.record = options->record,
		.record_limit = options->record_limit,
		.kept = kept.paths,
		.think = true,
	};

	web_files(service->web, keep, &kept);
	return session_open(&service->session, &options->settings, &files, failure);
}

static int serve(struct service *service, struct failure *failure)
{
	int error = open_session(service, failure);

	if (error < 0)
		return error;
	command_unmet(service->session.orchestrator, service->options->verbose);
	return run_loop(service, failure);
}

/* What can be wrong with addresses and certificates is told before anything is loaded. */
static int open_web(struct service *service, struct failure *failure)
{
	static const char defaults[1][LISTEN_ADDRESS_LEN] = { LISTEN_DEFAULT };
	const struct settings *settings = &service->options->settings;
	const char *config = settings->web_config[0] != '\0' ? settings->web_config : NULL;

	return settings->n_listen > 0 ? web_open(settings->listen, settings->n_listen, config,
						&service->web, failure)
				      : web_open(defaults, 1, config, &service->web, failure);
}

static int run(const struct options *options)
{
	struct service service = { .options = options };
	struct failure failure = { 0 };
	struct lab lab;

	notify_open();
	int error = open_web(&service, &failure);
	if (error == 0 && options->replay == NULL && !options->lab)
		error = viewers_open(&service.viewers, &failure);
	bool in_lab = error == 0 && options->lab;
	if (in_lab)
		error = lab_open(&lab, &options->scenes, &failure);
	in_lab &= error == 0;
	if (error == 0)
		error = serve(&service, &failure);
	int status = error < 0 ? command_failed(&failure, options->verbose) : EXIT_ALL_RAN;
	web_close(service.web);
	viewers_close(service.viewers);
	loop_close(service.loop);
	session_close(&service.session);
	if (in_lab)
		lab_close(&lab);
	notify_close();
	return status;
}

static bool wants_lab(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--lab") == 0)
			return true;
	return false;
}

int command_serve(int argc, char **argv)
{
	static struct settings defaults;
	static struct options options;
	struct failure failure = { 0 };

	settings_default(&defaults);
	if (wants_lab(argc, argv))
		lab_settings(&defaults);
	options.serve = true;
	if (options_parse(argc, argv, &defaults, &options, &failure) < 0)
		return command_failed(&failure, true);
	if (options.help) {
		options_print_help(stdout);
		return EXIT_ALL_RAN;
	}
	if (options.version) {
		printf("x0top " X0TOP_VERSION "\n");
		return EXIT_ALL_RAN;
	}
	messages_capture(options.verbose);
	options.settings.tell = command_tell;
	return run(&options);
}
