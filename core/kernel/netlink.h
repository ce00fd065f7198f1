/* SPDX-License-Identifier: BSD-2-Clause */
/* Routing netlink: a socket, and a request with its answer. */
#ifndef X0_KERNEL_NETLINK_H
#define X0_KERNEL_NETLINK_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_REQUEST_LEN 1024

struct netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	char message[128]; /* what the kernel said about the last error (extack); often empty */
};

/* Opens a route socket in the current network namespace. Returns 0 or a negative errno. */
int netlink_open(struct netlink *netlink);

/* Accepts one that was never opened, if it is all zero. */
void netlink_close(struct netlink *netlink);

/*
 * Starts a message in `buffer`, which has NETLINK_REQUEST_LEN bytes: type RTM_*, flags NLM_F_*
 * beside NLM_F_REQUEST, and a zeroed family header of `header_size` bytes as its payload.
 */
struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags, size_t header_size);

/*
 * Sends a request and reads the answer to its end: an acknowledgement, one object, or a dump, each
 * object of which goes to `callback` (may be NULL). Returns 0, a negative errno of the kernel's with
 * netlink->message set if it gave one, or what the callback left in errno when it returned
 * MNL_CB_ERROR. -EINTR: the dump was disturbed by a change, and is to be repeated.
 */
int netlink_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

#endif
