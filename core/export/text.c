// SPDX-License-Identifier: BSD-2-Clause
#include "export/text.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "model/format.h"
#include "model/names.h"

#define NS_PER_MS 1e6

enum {
	COLUMNS = 79,
	INDENT = 6, /* of sentences below a row */
	STATE_AND_RUNS = 19, /* columns of a program's state and of its runs */
	EVENT_INDENT = 20, /* what its time and kind take */
	TITLE = 22, /* columns of the first one, where a line of text follows it */
	EVENTS_SHOWN = 10,
	SLOWEST_SHOWN = 5,
	PQC_PORTS_LISTED = 8,
};

/* Makes a text printable: names and commands come from the kernel and from recordings. */
static const char *plain(char *copy, size_t size, const char *text)
{
	snprintf(copy, size, "%s", text);
	for (char *byte = copy; *byte != '\0'; byte++)
		if (*byte < ' ' || *byte > '~')
			*byte = '?';
	return copy;
}

#define PLAIN(text) plain((char[REASON_LEN]) { 0 }, REASON_LEN, text)

/* Writes a text from column `indent` on, where the cursor is, broken at blanks. */
static void write_wrapped(FILE *file, size_t indent, const char *text)
{
	char copy[REASON_LEN + NAME_LEN];
	const char *rest = plain(copy, sizeof(copy), text);
	const size_t width = COLUMNS - indent;

	for (;;) {
		size_t length = strlen(rest);
		if (length > width) {
			length = width;
			while (length > 0 && rest[length] != ' ')
				length--;
			length = length > 0 ? length : width;
		}
		fprintf(file, "%.*s\n", (int)length, rest);
		rest += length;
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return;
		fprintf(file, "%*s", (int)indent, "");
	}
}

/* Writes a sentence below a row, if there is one. */
static void write_sentence(FILE *file, const char *before, const char *text)
{
	char line[REASON_LEN + NAME_LEN];

	if (text[0] == '\0')
		return;
	snprintf(line, sizeof(line), "%s%s", before, text);
	fprintf(file, "%*s", INDENT, "");
	write_wrapped(file, INDENT, line);
}

/* Writes a line of running text, broken at blanks if it has to be. */
__attribute__((format(printf, 3, 4))) static void write_line(
	FILE *file, size_t indent, const char *format, ...)
{
	char line[REASON_LEN];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	write_wrapped(file, indent, line);
}

/* A time for a column: "-" where there is none, and never wider than seven, whatever a recording says. */
static const char *column_time(char text[FORMAT_LEN], double ns)
{
	const double longest_ns = 9999e9;

	if (ns > longest_ns)
		return ">9999s";
	return ns > 0 ? format_ns(text, ns) : "-";
}

/* --- rows of counts --------------------------------------------------------------------------- */

static void write_traffic_head(FILE *file, const char *title)
{
	fprintf(file, "\n%-39s%10s%10s%10s%10s\n", title, "PACKETS/s", "BIT/s", "PACKETS", "BYTES");
}

static void write_traffic(FILE *file, const char *label, const struct traffic *traffic)
{
	char rate[FORMAT_LEN], bits[FORMAT_LEN], packets[FORMAT_LEN], bytes[FORMAT_LEN];

	fprintf(file, "  %-37.37s%10s%10s%10s%10s\n", label,
		format_rate(rate, traffic->packets.rate), format_bits(bits, traffic->bytes.rate),
		format_count(packets, (double)traffic->packets.total),
		format_bytes(bytes, (double)traffic->bytes.total));
}

static void write_counter(FILE *file, const char *label, const struct counter *counter)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	fprintf(file, "  %-37.37s%10s%10s%10s\n", label, format_rate(rate, counter->rate), "",
		format_count(total, (double)counter->total));
}

/* A row for each that has ever counted: "verdict drop". */
static void write_each(FILE *file, const char *kind, const char *const *names,
	const struct traffic *traffic, uint32_t n)
{
	char label[NAME_LEN * 2];

	for (uint32_t i = 0; i < n; i++) {
		if (traffic[i].packets.total == 0)
			continue;
		snprintf(label, sizeof(label), "%s %s", kind, names[i]);
		write_traffic(file, label, &traffic[i]);
	}
}

/* --- sections --------------------------------------------------------------------------------- */

