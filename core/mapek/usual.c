// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/usual.h"

#include <math.h>

#define SIGMA_OF_MAD 1.2533 /* sqrt(pi / 2): of a normal distribution */
#define BAND	     3.0
#define SCORE_LEAST  1e-300 /* a probability */

static void learn(struct usual *usual, double value, double step)
{
	const double since = usual->learnt > 0 ? usual->learnt : step;
	/* At first the plain mean of all values: their weight is the share of the time. */
	const double span = since < USUAL_SECONDS ? since + step : USUAL_SECONDS;
	const double weight = usual->learnt > 0 ? fmin(step / span, 1) : 1;

	usual->mean += weight * (value - usual->mean);
	usual->deviation += weight * (fabs(value - usual->mean) - usual->deviation);
	usual->learnt += step;
}

struct reading usual_step(struct usual *usual, double value, double step)
{
	struct reading reading = { value, NAN, NAN, NAN };

	if (usual->learnt >= USUAL_LEARN) {
		const double sigma =
			fmax(SIGMA_OF_MAD * usual->deviation, sqrt(fabs(usual->mean)) + 1);
		const double z = fabs(value - usual->mean) / sigma;
		reading.low = usual->mean - BAND * sigma;
		reading.high = usual->mean + BAND * sigma;
		reading.score = -log10(fmax(erfc(z / M_SQRT2), SCORE_LEAST));
		value = fmin(fmax(value, reading.low), reading.high);
	}
	learn(usual, value, step);
	return reading;
}
