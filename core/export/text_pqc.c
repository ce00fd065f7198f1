// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/format.h"
#include "model/names.h"
#include "model/text_rows.h"
#include "peer/message.h"

enum { PORTS_LISTED = 8 };

/* Formats the distance between a time and the snapshot's; "-" for no time. */
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
		node->name[0] != '\0' ? TEXT_PLAIN(node->name) : "-", TEXT_PLAIN(node->node),
		pqc_set_names[node->set < PQC_SETS ? node->set : PQC_SET_UNKNOWN], state,
		span(last, node->last_time, now),
		format_count(good, format_total(node->good.total)));
}

static void write_session(FILE *file, const struct snapshot_pqc_session *session, double now)
{
	char age[FORMAT_LEN], ends[FORMAT_LEN], rate[FORMAT_LEN], packets[FORMAT_LEN],
		bytes[FORMAT_LEN];
	char replayed[FORMAT_LEN];

	fprintf(file, "  %-16.16s %-8.8s%8.8s%8.8s%9s%9s%9s%9s\n",
		TEXT_PLAIN(session->name[0] != '\0' ? session->name : session->node),
		TEXT_PLAIN(session->session), span(age, session->began, now),
		session->expires > now ? span(ends, session->expires, now) : "expired",
		format_rate(rate, session->traffic.packets.rate),
		format_count(packets, format_total(session->traffic.packets.total)),
		format_bytes(bytes, format_total(session->traffic.bytes.total)),
		format_count(replayed, format_total(session->replayed.total)));
}

static void write_nodes(FILE *file, const struct snapshot *snapshot)
{
	const struct snapshot_pqc *pqc = &snapshot->pqc;
	char more[FORMAT_LEN];

	if (pqc->n_nodes > 0)
		fprintf(file, "  %-16s %-16s %-9s%8s%8s%9s\n", "NODE", "ID", "SET", "VALID", "LAST",
			"MESSAGES");
	for (uint32_t i = 0; i < pqc->n_nodes; i++)
		write_node(file, &pqc->nodes[i], snapshot->time);
	if (pqc->n_sessions > 0)
		fprintf(file, "  %-16s %-8s%8s%8s%9s%9s%9s%9s\n", "SESSION OF", "SESSION", "AGE",
			"ENDS", "PKT/s", "PACKETS", "BYTES", "REPLAYED");
	for (uint32_t i = 0; i < pqc->n_sessions; i++)
		write_session(file, &pqc->sessions[i], snapshot->time);
	if (pqc->sessions_total > pqc->n_sessions && pqc->sessions_total != COUNT_UNKNOWN)
		fprintf(file, "  %s more sessions\n",
			format_count(more, (double)(pqc->sessions_total - pqc->n_sessions)));
}

void pqc_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_pqc *pqc = &snapshot->pqc;
	char title[NAME_LEN * 2], p50[FORMAT_LEN], p99[FORMAT_LEN], rate[FORMAT_LEN];
	char used[FORMAT_LEN];

	if (!pqc->available)
		return;
	snprintf(title, sizeof(title), "SIGNATURES (%s)",
		pqc->mode == PQC_ENFORCE ? "enforcing" : "observing");
	text_traffic_head(file, title);
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		text_counter(file, pqc_result_names[i], &pqc->results[i]);
	text_titled(file, pqc_fields, pqc);
	fputs("  UDP", file);
	for (uint32_t i = 0; i < pqc->n_ports && i < PORTS_LISTED; i++)
		fprintf(file, " %u", pqc->ports[i].number % (UINT16_MAX + 1));
	fprintf(file, "%s\n", pqc->n_ports > PORTS_LISTED ? " ..." : "");
	text_line(file, 2, "  verification time %s (p99 %s); budget used: %s of %s/s",
		text_time(p50, pqc->times.p50), text_time(p99, pqc->times.p99),
		format_percent(used, pqc->budget_used), format_rate(rate, pqc->budget_rate));
	write_nodes(file, snapshot);
}
