// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_pqc_verify_interfaces.h"

#include <linux/if_ether.h>
#include <string.h>

#include "kernel/map_registry.h"
#include "kernel/map_value.h"

#define LEVELS_MAX 8 /* of stacked devices in the kernel */

struct description {
	const struct interface *list;
	size_t n;
	struct pqc_interface *entry;
	bool overflow;
};

static void add(struct description *d, const struct interface *interface, uint32_t vlan)
{
	struct pqc_interface *entry = d->entry;
	uint64_t mac = 0;

	memcpy(&mac, interface->mac, sizeof(interface->mac));
	entry->vlans[vlan / 64] |= UINT64_C(1) << vlan % 64;
	for (uint32_t i = 0; i < entry->n_macs; i++)
		if (entry->macs[i] == mac)
			return;
	if (entry->n_macs == PQC_MACS_MAX)
		d->overflow = true;
	else
		entry->macs[entry->n_macs++] = mac;
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	for (; *kinds != NULL; kinds++)
		if (strcmp(kind, *kinds) == 0)
			return true;
	return false;
}

/*
 * Returns whether a device takes the frames to its MAC address from another one below it. Those of a macvtap go to
 * the process that has opened it, and of vrf, batadv and openvswitch to nobody. A macvlan by source takes frames
 * from some MAC addresses alone, and the host drops others to it (macvlan_handle_frame() in drivers/net/macvlan.c).
 */
static bool is_on_top(const struct interface *upper, const struct interface *lower)
{
	static const char *const kinds[] = { "vlan", "macvlan", "ipvlan", NULL };
	static const char *const other_masters[] = { "vrf", "batadv", "openvswitch", NULL };

	if (!upper->up || upper->by_source)
		return false;
	if (lower->master == upper->ifindex)
		return !is_one_of(upper->kind, other_masters);
	return upper->link == lower->ifindex && is_one_of(upper->kind, kinds);
}

/* Returns the bit of enum pqc_vlans for a device on top of one that takes this VLAN; 0 if it is no VLAN. */
static uint32_t kind_of_vlan(const struct interface *upper, uint32_t below)
{
	if (upper->vlan == 0)
		return 0;
	if (below != 0)
		return PQC_VLANS_NESTED;
	return upper->vlan_protocol == ETH_P_8021AD ? PQC_VLANS_8021AD : PQC_VLANS_8021Q;
}

/* Adds a device and those on top of it; `vlan` is the outermost tag that they take, 0: none. */
static void add_stack(
	struct description *d, const struct interface *interface, uint32_t vlan, int levels)
{
	add(d, interface, vlan);
	for (size_t i = 0; levels > 0 && i < d->n; i++) {
		const struct interface *upper = &d->list[i];

		if (upper->ifindex == interface->ifindex || !is_on_top(upper, interface))
			continue;
		d->entry->kinds |= kind_of_vlan(upper, vlan);
		add_stack(d, upper, vlan != 0 ? vlan : upper->vlan, levels - 1);
	}
}

/* 0 in a place that is not used would be an address that the host takes, which it is on loopback alone. */
static void fill_places(struct pqc_interface *entry)
{
	for (uint32_t i = entry->n_macs; entry->n_macs > 0 && i < PQC_MACS_MAX; i++)
		entry->macs[i] = entry->macs[0];
}

void verifier_describe_interface(const struct interface *interface, const struct interface *list,
	size_t n, struct pqc_interface *entry)
{
	struct description d = { list, n, entry, false };

	memset(entry, 0, sizeof(*entry));
	if (interface->has_mac)
		add_stack(&d, interface, 0, LEVELS_MAX);
	if (d.overflow)
		entry->n_macs = 0;
	fill_places(entry);
}

void verifier_follow_interfaces(const struct program_context *context)
{
	const struct watch *watch = &context->watch;
	int map = map_registry_fd(&context->maps, "pqc_interfaces");
	struct pqc_interface entry;

	for (uint32_t slot = 0; slot < watch->n_interfaces && !context->look_only; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];

		memset(&entry, 0, sizeof(entry));
		if (watched_is_here(row))
			verifier_describe_interface(
				&row->interface, watch->list, watch->n_list, &entry);
		map_value_write(map, &slot, &entry, sizeof(entry));
	}
}