static void write_host(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_host *host = &snapshot->host;
	char uptime[FORMAT_LEN], clock[FORMAT_LEN], rates[NAME_LEN] = "one sample, so no rates";

	if (snapshot->interval > 0)
		snprintf(rates, sizeof(rates), "rates over %.1f s", snapshot->interval);
	write_line(file, 0, "%s%s  Linux %s", host->name, host->lab ? " (lab)" : "", host->kernel);
	write_line(file, 0, "%s  %s, %u CPUs, load %.2f, up %s; %s",
		format_clock(clock, snapshot->time), host->machine, host->cpus, host->load1,
		format_uptime(uptime, host->uptime_s), rates);
}

static void write_where(FILE *file, const struct snapshot_program *program)
{
	char text[REASON_LEN];

	if (program->attached[0] == '\0')
		return;
	snprintf(text, sizeof(text), "%s%s%s%s", program->attached,
		program->enforcing ? "; enforcing" : "",
		program->pinned ? "; stays when x0top ends" : "",
		program->adopted ? "; adopted" : "");
	write_sentence(file, "", text);
}

static void write_programs(FILE *file, const struct snapshot *snapshot)
{
	char runs[FORMAT_LEN], ns[FORMAT_LEN], load[FORMAT_LEN], maps[FORMAT_LEN];

	fprintf(file, "\n%-32s%-10s%9s%9s%9s%9s\n", "PROGRAMS", "STATE", "RUNS/s", "A RUN", "LOAD",
		"MAPS");
	for (uint32_t i = 0; i < snapshot->n_programs; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		bool runs_now = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;
		const char *state =
			program->state < PROGRAM_STATES ? program_state_names[program->state] : "?";
		fprintf(file, "  %-29.29s %s", PLAIN(program->name), state);
		if (runs_now)
			fprintf(file, "%*s%9s%9s%9s", STATE_AND_RUNS - (int)strlen(state),
				format_rate(runs, program->runs.rate),
				program->timed ? column_time(ns, program->ns_per_run) : "-",
				column_time(load, program->load_ms * NS_PER_MS),
				format_bytes(maps, (double)program->map_bytes));
		fputc('\n', file);
		write_where(file, program);
		write_sentence(file, "", program->reason);
		write_sentence(file, "-> ", program->remedy);
	}
}

static void write_packets(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_packets *packets = &snapshot->packets;
	char label[NAME_LEN * 2], copy[NAME_LEN];

	write_traffic_head(file, "PACKETS (XDP)");
	for (uint32_t i = 0; i < packets->n_interfaces; i++) {
		const struct snapshot_packets_interface *interface = &packets->interfaces[i];
		snprintf(label, sizeof(label), "%s (%s)",
			plain(copy, sizeof(copy), interface->name),
			interface->mode < XDP_MODES ? xdp_mode_names[interface->mode] : "?");
		write_traffic(file, label, &interface->all);
		write_sentence(file, "", interface->problem);
	}
	if (packets->n_interfaces > 1)
		write_traffic(file, "all interfaces", &packets->sum.all);
	for (uint32_t i = 0; i < packets->n_left_out; i++) {
		snprintf(label, sizeof(label), "%s (not watched)",
			plain(copy, sizeof(copy), packets->left_out[i].name));
		fprintf(file, "  %-28.28s%s\n", label, PLAIN(packets->left_out[i].reason));
	}
	write_each(file, "verdict", xdp_verdict_names, packets->sum.verdicts, XDP_VERDICTS);
	write_each(
		file, "network", network_protocol_names, packets->sum.networks, NETWORK_PROTOCOLS);
	write_each(file, "transport", transport_protocol_names, packets->sum.transports,
		TRANSPORT_PROTOCOLS);
	for (uint32_t i = 0; i < FRAME_SIZES; i++) {
		snprintf(label, sizeof(label), "frames of %s bytes", frame_size_names[i]);
		if (packets->sum.frame_sizes[i].total > 0)
			write_counter(file, label, &packets->sum.frame_sizes[i]);
	}
	write_counter(file, "fragments", &packets->sum.fragments);
	write_counter(file, "malformed", &packets->sum.malformed);
	write_counter(file, "VLAN tagged", &packets->sum.vlan);
}

