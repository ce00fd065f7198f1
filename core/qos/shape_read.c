// SPDX-License-Identifier: BSD-2-Clause
/* Reads what rtnetlink says of qdiscs and classes. */
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qos/shape_message.h"

/* --- attributes ------------------------------------------------------------------------------ */

/* Copies a struct that newer kernels may append to, or older ones have shorter. */
static void take(const struct nlattr *attribute, void *value, size_t size)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	memcpy(value, mnl_attr_get_payload(attribute), length < size ? length : size);
}

/* The counts of a qdisc or a class: TCA_STATS2. */
struct counts {
	struct gnet_stats_basic sent;
	uint64_t packets; /* in 64 bits, since 5.5; 0: there are none */
	struct gnet_stats_queue queue;
	struct tc_htb_xstats htb;
};

static int read_count(const struct nlattr *attribute, void *data)
{
	struct counts *counts = data;

	switch (mnl_attr_get_type(attribute)) {
	case TCA_STATS_BASIC:
		take(attribute, &counts->sent, sizeof(counts->sent));
		break;
	case TCA_STATS_PKT64:
		take(attribute, &counts->packets, sizeof(counts->packets));
		break;
	case TCA_STATS_QUEUE:
		take(attribute, &counts->queue, sizeof(counts->queue));
		break;
	case TCA_STATS_APP:
		take(attribute, &counts->htb, sizeof(counts->htb));
		break;
	}
	return MNL_CB_OK;
}

/* A qdisc or a class. */
struct object {
	const struct tcmsg *header;
	const char *kind;
	struct tc_htb_glob root; /* of a qdisc of HTB */
	struct tc_htb_opt class; /* of a class of HTB */
	uint32_t quantum; /* of fq: the initial one */
	uint64_t rate, ceiling; /* bytes a second, where 32 bits are too few; else 0 */
	struct counts counts;
};

static int read_option(const struct nlattr *attribute, void *data)
{
	struct object *object = data;

	switch (mnl_attr_get_type(attribute)) {
	case TCA_HTB_INIT:
		take(attribute, &object->root, sizeof(object->root));
		break;
	case TCA_HTB_PARMS:
		take(attribute, &object->class, sizeof(object->class));
		break;
	case TCA_HTB_RATE64:
		take(attribute, &object->rate, sizeof(object->rate));
		break;
	case TCA_HTB_CEIL64:
		take(attribute, &object->ceiling, sizeof(object->ceiling));
		break;
	}
	return MNL_CB_OK;
}

static int read_fq(const struct nlattr *attribute, void *data)
{
	struct object *object = data;

	if (mnl_attr_get_type(attribute) == TCA_FQ_INITIAL_QUANTUM)
		take(attribute, &object->quantum, sizeof(object->quantum));
	return MNL_CB_OK;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
	struct object *object = data;

	switch (mnl_attr_get_type(attribute)) {
	case TCA_KIND:
		if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			object->kind = mnl_attr_get_str(attribute);
		break;
	case TCA_OPTIONS:
		/* The numbers mean something else to other kinds. The kernel sends the kind first. */
		if (strcmp(object->kind, "htb") == 0)
			mnl_attr_parse_nested(attribute, read_option, object);
		else if (strcmp(object->kind, "fq") == 0)
			mnl_attr_parse_nested(attribute, read_fq, object);
		break;
	case TCA_STATS2:
		mnl_attr_parse_nested(attribute, read_count, &object->counts);
		break;
	}
	return MNL_CB_OK;
}

static bool read_object(const struct nlmsghdr *message, struct object *object)
{
	*object = (struct object) { .header = mnl_nlmsg_get_payload(message), .kind = "" };
	return mnl_nlmsg_get_payload_len(message) >= sizeof(*object->header) &&
	       mnl_attr_parse(message, sizeof(*object->header), read_attribute, object) >= 0;
}

static bool is_ours(const struct object *object)
{
	return object->header->tcm_parent == TC_H_ROOT &&
	       object->header->tcm_handle == SHAPE_MAJOR << 16 &&
	       strcmp(object->kind, "htb") == 0 && object->root.rate2quantum == SHAPE_MARK;
}

/* Whether it is the queue of one of ours that is shaped by departure times. */
static bool is_our_fq(const struct object *object)
{
	return TC_H_MAJ(object->header->tcm_parent) == SHAPE_MAJOR << 16 &&
	       strcmp(object->kind, "fq") == 0 && object->quantum == SHAPE_FQ_MARK;
}

static int dump(
	struct netlink *netlink, uint16_t type, uint32_t ifindex, mnl_cb_t callback, void *data)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = netlink_request(buffer, type, NLM_F_DUMP, sizeof(struct tcmsg));
	struct tcmsg *header = mnl_nlmsg_get_payload(request);

	header->tcm_ifindex = (int)ifindex;
	return netlink_exchange(netlink, request, callback, data);
}

/* --- an interface ---------------------------------------------------------------------------- */

struct reading {
	uint32_t ifindex;
	uint64_t drops[SHAPE_CLASSES_MAX + 1]; /* by number: of the queues in the classes */
	struct shape_state *state;
};

static void keep_root(const struct object *object, struct shape_state *state)
{
	snprintf(state->kind, sizeof(state->kind), "%s", object->kind);
	state->handle = object->header->tcm_handle;
	state->owner = state->handle == 0 ? SHAPE_NONE : SHAPE_FOREIGN;
	if (is_ours(object)) {
		state->owner = SHAPE_OURS;
		state->fallback = (uint16_t)object->root.defcls;
	}
}

