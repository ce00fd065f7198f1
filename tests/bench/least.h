/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least that programs at tracepoints cost: pairs that do nothing, or next to it, attached as a
 * tracer is. A tracer cannot cost less than the pair in its place.
 */
#ifndef X0_BENCH_LEAST_H
#define X0_BENCH_LEAST_H

#include <stdbool.h>
#include <stddef.h>

enum least_program {
	LEAST_EMPTY,
	LEAST_CLOCK, /* reads the clock, as each end of a measured call must */
};

/* Where they are attached. */
enum least_place {
	LEAST_ALL_CALLS, /* raw tracepoints sys_enter and sys_exit, which every call passes */
	LEAST_READ_ALONE, /* tracepoints of read(), as bpftrace has them: those of the 64-bit call alone */
	LEAST_PACKETS, /* raw tracepoints of a sent and a received packet */
};

struct least {
	int program;
	int links[2];
};

#define LEAST_NONE             \
	{                      \
		-1,            \
		{              \
			-1, -1 \
		}              \
	}

/* Returns whether the pair is attached; else `why` says why it is not. Give it to least_detach() either way. */
bool least_attach(struct least *least, enum least_program program, enum least_place place,
	char *why, size_t size);
void least_detach(struct least *least);

#endif
