/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is usual of one series, and how unusual a value is. Streams: one value in, a score out, in constant
 * time and memory.
 *
 * Mean m and mean absolute deviation d are exponentially weighted over USUAL_SECONDS (EWMA; Roberts 1959,
 * Technometrics 1, 239). With s = 1.2533 d, the standard deviation of a normal distribution, but at least
 * sqrt(m) + 1, that of counted events, and z = |value - m| / s, the score is -log10 of the probability of so
 * much in a normal distribution, erfc(z / sqrt(2)): 2.6 at 3 s, 8.7 at 6 s. The band is m - 3 s to m + 3 s. A
 * value beyond the band is learnt as the band's edge, so that an attack becomes usual slowly.
 */
#ifndef X0_MAPEK_USUAL_H
#define X0_MAPEK_USUAL_H

enum {
	USUAL_SECONDS = 600, /* time constant */
	USUAL_LEARN = 30, /* s of values before any score */
};

/* Zeroed, nothing is known. Holds no pointer. */
struct usual {
	double learnt; /* s */
	double mean, deviation;
};

struct reading {
	double value;
	double low, high; /* NAN: not known yet */
	double score; /* decades: -log10 of a probability; NAN: not known yet */
};

/* Judges a value, which is known, by those before it, and learns it. `step` is the time since the value
 * before in seconds. */
struct reading usual_step(struct usual *usual, double value, double step);

#endif
