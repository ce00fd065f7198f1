// SPDX-License-Identifier: BSD-2-Clause
/*
 * originators INTERFACE NUMBER: announces so many originators that do not exist to the mesh of batman-adv behind an
 * interface, as from the node that the interface belongs to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/batadv_packet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define VERSION 15 /* BATADV_COMPAT_VERSION, net/batman-adv/main.h */
#define TTL	50
#define TQ	255

enum { AT_ONCE = 21 /* 512 bytes at most: BATADV_MAX_AGGREGATION_BYTES */ };

struct frame {
	struct ethhdr ethernet;
	struct batadv_ogm_packet originators[AT_ONCE];
} __attribute__((packed));

static int fail(const char *what)
{
	fprintf(stderr, "originators: %s: %s\n", what, strerror(errno));
	return 1;
}

static struct batadv_ogm_packet made_up(unsigned number, const unsigned char *sender)
{
	const unsigned char address[ETH_ALEN] = { 2, 0xba, (unsigned char)(number >> 24),
		(unsigned char)(number >> 16), (unsigned char)(number >> 8),
		(unsigned char)number };
	struct batadv_ogm_packet packet = {
		.packet_type = BATADV_IV_OGM,
		.version = VERSION,
		.ttl = TTL,
		.seqno = htonl(1),
		.tq = TQ,
	};

	memcpy(packet.orig, address, ETH_ALEN);
	memcpy(packet.prev_sender, sender, ETH_ALEN);
	return packet;
}

int main(int argc, char **argv)
{
	unsigned long wanted = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	int link = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct frame frame = { .ethernet.h_proto = htons(ETH_P_BATMAN) };
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	struct ifreq request = { 0 };

	if (wanted == 0 || link < 0)
		return fail("INTERFACE NUMBER, as root");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", argv[1]);
	to.sll_ifindex = (int)if_nametoindex(request.ifr_name);
	if (ioctl(link, SIOCGIFHWADDR, &request) < 0)
		return fail(request.ifr_name);
	memset(frame.ethernet.h_dest, 0xff, ETH_ALEN);
	memcpy(frame.ethernet.h_source, request.ifr_hwaddr.sa_data, ETH_ALEN);
	for (unsigned number = 0; number < wanted;) {
		for (int i = 0; i < AT_ONCE; i++)
			frame.originators[i] = made_up(number++, frame.ethernet.h_source);
		if (sendto(link, &frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) <
				0 &&
			errno != ENOBUFS)
			return fail("sendto");
	}
	close(link);
	return 0;
}
