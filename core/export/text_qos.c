// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>
#include <string.h>

#include "export/text_sections.h"
#include "model/text_rows.h"

static void put_rate(double bits, char text[FORMAT_LEN + 4])
{
	char number[FORMAT_LEN];

	snprintf(text, FORMAT_LEN + 4, "-");
	if (!isnan(bits))
		snprintf(text, FORMAT_LEN + 4, "%s", format_bits(number, bits / 8));
}

static void write_class(FILE *file, const struct snapshot_qos_class *class)
{
	char asked[FORMAT_LEN + 4], ceiling[FORMAT_LEN + 4], had[FORMAT_LEN + 4];
	char delay[FORMAT_LEN], drops[FORMAT_LEN], marks[FORMAT_LEN];

	put_rate(isnan(class->rate) ? class->police : class->rate, asked);
	put_rate(class->ceiling, ceiling);
	put_rate(class->passed.rate * 8, had);
	fprintf(file, "  %-12.12s %-3.3s %-5.5s %9s %9s %9s %7s %7s %7s\n",
		TEXT_PLAIN(class->class), TEXT_PLAIN(class->direction), TEXT_PLAIN(class->mark),
		asked, ceiling, had,
		format_count(drops, format_total(class->dropped.total) +
					    format_total(class->queue_dropped.total)),
		format_count(marks, format_total(class->marked.total)),
		text_time(delay, class->delay * 1e9));
	if (class->starved)
		text_sentence(file, "", "it starves: packets wait, and none is sent");
	else if (class->short_of_rate)
		text_sentence(file, "", "it has less than its rate, and more waits");
}

void qos_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_qos *qos = &snapshot->qos;
	char rate[FORMAT_LEN + 4];

	if (qos->n_interfaces == 0)
		return;
	fprintf(file, "\nQOS\n  %-12s %-3s %-5s %9s %9s %9s %7s %7s %7s\n", "CLASS", "", "MARK",
		"ASKED", "AT MOST", "HAS", "DROPS", "MARKED", "DELAY");
	for (uint32_t i = 0; i < qos->n_interfaces; i++) {
		const struct snapshot_qos_interface *interface = &qos->interfaces[i];
		put_rate(interface->rate, rate);
		text_line(file, 0, "%s: %s%s%s", TEXT_PLAIN(interface->name),
			TEXT_PLAIN(interface->modes), isnan(interface->rate) ? "" : ", ",
			isnan(interface->rate) ? "" : rate);
		text_sentence(file, "", interface->problem);
		for (uint32_t c = 0; c < qos->n_classes; c++)
			if (strcmp(qos->classes[c].interface, interface->name) == 0)
				write_class(file, &qos->classes[c]);
	}
}
