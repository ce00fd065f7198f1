// SPDX-License-Identifier: BSD-2-Clause
/* A dashboard's side of a service: whatever comes, in whatever pieces, it takes whole messages or says why not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "export/changes.h"
#include "programs/connection.h"
#include "serve/view_wire.h"
#include "serve/viewer.h"
#include "tests/lib/fields_same.h"
#include "tests/lib/snapshot_sample.h"

static char socket_path[64];
static bool is_connected;

static bool fake_connection(struct connection *connection)
{
	*connection = (struct connection) { .address = "10.9.0.7", .port = 40000 };
	return is_connected;
}

#undef VIEW_SOCKET
#define VIEW_SOCKET	socket_path
#define connection_find fake_connection
#include "../../core/serve/viewer.c"

static struct viewer *viewer;
static int service; /* the other end */
static struct snapshot now, sent;
static struct failure failure;
static const char *text;

static int begin(void **state)
{
	int sockets[2];

	(void)state;
	memset(&failure, 0, sizeof(failure));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		return -1;
	service = sockets[1];
	return viewer_adopt(sockets[0], &viewer);
}

static int end(void **state)
{
	(void)state;
	viewer_close(viewer);
	close(service);
	return 0;
}

static void say_bytes(const void *bytes, size_t length)
{
	assert_int_equal(send(service, bytes, length, MSG_DONTWAIT), length);
}

static void say(uint32_t kind, const char *message, size_t length)
{
	const struct view_header header = { kind, (uint32_t)length };

	say_bytes(&header, sizeof(header));
	say_bytes(message, length);
}

static int read_next(void)
{
	return viewer_read(viewer, &now, &text, &failure);
}

static void messages_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(read_next(), VIEWER_NOTHING);
	say(VIEW_DONE, ", as rule 7", 11);
	say(VIEW_QUESTION, "Really?", 7);
	say(VIEW_FAILURE, "It is not so\nDo that", 20);
	say(VIEW_FAILURE, "Only this", 9);
	say(VIEW_DONE, "", 0);
	assert_int_equal(read_next(), VIEWER_DONE);
	assert_string_equal(text, ", as rule 7");
	assert_int_equal(read_next(), VIEWER_QUESTION);
	assert_string_equal(text, "Really?");
	assert_int_equal(read_next(), VIEWER_FAILURE);
	assert_string_equal(failure.what, "It is not so");
	assert_string_equal(failure.remedy, "Do that");
	assert_int_equal(read_next(), VIEWER_FAILURE);
	assert_string_equal(failure.what, "Only this");
	assert_string_equal(failure.remedy, "");
	assert_int_equal(read_next(), VIEWER_DONE);
	assert_string_equal(text, "");
	assert_int_equal(read_next(), VIEWER_NOTHING);
}

static void messages_come_in_pieces(void **state)
{
	const struct view_header header = { VIEW_QUESTION, 6 };
	char bytes[sizeof(header) + 6];

	(void)state;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), "Really", 6);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		assert_int_equal(read_next(), VIEWER_NOTHING);
		say_bytes(bytes + i, 1);
	}
	assert_int_equal(read_next(), VIEWER_QUESTION);
	assert_string_equal(text, "Really");
}

/* Samples, some larger than what is read at once. */
static void samples_follow_each_other(void **state)
{
	static struct snapshot empty;
	struct changes_text changes = { 0 };

	(void)state;
	snapshot_sample(&sent);
	assert_int_equal(changes_write(&empty, &sent, &changes), 0);
	assert_true(changes.length > 4096);
	for (int i = 0; i < 100; i++) {
		say(VIEW_WHOLE, changes.bytes, changes.length);
		say(VIEW_DONE, "", 0);
		assert_int_equal(read_next(), VIEWER_SAMPLE);
		assert_null(fields_differ(snapshot_fields, &sent, &now));
		assert_int_equal(read_next(), VIEWER_DONE);
	}
	sent.time += 1;
	sent.interval = 2;
	snapshot_copy(&empty, &now);
	assert_int_equal(changes_write(&empty, &sent, &changes), 0);
	say(VIEW_CHANGES, changes.bytes, changes.length);
	assert_int_equal(read_next(), VIEWER_SAMPLE);
	assert_true(now.time == sent.time);
	/* A whole one is no change of the one before. */
	snapshot_clear(&empty);
	assert_int_equal(changes_write(&empty, &sent, &changes), 0);
	now.n_programs = 1;
	say(VIEW_WHOLE, changes.bytes, changes.length);
	assert_int_equal(read_next(), VIEWER_SAMPLE);
	assert_int_equal(now.n_programs, sent.n_programs);
	say(VIEW_CHANGES, "{\"time\":", 8);
	assert_true(read_next() < 0);
	free(changes.bytes);
}

