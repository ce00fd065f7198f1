// SPDX-License-Identifier: BSD-2-Clause
#include "range.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/fd.h"

void range_make(const struct range *range, struct frame *frame, const struct kind *kind,
	uint8_t neighbour, uint32_t source)
{
	const struct frame_ipv4 ip = { .protocol = kind->tcp ? IPPROTO_TCP : IPPROTO_UDP };
	const uint32_t address = htonl(source), victim = htonl(range->victim);

	frame_ethernet(frame, ETHERTYPE_IP);
	frame_ipv4(frame, &ip);
	if (kind->tcp)
		frame_tcp(frame, 40000, 80, 0);
	else
		frame_udp(frame, 40000, 9999);
	frame_payload(frame, kind->payload > 0 ? kind->payload : kind->tcp ? 0 : 18);
	memcpy(&frame->bytes[frame->ip + 12], &address, sizeof(address));
	if (range->victim != 0)
		memcpy(&frame->bytes[frame->ip + 16], &victim, sizeof(victim));
	frame->bytes[ETH_ALEN + 5] = neighbour;
	frame_finish(frame);
}

/* The attacker of each flood is another one, and so is its neighbour. */
void range_make_flood(struct range *range, const struct kind *kind, uint32_t batch)
{
	const uint32_t first = 0x0a400000 + range->sources;

	for (uint32_t i = 0; i < BATCH; i++)
		range_make(range, &range->flood[i], kind, (uint8_t)(2 + range->sources % 250),
			kind->many ? 0x0b000000 + (batch * BATCH + i) * 7919 % MANY : first);
}

/* Counts the honest frames alone: those of neighbour 1. */
static int filter_honest(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_ALEN + 5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 64),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int open_socket(const char *interface)
{
	const struct sockaddr_ll link = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && (filter_honest(fd) < 0 ||
			       bind(fd, (const struct sockaddr *)&link, sizeof(link)) < 0))
		fd_close(&fd);
	return fd;
}

void range_receive(struct range *range)
{
	uint8_t bytes[64];

	while (recv(range->receives, bytes, sizeof(bytes), 0) > 0)
		range->received++;
}

void range_be_honest(struct range *range)
{
	if (range->ticks++ % HONEST_EVERY == 0)
		range->sent += send(range->sends, range->honest.bytes, range->honest.length, 0) > 0;
	range_receive(range);
}

void range_send(struct range *range)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec) { range->flood[i].bytes, range->flood[i].length };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sendmmsg(range->sends, messages, BATCH, 0);
}

/* --- time --------------------------------------------------------------------------------------- */

void sleep_until(uint64_t ns)
{
	const struct timespec at = { (time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

void range_be_honest_for(struct range *range, uint64_t ns)
{
	const uint64_t began = clock_monotonic_ns();

	for (uint64_t at = began; at < began + ns; at += BATCH_NS) {
		sleep_until(at);
		range_be_honest(range);
	}
}

void range_forget(struct range *range)
{
	range->sent = range->received = 0;
}

double range_share(const struct range *range)
{
	return range->sent > 0 ? (double)range->received / (double)range->sent : 0;
}

int range_open(struct range *range)
{
	range->sends = open_socket(BENCH_SENDS);
	range->receives = open_socket(BENCH_RECEIVES);
	return range->sends >= 0 && range->receives >= 0 ? 0 : -1;
}

void range_close(struct range *range)
{
	fd_close(&range->sends);
	fd_close(&range->receives);
}
