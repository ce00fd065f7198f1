/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages of the kernel's neighbour table and routes. The source that reads them is kernel.c. */
#ifndef X0_NEIGHBOURS_KERNEL_H
#define X0_NEIGHBOURS_KERNEL_H

#include <libmnl/libmnl.h>

#include "neighbours/source.h"

/*
 * Takes RTM_NEWNEIGH, RTM_DELNEIGH, RTM_NEWROUTE or RTM_DELROUTE into a set; others and what is no neighbour
 * leave it as it is. Returns whether the message leaves doubt about other routes: dump again then.
 */
bool neighbours_kernel_take(const struct neighbour_source *source, const struct nlmsghdr *message,
	struct neighbour_set *set);

#endif
