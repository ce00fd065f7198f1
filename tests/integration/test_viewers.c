// SPDX-License-Identifier: BSD-2-Clause
/* A service and the dashboards that look at it, in one process: who sees what, and in whose name things are done. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "control/audit.h"
#include "kernel/pins.h"
#include "programs/connection.h"
#include "serve/view_wire.h"
#include "serve/viewer.h"
#include "serve/viewers.h"
#include "tests/lib/fields_same.h"
#include "tests/lib/holdings.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"
#include "tests/lib/snapshot_sample.h"

#define LOG "/var/log/x0top.log"

static struct viewers *viewers;
static struct viewer *viewer, *other;
static struct loop *loop;
static struct snapshot before, sample, seen;
static struct failure failure;
static struct look_sort sort;
static const char *text;
static unsigned int changed;

static void on_changed(void *data)
{
	assert_ptr_equal(data, &changed);
	changed++;
}

/* Lets the service do all that is due. */
static void turn_loop(void)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_run_until(loop, 0), 0);
}

static int read_next(struct viewer *from)
{
	turn_loop();
	return viewer_read(from, &seen, &text, &failure);
}

static void look(struct viewer **new)
{
	assert_int_equal(viewer_open(new), 0);
	turn_loop();
}

static void close_viewer(struct viewer **old)
{
	viewer_close(*old);
	*old = NULL;
	turn_loop();
}

