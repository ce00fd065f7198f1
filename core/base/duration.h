/* SPDX-License-Identifier: BSD-2-Clause */
/* Lengths of time as operators write them: "90s", "10m", "1h30m", "2d". */
#ifndef X0_BASE_DURATION_H
#define X0_BASE_DURATION_H

#include <stdint.h>

#define DURATION_MAX UINT64_C(315360000) /* seconds: ten years */
#define DURATION_LEN 32

/* Reads numbers with units, d, h, m or s, the larger first. Returns 0 with 1 to DURATION_MAX seconds, or
 * -EINVAL. */
int duration_parse(const char *text, uint64_t *seconds);

/* Writes seconds as duration_parse() reads them; "0s" for none. Returns `text`. */
char *duration_format(char text[DURATION_LEN], uint64_t seconds);

#endif