static void write_mesh(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_mesh *mesh = &snapshot->mesh;
	char label[NAME_LEN * 4], copy[NAME_LEN * 2];

	write_traffic_head(
		file, mesh->enforcing ? "MESH RULES (enforcing)" : "MESH RULES (observing)");
	for (uint32_t i = 0; i < mesh->n_rules; i++) {
		const struct snapshot_rule *rule = &mesh->rules[i];
		snprintf(label, sizeof(label), "%u %s %s%s", rule->number,
			rule->action < MESH_ACTIONS ? mesh_action_names[rule->action] : "?",
			plain(copy, sizeof(copy), rule->key), rule->enabled ? "" : " (off)");
		write_traffic(file, label, &rule->traffic);
	}
	write_traffic(file, "passed by a rule", &mesh->passed);
	write_traffic(file, "passed by default", &mesh->no_match);
	write_traffic(file, "dropped", &mesh->dropped);
	write_traffic(file, "would be dropped if enforcing", &mesh->spared);
}

static void write_classes(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_tc *tc = &snapshot->tc;
	char label[NAME_LEN * 2], copy[NAME_LEN];

	write_traffic_head(file, "CLASSES (TC)");
	for (uint32_t i = 0; i < tc->n_interfaces; i++) {
		if (tc->interfaces[i].problem[0] == '\0')
			continue;
		fprintf(file, "  %s\n", plain(copy, sizeof(copy), tc->interfaces[i].name));
		write_sentence(file, "", tc->interfaces[i].problem);
	}
	for (uint32_t class = CLASS_CONTROL; class < TRAFFIC_CLASSES; class ++) {
		for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++) {
			snprintf(label, sizeof(label), "%s %s", traffic_class_names[class],
				traffic_direction_names[way]);
			write_traffic(file, label, &tc->classes[class].directions[way]);
		}
	}
}

/* How far a time is from that of the snapshot; "-" where there is none. */
static const char *span(char text[FORMAT_LEN], double time, double now)
{
	return time > 0 ? format_uptime(text, time > now ? time - now : now - time) : "-";
}

static void write_node(FILE *file, const struct snapshot_pqc_node *node, double now)
{
	char until[FORMAT_LEN], last[FORMAT_LEN], good[FORMAT_LEN];
	const char *state = node->authenticated_until > now
				    ? span(until, node->authenticated_until, now)
			    : node->last_time > 0 ? "expired"
						  : "never";

	fprintf(file, "  %-16.16s %-16.16s %-9s%8.8s%8.8s%9s\n",
		node->name[0] != '\0' ? PLAIN(node->name) : "-", PLAIN(node->node),
		pqc_set_names[node->set < PQC_SETS ? node->set : PQC_SET_UNKNOWN], state,
		span(last, node->last_time, now), format_count(good, (double)node->good.total));
}

static void write_session(FILE *file, const struct snapshot_pqc_session *session, double now)
{
	char age[FORMAT_LEN], ends[FORMAT_LEN], rate[FORMAT_LEN], packets[FORMAT_LEN],
		bytes[FORMAT_LEN];
	char replayed[FORMAT_LEN];

	fprintf(file, "  %-16.16s %-8.8s%8.8s%8.8s%9s%9s%9s%9s\n",
		PLAIN(session->name[0] != '\0' ? session->name : session->node),
		PLAIN(session->session), span(age, session->began, now),
		session->expires > now ? span(ends, session->expires, now) : "expired",
		format_rate(rate, session->traffic.packets.rate),
		format_count(packets, (double)session->traffic.packets.total),
		format_bytes(bytes, (double)session->traffic.bytes.total),
		format_count(replayed, (double)session->replayed.total));
}

static void write_nodes(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_pqc *pqc = &snapshot->pqc;

	if (pqc->n_nodes > 0)
		fprintf(file, "  %-16s %-16s %-9s%8s%8s%9s\n", "NODE", "ID", "SET", "VALID", "LAST",
			"GOOD");
	for (uint32_t i = 0; i < pqc->n_nodes; i++)
		write_node(file, &pqc->nodes[i], snapshot->time);
	if (pqc->n_sessions > 0)
		fprintf(file, "  %-16s %-8s%8s%8s%9s%9s%9s%9s\n", "SESSION OF", "SESSION", "AGE",
			"ENDS", "PKT/s", "PACKETS", "BYTES", "REPLAYED");
	for (uint32_t i = 0; i < pqc->n_sessions; i++)
		write_session(file, &pqc->sessions[i], snapshot->time);
	if (pqc->sessions_total > pqc->n_sessions)
		fprintf(file, "  and %u sessions more\n", pqc->sessions_total - pqc->n_sessions);
}

