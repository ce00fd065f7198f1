// SPDX-License-Identifier: BSD-2-Clause
/* To which MAC addresses and VLANs frames have to go, by the devices on top of an interface. */
#include <linux/if_ether.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "programs/xdp_pqc_verify_interfaces.h"

#define DEVICES_MAX 16

static struct interface devices[DEVICES_MAX];
static size_t n;
static struct pqc_interface entry;

static int set_up(void **state)
{
	(void)state;
	memset(devices, 0, sizeof(devices));
	n = 0;
	return 0;
}

/* Adds a device of its own MAC address; `below`: the ifindex of the one that it takes frames from. */
static struct interface *add(const char *kind, uint32_t below)
{
	struct interface *device = &devices[n++];

	device->ifindex = (uint32_t)n;
	strcpy(device->kind, kind);
	device->link = below;
	device->up = true;
	device->has_mac = true;
	device->mac[0] = 2;
	device->mac[5] = (uint8_t)n;
	return device;
}

static struct interface *add_vlan(uint32_t below, uint16_t vlan, uint16_t protocol)
{
	struct interface *device = add("vlan", below);

	device->vlan = vlan;
	device->vlan_protocol = protocol;
	return device;
}

static void describe(size_t device)
{
	memset(&entry, 0xff, sizeof(entry));
	verifier_describe_interface(&devices[device], devices, n, &entry);
}

static bool takes_mac(size_t device)
{
	uint64_t mac = 0;

	memcpy(&mac, devices[device].mac, sizeof(devices[device].mac));
	for (uint32_t i = 0; i < entry.n_macs; i++)
		if (entry.macs[i] == mac)
			return true;
	return false;
}

static bool takes_vlan(unsigned vlan)
{
	return entry.vlans[vlan / 64] >> vlan % 64 & 1;
}

static void an_interface_alone(void **state)
{
	(void)state;
	add("", 0);
	add("", 0);
	add_vlan(2, 9, ETH_P_8021Q);
	describe(0);
	assert_int_equal(entry.n_macs, 1);
	assert_true(takes_mac(0));
	assert_true(takes_vlan(0));
	assert_false(takes_vlan(9));
	assert_int_equal(entry.kinds, 0);
}

static void devices_on_top(void **state)
{
	(void)state;
	add("", 0)->master = 2;
	add("bridge", 0);
	add("macvlan", 2);
	add("ipvlan", 2);
	add("ipip", 2); /* its frames are for the host already */
	describe(0);
	assert_int_equal(entry.n_macs, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(takes_mac(i));
	describe(2);
	assert_int_equal(entry.n_macs, 1);
}

/* What the host drops, or another process takes, is not for the host. */
static void devices_that_take_nothing(void **state)
{
	static const char *const masters[] = { "vrf", "batadv", "openvswitch" };

	(void)state;
	add("", 0)->master = 2;
	add("bridge", 0)->up = false;
	add("macvlan", 1)->up = false;
	add("macvlan", 1)->by_source = true;
	add("macvtap", 1);
	add_vlan(1, 9, ETH_P_8021Q)->up = false;
	add("macvlan", 3);
	describe(0);
	assert_int_equal(entry.n_macs, 1);
	assert_false(takes_vlan(9));
	assert_int_equal(entry.kinds, 0);
	describe(3); /* by its source it has what it takes */
	assert_int_equal(entry.n_macs, 1);
	for (size_t i = 0; i < sizeof(masters) / sizeof(masters[0]); i++) {
		devices[1].up = true;
		strcpy(devices[1].kind, masters[i]);
		describe(0);
		assert_int_equal(entry.n_macs, 1);
	}
}

/* The verifier compares all places: one that is not used holds no other address, such as 0. */
static void no_place_is_left_empty(void **state)
{
	uint64_t own = 0;

	(void)state;
	add("", 0);
	add("macvlan", 1);
	describe(0);
	assert_int_equal(entry.n_macs, 2);
	memcpy(&own, devices[0].mac, sizeof(devices[0].mac));
	assert_int_equal(entry.macs[0], own);
	for (uint32_t i = entry.n_macs; i < PQC_MACS_MAX; i++)
		assert_int_equal(entry.macs[i], own);
}

/* The outermost tag counts, and which kinds of tags there are. */
static void vlans_on_top(void **state)
{
	(void)state;
	add("", 0);
	add_vlan(1, 10, ETH_P_8021Q);
	describe(0);
	assert_true(takes_vlan(0) && takes_vlan(10));
	assert_int_equal(entry.kinds, PQC_VLANS_8021Q);
	add_vlan(2, 20, ETH_P_8021Q);
	describe(0);
	assert_false(takes_vlan(20));
	assert_int_equal(entry.kinds, PQC_VLANS_8021Q | PQC_VLANS_NESTED);
	describe(1);
	assert_true(takes_vlan(20));
	assert_int_equal(entry.kinds, PQC_VLANS_8021Q);
	devices[1].vlan_protocol = ETH_P_8021AD;
	describe(0);
	assert_int_equal(entry.kinds, PQC_VLANS_8021AD | PQC_VLANS_NESTED);
}

/* Neither an interface without addresses nor one with too many is checked. */
static void what_cannot_be_known(void **state)
{
	(void)state;
	add("", 0)->has_mac = false;
	describe(0);
	assert_int_equal(entry.n_macs, 0);
	devices[0].has_mac = true;
	while (n < PQC_MACS_MAX)
		add("macvlan", 1);
	describe(0);
	assert_int_equal(entry.n_macs, PQC_MACS_MAX);
	add("macvlan", 1);
	describe(0);
	assert_int_equal(entry.n_macs, 0);
}

/* Devices that stand on each other in a circle, as links into other namespaces may look, come to an end. */
static void circles_end(void **state)
{
	(void)state;
	add("macvlan", 2);
	add("macvlan", 1);
	describe(0);
	assert_int_equal(entry.n_macs, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_interface_alone, set_up),
		cmocka_unit_test_setup(devices_on_top, set_up),
		cmocka_unit_test_setup(devices_that_take_nothing, set_up),
		cmocka_unit_test_setup(no_place_is_left_empty, set_up),
		cmocka_unit_test_setup(vlans_on_top, set_up),
		cmocka_unit_test_setup(what_cannot_be_known, set_up),
		cmocka_unit_test_setup(circles_end, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
