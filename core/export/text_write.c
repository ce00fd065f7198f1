// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_write.h"

#include <errno.h>
#include <string.h>

#include "export/text_sections.h"
#include "model/alert_log.h"
#include "model/estimate.h"
#include "model/format.h"
#include "model/names.h"
#include "model/text_rows.h"

#define NS_PER_MS 1e6

enum {
	STATE_AND_RUNS = 19, /* columns of a program's state and of its runs */
	EVENTS_SHOWN = 10,
};

/* --- sections beside those of programs -------------------------------------------------------- */

static void write_host(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_host *host = &snapshot->host;
	char uptime[FORMAT_LEN], clock[FORMAT_LEN], load[FORMAT_LEN];
	char rates[NAME_LEN] = "one sample, no rates";

	if (snapshot->interval > 0)
		snprintf(rates, sizeof(rates), "rates over %.1f s", snapshot->interval);
	text_line(file, 0, "%s%s  Linux %s", host->name, host->lab ? " (lab)" : "", host->kernel);
	text_line(file, 0, "%s  %s, %u CPUs, load %s, up %s; %s",
		format_clock(clock, snapshot->time), host->machine, host->cpus,
		format_load(load, host->load1), format_uptime(uptime, host->uptime_s), rates);
}

static void write_alert(FILE *file, const struct snapshot_alert *alert)
{
	char begin[FORMAT_LEN], end[FORMAT_LEN] = "now";

	if (!alert_lasts(alert))
		format_clock(end, alert->end);
	fprintf(file, "  %-9s %s to %s",
		alert->severity < SEVERITIES ? severity_names[alert->severity] : "?",
		format_clock(begin, alert->begin), end);
	if (alert->count > 1)
		fprintf(file, ", %u times", alert->count);
	fputc('\n', file);
	text_sentence(file, "", alert->sentence);
	text_sentence(file, "-> ", alert->remedy);
}

static void write_alerts(const struct snapshot *snapshot, FILE *file)
{
	if (snapshot->n_alerts > 0)
		fputs("\nALERTS\n", file);
	for (uint32_t i = 0; i < snapshot->n_alerts; i++)
		write_alert(file, &snapshot->alerts[i]);
}

static void write_attachment(FILE *file, const struct snapshot_program *program)
{
	char text[REASON_LEN];

	if (program->attached[0] == '\0')
		return;
	snprintf(text, sizeof(text), "%s%s%s%s", program->attached,
		program->enforcing ? "; enforcing" : "", program->pinned ? "; pinned" : "",
		program->adopted ? "; adopted" : "");
	text_sentence(file, "", text);
}

static void write_replaced(FILE *file, const struct snapshot_program *program)
{
	char text[REASON_LEN + 2 * NAME_LEN + 32], trial[NAME_LEN] = "";

	if (program->canary_left > 0)
		snprintf(trial, sizeof(trial), ", on trial for %.0f s", program->canary_left);
	snprintf(text, sizeof(text), "replaced by %s, tag %s%s",
		program->replaced_by[0] != '\0' ? program->replaced_by : "the built-in object",
		program->tag, trial);
	text_sentence(file, "", text);
}

static void write_programs(const struct snapshot *snapshot, FILE *file)
{
	char runs[FORMAT_LEN], ns[FORMAT_LEN], load[FORMAT_LEN], maps[FORMAT_LEN];

	fprintf(file, "\n%-32s%-10s%9s%9s%9s%9s\n", "PROGRAMS", "STATE", "RUNS/s", "TIME/RUN",
		"LOAD", "MAPS");
	for (uint32_t i = 0; i < snapshot->n_programs; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		bool runs_now = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;
		const char *state =
			program->state < PROGRAM_STATES ? program_state_names[program->state] : "?";
		fprintf(file, "  %-29.29s %s", TEXT_PLAIN(program->name), state);
		if (runs_now)
			fprintf(file, "%*s%9s%9s%9s", STATE_AND_RUNS - (int)strlen(state),
				format_rate(runs, program->runs.rate),
				estimate_format(
					ns, program->ns_per_run, program->timed_runs, format_ns),
				text_time(load, program->load_ms * NS_PER_MS),
				format_bytes(maps, (double)program->map_bytes));
		fputc('\n', file);
		write_attachment(file, program);
		if (program->replaced_by[0] != '\0' || program->canary_left > 0)
			write_replaced(file, program);
		text_sentence(file, "", program->reason);
		text_sentence(file, "-> ", program->remedy);
	}
}