/* Keeps what a class does not count: a queue drops also when it is emptied. */
static void keep_queue(const struct object *object, struct reading *reading)
{
	uint32_t number = TC_H_MIN(object->header->tcm_parent);

	if (is_our_fq(object) && strcmp(reading->state->kind, "mq") == 0 &&
		reading->state->handle == SHAPE_MAJOR << 16) {
		reading->state->owner = SHAPE_OURS;
		reading->state->timed = reading->state->whole = true;
		return;
	}
	if (TC_H_MAJ(object->header->tcm_parent) != SHAPE_MAJOR << 16 || number > SHAPE_CLASSES_MAX)
		return;
	reading->drops[number] = object->counts.queue.drops;
	reading->state->fair |= strcmp(object->kind, "fq_codel") == 0;
}

/* The kernel sends the qdiscs of all interfaces. */
static int on_qdisc(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct object object;

	if (!read_object(message, &object) || object.header->tcm_ifindex != (int)reading->ifindex)
		return MNL_CB_OK;
	if (object.header->tcm_parent == TC_H_ROOT)
		keep_root(&object, reading->state);
	else
		keep_queue(&object, reading);
	return MNL_CB_OK;
}

static uint64_t bits(uint32_t rate, uint64_t rate64)
{
	return (rate64 != 0 ? rate64 : rate) * 8;
}

static void keep_class(const struct object *object, struct shape_class_state *class)
{
	const struct counts *counts = &object->counts;

	class->priority = (uint16_t)object->class.prio;
	class->quantum = object->class.quantum;
	class->rate = bits(object->class.rate.rate, object->rate);
	class->ceiling = bits(object->class.ceil.rate, object->ceiling);
	class->burst = object->class.buffer;
	class->ceiling_burst = object->class.cbuffer;
	class->packets = counts->packets != 0 ? counts->packets : counts->sent.packets;
	class->bytes = counts->sent.bytes;
	class->lent = counts->htb.lends;
	class->borrowed = counts->htb.borrows;
	class->drops = counts->queue.drops;
	class->overlimits = counts->queue.overlimits;
	class->backlog_packets = counts->queue.qlen;
	class->backlog_bytes = counts->queue.backlog;
	class->tokens = (int64_t)counts->htb.tokens * SHAPE_TICK_NS;
	class->ceiling_tokens = (int64_t)counts->htb.ctokens * SHAPE_TICK_NS;
}

static int on_class(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct shape_state *state = reading->state;
	struct object object;

	if (!read_object(message, &object) || TC_H_MAJ(object.header->tcm_handle) != SHAPE_MAJOR
											     << 16)
		return MNL_CB_OK;
	uint32_t number = TC_H_MIN(object.header->tcm_handle);
	if (number == SHAPE_LINK) {
		keep_class(&object, &state->link);
	} else if (number <= SHAPE_CLASSES_MAX && state->n < SHAPE_CLASSES_MAX) {
		struct shape_class_state *class = &state->classes[state->n++];
		keep_class(&object, class);
		class->number = (uint16_t)number;
		if (reading->drops[number] > class->drops)
			class->drops = reading->drops[number];
	}
	return MNL_CB_OK;
}

static int by_number(const void *a, const void *b)
{
	return ((const struct shape_class_state *)a)->number -
	       ((const struct shape_class_state *)b)->number;
}

static bool has_fallback(const struct shape_state *state)
{
	for (uint16_t i = 0; i < state->n; i++)
		if (state->classes[i].number == state->fallback)
			return true;
	return false;
}

int shape_read(struct netlink *netlink, uint32_t ifindex, struct shape_state *state)
{
	struct reading reading = { .ifindex = ifindex, .state = state };

	*state = (struct shape_state) { .owner = SHAPE_NONE };
	int error = dump(netlink, RTM_GETQDISC, ifindex, on_qdisc, &reading);
	if (error < 0 || state->owner != SHAPE_OURS || state->timed)
		return error;
	error = dump(netlink, RTM_GETTCLASS, ifindex, on_class, &reading);
	qsort(state->classes, state->n, sizeof(state->classes[0]), by_number);
	state->whole = has_fallback(state);
	return error;
}

/* --- all interfaces -------------------------------------------------------------------------- */

static int on_root(const struct nlmsghdr *message, void *data)
{
	struct shape_found *found = data;
	struct object object;

	if (!read_object(message, &object) || !(is_ours(&object) || is_our_fq(&object)))
		return MNL_CB_OK;
	for (size_t i = 0; i < found->n; i++)
		if (found->ifindexes[i] == (uint32_t)object.header->tcm_ifindex)
			return MNL_CB_OK; /* another queue of it */
	uint32_t *grown = realloc(found->ifindexes, (found->n + 1) * sizeof(*grown));
	if (grown == NULL) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	grown[found->n++] = (uint32_t)object.header->tcm_ifindex;
	found->ifindexes = grown;
	return MNL_CB_OK;
}

int shape_find(struct netlink *netlink, struct shape_found *found)
{
	*found = (struct shape_found) { 0 };
	int error = dump(netlink, RTM_GETQDISC, 0, on_root, found);
	if (error < 0) {
		free(found->ifindexes);
		*found = (struct shape_found) { 0 };
	}
	return error;
}
