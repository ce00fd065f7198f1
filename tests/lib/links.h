/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes and deletes interfaces by netlink: emulation takes long to start a process such as ip. */
#ifndef X0_TESTS_LINKS_H
#define X0_TESTS_LINKS_H

#include <stdint.h>
#include <sys/types.h>

#include "kernel/netlink.h"

/* Begins a message about the interface of a name in `buffer`, of NETLINK_REQUEST_LEN bytes, aligned for it. */
struct nlmsghdr *links_message(void *buffer, uint16_t type, uint16_t flags, const char *name);

/* Each returns 0 or a negative errno, with the kernel's message in netlink->message. */

/* The peer goes to the namespace of process `peer_pid`, or stays here if that is 0. */
int links_add_veth(struct netlink *netlink, const char *name, const char *peer, pid_t peer_pid);
int links_set_up(struct netlink *netlink, const char *name);
int links_delete(struct netlink *netlink, const char *name);

#endif
