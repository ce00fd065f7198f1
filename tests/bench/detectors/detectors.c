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

#include "mapek/analyze.h"

#define STEP	  300.0 /* seconds, for all series */
#define LINES_MAX 65536

static struct {
	char stamp[20];
	double when, value, onset;
} lines[LINES_MAX];

static struct {
	double seconds; /* of the processor */
	size_t values;
} cost;

static void read_line(char *line, size_t i)
{
	char *value = strchr(line, ',');
	struct tm time = { 0 };

	if (value == NULL || strptime(line, "%Y-%m-%d %H:%M:%S", &time) == NULL)
		errx(1, "no line of a series: %s", line);
	if (i == LINES_MAX)
		errx(1, "more than %d lines", LINES_MAX);
	snprintf(lines[i].stamp, sizeof(lines[i].stamp), "%.19s", line);
	lines[i].when = (double)timegm(&time);
	lines[i].value = strtod(value + 1, NULL);
}

/* Returns the number of values. */
static size_t read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	size_t n = 0;

	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(line, n++);
	fclose(file);
	return n;
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void score_series(size_t n)
{
	static struct series series;
	double begin = processor_seconds();
	struct score score;

	series_open(&series, STEP);
	for (size_t i = 0; i < n; i++) {
		series_add(&series, lines[i].when, lines[i].value, &score);
		lines[i].onset = score.onset;
	}
	cost.seconds += processor_seconds() - begin;
	cost.values += n;
}

static void write_file(const char *path, size_t n)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		err(1, "%s", path);
	fputs("timestamp,anomaly_score\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s,%.9g\n", lines[i].stamp, lines[i].onset / TAIL_SURPRISE_MAX);
	if (fclose(file) != 0)
		err(1, "%s", path);
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
	size_t n;

	if (argc != 3)
		errx(2, "usage: detectors NAB RESULTS");
	snprintf(path, sizeof(path), "%s/data/*/*.csv", argv[1]);
	if (glob(path, 0, NULL, &files) != 0)
		errx(1, "%s: no series", path);
	mkdir(argv[2], 0755);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		result_path(files.gl_pathv[i], argv[2], path);
		n = read_file(files.gl_pathv[i]);
		score_series(n);
		write_file(path, n);
	}
	printf("%zu series, %zu values: %zu bytes a series, %.0f ns a value\n", files.gl_pathc,
		cost.values, sizeof(struct series), 1e9 * cost.seconds / (double)cost.values);
	globfree(&files);
	return 0;
}
