// SPDX-License-Identifier: BSD-2-Clause
#include "qos/shape.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qos/shape_message.h"

/* A dump that changes elsewhere disturb is repeated. */
#define TRIES 5

#define RATE_EXACT 0.01

/* --- what is asked for ----------------------------------------------------------------------- */

static int check_class(const struct shape *shape, const struct shape_class *class, uint64_t *seen,
	struct failure *failure)
{
	uint64_t bit = class->number >= 1 && class->number <= SHAPE_CLASSES_MAX
			       ? UINT64_C(1) << class->number
			       : 0;

	if (bit == 0 || *seen & bit || class->priority >= SHAPE_PRIORITIES || class->share < 1 ||
		class->share > SHAPE_SHARE_MAX)
		return failure_set(failure, -EINVAL,
			"Class %u has a number, a priority or a share that cannot be",
			class->number);
	*seen |= bit;
	if (class->rate < SHAPE_RATE_MIN || class->ceiling < class->rate ||
		class->ceiling > shape->rate)
		return failure_set(failure, -EINVAL,
			"Class %u needs a rate of %llu bit/s or more, and a ceiling from there to the link's rate",
			class->number, (unsigned long long)SHAPE_RATE_MIN);
	return 0;
}

int shape_check(const struct shape *shape, struct failure *failure)
{
	uint64_t seen = 0, sum = 0;
	int error = 0;

	if (shape->rate < SHAPE_RATE_MIN || shape->rate > SHAPE_RATE_MAX)
		return failure_set(failure, -EINVAL,
			"The rate of a link is from %llu bit/s to %llu Gbit/s",
			(unsigned long long)SHAPE_RATE_MIN,
			(unsigned long long)SHAPE_RATE_MAX / 1000000000);
	for (uint16_t i = 0; i < shape->n && error == 0; i++) {
		error = check_class(shape, &shape->classes[i], &seen, failure);
		sum += shape->classes[i].rate;
	}
	if (error < 0)
		return error;
	if (sum > shape->rate)
		return failure_set(failure, -EINVAL,
			"The classes' rates are %llu bit/s together, more than the link's %llu",
			(unsigned long long)sum, (unsigned long long)shape->rate);
	if (!(seen >> shape->fallback & 1))
		return failure_set(failure, -EINVAL,
			"Packets without a class would have none: there is no class %u",
			shape->fallback);
	return 0;
}

/* --- failures -------------------------------------------------------------------------------- */

int shape_check_owner(
	const struct interface *interface, const struct shape_state *state, struct failure *failure)
{
	if (state->owner != SHAPE_FOREIGN)
		return 0;
	failure_set(failure, -EBUSY, "%s has a qdisc of somebody else: %s %x:", interface->name,
		state->kind, state->handle >> 16);
	return failure_remedy(failure, "Remove it, if it is not needed: tc qdisc del dev %s root",
		interface->name);
}

static const struct {
	int error;
	const char *remedy;
} remedies[] = {
	{ -EPERM, "Run x0top as root, or give it CAP_NET_ADMIN" },
	{ -ENOENT, "It needs the module sch_htb: modprobe sch_htb" },
	{ -EEXIST, "Somebody has changed it meanwhile: try again" },
};

static int explain(const struct netlink *netlink, const struct interface *interface, int error,
	struct failure *failure)
{
	failure_set(failure, error, "Cannot shape %s: %s", interface->name, strerror(-error));
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].error == error)
			failure_remedy(failure, "%s", remedies[i].remedy);
	return failure_cause(failure, "%s", netlink->message);
}

static int read_state(struct netlink *netlink, const struct interface *interface,
	struct shape_state *state, struct failure *failure)
{
	int error = -EINTR;

	for (int i = 0; i < TRIES && error == -EINTR; i++)
		error = shape_read(netlink, interface->ifindex, state);
	return error < 0 ? explain(netlink, interface, error, failure) : 0;
}

const struct shape_class *shape_find_class(const struct shape *shape, uint16_t number)
{
	for (uint16_t i = 0; i < shape->n; i++)
		if (shape->classes[i].number == number)
			return &shape->classes[i];
	return NULL;
}

