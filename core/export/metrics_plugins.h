/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metrics of plugins: columns of their maps that are said to be counters or gauges, and histograms, named
 * x0top_plugin_map_PLUGIN_MAP_COLUMN. The columns of the key are labels. Their number is bounded.
 */
#ifndef X0_EXPORT_METRICS_PLUGINS_H
#define X0_EXPORT_METRICS_PLUGINS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/snapshot.h"

enum {
	METRICS_PLUGIN_ROWS = 200, /* of a map */
	METRICS_PLUGIN_HISTOGRAMS = 20, /* of a map */
};

/* Writes them; `openmetrics`: in that format. */
void metrics_write_plugins(const struct snapshot *snapshot, bool openmetrics, FILE *file);

#endif
