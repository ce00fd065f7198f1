/* SPDX-License-Identifier: BSD-2-Clause */
/* Code points of differentiated services, and their names. */
#ifndef X0_QOS_DSCP_H
#define X0_QOS_DSCP_H

#include <stddef.h>
#include <stdint.h>

/* Returns the code point of a name such as ef, or of a number, 0 to 63; or a negative errno. */
int classes_dscp_find(const char *word);

/* Writes its name, or its number. */
void classes_dscp_format(uint8_t dscp, char *text, size_t size);

#endif
