// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/link_state.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/interface.h"
#include "kernel/netlink.h"

#define LARGE_MTU 9000
#define MTU_MAX	  65535
#define BLOCKS	  (LINK_FEATURES_MAX / 32)
#define PAIR	  "ip link add below type veth peer name peer && "
#define NO_PAIR	  "ip link del below"
#define ALONE	  "ip link del " LINK_TESTED

#define HERE  "ip addr add 10.77.0.1/24 dev " LINK_TESTED
#define THERE "ip addr add 10.77.0.2/24 dev peer"
#define PORT  PAIR "ip link set below master " LINK_TESTED " && ip link set below up && "
/* A pair with addresses of its own, through which a tunnel leads. */
#define UNDER	   PAIR "ip addr add 10.78.0.1/24 dev below && ip link set below up && "
#define OVER	   "ip addr add 10.78.0.2/24 dev peer && "
#define END	   "ip link set end up && ip addr add 10.77.0.2/24 dev end"
#define JOIN(mode) "ip tuntap add dev peer mode " mode " && " HERE

#define VXLAN(local, remote) " type vxlan id 5 local " local " remote " remote " dstport 4789"

/* Keys of RFC 7748, section 6.1, in base64. */
#define WG(interface, private_key, peer_key, peer_address)                                     \
	"echo " private_key                                                                    \
	" | wg set " interface " private-key /proc/self/fd/0 listen-port 51820 peer " peer_key \
	" allowed-ips 10.77.0.0/24 endpoint " peer_address ":51820 && "
#define ALICE_PRIVATE "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
#define ALICE	      "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
#define BOB_PRIVATE   "XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os="
#define BOB	      "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="

/* Real devices of a guest, by the names that guest-test gives them, on one hub. */
#define FETCH(device)                                                                    \
	"{ ip link show " device " || nsenter -t 1 -n $(command -v ip) link set " device \
	" netns $PPID; } && "
#define REAL(one, other)                                                                    \
	FETCH(one)                                                                          \
	FETCH(other)                                                                        \
	"ip link set " one " name " LINK_TESTED " && ip link set " other " name peer",      \
		"ip link set " LINK_TESTED " down && ip link set " LINK_TESTED " name " one \
		"; ip link set peer down && ip link set peer name " other,                  \
		HERE, THERE, 0

const struct link_type link_types[] = {
	{ "veth", "ip link add " LINK_TESTED " type veth peer name peer", ALONE, HERE, THERE, 0 },
	{ "bridge", "ip link add " LINK_TESTED " type bridge", ALONE, PORT HERE, THERE, 0 },
	{ "bond", "ip link add " LINK_TESTED " type bond miimon 10", ALONE, PORT HERE, THERE, 0 },
	{ "dummy", "ip link add " LINK_TESTED " type dummy", ALONE, NULL, NULL, 0 },
	{ "ifb", "ip link add " LINK_TESTED " type ifb", ALONE,
		PAIR
		"ip addr add 10.77.0.1/24 dev below && ip link set below up && "
		"tc qdisc add dev below ingress && tc filter add dev below parent ffff: protocol all "
		"u32 match u32 0 0 action mirred egress redirect dev " LINK_TESTED,
		THERE, 0 },
	{ "macvlan", PAIR "ip link add " LINK_TESTED " link below type macvlan", NO_PAIR, HERE,
		THERE, 0 },
	{ "ipvlan", PAIR "ip link add " LINK_TESTED " link below type ipvlan", NO_PAIR,
		"ip link set " LINK_TESTED " type ipvlan mode l2 && " HERE, THERE, 0 },
	{ "vlan", PAIR "ip link add " LINK_TESTED " link below type vlan id 5", NO_PAIR, HERE,
		"ip link add v5 link peer type vlan id 5 && ip link set v5 up && "
		"ip addr add 10.77.0.2/24 dev v5",
		0 },
	{ "tun", "ip tuntap add dev " LINK_TESTED " mode tun", ALONE, JOIN("tun"), THERE, IFF_TUN },
	{ "tap", "ip tuntap add dev " LINK_TESTED " mode tap", ALONE, JOIN("tap"), THERE, IFF_TAP },
	{ "wireguard", "ip link add " LINK_TESTED " type wireguard", ALONE,
		UNDER WG(LINK_TESTED, ALICE_PRIVATE, BOB, "10.78.0.2") HERE,
		OVER "ip link add end type wireguard && " WG("end", BOB_PRIVATE, ALICE, "10.78.0.1")
			END,
		0 },
	{ "gre", "ip link add " LINK_TESTED " type gre local 127.0.0.1 remote 127.0.0.2", ALONE,
		UNDER "ip link set " LINK_TESTED
		      " type gre local 10.78.0.1 remote 10.78.0.2 && " HERE,
		OVER "ip link add end type gre local 10.78.0.2 remote 10.78.0.1 && " END, 0 },
	{ "vxlan", "ip link add " LINK_TESTED VXLAN("127.0.0.1", "127.0.0.2"), ALONE,
		UNDER ALONE " && ip link add " LINK_TESTED VXLAN(
			"10.78.0.1", "10.78.0.2") " && ip link set " LINK_TESTED " up && " HERE,
		OVER "ip link add end" VXLAN("10.78.0.2", "10.78.0.1") " && " END, 0 },
	{ "macvtap", PAIR "ip link add " LINK_TESTED " link below type macvtap", NO_PAIR, NULL,
		NULL, 0 },
	{ "virtio_net", REAL("x0virtio", "x0e1000e") },
	{ "e1000e", REAL("x0e1000e", "x0virtio") },
	{ NULL, NULL, NULL, NULL, NULL, 0 },
};