const struct shape_class_state *shape_find_state(const struct shape_state *state, uint16_t number)
{
	for (uint16_t i = 0; i < state->n; i++)
		if (state->classes[i].number == number)
			return &state->classes[i];
	return NULL;
}

/* --- changes --------------------------------------------------------------------------------- */

/* Adds what makes or changes a class and its queue. */
static void put_class(struct shape_batch *batch, const struct shape_class_state *class,
	const struct shape_state *had, bool fair, uint32_t mtu)
{
	bool make = had == NULL || shape_find_state(had, class->number) == NULL;

	shape_put_class(batch, class, make);
	if (make || !fair)
		shape_put_queue(batch, class->number, fair, shape_limit(class->ceiling, mtu), make);
}

/* The class for packets without one comes last: until it is there, they leave at once, unshaped. */
static void put_classes(struct shape_batch *batch, const struct shape_state *wanted,
	const struct shape_state *had, bool fair, uint32_t mtu)
{
	shape_put_class(batch, &wanted->link, had == NULL);
	for (uint16_t i = 0; i < wanted->n; i++)
		if (wanted->classes[i].number != wanted->fallback)
			put_class(batch, &wanted->classes[i], had, fair, mtu);
	put_class(batch, shape_find_state(wanted, wanted->fallback), had, fair, mtu);
	for (uint16_t i = 0; had != NULL && i < had->n; i++)
		if (shape_find_state(wanted, had->classes[i].number) == NULL)
			shape_put_no_class(batch, had->classes[i].number);
}

/* HTB does not change the fallback of a qdisc; one that is not whole is of a kill amid an error. */
static bool is_made_anew(const struct shape_state *had, const struct shape_state *wanted)
{
	return had->owner != SHAPE_OURS || had->timed || !had->whole ||
	       had->fallback != wanted->fallback;
}

static int commit(struct netlink *netlink, const struct interface *interface,
	const struct shape_state *had, const struct shape_state *wanted, bool fair)
{
	struct shape_batch batch = { .ifindex = interface->ifindex };
	bool anew = is_made_anew(had, wanted);
	uint32_t failed;

	if (anew && had->owner == SHAPE_OURS)
		shape_put_no_root(&batch);
	if (anew)
		shape_put_root(&batch, wanted->fallback);
	put_classes(&batch, wanted, anew ? NULL : had, fair, interface->mtu);
	return netlink_batch(netlink, batch.requests, batch.length, &failed);
}

static int remove_root(struct netlink *netlink, uint32_t ifindex)
{
	struct shape_batch batch = { .ifindex = ifindex };
	uint32_t failed;

	shape_put_no_root(&batch);
	return netlink_batch(netlink, batch.requests, batch.length, &failed);
}

/* Puts back what was in force before a change that failed half way. */
static void put_back(
	struct netlink *netlink, const struct interface *interface, const struct shape_state *had)
{
	struct shape_state now;

	if (shape_read(netlink, interface->ifindex, &now) < 0 || now.owner == SHAPE_FOREIGN)
		return;
	if (had->owner == SHAPE_OURS && had->whole && !had->timed)
		commit(netlink, interface, &now, had, had->fair);
	else if (now.owner == SHAPE_OURS)
		remove_root(netlink, interface->ifindex);
}

/* Asks whether the kernel has fq_codel; it may load it. */
static bool has_fq_codel(struct netlink *netlink, uint32_t ifindex)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));

	return netlink_exchange(netlink, shape_probe(buffer, ifindex), NULL, NULL) != -ENOENT;
}

int shape_apply(struct netlink *netlink, const struct interface *interface,
	const struct shape *shape, struct failure *failure)
{
	struct shape_state had, wanted = { 0 };
	int error = shape_check(shape, failure);

	if (error == 0)
		error = read_state(netlink, interface, &had, failure);
	if (error == 0)
		error = shape_check_owner(interface, &had, failure);
	if (error < 0)
		return error;
	shape_plan(shape, interface->mtu, &wanted);
	bool fair = had.owner == SHAPE_OURS && had.n > 0
			    ? had.fair
			    : has_fq_codel(netlink, interface->ifindex);
	error = commit(netlink, interface, &had, &wanted, fair);
	if (error == 0)
		return 0;
	explain(netlink, interface, error, failure);
	put_back(netlink, interface, &had);
	return failure->error;
}

