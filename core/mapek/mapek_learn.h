/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes usual: each series of MAPE-K learns its samples, without those of an attack and their edges. */
#ifndef X0_MAPEK_MAPEK_LEARN_H
#define X0_MAPEK_MAPEK_LEARN_H

struct mapek;

/* Notes which series have an anomaly that is acted about, after each sample and each glance is planned. */
void mapek_note_attacked(struct mapek *mapek);

/* Ends a sample: takes mapek->next of the watched series over, or not, by what was noted since the last sample. */
void mapek_learn(struct mapek *mapek);

#endif
