// SPDX-License-Identifier: BSD-2-Clause
/* Requests over netlink, to this kernel; and answers that it does not give here, in its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "kernel/netlink.h"

#define LOOPBACK 1

static struct netlink netlink;
static char buffer[NETLINK_REQUEST_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
static size_t made_length; /* of several messages; 0: it is one */
static char made[512] __attribute__((aligned(NLMSG_ALIGNTO))); /* an answer, if it has a length */

/* In libmnl's place. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *socket, void *answer, size_t size)
{
	const struct nlmsghdr *header = (const void *)made;

	if (header->nlmsg_len == 0)
		return recv(mnl_socket_get_fd(socket), answer, size, 0);
	recv(mnl_socket_get_fd(socket), answer, size, MSG_DONTWAIT);
	size_t length = made_length > 0 ? made_length : header->nlmsg_len;
	memcpy(answer, made, length);
	return (ssize_t)length;
}

static int setup(void **state)
{
	(void)state;
	memset(made, 0, sizeof(made));
	made_length = 0;
	return netlink_open(&netlink);
}

static int setup_generic(void **state)
{
	(void)state;
	memset(made, 0, sizeof(made));
	return netlink_open_generic(&netlink);
}

static int tear_down(void **state)
{
	(void)state;
	netlink_close(&netlink);
	netlink_close(&netlink); /* a second time is nothing */
	assert_null(netlink.socket);
	return 0;
}

/* --- this kernel ------------------------------------------------------------------------------------- */

static int count(const struct nlmsghdr *answer, void *data)
{
	unsigned *links = data;
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(answer);

	assert_int_equal(answer->nlmsg_type, RTM_NEWLINK);
	links[0]++;
	links[1] += link->ifi_index == LOOPBACK;
	return MNL_CB_OK;
}

static struct nlmsghdr *ask_link(uint16_t flags, int ifindex)
{
	struct nlmsghdr *request =
		netlink_request(buffer, RTM_GETLINK, flags, sizeof(struct ifinfomsg));
	struct ifinfomsg *link = mnl_nlmsg_get_payload(request);

	assert_int_equal(request->nlmsg_len, NLMSG_LENGTH(sizeof(struct ifinfomsg)));
	assert_int_equal(request->nlmsg_flags, NLM_F_REQUEST | flags);
	link->ifi_index = ifindex;
	return request;
}

/* Each exchange reads its whole answer: nothing is left for the next. */
static void objects_and_dumps(void **state)
{
	unsigned links[2] = { 0 };

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		links[0] = 0;
		assert_int_equal(
			netlink_exchange(&netlink, ask_link(NLM_F_DUMP, 0), count, links), 0);
		assert_true(links[0] >= 1);
		assert_int_equal(links[1], 2 * i - 1);
		links[0] = 0;
		assert_int_equal(
			netlink_exchange(&netlink, ask_link(0, LOOPBACK), count, links), 0);
		assert_int_equal(links[0], 1);
		assert_int_equal(links[1], 2 * i);
		assert_int_equal(netlink.sequence, 2 * i);
	}
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), 0);
}

static int refuse(const struct nlmsghdr *answer, void *data)
{
	(void)answer, (void)data;
	errno = EPROTO;
	return MNL_CB_ERROR;
}

static void errors(void **state)
{
	unsigned links[2] = { 0 };

	(void)state;
	assert_int_equal(
		netlink_exchange(&netlink, ask_link(0, 0x7ffffff0), count, links), -ENODEV);
	assert_int_equal(links[0], 0);
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), refuse, NULL), -EPROTO);
}

/* Puts a request behind others. */
static size_t put_request(char *batch, size_t length, int ifindex)
{
	struct nlmsghdr *request = ask_link(0, ifindex);

	memcpy(batch + length, request, request->nlmsg_len);
	return length + NLMSG_ALIGN(request->nlmsg_len);
}

/* All are done, and the first that fails is named. */
static void batches(void **state)
{
	char batch[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t failed = 77;
	size_t length = 0;

	(void)state;
	assert_int_equal(netlink_batch(&netlink, batch, 0, &failed), 0);
	length = put_request(batch, length, LOOPBACK);
	length = put_request(batch, length, LOOPBACK);
	assert_int_equal(netlink_batch(&netlink, batch, length, &failed), 0);
	assert_int_equal(failed, 77);
	assert_int_equal(netlink.sequence, 2);
	length = put_request(batch, length, 0x7ffffff0);
	length = put_request(batch, length, LOOPBACK);
	assert_int_equal(netlink_batch(&netlink, batch, length, &failed), -ENODEV);
	assert_int_equal(failed, 2);
	length = put_request(batch, 0, 0x7ffffff0);
	assert_int_equal(netlink_batch(&netlink, batch, length, &failed), -ENODEV);
	assert_int_equal(failed, 0);
	/* Nothing is left for the next. */
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), 0);
}

