/* SPDX-License-Identifier: BSD-2-Clause */
/* Sends requests over routing and generic netlink, and reads the answers. */
#ifndef X0_KERNEL_NETLINK_H
#define X0_KERNEL_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_REQUEST_LEN 1024

struct netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	bool secret; /* answers hold keys: wiped once they are read */
	char message[128]; /* the kernel's message for the last error (extack); often empty */
};

/* Opens a route socket in the current network namespace. Returns 0 or a negative errno. */
int netlink_open(struct netlink *netlink);

/* The same for generic netlink. */
int netlink_open_generic(struct netlink *netlink);

/* Closes the socket. Does nothing to one that is all zero. */
void netlink_close(struct netlink *netlink);

/*
 * Starts a message in `buffer`, which has NETLINK_REQUEST_LEN bytes: type RTM_*, flags NLM_F_*
 * beside NLM_F_REQUEST, and a zeroed family header of `header_size` bytes as its payload.
 */
struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags, size_t header_size);

/* Starts a message to a family of generic netlink, by its id. */
struct nlmsghdr *netlink_generic_request(
	void *buffer, uint16_t family, uint8_t command, uint8_t version, uint16_t flags);

/*
 * Finds the id of a family of generic netlink by its name. The kernel may load a module of that name.
 * Returns it, -ENOENT, or another negative errno.
 */
int netlink_generic_family(struct netlink *netlink, const char *name);

/*
 * Sends a request and reads the whole answer: an acknowledgement, one object, or a dump. Passes
 * each object to `callback`, which may be NULL. Returns 0; the kernel's negative errno, with
 * netlink->message if it sent one; or the negative errno that the callback set before MNL_CB_ERROR.
 * -EINTR: a change disturbed the dump, which was read to its end all the same; repeat it.
 */
int netlink_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

/*
 * Sends requests that lie one behind the other, `length` bytes in all, by one call, and reads what became of
 * them. The kernel goes through them in order, in this one call: also after one has failed, and to the end
 * when this process is killed meanwhile. Returns 0; the first error, with *failed the place of its request,
 * from 0, and netlink->message; or another negative errno with *failed as it was.
 */
int netlink_batch(struct netlink *netlink, void *requests, size_t length, uint32_t *failed);

/* Reads an attribute of 32 or of 8 bits. Returns false, with *value as it was, if it has another size. */
bool netlink_read_u32(const struct nlattr *attribute, uint32_t *value);
bool netlink_read_u8(const struct nlattr *attribute, uint8_t *value);

#endif