static int run(const char *command)
{
	char quiet[1024];

	snprintf(quiet, sizeof(quiet), "{ %s; } >/dev/null 2>&1", command);
	return system(quiet);
}

static const char *const parts[] = { "below", "peer", LINK_TESTED };

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* By system calls: emulation takes long to start a process. Parts that are not there are passed over. */
static void set_up(int fd, const char *part, const char *number, bool up)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s%s", part, number);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return;
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	ioctl(fd, SIOCSIFFLAGS, &request);
}

static void set_all_up(const char *number)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < PARTS; i++)
		set_up(fd, parts[i], number, true);
	close(fd);
}

/* Kernels before 6.2 rename nothing that is up. */
static void rename_parts(const char *from, const char *to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < PARTS; i++) {
		struct ifreq request = { 0 };
		set_up(fd, parts[i], from, false);
		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s%s", parts[i], from);
		snprintf(request.ifr_newname, sizeof(request.ifr_newname), "%s%s", parts[i], to);
		ioctl(fd, SIOCSIFNAME, &request);
	}
	close(fd);
	set_all_up(to);
}

void link_remove(const struct link_type *type)
{
	run(type->remove);
}

/* Removes what is there of a test that failed, or of a type that cannot be made whole. */
static void remove_rest(const struct link_type *type)
{
	for (size_t i = 0; i < PARTS; i++)
		if (if_nametoindex(parts[i]) != 0) {
			link_remove(type);
			return;
		}
}

bool link_make(const struct link_type *type)
{
	remove_rest(type);
	if (run(type->make) == 0) {
		set_all_up("");
		return true;
	}
	remove_rest(type);
	return false;
}

void link_number(unsigned int number)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", number);
	rename_parts("", text);
}

void link_unnumber(unsigned int number)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", number);
	rename_parts(text, "");
}

/* Returns the part that an interface is, and its number, 0 if it has none; NULL: link_make() has not made it. */
static const char *part_of(const char *name, unsigned int *number)
{
	for (size_t i = 0; i < PARTS; i++) {
		size_t length = strlen(parts[i]);
		if (strncmp(name, parts[i], length) != 0)
			continue;
		*number = (unsigned int)strtoul(name + length, NULL, 10);
		return parts[i];
	}
	return NULL;
}

/* --- reading ----------------------------------------------------------------------------------- */

static int ethtool(int fd, const char *name, void *data)
{
	struct ifreq request = { .ifr_data = data };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

static void read_features(int fd, struct link_abilities *state)
{
	union {
		struct ethtool_gfeatures head;
		uint8_t room[sizeof(struct ethtool_gfeatures) +
			     BLOCKS * sizeof(struct ethtool_get_features_block)];
	} get = { .head = { .cmd = ETHTOOL_GFEATURES, .size = BLOCKS } };

	if (ethtool(fd, state->name, &get) < 0)
		return;
	for (int i = 0; i < BLOCKS; i++)
		state->features[i] = get.head.features[i].active;
}

static int set_mtu(int fd, const char *name, uint32_t mtu)
{
	struct ifreq request = { .ifr_mtu = (int)mtu };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCSIFMTU, &request) < 0 ? -errno : 0;
}

/* Searches for the largest MTU that the interface takes, and restores its own. */
static void try_mtus(int fd, struct link_abilities *state)
{
	uint32_t taken = state->mtu, refused = MTU_MAX + 1;

	state->large_mtu = set_mtu(fd, state->name, LARGE_MTU);
	while (refused - taken > 1) {
		uint32_t middle = taken + (refused - taken) / 2;
		if (set_mtu(fd, state->name, middle) == 0)
			taken = middle;
		else
			refused = middle;
	}
	state->largest_mtu = taken;
	set_mtu(fd, state->name, state->mtu);
}

