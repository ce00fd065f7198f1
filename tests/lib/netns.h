/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A private network namespace for a test program. It has no name and ends with the process. It
 * holds both ends of a veth pair, without addresses and IPv6, so that only the test's frames
 * travel. Failures abort the test with a message.
 */
#ifndef X0_TESTS_NETNS_H
#define X0_TESTS_NETNS_H

#include <stdbool.h>
#include <stddef.h>

/* Moves this process into a new network namespace. */
void netns_enter(void);

/* Makes a pair of veth interfaces and sets both up. Tests send on `left`. */
void netns_veth(const char *left, const char *right);

/* Whether packets get out of the interface of this name, for wait_until(): the kernel says so up to a
 * second after it has come up (net/core/link_watch.c). */
bool netns_is_running(void *name);

/* Deletes an interface, or both ends of a pair. */
void netns_delete(const char *interface);

/* Deletes all interfaces of the namespace but those that the kernel keeps, such as lo. */
void netns_delete_all(void);

/* Sends a frame `count` times on `interface`. */
void netns_send(const char *interface, const void *frame, size_t length, unsigned count);

/* Sends a frame in an skb whose linear part has only its first 14 bytes. */
void netns_send_nonlinear(const char *interface, const void *frame, size_t length);

#endif
