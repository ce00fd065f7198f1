/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the kernel's own counts of every interface, and the speed of one. */
#ifndef X0_KERNEL_LINK_STATS_H
#define X0_KERNEL_LINK_STATS_H

#include <linux/if_link.h>
#include <stdint.h>

#include "kernel/netlink.h"

/* Receives the counts of an interface; those that this kernel lacks are 0. */
typedef void (*link_stats_callback)(
	uint32_t ifindex, const struct rtnl_link_stats64 *stats, void *data);

/*
 * Reads the counts of all interfaces of the socket's namespace by one request; opens *netlink if it is
 * all zero, and leaves it open for the next time. Returns 0, or a negative errno with *netlink closed.
 * -EINTR: interfaces changed meanwhile, and some may be missing.
 */
int link_stats_read(struct netlink *netlink, link_stats_callback callback, void *data);

/* Returns the speed of an interface in bit/s as its driver reports it, or 0 where it reports none. */
uint64_t link_speed(const char *name);

#endif
