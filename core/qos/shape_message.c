// SPDX-License-Identifier: BSD-2-Clause
#include "qos/shape_message.h"

#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/clock.h"

#define NS_PER_MS (NS_PER_SECOND / 1000)

/* An Ethernet header with a VLAN tag. */
#define HEADER_LEN (ETH_HLEN + 4)

/*
 * A bucket must hold what passes while the kernel does not look at it, at most a tick of its slowest usual
 * clock (CONFIG_HZ=250), and the packet that is sent: rate / HZ + MTU, as tc computes it (iproute2,
 * tc/q_htb.c: rate64 / get_hz() + mtu) and tc-tbf(8) explains it. tc takes the hrtimers' 1 ns for the
 * tick; a busy CPU looks later, and what does not fit in the bucket is lost to the rate.
 */
#define BURST_NS (4 * NS_PER_MS)

/* A turn of a class: a frame at least, as HTB goes to the next class after it (sch_htb.c, htb_dequeue_tree());
 * more at high rates, where GSO makes packets of many frames. */
#define TURN_NS (1 * NS_PER_MS)

/* What may wait without fq_codel: the usual buffer of 100 ms (RFC 3439, section 2.3, has 250), and the packets
 * of an initial window (RFC 6928). */
#define QUEUE_NS  (100 * NS_PER_MS)
#define QUEUE_MIN 16U
#define QUEUE_MAX 10000U
#define FQ_LIMIT  20000U /* packets */

static uint64_t bytes_in(uint64_t rate, uint64_t ns)
{
	return rate / 8 * (ns / 1000) / (NS_PER_SECOND / 1000);
}

uint32_t shape_frame(uint32_t mtu)
{
	return mtu + HEADER_LEN;
}

uint32_t shape_burst(uint64_t rate, uint32_t mtu)
{
	return (uint32_t)((BURST_NS + shape_frame(mtu) * 8 * NS_PER_SECOND / rate) / SHAPE_TICK_NS);
}

uint32_t shape_limit(uint64_t ceiling, uint32_t mtu)
{
	uint64_t packets = bytes_in(ceiling, QUEUE_NS) / shape_frame(mtu);

	if (packets < QUEUE_MIN)
		return QUEUE_MIN;
	return packets < QUEUE_MAX ? (uint32_t)packets : QUEUE_MAX;
}

/* --- plan ------------------------------------------------------------------------------------ */

static uint32_t least_share(const struct shape *shape)
{
	uint32_t least = SHAPE_SHARE_MAX;

	for (uint16_t i = 0; i < shape->n; i++)
		if (shape->classes[i].share < least)
			least = shape->classes[i].share;
	return least;
}

static void plan_class(
	struct shape_class_state *planned, uint64_t rate, uint64_t ceiling, uint32_t mtu)
{
	planned->rate = rate;
	planned->ceiling = ceiling;
	planned->burst = shape_burst(rate, mtu);
	planned->ceiling_burst = shape_burst(ceiling, mtu);
}

/* Puts a class where its number belongs. */
static struct shape_class_state *place(struct shape_state *state, uint16_t number)
{
	uint16_t at = state->n++;

	for (; at > 0 && state->classes[at - 1].number > number; at--)
		state->classes[at] = state->classes[at - 1];
	state->classes[at] = (struct shape_class_state) { .number = number };
	return &state->classes[at];
}

void shape_plan(const struct shape *shape, uint32_t mtu, struct shape_state *state)
{
	uint64_t turn = bytes_in(shape->rate, TURN_NS);
	uint32_t least = least_share(shape);

	if (turn < shape_frame(mtu))
		turn = shape_frame(mtu);
	state->fallback = shape->fallback;
	state->n = 0;
	state->link = (struct shape_class_state) { .quantum = (uint32_t)turn };
	plan_class(&state->link, shape->rate, shape->rate, mtu);
	for (uint16_t i = 0; i < shape->n; i++) {
		const struct shape_class *class = &shape->classes[i];
		struct shape_class_state *planned = place(state, class->number);
		plan_class(planned, class->rate, class->ceiling, mtu);
		planned->priority = class->priority;
		planned->quantum = (uint32_t)(turn * class->share / least);
	}
}

/* --- the plan read back ------------------------------------------------------------------------ */