/* One message of more than a block, beside others. */
static void a_long_message_finds_room(void **state)
{
	enum { LENGTH = 180000 };
	static char spaces[LENGTH];
	const struct view_header header = { VIEW_CHANGES, LENGTH };
	size_t at = 0;

	(void)state;
	memset(spaces, ' ', sizeof(spaces));
	memcpy(spaces + LENGTH - 2, "{}", 2);
	say(VIEW_DONE, "", 0);
	say_bytes(&header, sizeof(header));
	assert_int_equal(read_next(), VIEWER_DONE);
	while (at < LENGTH) {
		assert_int_equal(read_next(), VIEWER_NOTHING);
		ssize_t n = send(service, spaces + at, LENGTH - at, MSG_DONTWAIT);
		assert_true(n > 0);
		at += (size_t)n;
	}
	say(VIEW_DONE, "x", 1);
	assert_int_equal(read_next(), VIEWER_SAMPLE);
	assert_int_equal(read_next(), VIEWER_DONE);
	assert_string_equal(text, "x");
}

static void what_is_odd_is_refused(void **state)
{
	static char longer[REASON_LEN];

	memset(longer, 'x', sizeof(longer));
	say(VIEW_DONE, longer, REASON_LEN - 1);
	assert_int_equal(read_next(), VIEWER_DONE);
	assert_int_equal(strlen(text), REASON_LEN - 1);
	say(VIEW_DONE, longer, REASON_LEN);
	assert_int_equal(read_next(), -EPROTO);
	assert_non_null(strstr(failure.what, "does not know"));
	say(VIEW_FAILURE + 1, "", 0);
	assert_int_equal(read_next(), -EPROTO);
	say(VIEW_FROM, "", 0); /* it is the dashboard's */
	assert_int_equal(read_next(), -EPROTO);
	end(state);
	begin(state);
	say_bytes(&(struct view_header) { VIEW_WHOLE, VIEW_TELL_MAX }, sizeof(struct view_header));
	assert_int_equal(read_next(), VIEWER_NOTHING);
	end(state);
	begin(state);
	say_bytes(&(struct view_header) { VIEW_WHOLE, VIEW_TELL_MAX + 1 },
		sizeof(struct view_header));
	assert_int_equal(read_next(), -EPROTO);
}

static void the_end_is_told(void **state)
{
	(void)state;
	say(VIEW_DONE, "", 0);
	shutdown(service, SHUT_RDWR);
	assert_int_equal(read_next(), VIEWER_DONE); /* what came before is not lost */
	assert_int_equal(read_next(), -EPIPE);
	assert_non_null(strstr(failure.what, "has ended"));
	assert_string_not_equal(failure.remedy, "");
}

static void expect_asked(uint32_t kind, const char *expected)
{
	struct view_header header;
	char asked[VIEW_ASK_MAX] = "";

	assert_int_equal(recv(service, &header, sizeof(header), MSG_DONTWAIT), sizeof(header));
	assert_int_equal(header.kind, kind);
	assert_int_equal(header.length, strlen(expected));
	assert_int_equal(recv(service, asked, header.length, MSG_DONTWAIT), header.length);
	assert_string_equal(asked, expected);
}

/* What a dashboard says of a map is foreign: what cannot be one is not looked at. */
static void a_map_is_read(void **state)
{
	static const char *const odd[] = { "64", "64 ", "64 2 1", "64 2 1 connects", "64 2 1  map",
		"64 2 1 a-name-that-is-longer-than-a-plugin-may-have map" };
	struct look_sort sort;

	(void)state;
	assert_int_equal(
		view_look_read("65 2 1 connects by address", &sort), LOOK_FLOWS | LOOK_PLUGIN_MAP);
	assert_string_equal(sort.plugin, "connects");
	assert_string_equal(sort.map, "by address");
	assert_int_equal(sort.column, 2);
	assert_true(sort.least);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(view_look_read(odd[i], &sort), LOOK_NOTHING);
		assert_string_equal(sort.plugin, "");
	}
	assert_int_equal(view_look_read("4294967295", &sort), LOOK_ALL);
}

