// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* The kernel fills dumps in messages of up to 32 KiB when the reader offers that much. */
#define ANSWER_LEN 32768

static int open_bus(struct netlink *netlink, int bus)
{
	int on = 1;
	int error;

	*netlink = (struct netlink) {};
	netlink->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!netlink->socket)
		return -errno;
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error = -errno;
		netlink_close(netlink);
		return error;
	}
	/* Both since 4.12; without them, errors only lack a message. */
	mnl_socket_setsockopt(netlink->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

int netlink_open(struct netlink *netlink)
{
	return open_bus(netlink, NETLINK_ROUTE);
}

int netlink_open_generic(struct netlink *netlink)
{
	return open_bus(netlink, NETLINK_GENERIC);
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}

struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags, size_t header_size)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	mnl_nlmsg_put_extra_header(request, header_size);
	return request;
}

struct nlmsghdr *netlink_generic_request(
	void *buffer, uint16_t family, uint8_t command, uint8_t version, uint16_t flags)
{
	struct nlmsghdr *request =
		netlink_request(buffer, family, flags, sizeof(struct genlmsghdr));
	struct genlmsghdr *header = mnl_nlmsg_get_payload(request);

	header->cmd = command;
	header->version = version;
	return request;
}

/* The context of the callbacks of mnl_cb_run2(). */
struct exchange {
	struct netlink *netlink;
	mnl_cb_t callback;
	void *data;
};

static int keep_message(const struct nlattr *attribute, void *data)
{
	struct netlink *netlink = data;

	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
		mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		snprintf(netlink->message, sizeof(netlink->message), "%s",
			mnl_attr_get_str(attribute));
	return MNL_CB_OK;
}

/* Ends the exchange at an acknowledgement (error 0) or an error. */
static int handle_error(const struct nlmsghdr *answer, void *data)
{
	const struct exchange *exchange = data;
	const struct nlmsgerr *report = mnl_nlmsg_get_payload(answer);

	if (mnl_nlmsg_get_payload_len(answer) < sizeof(*report)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (report->error == 0)
		return MNL_CB_STOP;
	if (answer->nlmsg_flags & NLM_F_ACK_TLVS) {
		size_t echoed = answer->nlmsg_flags & NLM_F_CAPPED
					? 0
					: mnl_nlmsg_get_payload_len(&report->msg);
		mnl_attr_parse(answer, sizeof(*report) + MNL_ALIGN(echoed), keep_message,
			exchange->netlink);
	}
	errno = -report->error;
	return MNL_CB_ERROR;
}

static int handle_object(const struct nlmsghdr *answer, void *data)
{
	const struct exchange *exchange = data;

	return exchange->callback ? exchange->callback(answer, exchange->data) : MNL_CB_OK;
}

/*
 * libmnl would end at the first part of a dump during which the table has changed; the rest is worth as much. Returns
 * whether one of these parts says so.
 */
static bool clear_interrupted(void *answers, int length)
{
	bool interrupted = false;

	for (struct nlmsghdr *answer = answers; mnl_nlmsg_ok(answer, length);
		answer = mnl_nlmsg_next(answer, &length)) {
		interrupted |= (answer->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		answer->nlmsg_flags &= (uint16_t)~NLM_F_DUMP_INTR;
	}
	return interrupted;
}

int netlink_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	/* libmnl handles types beyond the array, such as the end of a dump. */
	mnl_cb_t control[] = { [NLMSG_ERROR] = handle_error };
	struct exchange exchange = { netlink, callback, data };
	uint32_t port = mnl_socket_get_portid(netlink->socket);
	char answer[ANSWER_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	int result = MNL_CB_OK;
	bool interrupted = false;

	netlink->message[0] = '\0';
	request->nlmsg_seq = ++netlink->sequence;
	/* Only a dump ends without an acknowledgement. */
	if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		request->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (result > MNL_CB_STOP) {
		ssize_t length = mnl_socket_recvfrom(netlink->socket, answer, sizeof(answer));

		if (length < 0)
			return -errno;
		interrupted |= clear_interrupted(answer, (int)length);
		result = mnl_cb_run2(answer, (size_t)length, request->nlmsg_seq, port,
			handle_object, &exchange, control, sizeof(control) / sizeof(control[0]));
		if (netlink->secret)
			explicit_bzero(answer, (size_t)length);
	}
	return result < 0 ? -errno : interrupted ? -EINTR : 0;
}

/* --- several requests ------------------------------------------------------------------------- */

/* Gives each request its number, and asks for an acknowledgement of the last. Returns the last number. */
static uint32_t number_requests(struct netlink *netlink, void *requests, size_t length)
{
	struct nlmsghdr *request = requests, *last = NULL;

	for (int rest = (int)length; mnl_nlmsg_ok(request, rest);
		request = mnl_nlmsg_next(request, &rest)) {
		request->nlmsg_seq = ++netlink->sequence;
		last = request;
	}
	if (last != NULL)
		last->nlmsg_flags |= NLM_F_ACK;
	return netlink->sequence;
}

/* Keeps the first error of these answers. Returns whether the acknowledgement of the last is among them. */
static bool read_reports(struct netlink *netlink, const void *answers, int length, uint32_t last,
	int *error, uint32_t *number)
{
	struct exchange exchange = { netlink, NULL, NULL };
	const struct nlmsghdr *answer = answers;
	bool done = false;

	for (; mnl_nlmsg_ok(answer, length); answer = mnl_nlmsg_next(answer, &length)) {
		if (answer->nlmsg_type != NLMSG_ERROR)
			continue;
		if (*error == 0 && handle_error(answer, &exchange) == MNL_CB_ERROR) {
			*error = -errno;
			*number = answer->nlmsg_seq;
		}
		done |= answer->nlmsg_seq == last;
	}
	return done;
}

int netlink_batch(struct netlink *netlink, void *requests, size_t length, uint32_t *failed)
{
	char answer[ANSWER_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t before = netlink->sequence, number = 0;
	int error = 0;

	netlink->message[0] = '\0';
	uint32_t last = number_requests(netlink, requests, length);
	if (last == before)
		return 0;
	if (mnl_socket_sendto(netlink->socket, requests, length) < 0)
		return -errno;
	for (bool done = false; !done;) {
		ssize_t received = mnl_socket_recvfrom(netlink->socket, answer, sizeof(answer));
		if (received < 0)
			return -errno;
		done = read_reports(netlink, answer, (int)received, last, &error, &number);
	}
	if (error < 0)
		*failed = number - before - 1;
	return error;
}

/* --- generic netlink --------------------------------------------------------------------------- */

static int take_family(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID &&
		mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
		*(int *)data = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static int read_family(const struct nlmsghdr *answer, void *data)
{
	return mnl_attr_parse(answer, sizeof(struct genlmsghdr), take_family, data);
}

int netlink_generic_family(struct netlink *netlink, const char *name)
{
	char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request =
		netlink_generic_request(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	int family = -ENOENT;

	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, name);
	int error = netlink_exchange(netlink, request, read_family, &family);
	return error < 0 ? error : family;
}

bool netlink_read_u32(const struct nlattr *attribute, uint32_t *value)
{
	if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
		return false;
	*value = mnl_attr_get_u32(attribute);
	return true;
}

bool netlink_read_u8(const struct nlattr *attribute, uint8_t *value)
{
	if (mnl_attr_validate(attribute, MNL_TYPE_U8) < 0)
		return false;
	*value = mnl_attr_get_u8(attribute);
	return true;
}
