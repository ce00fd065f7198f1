/* SPDX-License-Identifier: BSD-2-Clause */
/* Links that are shaped, each a pair of veth, with senders that always have more. */
#ifndef X0_TESTS_SHAPED_H
#define X0_TESTS_SHAPED_H

#include <stddef.h>
#include <stdint.h>

#include "qos/shape.h"

enum { SHAPED_SENDERS_MAX = 4 };

/* One that fills the queue of a class. */
struct shaped_sender {
	uint16_t number; /* of the class that it names; 0: it names none */
	uint16_t counted; /* the class that it is counted in; 0: the same */
	double expected; /* bit/s */
	double had; /* bit/s, as the class has counted it */
	int fd;
	uint32_t room; /* frames that its queue holds */
	uint64_t bytes; /* of the class, when measuring began */
};

struct shaped_link {
	const char *name;
	struct shape shape;
	uint32_t mtu, frame; /* bytes */
	struct shaped_sender senders[SHAPED_SENDERS_MAX]; /* ended by one that expects 0 */
	double had; /* bit/s that came out at the other end */
	struct interface left;
	uint32_t right; /* ifindex */
	uint64_t bytes; /* received, when measuring began */
	double began; /* seconds */
};

/* Makes a link and shapes it. */
void shaped_open(struct shaped_link *link, struct netlink *netlink);
void shaped_close(struct shaped_link *link);

/*
 * Measures all links at once for so many seconds, beginning `warm` seconds after all have more to send than that
 * takes. Measures again, up to five times, when a queue has run empty, as the test had no processor.
 */
void shaped_measure(
	struct shaped_link *links, size_t n, struct netlink *netlink, double warm, double seconds);

#endif