static int read_range(const struct nlattr *attribute, void *data)
{
	struct link_abilities *state = data;

	if (mnl_attr_get_type(attribute) == IFLA_MIN_MTU)
		state->min_mtu = mnl_attr_get_u32(attribute);
	if (mnl_attr_get_type(attribute) == IFLA_MAX_MTU)
		state->max_mtu = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *message, void *data)
{
	mnl_attr_parse(message, sizeof(struct ifinfomsg), read_range, data);
	return MNL_CB_OK;
}

static void read_mtu_range(uint32_t ifindex, struct link_abilities *state)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);
	struct netlink netlink;

	header->ifi_index = (int)ifindex;
	if (netlink_open(&netlink) < 0)
		return;
	netlink_exchange(&netlink, request, on_link, state);
	netlink_close(&netlink);
}

size_t link_states_read(struct link_abilities states[LINK_STATES_MAX])
{
	struct interface *list;
	int n = interface_list(&list), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t found = 0;

	for (int i = 0; i < n && found < LINK_STATES_MAX; i++) {
		struct link_abilities *state = &states[found];
		unsigned int number;
		if (part_of(list[i].name, &number) == NULL)
			continue;
		*state = (struct link_abilities) { .mtu = list[i].mtu };
		memcpy(state->name, list[i].name, sizeof(state->name));
		read_features(fd, state);
		read_mtu_range(list[i].ifindex, state);
		try_mtus(fd, state);
		found++;
	}
	if (n >= 0)
		free(list);
	close(fd);
	return found;
}

/* --- comparing --------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void append(
	char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, size - length, format, arguments);
	va_end(arguments);
}

static void feature_name(const char *interface, uint32_t number, char name[ETH_GSTRING_LEN + 1])
{
	union {
		struct ethtool_sset_info head;
		uint8_t room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} info = { .head = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_FEATURES } };
	union {
		struct ethtool_gstrings head;
		uint8_t room[sizeof(struct ethtool_gstrings) + LINK_FEATURES_MAX * ETH_GSTRING_LEN];
	} get = { .head = { .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name, ETH_GSTRING_LEN, "feature %u", number);
	if (ethtool(fd, interface, &info) == 0 && info.head.data[0] <= LINK_FEATURES_MAX) {
		get.head.len = info.head.data[0]; /* the kernel wants it exactly */
		if (number < get.head.len && ethtool(fd, interface, &get) == 0)
			memcpy(name, get.head.data + number * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
	}
	name[ETH_GSTRING_LEN] = '\0';
	close(fd);
}

/* Begins the next difference: "; peer: " where its first is, then ", ". */
static void begin(const char *who, bool *first, char *text, size_t size)
{
	append(text, size, "%s%s%s", *first && text[0] != '\0' ? "; " : "", *first ? who : "",
		*first ? ": " : ", ");
	*first = false;
}

static void compare_features(const struct link_abilities *before,
	const struct link_abilities *after, const char *who, bool *first, char *text, size_t size)
{
	char name[ETH_GSTRING_LEN + 1];

	for (uint32_t i = 0; i < LINK_FEATURES_MAX; i++) {
		uint32_t bit = 1U << i % 32, was = before->features[i / 32] & bit,
			 is = after->features[i / 32] & bit;
		if (was == is)
			continue;
		feature_name(after->name, i, name);
		begin(who, first, text, size);
		append(text, size, "%s %s", name, is ? "on" : "off");
	}
}

static void compare_mtu(const struct link_abilities *before, const struct link_abilities *after,
	const char *who, bool *first, char *text, size_t size)
{
	bool same = before->largest_mtu == after->largest_mtu &&
		    before->large_mtu == after->large_mtu && before->mtu == after->mtu &&
		    before->min_mtu == after->min_mtu && before->max_mtu == after->max_mtu;

	if (same)
		return;
	begin(who, first, text, size);
	append(text, size, "MTU %u at most", after->largest_mtu);
}

void link_states_compare(const struct link_abilities *before, const struct link_abilities *after,
	size_t n, unsigned int number, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		unsigned int found;
		const char *who = part_of(after[i].name, &found);
		bool first = true;
		if (found != number)
			continue;
		if (strcmp(who, LINK_TESTED) == 0)
			who = "it";
		compare_features(&before[i], &after[i], who, &first, text, size);
		compare_mtu(&before[i], &after[i], who, &first, text, size);
	}
	if (text[0] == '\0')
		append(text, size, "nothing");
}