static void families(void **state)
{
	(void)state;
	assert_int_equal(netlink_generic_family(&netlink, "nlctrl"), GENL_ID_CTRL);
	assert_int_equal(netlink_generic_family(&netlink, "x0none"), -ENOENT);
	assert_int_equal(netlink_generic_family(&netlink, "nlctrl"), GENL_ID_CTRL);
	struct nlmsghdr *request = netlink_generic_request(buffer, 77, 5, 2, NLM_F_DUMP);
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(request);
	assert_int_equal(request->nlmsg_type, 77);
	assert_int_equal(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(request->nlmsg_len, NLMSG_LENGTH(GENL_HDRLEN));
	assert_int_equal(header->cmd, 5);
	assert_int_equal(header->version, 2);
}

/* --- answers in its place ----------------------------------------------------------------------------- */

/* Makes an error of the next exchange, which echoes a request of `echoed` bytes behind its header. */
static struct nlmsghdr *make_error(int error, uint16_t flags, size_t echoed)
{
	memset(made, 0, sizeof(made));
	struct nlmsghdr *answer = mnl_nlmsg_put_header(made);
	struct nlmsgerr *report = mnl_nlmsg_put_extra_header(answer, sizeof(*report));

	answer->nlmsg_type = NLMSG_ERROR;
	answer->nlmsg_flags = flags;
	answer->nlmsg_seq = netlink.sequence + 1;
	answer->nlmsg_pid = mnl_socket_get_portid(netlink.socket);
	report->error = error;
	report->msg.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + echoed);
	if (echoed > 0)
		mnl_nlmsg_put_extra_header(answer, echoed);
	return answer;
}

static void the_kernel_s_message_is_kept(void **state)
{
	static const struct {
		uint16_t flags;
		size_t echoed;
		const char *kept;
	} answers[] = {
		{ NLM_F_ACK_TLVS | NLM_F_CAPPED, 0, "why not" },
		{ NLM_F_ACK_TLVS, 12, "why not" },
		{ 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct nlmsghdr *answer = make_error(-EINVAL, answers[i].flags, answers[i].echoed);
		mnl_attr_put_u32(answer, NLMSGERR_ATTR_OFFS, 4);
		mnl_attr_put_strz(answer, NLMSGERR_ATTR_MSG, "why not");
		assert_int_equal(
			netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), -EINVAL);
		assert_string_equal(netlink.message, answers[i].kept);
	}
	struct nlmsghdr *answer = make_error(-EINVAL, NLM_F_ACK_TLVS | NLM_F_CAPPED, 0);
	mnl_attr_put(answer, NLMSGERR_ATTR_MSG, 3, "abc"); /* without its end */
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), -EINVAL);
	assert_string_equal(netlink.message, "");
}

static void answers_that_are_cut(void **state)
{
	struct nlmsghdr *answer = make_error(-EINVAL, 0, 0);

	(void)state;
	answer->nlmsg_len -= sizeof(struct nlmsghdr);
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), -EBADMSG);
	make_error(0, 0, 0);
	assert_int_equal(netlink_exchange(&netlink, ask_link(0, LOOPBACK), NULL, NULL), 0);
}

static int count_objects(const struct nlmsghdr *answer, void *data)
{
	(void)answer;
	++*(unsigned *)data;
	return MNL_CB_OK;
}

static struct nlmsghdr *put_part(size_t at, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *part = mnl_nlmsg_put_header(made + at);

	part->nlmsg_type = type;
	part->nlmsg_flags = flags;
	part->nlmsg_seq = netlink.sequence + 1;
	part->nlmsg_pid = mnl_socket_get_portid(netlink.socket);
	mnl_nlmsg_put_extra_header(part, sizeof(int));
	return part;
}

/* A dump that a change has disturbed is read to its end, and then called so. */
static void a_disturbed_dump_is_whole(void **state)
{
	const size_t size = NLMSG_SPACE(sizeof(int));
	unsigned objects = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		put_part((size_t)i * size, RTM_NEWLINK, i == 1 ? NLM_F_DUMP_INTR : 0);
	put_part(3 * size, NLMSG_DONE, 0);
	made_length = 4 * size;
	assert_int_equal(
		netlink_exchange(&netlink, ask_link(NLM_F_DUMP, 0), count_objects, &objects),
		-EINTR);
	assert_int_equal(objects, 3);
}

static void attributes_have_their_size(void **state)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	uint32_t word = 1;
	uint8_t byte = 1;

	(void)state;
	mnl_attr_put_u32(message, 1, 70000);
	mnl_attr_put_u16(message, 2, 700);
	mnl_attr_put_u8(message, 3, 70);
	const struct nlattr *four = mnl_nlmsg_get_payload(message), *two = mnl_attr_next(four),
			    *one = mnl_attr_next(two);
	assert_false(netlink_read_u32(two, &word) || netlink_read_u32(one, &word));
	assert_int_equal(word, 1);
	assert_true(netlink_read_u32(four, &word));
	assert_int_equal(word, 70000);
	assert_false(netlink_read_u8(four, &byte) || netlink_read_u8(two, &byte));
	assert_int_equal(byte, 1);
	assert_true(netlink_read_u8(one, &byte));
	assert_int_equal(byte, 70);
}

#define route(function)	  cmocka_unit_test_setup_teardown(function, setup, tear_down)
#define generic(function) cmocka_unit_test_setup_teardown(function, setup_generic, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		route(objects_and_dumps),
		route(errors),
		route(batches),
		generic(families),
		route(the_kernel_s_message_is_kept),
		route(answers_that_are_cut),
		route(a_disturbed_dump_is_whole),
		route(attributes_have_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