static void begin_service(void)
{
	if (viewers_open(&viewers, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_non_null(viewers);
	assert_int_equal(loop_open(&loop), 0);
	assert_int_equal(
		viewers_start(viewers, loop, opened.orchestrator, on_changed, &changed), 0);
}

static void end_service(void)
{
	viewers_close(viewers);
	viewers = NULL;
	loop_close(loop);
}

static int begin(void **state)
{
	(void)state;
	changed = 0;
	snapshot_sample(&sample);
	snapshot_clear(&before);
	begin_service();
	return 0;
}

static int end(void **state)
{
	(void)state;
	viewer_close(viewer);
	viewer_close(other);
	viewer = other = NULL;
	end_service();
	return 0;
}

/* --- samples -------------------------------------------------------------------------------------- */

static void turn(void)
{
	snapshot_copy(&before, &sample);
	sample.time += 1;
	sample.self.cpu_percent += 1;
	viewers_turn(viewers, &before, &sample);
}

static void expect_sample(struct viewer *from)
{
	assert_int_equal(read_next(from), VIEWER_SAMPLE);
	assert_null(fields_differ(snapshot_fields, &sample, &seen));
}

static void each_sees_the_samples(void **state)
{
	(void)state;
	turn(); /* nobody looks */
	look(&viewer);
	snapshot_clear(&seen);
	expect_sample(viewer); /* the last one, at once */
	turn();
	expect_sample(viewer);
	look(&other);
	snapshot_clear(&seen);
	expect_sample(other);
	turn();
	expect_sample(other);
	assert_int_equal(
		read_next(viewer), VIEWER_SAMPLE); /* of the one before, to which it belongs */
	assert_int_equal(read_next(viewer), VIEWER_NOTHING);
	close_viewer(&viewer);
	turn();
	snapshot_copy(&seen, &before);
	expect_sample(other);
}

/* Before the first sample there is nothing to see. */
static void the_first_sample_comes_when_it_is_there(void **state)
{
	(void)state;
	look(&viewer);
	assert_int_equal(read_next(viewer), VIEWER_NOTHING);
	snapshot_clear(&seen);
	turn();
	expect_sample(viewer);
}

/* A dashboard that does not read misses samples, not parts of them, and delays nobody. */
static void a_slow_one_misses_samples(void **state)
{
	int n = 0, event;

	(void)state;
	look(&viewer);
	look(&other);
	for (int i = 0; i < 300; i++) {
		snapshot_sample(&sample);
		sample.time += i;
		/* Each a whole one: as large as can be. */
		snapshot_clear(&before);
		viewers_turn(viewers, &before, &sample);
		turn_loop();
		snapshot_clear(&seen);
		expect_sample(other);
	}
	snapshot_clear(&seen);
	double last = 0;
	while ((event = read_next(viewer)) == VIEWER_SAMPLE) {
		assert_true(seen.time > last);
		last = seen.time;
		snapshot_clear(&seen);
		n++;
	}
	assert_int_equal(event, VIEWER_NOTHING);
	assert_in_range(n, 1, 299);
	snapshot_clear(&before);
	sample.time += 1;
	viewers_turn(viewers, &before, &sample);
	expect_sample(viewer); /* it is up to date again */
}

/* --- actions -------------------------------------------------------------------------------------- */

static int act(struct viewer *by, const char *words, bool confirmed)
{
	struct action action = { 0 };

	assert_int_equal(action_parse(words, &action, &failure), 0);
	assert_int_equal(viewer_act(by, &action, confirmed, &failure), 0);
	return read_next(by);
}

static bool logged(const char *part)
{
	char line[1024];
	FILE *file = fopen(LOG, "re");
	bool found = false;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		found |= strstr(line, part) != NULL;
	if (file != NULL)
		fclose(file);
	return found;
}

static void actions_are_done_by_the_service(void **state)
{
	struct audit_user user;
	char who[64];

	(void)state;
	look(&viewer);
	assert_int_equal(changed, 0);
	assert_int_equal(act(viewer, "program off xdp_counter", false), VIEWER_DONE);
	assert_int_equal(changed, 1);
	opened_sample();
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_OFF);
	snprintf(who, sizeof(who), "x0top[%d] ", getpid());
	assert_true(logged(who));
	assert_true(logged("by key: program off xdp_counter: done"));
	audit_user_read(&user);
	assert_int_equal(user.process, 0); /* who acts next is not the viewer's user */
	assert_int_equal(act(viewer, "program on xdp_counter", false), VIEWER_DONE);
	opened_sample();
	assert_int_equal(opened_program("xdp_counter")->state, PROGRAM_ON);
	assert_int_equal(act(viewer, "rule delete 77", true), VIEWER_FAILURE);
	assert_string_not_equal(failure.what, "");
}

/* What would cut the operator off is asked about, by the connection of who looks. */
static void each_has_its_own_connection(void **state)
{
	(void)state;
	connection_act_for(&(struct connection) { "10.9.0.7", 22 });
	look(&viewer);
	connection_act_for(&(struct connection) { "10.9.0.8", 22 });
	look(&other);
	connection_act_for(NULL);
	assert_int_equal(act(viewer, "enforce on xdp_mesh_filter", true), VIEWER_DONE);
	assert_int_equal(act(viewer, "rule add drop 10.9.0.7", false), VIEWER_QUESTION);
	assert_non_null(strstr(text, "10.9.0.7"));
	assert_int_equal(act(other, "rule add drop 10.9.0.8", false), VIEWER_QUESTION);
	assert_non_null(strstr(text, "10.9.0.8"));
	assert_int_equal(changed, 3);
	assert_int_equal(act(other, "rule add drop 10.9.0.7", false), VIEWER_DONE);
	assert_string_not_equal(text, ""); /* its number */
	assert_int_equal(act(viewer, "rule add drop 10.9.0.8", false), VIEWER_DONE);
	assert_int_equal(act(viewer, "enforce off xdp_mesh_filter", true), VIEWER_DONE);
	struct connection own;
	assert_true(!connection_find(&own) || strcmp(own.address, "10.9.0.7") != 0);
}

static void flows_are_wanted_while_somebody_looks(void **state)
{
	(void)state;
	look(&viewer);
	look(&other);
	assert_false(viewers_look(viewers, &sort));
	viewer_look(viewer, true, NULL);
	turn_loop();
	assert_true(viewers_look(viewers, &sort));
	assert_int_equal(changed, 1);
	viewer_look(other, true, NULL);
	viewer_look(viewer, false, NULL);
	turn_loop();
	assert_true(viewers_look(viewers, &sort));
	viewer_look(viewer, LOOK_PLUGINS | LOOK_WHOLE,
		NULL); /* nobody far away has it all read at once */
	turn_loop();
	assert_int_equal(viewers_look(viewers, &sort), LOOK_FLOWS | LOOK_PLUGINS);
	viewer_look(viewer, LOOK_NOTHING, NULL);
	turn_loop();
	assert_int_equal(viewers_look(viewers, &sort), LOOK_FLOWS);
	close_viewer(&other);
	assert_false(viewers_look(viewers, &sort));
}

/* Of the maps of plugins that one is read which somebody looks at; all, if they look at several. */
static void one_map_is_looked_at(void **state)
{
	const struct look_sort latency = { "connects", "by address", 2, true };
	const struct look_sort errors = { "connects", "errors", PLUGIN_COLUMNS_MAX, false };

	(void)state;
	look(&viewer);
	look(&other);
	viewer_look(viewer, LOOK_PLUGIN_MAP, &latency);
	turn_loop();
	assert_int_equal(viewers_look(viewers, &sort), LOOK_PLUGIN_MAP);
	assert_string_equal(sort.plugin, "connects");
	assert_string_equal(sort.map, "by address");
	assert_int_equal(sort.column, 2);
	assert_true(sort.least);
	viewer_look(other, LOOK_PLUGIN_MAP, &latency);
	turn_loop();
	assert_int_equal(viewers_look(viewers, &sort), LOOK_PLUGIN_MAP);
	viewer_look(other, LOOK_PLUGIN_MAP, &errors);
	turn_loop();
	assert_int_equal(viewers_look(viewers, &sort), LOOK_PLUGIN_MAP | LOOK_PLUGINS);
}

/* --- who looks ------------------------------------------------------------------------------------ */

static void nine_are_too_many(void **state)
{
	struct viewer *many[VIEWERS_MAX], *late;

	(void)state;
	for (int i = 0; i < VIEWERS_MAX; i++)
		look(&many[i]);
	look(&late);
	assert_int_equal(read_next(late), -EPIPE);
	viewer_close(late);
	for (int i = 0; i < VIEWERS_MAX; i++)
		assert_int_equal(read_next(many[i]), VIEWER_NOTHING);
	close_viewer(&many[3]);
	look(&many[3]);
	assert_int_equal(read_next(many[3]), VIEWER_NOTHING);
	for (int i = 0; i < VIEWERS_MAX; i++)
		viewer_close(many[i]);
	turn_loop();
}

/* The process that connects is an ordinary user's; the socket's mode alone would not keep it out. */
static void ordinary_users_see_nothing(void **state)
{
	int ready[2];

	(void)state;
	turn();
	assert_return_code(pipe(ready), 0);
	chmod(VIEW_SOCKET, 0666);
	pid_t pid = fork();
	if (pid == 0) {
		struct pollfd readable;
		host_become_ordinary(NULL, 0);
		if (viewer_open(&other) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		readable = (struct pollfd) { viewer_fd(other), POLLIN, 0 };
		poll(&readable, 1, 10000);
		_exit(viewer_read(other, &seen, &text, &failure) == -EPIPE ? 0 : 2);
	}
	char byte;
	int status;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	turn_loop();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
}

static int connect_raw(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = VIEW_SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_return_code(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void junk_ends_its_own_connection(void **state)
{
	static const struct view_header junk[] = { { 0x6a6e756a, 0 },
		{ VIEW_LOOK, VIEW_ASK_MAX + 1 }, { VIEW_WHOLE, 0 } };
	char byte;

	(void)state;
	look(&viewer);
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		int fd = connect_raw();
		assert_int_equal(write(fd, &junk[i], sizeof(junk[i])), sizeof(junk[i]));
		turn_loop();
		assert_true(recv(fd, &byte, 1, MSG_DONTWAIT) <= 0);
		assert_true(errno != EAGAIN);
		close(fd);
	}
	int fd = connect_raw();
	const struct view_header action = { VIEW_ACTION, 4 };
	struct view_header answer;
	assert_int_equal(write(fd, &action, sizeof(action)), sizeof(action));
	turn_loop();
	assert_int_equal(write(fd, "0hop", 4), 4); /* the rest of it */
	turn_loop();
	assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_DONTWAIT), sizeof(answer));
	assert_int_equal(answer.kind, VIEW_FAILURE);
	close(fd);
	turn_loop();
	assert_int_equal(read_next(viewer), VIEWER_NOTHING);
}

/* --- the socket ----------------------------------------------------------------------------------- */

/* Samples, actions, and an end of either side while there is still something to be sent. */
static void look_on(void)
{
	look(&viewer);
	look(&other);
	turn();
	expect_sample(viewer);
	for (int i = 0; i < 30; i++)
		turn();
	close_viewer(&viewer);
	turn_loop();
	end_service();
	viewer_close(other);
	other = NULL;
	begin_service();
}

static void nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("a service", look_on);
}