/* Returns the share that makes this turn of a class, where the least one makes `turn`; 0: none does. */
static uint32_t share_of(uint32_t quantum, uint32_t turn, uint32_t least)
{
	uint64_t share = ((uint64_t)quantum * least + turn - 1) / turn;

	if (turn * share / least != quantum || share > SHAPE_SHARE_MAX)
		return 0;
	return (uint32_t)share;
}

static bool shares_are(const struct shape_state *state, uint32_t turn, uint32_t least)
{
	for (uint16_t i = 0; i < state->n; i++)
		if (share_of(state->classes[i].quantum, turn, least) == 0)
			return false;
	return true;
}

/* Returns the smallest share of the smallest ones with the ratios of the turns: the kernel keeps turns alone. */
static uint32_t read_least(const struct shape_state *state, uint32_t turn)
{
	for (uint32_t least = 1; least <= SHAPE_SHARE_MAX && turn > 0; least++)
		if (shares_are(state, turn, least))
			return least;
	return 0;
}

void shape_asked(const struct shape_state *state, struct shape *shape)
{
	uint32_t turn = state->n > 0 ? state->classes[0].quantum : 0;

	for (uint16_t i = 1; i < state->n; i++)
		if (state->classes[i].quantum < turn)
			turn = state->classes[i].quantum;
	uint32_t least = read_least(state, turn);
	*shape = (struct shape) {
		.rate = state->link.rate, .fallback = state->fallback, .n = state->n
	};
	for (uint16_t i = 0; i < state->n; i++) {
		const struct shape_class_state *class = &state->classes[i];
		shape->classes[i] = (struct shape_class) {
			.number = class->number,
			.priority = class->priority,
			/* Turns that somebody else has set are none of ours. */
			.share = least > 0 ? share_of(class->quantum, turn, least) : 1,
			.rate = class->rate,
			.ceiling = class->ceiling,
		};
	}
}

/* --- requests -------------------------------------------------------------------------------- */

static struct nlmsghdr *start(void *buffer, uint32_t ifindex, uint16_t type, uint16_t flags,
	uint32_t parent, uint32_t handle)
{
	struct nlmsghdr *request = netlink_request(buffer, type, flags, sizeof(struct tcmsg));
	struct tcmsg *header = mnl_nlmsg_get_payload(request);

	header->tcm_ifindex = (int)ifindex;
	header->tcm_parent = parent;
	header->tcm_handle = handle;
	return request;
}

static struct nlmsghdr *add(
	struct shape_batch *batch, uint16_t type, uint16_t flags, uint32_t parent, uint32_t handle)
{
	return start(batch->requests + batch->length, batch->ifindex, type, flags, parent, handle);
}

static void added(struct shape_batch *batch, const struct nlmsghdr *request)
{
	batch->length += NLMSG_ALIGN(request->nlmsg_len);
}

static uint32_t class_id(uint32_t minor)
{
	return TC_H_MAKE(SHAPE_MAJOR << 16, minor);
}

uint32_t shape_priority(uint16_t number)
{
	return class_id(number);
}

static uint32_t queue_handle(uint16_t number)
{
	return (SHAPE_MAJOR + number) << 16;
}

/* Without NLM_F_REPLACE the kernel itself refuses to put it in the place of somebody else's. */
void shape_put_root(struct shape_batch *batch, uint16_t fallback)
{
	const struct tc_htb_glob options = {
		.version = TC_HTB_PROTOVER,
		.rate2quantum = SHAPE_MARK,
		.defcls = fallback,
	};
	struct nlmsghdr *request =
		add(batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, TC_H_ROOT, SHAPE_MAJOR << 16);

	mnl_attr_put_strz(request, TCA_KIND, "htb");
	struct nlattr *nest = mnl_attr_nest_start(request, TCA_OPTIONS);
	mnl_attr_put(request, TCA_HTB_INIT, sizeof(options), &options);
	/* Until all classes are there; the default, the interface's queue length, may be 0. */
	mnl_attr_put_u32(request, TCA_HTB_DIRECT_QLEN, 1000);
	mnl_attr_nest_end(request, nest);
	added(batch, request);
}

void shape_put_no_root(struct shape_batch *batch)
{
	added(batch, add(batch, RTM_DELQDISC, 0, TC_H_ROOT, SHAPE_MAJOR << 16));
}

/* In bytes a second; a rate beyond 32 bits has an attribute of its own. */
static void put_rate(
	struct nlmsghdr *request, uint16_t type, uint64_t rate, struct tc_ratespec *spec)
{
	rate /= 8;
	spec->rate = rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
	/* The kernel computes times by itself, and needs no table. */
	spec->linklayer = TC_LINKLAYER_ETHERNET;
	if (rate > UINT32_MAX)
		mnl_attr_put_u64(request, type, rate);
}

