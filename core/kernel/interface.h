/* SPDX-License-Identifier: BSD-2-Clause */
/* The network interfaces of the current network namespace. */
#ifndef X0_KERNEL_INTERFACE_H
#define X0_KERNEL_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IF_NAMESIZE; the headers that have it, <net/if.h> and <linux/if.h>, cannot be mixed. */
#define INTERFACE_NAME_LEN 16

struct interface {
	char name[INTERFACE_NAME_LEN];
	char kind[16]; /* "veth", "wireguard", "bridge"; empty for hardware */
	uint32_t ifindex;
	uint32_t mtu;
	uint16_t hardware; /* ARPHRD_* */
	bool up; /* switched on by the administrator */
	bool running; /* and has a carrier */
	bool loopback;
	bool raw_ip; /* frames start with the IP header: WireGuard, TUN, tunnels */
	bool container_end; /* a veth whose other end is in another network namespace */
	uint8_t xdp_attached; /* XDP_ATTACHED_* of linux/if_link.h; 0: no XDP program */
	uint32_t xdp_program; /* its id; 0 if there is none, or several modes have one each */
};

/* Fills `list` in ascending order of ifindex. Returns how many there are, at most `max`, or a
 * negative errno. */
int interface_list(struct interface *list, size_t max);

/*
 * The interfaces to watch when the operator names none: up, not loopback, and not the host's ends
 * of containers. Returns how many, at most `max`, or a negative errno.
 */
int interface_list_default(struct interface *list, size_t max);

/* By name (alternative names too) or by index. Return 0, -ENODEV, or another negative errno. */
int interface_find(const char *name, struct interface *interface);
int interface_find_index(uint32_t ifindex, struct interface *interface);

/*
 * A non-blocking file descriptor that becomes readable when an interface appears, disappears, is
 * renamed, or changes its state. To be closed by the caller. Returns it, or a negative errno.
 */
int interface_monitor_open(void);

/* `gone`: the interface was removed or left this network namespace. */
typedef void (*interface_monitor_callback)(
	const struct interface *interface, bool gone, void *data);

/*
 * Reads what has been reported until now; never blocks. Returns 0, or a negative errno; -ENOBUFS
 * means that reports were lost, and the caller has to list the interfaces anew.
 */
int interface_monitor_read(int monitor, interface_monitor_callback callback, void *data);

#endif
