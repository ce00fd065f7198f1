/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sources of generic netlink share: for each interface of a kind, a dump of its neighbours. */
#ifndef X0_NEIGHBOURS_GENERIC_H
#define X0_NEIGHBOURS_GENERIC_H

#include "base/clock.h"
#include "kernel/netlink.h"
#include "neighbours/source.h"

/* source->own of such a source. */
struct generic_source {
	struct netlink netlink;
	int family; /* 0: not known yet */
	uint64_t
		missing_ns; /* since when there is no such interface, CLOCK_MONOTONIC; 0: there is */
};

struct generic_question;

struct generic_listing {
	struct neighbour_source *source;
	struct neighbour_set *set;
	const struct generic_question *question;
	uint32_t ifindex; /* the interface that is asked about */
	uint32_t objects; /* taken so far, of all interfaces */
	struct neighbour last; /* that continued messages belong to; zeroed for each interface */
};

struct generic_question {
	const char *kind; /* of the interfaces, as rtnetlink says it */
	const char *family;
	uint8_t command, version;
	uint16_t ifindex; /* the attribute that names the interface */
	bool secret; /* answers hold keys */
	mnl_cb_t take; /* takes an object; its data is a struct generic_listing */
};

#define GENERIC_KEPT	    (600 * NS_PER_SECOND)
#define GENERIC_OBJECTS_MAX (4 * NEIGHBOURS_MAX)

/*
 * Asks about all interfaces of that kind, and replaces the source's set by the answers, of which it reads no more than
 * GENERIC_OBJECTS_MAX: others in the mesh say how many there are. Without such an interface the source is gone, and
 * nothing is asked: the kernel would load a module. After GENERIC_KEPT of that, what it knew is forgotten: an interface
 * that was removed is no fault for ever.
 */
void generic_ask(struct neighbour_source *source, const struct generic_question *question);

/* For .close of the source. */
void generic_close(struct neighbour_source *source);

#endif
