// SPDX-License-Identifier: BSD-2-Clause
#include "cli/bench_report.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return difference < 0 ? -1 : difference > 0;
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
