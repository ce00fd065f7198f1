// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>
#include <string.h>

#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

enum { INDENT = 13, ADDRESS_COLUMNS = 25, INTERFACE_COLUMNS = 10 };

static const char *source_name(uint32_t source)
{
	return source < NEIGHBOUR_SOURCES ? neighbour_source_names[source] : "?";
}

static void write_row(const struct snapshot_neighbour *row, double now, FILE *file)
{
	const char *interface = TEXT_PLAIN(row->interface);
	const char *what = TEXT_PLAIN(neighbour_what(row));
	char link[FORMAT_LEN], seen[FORMAT_LEN];
	double age = (now - row->last_seen) * 1e9;

	fprintf(file, "  %-10s ", source_name(row->source));
	if (strlen(what) > ADDRESS_COLUMNS || strlen(interface) > INTERFACE_COLUMNS)
		fprintf(file, "%s\n%*s%-*s", what, INDENT, "",
			ADDRESS_COLUMNS + 1 + INTERFACE_COLUMNS, interface);
	else
		fprintf(file, "%-*s %-*s", ADDRESS_COLUMNS, what, INTERFACE_COLUMNS, interface);
	fprintf(file, " %-13.13s %8.8s %6.7s\n", TEXT_PLAIN(row->state), neighbour_link(row, link),
		isnan(age) ? "-" : text_time(seen, age > 0 ? age : 0));
	if (row->via[0] != '\0')
		fprintf(file, "%*svia %s\n", INDENT, "", TEXT_PLAIN(row->via));
}

/* A file is looked for only where somebody has named it. */
static bool is_missed(const struct snapshot_neighbour_source *source)
{
	return source->state == SOURCE_ABSENT && source->name == NEIGHBOURS_FILE;
}

static void write_source(const struct snapshot_neighbour_source *source, FILE *file)
{
	if (source->state == SOURCE_LOST)
		text_line(file, 0, "  %s: lost, as it was. %s", source_name(source->name),
			TEXT_PLAIN(source->reason));
	else if (source->left_out > 0)
		text_line(file, 0, "  %s: %llu left out. %s", source_name(source->name),
			(unsigned long long)source->left_out, TEXT_PLAIN(source->reason));
	else if (is_missed(source))
		text_line(file, 0, "  %s: absent. %s", source_name(source->name),
			TEXT_PLAIN(source->reason));
}

void neighbours_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_neighbours *neighbours = &snapshot->neighbours;

	bool missed = false;

	for (uint32_t i = 0; i < neighbours->n_sources; i++)
		missed |= is_missed(&neighbours->sources[i]);
	if (neighbours->n_neighbours == 0 && !missed)
		return;
	fprintf(file, "\n%-38s %-10s %-13s %8s %6s\n", "NEIGHBOURS", "INTERFACE", "STATE", "LINK",
		"SEEN");
	for (uint32_t i = 0; i < neighbours->n_sources; i++)
		write_source(&neighbours->sources[i], file);
	for (uint32_t i = 0; i < neighbours->n_neighbours; i++)
		write_row(&neighbours->neighbours[i], snapshot->time, file);
}
