/* SPDX-License-Identifier: BSD-2-Clause */
/* What shape.c says to rtnetlink, and the sizes in it. */
#ifndef X0_QOS_SHAPE_MESSAGE_H
#define X0_QOS_SHAPE_MESSAGE_H

#include "qos/shape.h"

/* "x0" as the handle of the root qdisc, and as the mark: its rate2quantum, which nothing uses, as each class
 * has a quantum. */
#define SHAPE_MAJOR 0x7830U
#define SHAPE_MARK  0x7830U

/* The mark of fq: its initial quantum, the bytes that a new flow may send before the others, twice the usual. */
#define SHAPE_FQ_MARK 0x7830U

/* The class above all others. */
#define SHAPE_LINK 0xffU

/* The kernel's clock of packet schedulers, PSCHED_SHIFT: 64 ns a tick since 2.6.31. */
#define SHAPE_TICK_NS 64U

#define SHAPE_BATCH_LEN 16384

/* Requests, one behind the other. */
struct shape_batch {
	uint32_t ifindex;
	size_t length;
	char requests[SHAPE_BATCH_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* The interfaces that are shaped. */
struct shape_found {
	size_t n;
	uint32_t *ifindexes; /* to be freed by the caller */
};

/* Lists them. Returns 0, or a negative errno with nothing to be freed; -EINTR as shape_read(). */
int shape_find(struct netlink *netlink, struct shape_found *found);

/* Returns the bytes of the largest frame on an interface with this MTU. */
uint32_t shape_frame(uint32_t mtu);

/* Returns the ticks that a class saves up at most when it sends less than `rate` bit/s. */
uint32_t shape_burst(uint64_t rate, uint32_t mtu);

/* Returns the packets that may wait in a class without fq_codel. */
uint32_t shape_limit(uint64_t ceiling, uint32_t mtu);

/* Fills in the link and the classes of a state from what is asked for. */
void shape_plan(const struct shape *shape, uint32_t mtu, struct shape_state *state);

/* Add a request: to make the root qdisc, if there is none but the kernel's; to remove it, if it is ours. */
void shape_put_root(struct shape_batch *batch, uint16_t fallback);
void shape_put_no_root(struct shape_batch *batch);

/* Add a request: to make a class, or change it where it is; to remove it. */
void shape_put_class(struct shape_batch *batch, const struct shape_class_state *class, bool make);
void shape_put_no_class(struct shape_batch *batch, uint16_t number);

/* Adds a request to make the queue of a class, or change it where it is: fq_codel, or pfifo with this limit. */
void shape_put_queue(
	struct shape_batch *batch, uint16_t number, bool fair, uint32_t limit, bool make);

/* Adds requests to make mq the root qdisc, if there is none but the kernel's, with fq in each of so many queues. */
void shape_put_times(struct shape_batch *batch, uint32_t queues);

/* The queues for which a batch has room. */
#define SHAPE_QUEUES_MAX 64

/* The same as shape_probe() for fq. */
struct nlmsghdr *shape_probe_fq(void *buffer, uint32_t ifindex);

/*
 * Makes a request for fq_codel in `buffer`, of NETLINK_REQUEST_LEN bytes, that no kernel can fulfil: one that does
 * not know fq_codel says so first, by -ENOENT.
 */
struct nlmsghdr *shape_probe(void *buffer, uint32_t ifindex);

#endif