static void one_service_has_the_socket(void **state)
{
	struct viewers *second;
	struct stat status;

	(void)state;
	assert_return_code(stat(VIEW_SOCKET, &status), 0);
	assert_int_equal(status.st_mode & 0777, VIEW_MODE);
	assert_int_equal(viewers_open(&second, &failure), -EBUSY);
	assert_non_null(strstr(failure.what, "Another x0top serves"));
	assert_null(second);
	look(&viewer);
	end_service();
	assert_int_equal(viewer_read(viewer, &seen, &text, &failure), -EPIPE);
	assert_int_equal(access(VIEW_SOCKET, F_OK), -1);
	assert_int_equal(viewer_open(&other), -ENOENT);
	/* What a killed one has left is taken over. */
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = VIEW_SOCKET };
	assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(viewer_open(&other), -ENOENT);
	begin_service();
	look(&other);
}

static void others_have_no_socket(void **state)
{
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct viewers *none = viewers;
		host_become_ordinary(NULL, 0);
		bool right = viewers_open(&none, &failure) == 0 && none == NULL &&
			     viewers_start(none, loop, NULL, NULL, NULL) == 0 &&
			     !viewers_look(none, &sort);
		viewers_turn(none, &before, &sample);
		viewers_close(none);
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static int begin_all(void **state)
{
	(void)state;
	host_enter(1);
	netns_veth("x0left", "x0right");
	settings_default(&opened.settings);
	opened.settings.n_interfaces = 1;
	opened.settings.n_only = 2;
	snprintf(opened.settings.interfaces[0], NAME_LEN, "x0right");
	snprintf(opened.settings.only[0], NAME_LEN, "xdp_counter");
	snprintf(opened.settings.only[1], NAME_LEN, "xdp_mesh_filter");
	opened_open();
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	opened_close();
	pins_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_sees_the_samples),
		TEST(the_first_sample_comes_when_it_is_there),
		TEST(a_slow_one_misses_samples),
		TEST(actions_are_done_by_the_service),
		TEST(each_has_its_own_connection),
		TEST(flows_are_wanted_while_somebody_looks),
		TEST(one_map_is_looked_at),
		TEST(nine_are_too_many),
		TEST(ordinary_users_see_nothing),
		TEST(junk_ends_its_own_connection),
		TEST(nothing_is_held_any_longer),
		TEST(one_service_has_the_socket),
		TEST(others_have_no_socket),
	};

	if (geteuid() != 0) {
		puts("skipped: BPF needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