void shape_put_class(struct shape_batch *batch, const struct shape_class_state *class, bool make)
{
	bool link = class->number == 0;
	struct tc_htb_opt options = {
		.buffer = class->burst,
		.cbuffer = class->ceiling_burst,
		.quantum = class->quantum,
		.prio = class->priority,
	};
	struct nlmsghdr *request = add(batch, RTM_NEWTCLASS, make ? NLM_F_CREATE | NLM_F_EXCL : 0,
		class_id(link ? 0 : SHAPE_LINK), class_id(link ? SHAPE_LINK : class->number));

	mnl_attr_put_strz(request, TCA_KIND, "htb");
	struct nlattr *nest = mnl_attr_nest_start(request, TCA_OPTIONS);
	put_rate(request, TCA_HTB_RATE64, class->rate, &options.rate);
	put_rate(request, TCA_HTB_CEIL64, class->ceiling, &options.ceil);
	mnl_attr_put(request, TCA_HTB_PARMS, sizeof(options), &options);
	mnl_attr_nest_end(request, nest);
	added(batch, request);
}

void shape_put_no_class(struct shape_batch *batch, uint16_t number)
{
	added(batch, add(batch, RTM_DELTCLASS, 0, class_id(SHAPE_LINK), class_id(number)));
}

void shape_put_queue(
	struct shape_batch *batch, uint16_t number, bool fair, uint32_t limit, bool make)
{
	const struct tc_fifo_qopt options = { .limit = limit };
	struct nlmsghdr *request = add(batch, RTM_NEWQDISC, make ? NLM_F_CREATE | NLM_F_EXCL : 0,
		class_id(number), queue_handle(number));

	mnl_attr_put_strz(request, TCA_KIND, fair ? "fq_codel" : "pfifo");
	if (!fair)
		mnl_attr_put(request, TCA_OPTIONS, sizeof(options), &options);
	added(batch, request);
}

static void put_fq(struct shape_batch *batch, uint32_t queue)
{
	struct nlmsghdr *request = add(batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
		class_id(queue), (SHAPE_MAJOR + queue) << 16);

	mnl_attr_put_strz(request, TCA_KIND, "fq");
	struct nlattr *nest = mnl_attr_nest_start(request, TCA_OPTIONS);
	mnl_attr_put_u32(request, TCA_FQ_INITIAL_QUANTUM, SHAPE_FQ_MARK);
	/* What waits too long never comes here. */
	mnl_attr_put_u32(request, TCA_FQ_PLIMIT, FQ_LIMIT);
	mnl_attr_put_u32(request, TCA_FQ_FLOW_PLIMIT, FQ_LIMIT);
	mnl_attr_nest_end(request, nest);
	added(batch, request);
}

void shape_put_times(struct shape_batch *batch, uint32_t queues)
{
	struct nlmsghdr *request =
		add(batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, TC_H_ROOT, SHAPE_MAJOR << 16);

	mnl_attr_put_strz(request, TCA_KIND, "mq");
	added(batch, request);
	for (uint32_t queue = 1; queue <= queues && queue <= SHAPE_QUEUES_MAX; queue++)
		put_fq(batch, queue);
}

/* A message for a qdisc of a kind with an option that no kernel takes: 0. */
static struct nlmsghdr *probe(
	void *buffer, uint32_t ifindex, const char *kind, uint16_t option, size_t size)
{
	static const uint32_t none;
	struct nlmsghdr *request =
		start(buffer, ifindex, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, TC_H_ROOT, 0);

	mnl_attr_put_strz(request, TCA_KIND, kind);
	struct nlattr *nest = mnl_attr_nest_start(request, TCA_OPTIONS);
	mnl_attr_put(request, option, size, &none);
	mnl_attr_nest_end(request, nest);
	return request;
}

struct nlmsghdr *shape_probe_fq(void *buffer, uint32_t ifindex)
{
	return probe(buffer, ifindex, "fq", TCA_FQ_BUCKETS_LOG, sizeof(uint32_t)); /* too few */
}

struct nlmsghdr *shape_probe(void *buffer, uint32_t ifindex)
{
	return probe(buffer, ifindex, "fq_codel", TCA_FQ_CODEL_TARGET, sizeof(uint8_t)); /* short */
}
