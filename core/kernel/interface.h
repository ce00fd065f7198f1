/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists, finds and monitors the interfaces of the current network namespace. */
#ifndef X0_KERNEL_INTERFACE_H
#define X0_KERNEL_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IF_NAMESIZE. Its headers, <net/if.h> and <linux/if.h>, exclude each other. */
#define INTERFACE_NAME_LEN 16

/* ALTIFNAMSIZ: an alternative name with its NUL. */
#define INTERFACE_ALTNAME_LEN 128

/* Room for alternative names: three of the longest, or some twenty of the usual. */
#define INTERFACE_ALTNAMES_LEN 384

/* The header that frames of an interface start with, as XDP and TC programs see them. */
enum interface_frames {
	FRAMES_UNKNOWN, /* neither: 6LoWPAN, CAN, InfiniBand ... */
	FRAMES_ETHERNET,
	FRAMES_IP, /* WireGuard, TUN, PPP, SLIP, tunnels */
	FRAMES_OUTER, /* tunnels before Linux 5.14: a header of the packet around it */
};

struct interface {
	char name[INTERFACE_NAME_LEN];
	char altnames[INTERFACE_ALTNAMES_LEN]; /* each with its NUL; an empty one ends the list */
	char kind[16]; /* "veth", "wireguard", "bridge"; empty for hardware */
	uint32_t ifindex;
	uint32_t master; /* ifindex of its bridge, bond ...; 0: none */
	uint32_t link; /* ifindex of its lower device in this namespace; 0: none */
	uint32_t mtu;
	uint16_t vlan; /* that it takes from the device below it; 0: none */
	uint16_t vlan_protocol; /* ETH_P_8021Q or ETH_P_8021AD of linux/if_ether.h, of that VLAN */
	bool by_source; /* a macvlan that takes frames by the MAC address that they come from */
	bool has_mac;
	uint8_t mac[6];
	uint16_t hardware; /* ARPHRD_* */
	bool up; /* switched on by the administrator */
	bool running; /* has a carrier */
	uint8_t operstate; /* IF_OPER_* of linux/if.h */
	uint32_t carrier_losses; /* how often its carrier went, since it exists */
	bool loopback;
	uint32_t frames; /* enum interface_frames */
	bool container_end; /* a veth or netkit with its peer in another network namespace */
	uint8_t xdp_attached; /* XDP_ATTACHED_* of linux/if_link.h; 0: no XDP program */
	uint32_t xdp_program; /* its id; 0 without one, or with several in different modes */
};

/* Returns whether this is a name of the interface, its own or an alternative one. */
bool interface_is_called(const struct interface *interface, const char *name);

/* Lists all interfaces by one request, in ascending order of ifindex. Returns their number, with
 * *list to be freed by the caller, or a negative errno. */
int interface_list(struct interface **list);

/* Returns the interface of this ifindex in a list from interface_list(), or NULL. */
const struct interface *interface_in_list(const struct interface *list, size_t n, uint32_t ifindex);

/* Find an interface by any of its names, or by ifindex. Return 0, -ENODEV, or another negative
 * errno. */
int interface_find(const char *name, struct interface *interface);
int interface_find_index(uint32_t ifindex, struct interface *interface);

/*
 * Opens a non-blocking descriptor that becomes readable when an interface appears, disappears, or
 * changes its name or state. Returns it, to be closed by the caller, or a negative errno.
 */
int interface_monitor_open(void);

/* Receives a changed interface; `gone`: it was removed or left this network namespace. */
typedef void (*interface_monitor_callback)(
	const struct interface *interface, bool gone, void *data);

/* Reads the pending reports; never blocks. Returns 0 or a negative errno. -ENOBUFS: reports were
 * lost; list the interfaces again. */
int interface_monitor_read(int monitor, interface_monitor_callback callback, void *data);

#endif
