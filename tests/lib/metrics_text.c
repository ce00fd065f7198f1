// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/metrics_text.h"

#include <stdlib.h>
#include <string.h>

#include "export/metrics.h"
#include "export/metrics_read.h"

enum { LABELS_MAX = 16 };

/* Reads the quoted value of a label, without its escapes. Returns what is behind it. */
static char *read_value(char *at, const char **value)
{
	char *to = at;

	*value = at;
	for (; *at != '"'; at++) {
		if (*at == '\\')
			at++;
		*to++ = *at == 'n' && at[-1] == '\\' ? '\n' : *at;
	}
	*to = '\0';
	return at + 1;
}

bool metrics_read_line(char *line, struct snapshot *snapshot)
{
	struct metric_label labels[LABELS_MAX];
	struct metric_series series = { .name = line, .labels = labels };
	char *at = line + strcspn(line, "{ ");

	if (*at == '{') {
		*at++ = '\0';
		while (*at != '}') {
			labels[series.n_labels].name = at;
			at = strchr(at, '=');
			*at = '\0';
			at = read_value(at + 2, &labels[series.n_labels++].value);
			at += *at == ',';
		}
		at++;
	}
	*at++ = '\0';
	if (!metrics_find(&series))
		return false;
	metrics_put(snapshot, &series, strtod(at, NULL));
	return true;
}

uint32_t metrics_read_text(const char *text, struct snapshot *snapshot)
{
	char *copy = strdup(text), *rest = copy, *line;
	uint32_t without = 0;

	metrics_begin(snapshot);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '#' && line[0] != '\0')
			without += !metrics_read_line(line, snapshot);
	free(copy);
	return without;
}

char *metrics_text_of(const struct snapshot *snapshot)
{
	size_t length;
	char *text = metrics_text(snapshot, METRICS_PROMETHEUS, &length);

	if (text == NULL)
		abort();
	text = realloc(text, length + 1);
	text[length] = '\0';
	return text;
}
