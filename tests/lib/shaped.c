// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/shaped.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/link_stats.h"
#include "qos/shape_message.h"
#include "tests/lib/netns.h"
#include "tests/lib/wait.h"

#define TRIES	  5
#define SEND_ROOM (1 << 30)
#define SLACK_S	  0.6
#define SLOW_S	  0.05
#define FRAME_MAX 65536
#define AT_ONCE_S 0.001 /* what is read within this is of one time */

/* --- links ----------------------------------------------------------------------------------- */

static int open_sender(const struct shaped_link *link, uint16_t number)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)link->left.ifindex };
	uint32_t priority = number == 0 ? 0 : shape_priority(number);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), room = SEND_ROOM;

	assert_return_code(fd, errno);
	assert_return_code(
		setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)), errno);
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)), errno);
	assert_return_code(bind(fd, (const struct sockaddr *)&address, sizeof(address)), errno);
	return fd;
}

static void set_mtu(const char *name, uint32_t mtu)
{
	char command[128];

	snprintf(command, sizeof(command), "ip link set %s mtu %u", name, mtu);
	assert_int_equal(system(command), 0);
}

static uint16_t number_of(const struct shaped_sender *sender)
{
	return sender->counted != 0 ? sender->counted : sender->number;
}

/* Gives a sender a queue that lasts for some time; fq_codel has room. */
static void widen(const struct shaped_link *link, struct shaped_sender *sender,
	struct netlink *netlink, double seconds)
{
	struct shape_batch batch = { .ifindex = link->left.ifindex };
	struct shape_state state;
	uint32_t failed;

	sender->room = (uint32_t)(sender->expected * seconds / 8 / link->frame) + 1;
	assert_int_equal(shape_read(netlink, link->left.ifindex, &state), 0);
	if (state.fair)
		return;
	shape_put_queue(&batch, number_of(sender), false, sender->room, false);
	assert_int_equal(netlink_batch(netlink, batch.requests, batch.length, &failed), 0);
}

static void apply(
	const struct shaped_link *link, const struct shape *shape, struct netlink *netlink)
{
	struct failure failure;

	if (shape_apply(netlink, &link->left, shape, &failure) < 0)
		fail_msg("%s: %s: %s", link->name, failure.what, failure.cause);
}

void shaped_open(struct shaped_link *link, struct netlink *netlink)
{
	static unsigned int number;
	char left[IF_NAMESIZE], right[IF_NAMESIZE];

	snprintf(left, sizeof(left), "x0s%u", number);
	snprintf(right, sizeof(right), "x0r%u", number++);
	netns_veth(left, right);
	set_mtu(left, link->mtu);
	set_mtu(right, link->mtu);
	link->right = if_nametoindex(right);
	assert_int_equal(interface_find(left, &link->left), 0);
	apply(link, &link->shape, netlink);
	for (struct shaped_sender *sender = link->senders; sender->expected > 0; sender++)
		sender->fd = open_sender(link, sender->number);
}

void shaped_close(struct shaped_link *link)
{
	for (struct shaped_sender *sender = link->senders; sender->expected > 0; sender++)
		close(sender->fd);
	netns_delete(link->left.name);
}

/* --- sending --------------------------------------------------------------------------------- */

/* At rates that a frame takes SLOW_S at: a class that is made faster waits for its last one. */
static struct shape slow(const struct shaped_link *link)
{
	const uint64_t rate = (uint64_t)(link->frame * 8 / SLOW_S);
	struct shape slow = link->shape;

	slow.rate = 0;
	for (uint16_t i = 0; i < slow.n; i++) {
		struct shape_class *class = &slow.classes[i];
		class->rate = class->rate < rate ? class->rate : rate;
		class->ceiling = class->rate;
		slow.rate += class->rate;
	}
	return slow;
}

static void fill(const struct shaped_sender *sender, uint32_t frame)
{
	static uint8_t bytes[FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };

	for (uint32_t i = 0; i < sender->room; i++)
		if (send(sender->fd, bytes, frame, 0) < 0) {
			assert_int_equal(errno, ENOBUFS); /* of a queue that is full already */
			break;
		}
}

