// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs the analyzer over the series of the Numenta Anomaly Benchmark: detectors NAB RESULTS
 *
 * Writes an anomaly score for each line of each NAB/data/FOLDER/FILE.csv to RESULTS/FOLDER/FILE.csv, as the
 * benchmark's scorer reads it, and prints bytes a series and nanoseconds a value.
 */
#include <err.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "mapek/analyze.h"

#define STEP 300.0 /* seconds, for all series */

static struct {
	uint64_t ns, values;
} cost;

static void score_line(struct series *series, char *line, FILE *to)
{
	char *value = strchr(line, ',');
	struct score score;
	struct tm time = { 0 };
	uint64_t begin;

	if (value == NULL || strptime(line, "%Y-%m-%d %H:%M:%S", &time) == NULL)
		errx(1, "no line of a series: %s", line);
	*value++ = '\0';
	begin = clock_monotonic_ns();
	series_add(series, (double)timegm(&time), strtod(value, NULL), &score);
	cost.ns += clock_monotonic_ns() - begin;
	cost.values++;
	fprintf(to, "%s,%.9g\n", line, score.onset / TAIL_SURPRISE_MAX);
}

static void score_file(const char *path, const char *result)
{
	static struct series series;
	FILE *from = fopen(path, "r"), *to = fopen(result, "w");
	char line[256];

	if (from == NULL || to == NULL)
		err(1, "%s, %s", path, result);
	series_open(&series, STEP);
	fputs("timestamp,anomaly_score\n", to);
	if (fgets(line, sizeof(line), from) == NULL)
		errx(1, "%s is empty", path);
	while (fgets(line, sizeof(line), from) != NULL)
		score_line(&series, line, to);
	fclose(from);
	if (fclose(to) != 0)
		err(1, "%s", result);
}

/* Makes RESULTS/FOLDER and returns the path of the file in it. */
static void result_path(const char *path, const char *results, char result[PATH_MAX])
{
	const char *file = strrchr(path, '/'), *folder = file;

	while (folder[-1] != '/')
		folder--;
	snprintf(result, PATH_MAX, "%s/%.*s", results, (int)(file - folder), folder);
	mkdir(result, 0755);
	snprintf(result, PATH_MAX, "%s/%s", results, folder);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	glob_t files;

	if (argc != 3)
		errx(2, "usage: detectors NAB RESULTS");
	snprintf(path, sizeof(path), "%s/data/*/*.csv", argv[1]);
	if (glob(path, 0, NULL, &files) != 0)
		errx(1, "%s: no series", path);
	mkdir(argv[2], 0755);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		result_path(files.gl_pathv[i], argv[2], path);
		score_file(files.gl_pathv[i], path);
	}
	printf("%zu series, %llu values: %zu bytes a series, %.0f ns a value\n", files.gl_pathc,
		(unsigned long long)cost.values, sizeof(struct series),
		(double)cost.ns / (double)cost.values);
	globfree(&files);
	return 0;
}