static void write_signatures(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_pqc *pqc = &snapshot->pqc;
	char title[NAME_LEN * 2], p50[FORMAT_LEN], p99[FORMAT_LEN], rate[FORMAT_LEN];
	char used[FORMAT_LEN];

	snprintf(title, sizeof(title), "SIGNATURES (%s)",
		pqc->mode == PQC_ENFORCE ? "enforcing" : "observing");
	write_traffic_head(file, title);
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		write_counter(file, pqc_result_names[i], &pqc->results[i]);
	write_counter(file, "signatures verified", &pqc->verifications);
	write_counter(file, "good messages that nobody took", &pqc->undelivered);
	fputs("  UDP", file);
	for (uint32_t i = 0; i < pqc->n_ports && i < PQC_PORTS_LISTED; i++)
		fprintf(file, " %u", pqc->ports[i].number % (UINT16_MAX + 1));
	fprintf(file, "%s\n", pqc->n_ports > PQC_PORTS_LISTED ? " ..." : "");
	write_line(file, 2, "  a verification takes %s (p99 %s); budget used: %s of %s/s",
		column_time(p50, pqc->times.p50), column_time(p99, pqc->times.p99),
		format_percent(used, pqc->budget_used), format_rate(rate, pqc->budget_rate));
	write_nodes(file, snapshot);
}

static void write_event(FILE *file, const struct snapshot_event *event)
{
	char clock[FORMAT_LEN];

	fprintf(file, "  %s  %-8s", format_clock(clock, event->time),
		event->kind < EVENT_KINDS ? event_kind_names[event->kind] : "?");
	write_wrapped(file, EVENT_INDENT, event->text);
}

static void write_net_events(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_net_events *net = &snapshot->net_events;
	char label[NAME_LEN * 3], copy[NAME_LEN * 2];

	write_traffic_head(file, "NETWORK EVENTS (tracepoints)");
	for (uint32_t i = 0; i < net->n_interfaces; i++) {
		const struct snapshot_net_interface *interface = &net->interfaces[i];
		plain(copy, sizeof(copy), interface->name);
		snprintf(label, sizeof(label), "%s transmitted", copy);
		write_traffic(file, label, &interface->transmitted);
		snprintf(label, sizeof(label), "%s received", copy);
		write_traffic(file, label, &interface->received);
		snprintf(label, sizeof(label), "%s transmit errors", copy);
		if (interface->transmit_errors.total > 0)
			write_counter(file, label, &interface->transmit_errors);
	}
	write_counter(file, "dropped by the kernel", &net->dropped);
	for (uint32_t i = 0; i < net->n_drops; i++) {
		snprintf(label, sizeof(label), "  %s",
			plain(copy, sizeof(copy), net->drops[i].reason));
		write_counter(file, label, &net->drops[i].packets);
	}
	write_counter(file, "TCP retransmits", &net->tcp_retransmits);
	write_counter(file, "TCP resets sent", &net->tcp_resets_sent);
	write_counter(file, "TCP resets received", &net->tcp_resets_received);
}

/* Events of every kind, whether or not the tracepoints run. */
static void write_events(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_net_events *net = &snapshot->net_events;
	uint32_t first = net->n_events > EVENTS_SHOWN ? net->n_events - EVENTS_SHOWN : 0;

	if (net->n_events == 0)
		return;
	fputs("\nLATEST EVENTS\n", file);
	for (uint32_t i = first; i < net->n_events; i++)
		write_event(file, &net->events[i]);
}

static void write_slowest(FILE *file, const struct snapshot_syscalls *syscalls)
{
	char clock[FORMAT_LEN], latency[FORMAT_LEN];

	for (uint32_t i = 0; i < syscalls->n_slowest && i < SLOWEST_SHOWN; i++) {
		const struct snapshot_slow_call *call = &syscalls->slowest[i];
		fprintf(file, "  %s  %-8s", format_clock(clock, call->time), "slow");
		write_line(file, EVENT_INDENT, "%-14s%9s  %s (%u) = %lld", call->name,
			column_time(latency, call->latency_ns), call->command, call->pid,
			(long long)call->result);
	}
}