/* Fills the queues while next to nothing leaves them, so that it does not matter how long that takes. */
static void fill_all(struct shaped_link *links, size_t n, struct netlink *netlink, double seconds)
{
	for (size_t i = 0; i < n; i++) {
		const struct shape slowed = slow(&links[i]);
		apply(&links[i], &slowed, netlink);
		for (struct shaped_sender *s = links[i].senders; s->expected > 0; s++) {
			widen(&links[i], s, netlink, seconds);
			fill(s, links[i].frame);
		}
	}
}
/* --- measuring ------------------------------------------------------------------------------- */

struct wanted {
	uint32_t ifindex;
	uint64_t bytes;
};

static void keep(uint32_t ifindex, const struct rtnl_link_stats64 *stats, void *data)
{
	struct wanted *wanted = data;

	if (ifindex == wanted->ifindex)
		wanted->bytes = stats->rx_bytes;
}

/* Reads what came out of a link and what its classes have sent, at one time. Returns that time. */
static double read_counts(const struct shaped_link *link, struct netlink *netlink,
	struct shape_state *state, uint64_t *bytes)
{
	struct wanted wanted = { .ifindex = link->right };
	double before, after;

	do {
		before = clock_monotonic_seconds();
		assert_int_equal(link_stats_read(netlink, keep, &wanted), 0);
		assert_int_equal(shape_read(netlink, link->left.ifindex, state), 0);
		after = clock_monotonic_seconds();
	} while (after - before > AT_ONCE_S);
	*bytes = wanted.bytes;
	return (before + after) / 2;
}

static const struct shape_class_state *class_of(
	const struct shape_state *state, const struct shaped_sender *sender)
{
	for (uint16_t i = 0; i < state->n; i++)
		if (state->classes[i].number == number_of(sender))
			return &state->classes[i];
	fail_msg("there is no class %u", number_of(sender));
	return NULL;
}

static void begin(struct shaped_link *link, struct netlink *netlink)
{
	struct shape_state state;

	link->began = read_counts(link, netlink, &state, &link->bytes);
	for (struct shaped_sender *s = link->senders; s->expected > 0; s++)
		s->bytes = class_of(&state, s)->bytes;
}

/* Returns whether all queues still hold packets. */
static bool end(struct shaped_link *link, struct netlink *netlink)
{
	struct shape_state state;
	bool busy = true;
	uint64_t bytes;
	double seconds = read_counts(link, netlink, &state, &bytes) - link->began;

	link->had = 8 * (double)(bytes - link->bytes) / seconds;
	for (struct shaped_sender *s = link->senders; s->expected > 0; s++) {
		const struct shape_class_state *class = class_of(&state, s);
		s->had = 8 * (double)(class->bytes - s->bytes) / seconds;
		busy &= class->backlog_packets > 0;
	}
	return busy;
}

struct even {
	const struct shaped_link *link;
	struct netlink *netlink;
};

static void wait_for(double seconds)
{
	const double until = clock_monotonic_seconds() + seconds;

	while (clock_monotonic_seconds() < until)
		usleep(1000);
}

/* What a link owes from slower times counts as time: it is soon over. */
static bool is_even(void *data)
{
	const struct even *even = data;

	const double frame_ns = even->link->frame * 8e9 / (double)even->link->shape.rate;
	struct shape_state state;

	return shape_read(even->netlink, even->link->left.ifindex, &state) == 0 &&
	       (double)state.link.tokens >= -2 * frame_ns;
}

static void wait_for_all(struct shaped_link *links, size_t n, struct netlink *netlink)
{
	for (size_t i = 0; i < n; i++) {
		struct even even = { &links[i], netlink };
		if (!wait_until(is_even, &even))
			fail_msg("%s: it never pays what it owes", links[i].name);
	}
}

static bool measure(
	struct shaped_link *links, size_t n, struct netlink *netlink, double warm, double seconds)
{
	bool busy = true;

	fill_all(links, n, netlink, warm + 2 * seconds + SLACK_S);
	for (size_t i = 0; i < n; i++)
		apply(&links[i], &links[i].shape, netlink);
	wait_for(warm);
	wait_for_all(links, n, netlink);
	for (size_t i = 0; i < n; i++)
		begin(&links[i], netlink);
	wait_for(seconds);
	for (size_t i = 0; i < n; i++)
		busy &= end(&links[i], netlink);
	return busy;
}

void shaped_measure(
	struct shaped_link *links, size_t n, struct netlink *netlink, double warm, double seconds)
{
	for (int i = 0; i < TRIES; i++)
		if (measure(links, n, netlink, warm, seconds))
			return;
	fail_msg("the test has had no processor for long");
}
