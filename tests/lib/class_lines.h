/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts lines of traffic classes in force in the maps of a test. */
#ifndef X0_TESTS_CLASS_LINES_H
#define X0_TESTS_CLASS_LINES_H

#include "kernel/map_registry.h"
#include "qos/classes.h"

/*
 * Puts these lines in force, and no default ones; NULL ends them. Classes have the numbers of the default ones,
 * others those that follow. Returns the number of lines. Aborts the test on failure.
 */
uint32_t class_lines_put(const struct map_registry *registry, const char *const *texts);

/* The maps that this needs. */
extern const struct shared_map class_lines_maps[];

#endif