static void write_event(FILE *file, const struct snapshot_event *event)
{
	char clock[FORMAT_LEN];

	fprintf(file, "  %s  %-8s", format_clock(clock, event->time),
		event->kind < EVENT_KINDS ? event_kind_names[event->kind] : "?");
	text_wrapped(file, TEXT_EVENT_INDENT, event->text);
}

/* Writes events of every kind, also while the tracepoints are off. */
static void write_events(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_net_events *net = &snapshot->net_events;
	uint32_t first = net->n_events > EVENTS_SHOWN ? net->n_events - EVENTS_SHOWN : 0;

	if (net->n_events == 0)
		return;
	fputs("\nLATEST EVENTS\n", file);
	for (uint32_t i = first; i < net->n_events; i++)
		write_event(file, &net->events[i]);
}

static void write_programs_cost(const struct snapshot_self *self, FILE *file)
{
	char core[FORMAT_LEN], unknown[NAME_LEN] = "";

	if (self->programs_unknown > 0)
		snprintf(unknown, sizeof(unknown), ", %u not known yet", self->programs_unknown);
	fprintf(file, "%-*s", TEXT_TITLE, "ITS PROGRAMS");
	text_line(file, TEXT_TITLE, "%s of a core by their own timing%s",
		estimate_format(core, self->programs_percent, self->programs_samples, format_core),
		unknown);
}

static void write_self(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_self *self = &snapshot->self;
	char memory[FORMAT_LEN], sample[FORMAT_LEN], wakeups[FORMAT_LEN], copy[NAME_LEN * 2];
	char core[FORMAT_LEN];
	bool lost = false;

	fputc('\n', file);
	if (!snapshot->pqc.available) {
		fprintf(file, "%-*s", TEXT_TITLE, "SIGNATURES");
		text_line(file, TEXT_TITLE, "%s", snapshot->pqc.state);
	}
	if (!snapshot->mapek.available) {
		fprintf(file, "%-*s", TEXT_TITLE, "MAPE-K");
		text_line(file, TEXT_TITLE, "%s", snapshot->mapek.state);
	}
	fprintf(file, "%-*s", TEXT_TITLE, "X0TOP ITSELF");
	text_line(file, TEXT_TITLE, "%s of a core, %s, %s wakeups/s, %s/sample%s",
		format_core(core, self->cpu_percent),
		format_bytes(memory, (double)self->memory_bytes),
		format_rate(wakeups, self->wakeups.rate),
		text_time(sample, self->sample_ms * NS_PER_MS),
		self->readonly ? ", read-only" : "");
	write_programs_cost(self, file);
	for (uint32_t i = 0; i < self->n_losses; i++) {
		if (self->losses[i].count.total == 0)
			continue;
		fprintf(file, "  lost: %-33.33s%10s/s%18s\n",
			text_plain(copy, sizeof(copy), self->losses[i].what),
			format_rate(sample, self->losses[i].count.rate),
			format_count(memory, format_total(self->losses[i].count.total)));
		lost = true;
	}
	if (!lost)
		fputs("  nothing lost\n", file);
}

int text_write(const struct snapshot *snapshot, FILE *file)
{
	static void (*const sections[])(const struct snapshot *snapshot, FILE *file) = {
		write_host,
		write_alerts,
		write_programs,
		links_write_text,
		packets_write_text,
		mesh_write_text,
		talkers_write_text,
		neighbours_write_text,
		pqc_write_text,
		tc_write_text,
		qos_write_text,
		net_events_write_text,
		write_events,
		syscalls_write_text,
		syscalls_secure_write_text,
		plugin_programs_write_text,
		mapek_write_text,
		plugin_maps_write_text,
		write_self,
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](snapshot, file);
	return ferror(file) ? -EIO : 0;
}
