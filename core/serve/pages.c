// SPDX-License-Identifier: BSD-2-Clause
#include "serve/pages.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "export/json.h"

const char pages_index[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\"><title>x0top</title></head><body>\n"
	"<h1>x0top " X0TOP_VERSION "</h1>\n"
	"<ul>\n"
	"<li><a href=\"/metrics\">/metrics</a>: metrics for Prometheus, also as OpenMetrics</li>\n"
	"<li><a href=\"/healthz\">/healthz</a>: what is wrong; status 503 if something that was asked "
	"for is not in force</li>\n"
	"<li><a href=\"/snapshot\">/snapshot</a>: the last sample as JSON</li>\n"
	"<li><a href=\"/events\">/events</a>: each sample as it is taken, as server-sent events</li>\n"
	"</ul></body></html>\n";

/* --- texts ---------------------------------------------------------------------------------------- */

void pages_clear(struct pages *pages)
{
	for (int i = 0; i < PAGE_TEXTS; i++) {
		shared_text_close(pages->made[i]);
		pages->made[i] = NULL;
	}
}

void pages_turn(struct pages *pages, const struct snapshot *now, const struct health *health)
{
	pages_clear(pages);
	pages->now = now;
	pages->health = *health;
}

static int write_event(const struct snapshot *now, FILE *file)
{
	fputs("event: sample\ndata: ", file);
	int error = json_write(now, file, true);
	fputs("\n", file);
	return error;
}

static struct shared_text *make_json(const struct snapshot *now, enum page_text which)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&bytes, &length);

	if (file == NULL)
		return NULL;
	int error = which == TEXT_SNAPSHOT ? json_write(now, file, false) : write_event(now, file);
	if (fclose(file) != 0 || error < 0) {
		free(bytes);
		return NULL;
	}
	return shared_text_open(bytes, length);
}

static struct shared_text *make(const struct snapshot *now, enum page_text which)
{
	size_t length;

	if (which != TEXT_METRICS && which != TEXT_OPENMETRICS)
		return make_json(now, which);
	char *bytes = metrics_text(
		now, which == TEXT_OPENMETRICS ? METRICS_OPENMETRICS : METRICS_PROMETHEUS, &length);
	return bytes != NULL ? shared_text_open(bytes, length) : NULL;
}

struct shared_text *pages_get(struct pages *pages, enum page_text which)
{
	pages->asked[which] = clock_monotonic_seconds();
	if (pages->made[which] == NULL && pages->now != NULL)
		pages->made[which] = make(pages->now, which);
	return pages->made[which] != NULL ? shared_text_use(pages->made[which]) : NULL;
}

static bool is_recent(const struct pages *pages, enum page_text which)
{
	const double recent = 90; /* s; who scrapes once a minute looks all the time */

	return pages->asked[which] > 0 && clock_monotonic_seconds() - pages->asked[which] < recent;
}

unsigned int pages_look(const struct pages *pages)
{
	unsigned int looks = LOOK_NOTHING;

	if (is_recent(pages, TEXT_METRICS) || is_recent(pages, TEXT_OPENMETRICS))
		looks |= LOOK_METRICS;
	if (is_recent(pages, TEXT_SNAPSHOT) || is_recent(pages, TEXT_EVENT))
		looks |= LOOK_PLUGINS | LOOK_EVENTS;
	return looks;
}

/* --- what is accepted ----------------------------------------------------------------------------- */

/* Returns the weight of an entry, ";q=0.75", in thousands; 1000 without one. */
static int read_weight(const char *entry, size_t length)
{
	for (size_t i = 0; i + 2 < length; i++) {
		if (entry[i] != ';')
			continue;
		size_t at = i + 1;
		while (at < length && (entry[at] == ' ' || entry[at] == '\t'))
			at++;
		if (at + 2 >= length || (entry[at] != 'q' && entry[at] != 'Q') ||
			entry[at + 1] != '=')
			continue;
		int weight = entry[at + 2] == '1' ? 1000 : 0, scale = 100;
		for (at += 4; weight < 1000 && at < length && entry[at] >= '0' && entry[at] <= '9';
			at++, scale /= 10)
			weight += (entry[at] - '0') * scale;
		return weight;
	}
	return 1000;
}

/* Returns whether an entry is of a media type, whatever its parameters. */
static bool is_type(const char *entry, size_t length, const char *type)
{
	size_t n = strlen(type);

	return length >= n && strncasecmp(entry, type, n) == 0 &&
	       (length == n || entry[n] == ';' || entry[n] == ' ');
}

enum metrics_format pages_accept(const char *header)
{
	int open = 0, text = -1, any = -1;

	while (header != NULL && *header != '\0') {
		header += strspn(header, ", \t");
		size_t length = strcspn(header, ",");
		int weight = read_weight(header, length);
		if (is_type(header, length, "application/openmetrics-text"))
			open = weight;
		else if (is_type(header, length, "text/plain"))
			text = weight;
		else if (is_type(header, length, "*/*") || is_type(header, length, "text/*"))
			any = weight;
		header += length;
	}
	if (text < 0)
		text = any;
	return open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}
