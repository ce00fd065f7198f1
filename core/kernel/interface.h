/* SPDX-License-Identifier: BSD-2-Clause */
/* The network interfaces of the current network namespace. */
#ifndef X0_KERNEL_INTERFACE_H
#define X0_KERNEL_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IF_NAMESIZE; the headers that have it, <net/if.h> and <linux/if.h>, cannot be mixed. */
#define INTERFACE_NAME_LEN 16

/* ALTIFNAMSIZ: an alternative name and its terminating zero. */
#define INTERFACE_ALTNAME_LEN 128

/* Room for alternative names: three of the longest, or some twenty of the usual. */
#define INTERFACE_ALTNAMES_LEN 384

struct interface {
	char name[INTERFACE_NAME_LEN];
	char altnames[INTERFACE_ALTNAMES_LEN]; /* each with its zero, then an empty one */
	char kind[16]; /* "veth", "wireguard", "bridge"; empty for hardware */
	uint32_t ifindex;
	uint32_t master; /* ifindex of the bridge, bond ... that it is a port of; 0: none */
	uint32_t link; /* ifindex of the device it says it is over, in this namespace; 0: none */
	uint32_t mtu;
	uint16_t hardware; /* ARPHRD_* */
	bool up; /* switched on by the administrator */
	bool running; /* and has a carrier */
	bool loopback;
	bool raw_ip; /* frames start with the IP header: WireGuard, TUN, tunnels */
	bool container_end; /* a veth or netkit whose other end is in another network namespace */
	uint8_t xdp_attached; /* XDP_ATTACHED_* of linux/if_link.h; 0: no XDP program */
	uint32_t xdp_program; /* its id; 0 if there is none, or several modes have one each */
};

/* Whether an interface has this name, or has it as an alternative name. */
bool interface_is_called(const struct interface *interface, const char *name);

/*
 * Lists all interfaces in ascending order of ifindex, by one request. Returns how many there are, with
 * *list to be freed by the caller, or a negative errno.
 */
int interface_list(struct interface **list);

/* The interface of this index in a list of interface_list(), or NULL. */
const struct interface *interface_in_list(const struct interface *list, size_t n, uint32_t ifindex);

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
