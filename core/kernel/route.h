/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the kernel which way packets go. */
#ifndef X0_KERNEL_ROUTE_H
#define X0_KERNEL_ROUTE_H

#include <stdint.h>

/* Returns the index of the interface by which packets to an address in text leave this network namespace, or a
 * negative errno: -EINVAL if it is none, such as -ENETUNREACH without a way. Opens a socket of its own. */
int route_interface(const char *address);

#endif
