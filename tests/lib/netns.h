/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A private network namespace for a test program. It has no name: it dies with the process, however
 * that ends. Both ends of a veth pair are in it, without addresses and without IPv6, so that nothing
 * but what the test sends travels. Failures abort the test with a message.
 */
#ifndef X0_TESTS_NETNS_H
#define X0_TESTS_NETNS_H

#include <stddef.h>

/* Moves this process into a new network namespace. */
void netns_enter(void);

/* Makes a pair of veth interfaces and sets both up. `left` is where tests send. */
void netns_veth(const char *left, const char *right);

/* Deletes an interface; of a pair both ends. */
void netns_delete(const char *interface);

/* Sends a frame `count` times out of `interface`. */
void netns_send(const char *interface, const void *frame, size_t length, unsigned count);

/* Sends a frame in an skb that has only its first 14 bytes in the linear part. */
void netns_send_nonlinear(const char *interface, const void *frame, size_t length);

#endif