/* --- by departure times ----------------------------------------------------------------------- */

static int take_queues(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == IFLA_NUM_TX_QUEUES)
		netlink_read_u32(attribute, data);
	return MNL_CB_OK;
}

static int read_link(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct ifinfomsg), take_queues, data);
}

/* Returns how many queues an interface sends by; 0: that is not known. */
static uint32_t count_queues(struct netlink *netlink, uint32_t ifindex)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	struct ifinfomsg *header = mnl_nlmsg_get_payload(request);
	uint32_t queues = 0;

	header->ifi_index = (int)ifindex;
	return netlink_exchange(netlink, request, read_link, &queues) < 0 ? 0 : queues;
}

/* Virtual interfaces have queues, too, and no root qdisc for them. */
bool shape_by_time(struct netlink *netlink, uint32_t ifindex, const struct shape_state *state)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t queues;

	if (state->owner != SHAPE_NONE)
		return state->owner == SHAPE_OURS && state->timed;
	queues = count_queues(netlink, ifindex);
	return queues > 1 && queues <= SHAPE_QUEUES_MAX && strcmp(state->kind, "mq") == 0 &&
	       netlink_exchange(netlink, shape_probe_fq(buffer, ifindex), NULL, NULL) != -ENOENT;
}

int shape_apply_times(
	struct netlink *netlink, const struct interface *interface, struct failure *failure)
{
	struct shape_batch batch = { .ifindex = interface->ifindex };
	struct shape_state had;
	int error = read_state(netlink, interface, &had, failure);
	uint32_t failed;

	if (error == 0)
		error = shape_check_owner(interface, &had, failure);
	if (error < 0)
		return error;
	if (had.owner == SHAPE_OURS && had.timed)
		return 0;
	if (had.owner == SHAPE_OURS)
		shape_put_no_root(&batch);
	shape_put_times(&batch, count_queues(netlink, interface->ifindex));
	error = netlink_batch(netlink, batch.requests, batch.length, &failed);
	if (error == 0)
		return 0;
	explain(netlink, interface, error, failure);
	put_back(netlink, interface, &had);
	return failure->error;
}

/* --- the end --------------------------------------------------------------------------------- */

int shape_remove(
	struct netlink *netlink, const struct interface *interface, struct failure *failure)
{
	struct shape_state had;
	int error = read_state(netlink, interface, &had, failure);

	if (error < 0 || had.owner != SHAPE_OURS)
		return error;
	error = remove_root(netlink, interface->ifindex);
	if (error < 0)
		return explain(netlink, interface, error, failure);
	return 1;
}

static int remove_all(struct netlink *netlink, const struct shape_found *found)
{
	int removed = 0;

	for (size_t i = 0; i < found->n; i++)
		removed += remove_root(netlink, found->ifindexes[i]) == 0;
	return removed;
}

int shape_leftovers(bool remove)
{
	struct shape_found found = { 0 };
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error < 0)
		return error;
	error = -EINTR;
	for (int i = 0; i < TRIES && error == -EINTR; i++)
		error = shape_find(&netlink, &found);
	if (error == 0)
		error = remove ? remove_all(&netlink, &found) : (int)found.n;
	free(found.ifindexes);
	netlink_close(&netlink);
	return error;
}

double shape_delay(const struct shape_class_state *class, double rate)
{
	if (class->waits_ns > 0)
		return (double)class->waits_ns / 1e9;
	if (class->backlog_bytes == 0)
		return 0;
	return class->backlog_bytes * 8.0 / (rate > 0 ? rate : (double)class->rate);
}

bool shape_is_rate(double had, uint64_t asked)
{
	return fabs(had - (double)asked) <= (double)asked * RATE_EXACT;
}
