// SPDX-License-Identifier: BSD-2-Clause
#include "control/orchestrator.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "collect/host.h"
#include "control/lock.h"
#include "control/state.h"
#include "control/tracing.h"
#include "kernel/capability.h"
#include "model/names.h"
#include "xdp_counter.h"

static const struct {
	const char *name;
	const struct program_driver *driver;
} drivers[] = {
	{ "xdp_counter", &xdp_stage_driver },
	{ "xdp_mesh_filter", &xdp_stage_driver },
	{ "xdp_pqc_verify", &pqc_driver },
	{ "tracepoint_net", &net_events_driver },
	{ "tc_classifier", &tc_driver },
	{ "kprobe_syscall_latency", &syscalls_driver },
	{ "kprobe_syscall_latency_secure", &syscalls_secure_driver },
};

/* --- open and close -------------------------------------------------------------------------- */

static bool is_asked(const struct settings *settings, const char *name)
{
	if (settings->pqc_mode == PQC_OFF && strcmp(name, "xdp_pqc_verify") == 0)
		return false;
	if (settings->n_only == 0)
		return true;
	for (uint32_t i = 0; i < settings->n_only; i++)
		if (strcmp(settings->only[i], name) == 0)
			return true;
	return false;
}

static void list_programs(struct orchestrator *o)
{
	for (uint32_t i = 0; i < program_table_size && i < PROGRAMS_MAX; i++) {
		struct program *program = &o->programs[o->n_programs++];
		program->description = &program_table[i];
		program->stage_fd = -1;
		program->asked = is_asked(&o->settings, program_table[i].name);
		program->state = program_table[i].built ? PROGRAM_OFF : PROGRAM_NOT_BUILT;
		for (size_t d = 0; d < sizeof(drivers) / sizeof(drivers[0]); d++)
			if (strcmp(drivers[d].name, program_table[i].name) == 0)
				program->driver = drivers[d].driver;
	}
}

/* One failure for all, when nothing at all may run: says which capability is for what. */
static int check_any_capability(const struct orchestrator *o, struct failure *failure)
{
	char names[64];

	for (uint32_t i = 0; i < o->n_programs; i++) {
		const struct program *program = &o->programs[i];
		if (program->asked && program->driver != NULL &&
			capability_missing(
				program->description->capabilities, names, sizeof(names)) == 0)
			return 0;
	}
	failure_set(failure, -EPERM,
		"This process may not load BPF programs: that takes CAP_BPF, with CAP_NET_ADMIN for the "
		"XDP and TC programs and CAP_PERFMON for the tracing ones");
	return failure_remedy(failure,
		"Run it with sudo, or once: sudo setcap cap_bpf,cap_perfmon,cap_net_admin+ep x0top");
}

static void take_ownership(struct orchestrator *o)
{
	unsigned int holder;

	if (o->settings.readonly)
		snprintf(o->readonly_reason, sizeof(o->readonly_reason),
			"x0top was started with --readonly");
	/* The lab is in namespaces of its own, where nobody else can be. */
	if (o->settings.readonly || o->settings.lab || o->settings.adopt_only)
		return;
	o->lock_fd = lock_own(&holder);
	if (o->lock_fd == -EWOULDBLOCK)
		event_log_add(&o->events, 0, EVENT_KIND_PROGRAM,
			"another x0top, process %u, owns the XDP chain of this host", holder);
}

void orchestrator_watch_fd(struct orchestrator *o, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	epoll_ctl(o->event_fd, EPOLL_CTL_ADD, fd, &event);
}

static int open_descriptors(struct orchestrator *o, struct failure *failure)
{
	o->event_fd = epoll_create1(EPOLL_CLOEXEC);
	o->monitor_fd = interface_monitor_open();
	if (o->event_fd < 0 || o->monitor_fd < 0)
		return failure_set(failure, -ENOMEM, "No file descriptors are left");
	orchestrator_watch_fd(o, o->monitor_fd);
	return 0;
}

static void start_programs(struct orchestrator *o)
{
	struct failure failure;

	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		bool adopted = enforcement_is_on(o, program);
		program->asked = adopted || (program->asked && !o->settings.adopt_only);
		if (!program->asked && program->stage_fd >= 0)
			program_stop(o, program); /* left behind by one that was killed */
		if (!program->asked || program->driver == NULL)
			continue;
		failure.error = 0;
		program_start(o, program, &failure);
		program->adopted = adopted;
	}
}

static void enforce_as_asked(struct orchestrator *o, const char *name, bool asked)
{
	struct action action = { .verb = ACTION_ENFORCE_ON, .actor = ACTOR_COMMAND_LINE };
	struct failure failure = { 0 };

	if (!asked || enforcement_is_on(o, program_find(o, name)))
		return;
	snprintf(action.program, sizeof(action.program), "%s", name);
	orchestrator_apply(o, &action, &failure);
}

