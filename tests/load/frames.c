// SPDX-License-Identifier: BSD-2-Clause
/*
 * frames DEVICE MAC SOURCE DESTINATION RATE FILE: sends UDP over IPv4 to a MAC address out of a device, RATE frames a
 * second or as many as go, until FILE is there. Prints how many it sent, and in how many seconds.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/lib/live_frames.h"

#define BATCHES 4 /* a second: each costs tens of milliseconds to begin */
#define PORT	4000
#define PAYLOAD 18 /* bytes: the smallest frame of Ethernet */
#define SOURCE	12 /* offsets in the IPv4 header */
#define TARGET	16

static int make_frame(struct frame *frame, char **words)
{
	const struct frame_ipv4 udp = { .protocol = IPPROTO_UDP };
	uint8_t mac[6];

	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &udp);
	frame_udp(frame, PORT, PORT);
	frame_payload(frame, PAYLOAD);
	if (sscanf(words[0], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		    &mac[4], &mac[5]) != 6 ||
		inet_pton(AF_INET, words[1], frame->bytes + frame->ip + SOURCE) != 1 ||
		inet_pton(AF_INET, words[2], frame->bytes + frame->ip + TARGET) != 1)
		return -1;
	memcpy(frame->bytes, mac, sizeof(mac));
	frame_finish(frame);
	return 0;
}

/* Waits until `sent` frames are due. */
static void pace(double began, double sent, double rate)
{
	double early = began + sent / rate - clock_monotonic_seconds();
	const struct timespec wait = { .tv_nsec = (long)(early * 1e9) };

	if (early > 0 && early < 1)
		nanosleep(&wait, NULL);
}

int main(int argc, char **argv)
{
	struct frame frame;

	if (argc != 7 || make_frame(&frame, argv + 2) < 0) {
		fprintf(stderr, "usage: %s DEVICE MAC SOURCE DESTINATION RATE FILE\n", argv[0]);
		return 2;
	}
	uint32_t ifindex = if_nametoindex(argv[1]);
	int program = live_frames_open(ifindex);
	double began = clock_monotonic_seconds(), rate = strtod(argv[5], NULL), sent = 0;
	uint32_t batch = (uint32_t)(rate / BATCHES) + 1;
	int error = program < 0 ? program : 0;
	while (error == 0 && access(argv[6], F_OK) != 0) {
		error = live_frames_send(program, ifindex, &frame, batch);
		sent += batch;
		pace(began, sent, rate);
	}
	printf("%.0f %.3f\n", sent, clock_monotonic_seconds() - began);
	if (error < 0)
		fprintf(stderr, "cannot send: %s\n", strerror(-error));
	return error < 0;
}