static void it_asks(void **state)
{
	struct action action = { 0 };

	(void)state;
	assert_int_equal(action_parse("program off xdp_counter", &action, &failure), 0);
	assert_int_equal(viewer_act(viewer, &action, false, &failure), 0);
	expect_asked(VIEW_ACTION, "0program off xdp_counter");
	assert_int_equal(viewer_act(viewer, &action, true, &failure), 0);
	expect_asked(VIEW_ACTION, "1program off xdp_counter");
	viewer_look(viewer, true, NULL);
	expect_asked(VIEW_LOOK, "1");
	viewer_look(viewer, false, NULL);
	expect_asked(VIEW_LOOK, "0");
	viewer_look(
		viewer, LOOK_PLUGIN_MAP, &(struct look_sort) { "connects", "by address", 2, true });
	expect_asked(VIEW_LOOK, "64 2 1 connects by address");
	shutdown(service, SHUT_RDWR);
	viewer_look(viewer, true, NULL); /* is met by reading */
	assert_int_equal(viewer_act(viewer, &action, true, &failure), -EPIPE);
	assert_non_null(strstr(failure.what, "Cannot ask the service"));
}

/* The service's side: requests in pieces, and one that cannot be. */
static void requests_are_taken_whole(void **state)
{
	static struct view_asked asked;
	struct view_header header = { VIEW_LOOK, 3 };
	char request[VIEW_ASK_MAX + 1];

	(void)state;
	memcpy(asked.bytes, &header, sizeof(header));
	memcpy(asked.bytes + sizeof(header), "abcd", 4);
	for (asked.length = 0; asked.length < sizeof(header) + 3; asked.length++)
		assert_int_equal(view_asked_take(&asked, &header, request), 0);
	asked.length = sizeof(header) + 4;
	assert_int_equal(view_asked_take(&asked, &header, request), 1);
	assert_int_equal(header.kind, VIEW_LOOK);
	assert_string_equal(request, "abc");
	assert_int_equal(asked.length, 1);
	assert_int_equal(asked.bytes[0], 'd');
	header.length = VIEW_ASK_MAX;
	memcpy(asked.bytes, &header, sizeof(header));
	asked.length = sizeof(header);
	assert_int_equal(view_asked_take(&asked, &header, request), 0);
	header.length = VIEW_ASK_MAX + 1;
	memcpy(asked.bytes, &header, sizeof(header));
	assert_int_equal(view_asked_take(&asked, &header, request), -EPROTO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* The service learns first which connection its operator must not be cut off from. */
static void it_says_who_looks(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct {
		struct view_header header;
		char text[VIEW_ASK_MAX];
	} asked;
	struct viewer *opened = NULL;

	(void)state;
	snprintf(socket_path, sizeof(socket_path), "/tmp/test_viewer.%d", (int)getpid());
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	assert_int_equal(viewer_open(&opened), -ENOENT);
	assert_null(opened);
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listening, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listening, 2), 0);
	for (int connected = 0; connected < 2; connected++) {
		const char *expected = connected ? "10.9.0.7 40000" : "";
		is_connected = connected;
		assert_int_equal(viewer_open(&opened), 0);
		int peer = accept(listening, NULL, NULL);
		memset(&asked, 0, sizeof(asked));
		assert_int_equal(recv(peer, &asked, sizeof(asked), 0),
			sizeof(asked.header) + strlen(expected));
		assert_int_equal(asked.header.kind, VIEW_FROM);
		assert_int_equal(asked.header.length, strlen(expected));
		assert_string_equal(asked.text, expected);
		assert_true(viewer_fd(opened) >= 0);
		viewer_close(opened);
		close(peer);
	}
	close(listening);
	unlink(socket_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_who_looks),
		TEST(messages_are_told_apart),
		TEST(messages_come_in_pieces),
		TEST(samples_follow_each_other),
		TEST(a_long_message_finds_room),
		TEST(what_is_odd_is_refused),
		TEST(the_end_is_told),
		TEST(a_map_is_read),
		TEST(it_asks),
		cmocka_unit_test(requests_are_taken_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
