/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator asks for of a class, in the units of bpf/include/class_act.h. */
#ifndef X0_QOS_ACT_H
#define X0_QOS_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "class_act.h"

#define ACT_RATE_MIN  UINT64_C(8000) /* bit/s */
#define ACT_RATE_MAX  UINT64_C(400000000000)
#define ACT_BURST_MAX UINT64_C(1000000000) /* bytes */

/* What a class gets at least that an operator's own connection may be in, in bit/s: a shell can be worked in, if
 * slowly. */
#define ACT_OWN_MIN UINT64_C(64000)

/* "in", "out": enum traffic_direction as operators say it; ended by NULL. */
extern const char *const act_ways[];

/*
 * Returns the usual burst at a rate, in bytes, with which TCP gets the rate: 200 ms, in which it sends again what was
 * dropped (its least timeout); or what the kernel joins to one packet, 64 kB, if that takes less than half a second, and
 * else that: while the rate makes up for such a packet, what TCP sends again is dropped, too, and it waits for longer
 * than a burst pays for. Two frames at least.
 */
uint64_t act_usual_burst(uint64_t rate);

/* Asks for a rate in bit/s and a burst in bytes, 0: the usual one; a rate of 0 asks for none. */
void act_police(struct class_act *act, uint64_t rate, uint64_t burst);

/* Returns the burst in bytes. */
uint64_t act_burst(const struct class_act *act);

/* Asks for a code point, 0 to 63; a negative one for none. */
void act_mark(struct class_act *act, int dscp);

/* Returns what any class of an interface asks for: enum class_act_mode. */
uint32_t act_modes(const struct class_acts *acts);

/* Writes the switched-on modes in words, "mark, police", or "count". */
void act_modes_format(uint32_t modes, char *text, size_t size);

/* Returns an enum class_act_mode by its word, or 0. */
uint32_t act_mode_find(const char *word);

#endif
