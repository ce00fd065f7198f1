/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes owned by another. */
#ifndef X0_BASE_SPAN_H
#define X0_BASE_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *data;
	size_t size;
};

#endif