int orchestrator_open(const struct settings *settings, struct orchestrator **orchestrator,
	struct failure *failure)
{
	struct orchestrator *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	o->settings = *settings;
	o->event_fd = o->monitor_fd = o->lock_fd = -1;
	map_registry_init(&o->maps);
	chain_init(&o->chain, &o->maps, o->settings.objects);
	o->tc_programs = tc_programs_none;
	list_programs(o);
	int error = check_any_capability(o, failure);
	if (error < 0)
		goto close;
	error = percpu_open(&o->percpu, sizeof(struct xdp_interface_counters));
	if (error == 0)
		error = tracing_open(o);
	if (error < 0) {
		failure_set(failure, error, "There is not enough memory");
		goto close;
	}
	error = open_descriptors(o, failure);
	if (error < 0)
		goto close;
	take_ownership(o);
	enforcement_adopt(o);
	o->look_only = o->pinned && !o->settings.lab && o->lock_fd < 0;
	if (o->pinned && !o->look_only)
		enforcement_adopt_stages(o);
	watch_open(o);
	start_programs(o);
	enforce_as_asked(o, "xdp_mesh_filter", o->settings.enforce);
	enforce_as_asked(o, "xdp_pqc_verify", o->settings.pqc_mode == PQC_ENFORCE);
	*orchestrator = o;
	return 0;
close:
	orchestrator_close(o);
	return error;
}

/* An enforcer that is pinned stays; so does its place in the chain. */
static void close_program(struct orchestrator *o, struct program *program)
{
	if (!enforcement_is_on(o, program)) {
		program_stop(o, program);
		return;
	}
	if (program->stage_fd >= 0)
		close(program->stage_fd);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void orchestrator_close(struct orchestrator *o)
{
	if (o == NULL)
		return;
	node_close(o->node);
	o->node = NULL;
	for (uint32_t i = 0; i < o->n_programs; i++)
		close_program(o, &o->programs[i]);
	tracing_close(o);
	watch_close(o);
	chain_close(&o->chain);
	map_registry_close(&o->maps);
	percpu_close(&o->percpu);
	close_fd(o->monitor_fd);
	close_fd(o->event_fd);
	close_fd(o->lock_fd);
	free(o);
}

/* --- samples --------------------------------------------------------------------------------- */

static void sample_program(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_program *shown = &now->programs[now->n_programs++];

	snprintf(shown->name, sizeof(shown->name), "%s", program->description->name);
	snprintf(shown->kind, sizeof(shown->kind), "%s", program->description->kind);
	shown->enforcer = program->description->enforcer;
	shown->adopted = program->adopted;
	if (program->running) {
		shown->load_ms = program->load_ms;
		shown->map_bytes = program->map_bytes;
		shown->verified_instructions = program->verified_instructions;
		program->driver->sample(o, program, before, now, shown);
	}
	shown->state = program->state;
	if (program->failure.error < 0) {
		snprintf(shown->reason, sizeof(shown->reason), "%s", program->failure.what);
		snprintf(shown->remedy, sizeof(shown->remedy), "%s", program->failure.remedy);
	}
	if (program->state == PROGRAM_NOT_BUILT)
		snprintf(shown->reason, sizeof(shown->reason),
			"This version of x0top does not have it yet");
}

/* One word for what becomes of signatures on this host. */
static void describe_signatures(struct orchestrator *o, struct snapshot *now)
{
	static const char *const words[] = { "off", "observing", "enforcing" };
	const struct program *program = program_find(o, "xdp_pqc_verify");

	snprintf(now->pqc.state, sizeof(now->pqc.state), "%s",
		now->pqc.available ? words[now->pqc.mode] : program_state_names[program->state]);
}

static double realtime_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void orchestrator_sample(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	double started = monotonic_seconds();

	memset(now, 0, sizeof(*now));
	snprintf(now->schema, sizeof(now->schema), "%s", SNAPSHOT_SCHEMA);
	now->time = realtime_seconds();
	now->interval = before != NULL ? started - o->sampled_at : 0;
	o->sampled_at = started;
	collect_host(now);
	now->host.lab = o->settings.lab;
	for (uint32_t i = 0; i < o->n_programs; i++)
		sample_program(o, &o->programs[i], before, now);
	tracing_sample_events(o, before, now);
	event_log_copy(&o->events, now);
	describe_signatures(o, now);
	watch_sample(o, now);
	snprintf(now->mapek.state, sizeof(now->mapek.state), "not built");
	collect_self(before, now);
	now->self.readonly = o->readonly_reason[0] != '\0';
	now->self.sample_ms = (monotonic_seconds() - started) * 1000;
}

/* --- events ---------------------------------------------------------------------------------- */

int orchestrator_event_fd(const struct orchestrator *o)
{
	return o->event_fd;
}

void orchestrator_handle_events(struct orchestrator *o)
{
	watch_handle_changes(o);
	if (o->node != NULL)
		node_handle(o->node);
	tracing_drain_events(o);
}

int orchestrator_exit_status(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].state == PROGRAM_FAILED ||
			o->programs[i].state == PROGRAM_PARTLY)
			return 1;
	return 0;
}