static void write_syscalls(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_syscalls *syscalls = &snapshot->syscalls;
	char text[7][FORMAT_LEN];

	fprintf(file, "\n%-22s%8s%8s%8s%8s%8s%8s%8s\n", "SYSTEM CALLS", "CALLS/s", "ERR/s", "P50",
		"P90", "P99", "P99.9", "MAX");
	for (uint32_t i = 0; i < syscalls->n_calls; i++) {
		const struct snapshot_syscall *call = &syscalls->calls[i];
		const struct quantiles *all = &call->overall;
		fprintf(file, "  %-20.20s%8s%8s%8s%8s%8s%8s%8s\n", PLAIN(call->name),
			format_rate(text[0], call->calls.rate),
			format_rate(text[1], call->errors.rate), column_time(text[2], all->p50),
			column_time(text[3], all->p90), column_time(text[4], all->p99),
			column_time(text[5], all->p999), column_time(text[6], call->max_ns));
	}
	write_slowest(file, syscalls);
}

static void write_syscalls_secure(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_syscalls_secure *secure = &snapshot->syscalls_secure;
	char text[5][FORMAT_LEN];

	fprintf(file, "\n%-22s%8s%8s%8s%8s%8s\n", "FOR SHARED HOSTS", "CALLS", "ERRORS", "P50 <",
		"P90 <", "P99 <");
	for (uint32_t i = 0; i < secure->n_calls; i++) {
		const struct snapshot_syscall_secure *call = &secure->calls[i];
		fprintf(file, "  %-20.20s%8s%8s%8s%8s%8s\n", PLAIN(call->name),
			format_count(text[0], (double)call->calls.total),
			format_count(text[1], (double)call->errors.total),
			column_time(text[2], call->p50), column_time(text[3], call->p90),
			column_time(text[4], call->p99));
	}
	fprintf(file, "  with noise (epsilon %.2f); counts in steps of %u\n", secure->epsilon,
		secure->step);
}

static void write_self(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_self *self = &snapshot->self;
	char memory[FORMAT_LEN], sample[FORMAT_LEN], wakeups[FORMAT_LEN], copy[NAME_LEN * 2];
	bool lost = false;

	fputc('\n', file);
	if (!snapshot->pqc.available) {
		fprintf(file, "%-*s", TITLE, "SIGNATURES");
		write_line(file, TITLE, "%s", snapshot->pqc.state);
	}
	fprintf(file, "%-*s", TITLE, "MAPE-K");
	write_line(file, TITLE, "%s", snapshot->mapek.state);
	fprintf(file, "%-*s", TITLE, "X0TOP ITSELF");
	write_line(file, TITLE, "%.1f%% of a core, %s, %s wakeups/s, %s a sample%s",
		self->cpu_percent, format_bytes(memory, (double)self->memory_bytes),
		format_rate(wakeups, self->wakeups.rate),
		column_time(sample, self->sample_ms * NS_PER_MS),
		self->readonly ? ", read-only" : "");
	for (uint32_t i = 0; i < self->n_losses; i++) {
		if (self->losses[i].count.total == 0)
			continue;
		fprintf(file, "  lost: %-33.33s%10s/s%18s\n",
			plain(copy, sizeof(copy), self->losses[i].what),
			format_rate(sample, self->losses[i].count.rate),
			format_count(memory, (double)self->losses[i].count.total));
		lost = true;
	}
	if (!lost)
		fputs("  nothing was lost\n", file);
}

int text_write(const struct snapshot *snapshot, FILE *file)
{
	/* What has nothing to show is left out: its program's row says why. */
	const struct {
		bool shown;
		void (*write)(FILE *file, const struct snapshot *snapshot);
	} sections[] = {
		{ true, write_host },
		{ true, write_programs },
		{ snapshot->packets.available, write_packets },
		{ snapshot->mesh.available, write_mesh },
		{ snapshot->pqc.available, write_signatures },
		{ snapshot->tc.available, write_classes },
		{ snapshot->net_events.available, write_net_events },
		{ true, write_events },
		{ snapshot->syscalls.available, write_syscalls },
		{ snapshot->syscalls_secure.available, write_syscalls_secure },
		{ true, write_self },
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (sections[i].shown)
			sections[i].write(file, snapshot);
	return ferror(file) ? -EIO : 0;
}
