// SPDX-License-Identifier: BSD-2-Clause
/* The orchestrator on real interfaces: exact counts, switching, enforcement that outlives it. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/orchestrator.h"
#include "kernel/lock.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "programs/programs.h"
#include "tests/lib/holdings.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"
#include "tests/lib/recent.h"
#include "tests/lib/wait.h"
#include "xdp_mesh_filter.h"

#define LEFT	"x0left"
#define RIGHT	"x0right"
#define PACKETS 100

static struct settings settings;
static struct snapshot now, before;

/* --- helpers --------------------------------------------------------------------------------- */

static void only(const char *program)
{
	snprintf(settings.only[settings.n_only++], NAME_LEN, "%s", program);
}

static int start(void **state)
{
	(void)state;
	netns_veth(LEFT, RIGHT);
	settings_default(&settings);
	settings.n_interfaces = 1;
	snprintf(settings.interfaces[0], NAME_LEN, RIGHT);
	only("xdp_counter");
	only("xdp_mesh_filter");
	only("tc_classifier");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pins_remove();
	netns_delete(LEFT);
	return 0;
}

static struct orchestrator *open_it(void)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	if (orchestrator_open(&settings, &orchestrator, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	orchestrator_sample(orchestrator, NULL, &now);
	assert_events_recent(&now);
	return orchestrator;
}

static const struct snapshot *sample(struct orchestrator *orchestrator)
{
	snapshot_copy(&before, &now);
	orchestrator_sample(orchestrator, &before, &now);
	assert_events_recent(&now);
	return &now;
}

static const struct snapshot_program *program(const char *name)
{
	for (uint32_t i = 0; i < now.n_programs; i++)
		if (strcmp(now.programs[i].name, name) == 0)
			return &now.programs[i];
	fail_msg("no program %s", name);
	abort();
}

static struct failure failure;

static int apply(struct orchestrator *orchestrator, const char *text)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return orchestrator_apply(orchestrator, &action, &failure);
}

/* Whether an event of the last sample says it. */
static bool said(const char *part)
{
	for (uint32_t i = 0; i < now.net_events.n_events; i++)
		if (strstr(now.net_events.events[i].text, part) != NULL)
			return true;
	return false;
}

/* x0top programs down, by another process. */
static int programs_down(void)
{
	const char *program = getenv("X0TOP");
	char command[256];

	snprintf(command, sizeof(command), "%s programs down >/dev/null",
		program == NULL ? "./x0top" : program);
	return system(command);
}

/* UDP frames from FRAME_SOURCE4, 10.1.2.3, to port 7000. */
static void send_udp(unsigned count)
{
	struct frame frame;

	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&frame, 5000, 7000);
	frame_payload(&frame, 100);
	frame_finish(&frame);
	netns_send(LEFT, frame.bytes, frame.length, count);
}

struct expected {
	struct orchestrator *orchestrator;
	const struct counter *counter; /* in `now` */
	uint64_t total;
};

static bool reached(void *context)
{
	const struct expected *expected = context;

	sample(expected->orchestrator);
	return expected->counter->total >= expected->total;
}

/* Waits until a counter of the snapshot has a value, and is sure that it does not exceed it. */
static void expect(struct orchestrator *orchestrator, const struct counter *counter, uint64_t total)
{
	struct expected expected = { orchestrator, counter, total };

	wait_until(reached, &expected);
	assert_int_equal(counter->total, total);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void counts_exactly_in_mode(uint32_t wanted, uint32_t mode)
{
	settings.xdp_mode = wanted;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(now.packets.interfaces[0].hook, mode);
	for (size_t i = 0; i < n_frame_samples; i++) {
		struct frame frame;
		frame_sample_build(i, &frame);
		netns_send(LEFT, frame.bytes, frame.length, PACKETS);
		expect(orchestrator, &now.packets.sum.all.packets, (i + 1) * PACKETS);
	}
	assert_int_equal(now.packets.sum.verdicts[2].packets.total, n_frame_samples * PACKETS);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	orchestrator_close(orchestrator);
}

static void counts_exactly_native(void **state)
{
	(void)state;
	counts_exactly_in_mode(XDP_WANT_NATIVE, XDP_MODE_NATIVE);
}

static void counts_exactly_generic(void **state)
{
	(void)state;
	counts_exactly_in_mode(XDP_WANT_GENERIC, XDP_MODE_GENERIC);
}

static void auto_counts_at_tc(void **state)
{
	(void)state;
	counts_exactly_in_mode(XDP_WANT_AUTO, XDP_MODE_TC);
}

static void classifier_counts_what_the_chain_lets_pass(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	send_udp(PACKETS);
	expect(orchestrator,
		&now.tc.classes[CLASS_BEST_EFFORT - CLASS_CONTROL]
			 .directions[DIRECTION_INGRESS]
			 .packets,
		PACKETS);
	orchestrator_close(orchestrator);
}

static bool is_unknown(const struct counter *counter)
{
	return counter->total == COUNT_UNKNOWN && isnan(counter->rate);
}

/* While it is off, nobody knows what passes: that is not 0. */
static void expect_unknown(const struct snapshot *s)
{
	assert_false(s->packets.available);
	assert_true(is_unknown(&s->packets.sum.all.packets));
	assert_true(is_unknown(&s->packets.sum.verdicts[XDP_DROP].bytes));
	assert_true(is_unknown(&s->packets.sum.vlan));
	assert_true(is_unknown(&s->net_events.dropped));
	assert_true(is_unknown(&s->pqc.results[0]) && isnan(s->pqc.times.p50));
	assert_true(is_unknown(&program("xdp_counter")->runs));
	assert_true(isnan(program("xdp_counter")->ns_per_run));
	assert_true(program("xdp_counter")->cpu_percent == 0);
	assert_false(is_unknown(&s->mesh.no_match.packets)); /* which runs */
	assert_false(is_unknown(&program("xdp_mesh_filter")->runs));
}

/* What it has counted so far did not pass in one interval. */
static void expect_no_jump(const struct snapshot *s)
{
	assert_int_equal(s->packets.sum.all.packets.total, PACKETS);
	assert_true(isnan(s->packets.sum.all.packets.rate));
	assert_true(isnan(program("xdp_counter")->runs.rate));
	assert_true(isnan(program("xdp_counter")->cpu_percent));
}

static void programs_switch_and_keep_their_counts(void **state)
{
	(void)state;
	settings.xdp_mode = XDP_WANT_GENERIC; /* the filter has no rule */
	struct orchestrator *orchestrator = open_it();

	send_udp(PACKETS);
	expect(orchestrator, &now.packets.sum.all.packets, PACKETS);
	assert_int_equal(apply(orchestrator, "program off xdp_counter"), 0);
	sample(orchestrator);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_OFF);
	expect_unknown(&now);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.no_match.packets, 2 * PACKETS);
	assert_int_equal(apply(orchestrator, "program on xdp_counter"), 0);
	expect_no_jump(sample(orchestrator));
	send_udp(PACKETS);
	expect(orchestrator, &now.packets.sum.all.packets, 2 * PACKETS);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	orchestrator_close(orchestrator);
}

static void rules_are_spared_then_enforced_then_off(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), -EEXIST);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.spared.packets, PACKETS);
	assert_int_equal(now.packets.sum.verdicts[1].packets.total, 0);

	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, PACKETS);
	assert_int_equal(now.packets.sum.verdicts[1].packets.total, PACKETS);
	assert_true(program("xdp_mesh_filter")->pinned);
	assert_true(now.mesh.enforcing);

	assert_int_equal(apply(orchestrator, "rule off 0"), 0);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.no_match.packets, PACKETS);
	assert_int_equal(now.mesh.n_rules, 1);
	assert_false(now.mesh.rules[0].enabled);
	assert_int_equal(now.mesh.rules[0].traffic.packets.total, 2 * PACKETS);
	assert_int_equal(now.mesh.rules[0].dropped.packets.total, PACKETS);
	assert_int_equal(now.mesh.spared.packets.total, PACKETS);

	assert_int_equal(apply(orchestrator, "rule delete 0"), 0);
	assert_int_equal(apply(orchestrator, "rule delete 0"), -ENOENT);
	assert_int_equal(apply(orchestrator, "enforce off xdp_mesh_filter"), 0);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	orchestrator_close(orchestrator);
}

/* Keys are for the rule that was shown, though another operator has moved it since. */
static void a_rule_that_moved_is_still_the_one_that_was_shown(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();
	struct action action = { .actor = ACTOR_KEY,
		.verb = &mesh_filter_verbs[MESH_FILTER_RULE_OFF],
		.seen = "10.1.0.0/16" };

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "rule insert 0 pass 10.2.0.0/16"), 0);
	assert_int_equal(orchestrator_apply(orchestrator, &action, &failure), 0);
	sample(orchestrator);
	assert_true(now.mesh.rules[0].enabled && !now.mesh.rules[1].enabled);
	action.verb = &mesh_filter_verbs[MESH_FILTER_RULE_DELETE];
	assert_int_equal(orchestrator_apply(orchestrator, &action, &failure), 0);
	assert_int_equal(orchestrator_apply(orchestrator, &action, &failure), -ENOENT);
	assert_string_equal(failure.what, "The mesh rule for 10.1.0.0/16 is not there any longer");
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 1);
	assert_string_equal(now.mesh.rules[0].key, "10.2.0.0/16");
	orchestrator_close(orchestrator);
}

static void observing_leaves_nothing(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	orchestrator_close(orchestrator);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	assert_int_equal(system("ip link show " RIGHT " | grep -q 'prog/xdp'") == 0, 0);
}

/* A process that enforces, and is killed once it does. */
static void enforce_in_killed_process(void)
{
	int ready[2];
	char byte;

	assert_return_code(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct orchestrator *orchestrator = open_it();
		apply(orchestrator, "rule add drop 10.1.0.0/16");
		apply(orchestrator, "enforce on xdp_mesh_filter");
		send_udp(PACKETS);
		expect(orchestrator, &now.mesh.dropped.packets, PACKETS);
		byte = 1;
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void enforcement_survives_a_kill_and_is_adopted(void **state)
{
	(void)state;
	struct stat status;

	enforce_in_killed_process();
	assert_return_code(stat(PINS_FOLDER, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	send_udp(PACKETS); /* nobody watches, and they are dropped all the same */

	struct orchestrator *orchestrator = open_it();
	assert_true(program("xdp_mesh_filter")->adopted);
	assert_true(now.mesh.enforcing);
	expect(orchestrator, &now.mesh.dropped.packets, 2 * PACKETS);
	assert_int_equal(now.mesh.rules[0].traffic.packets.total, 2 * PACKETS);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, 3 * PACKETS);
	assert_int_equal(now.packets.sum.verdicts[1].packets.total, 3 * PACKETS);
	orchestrator_close(orchestrator);

	/* A clean end leaves it enforcing too, without the observer in front. */
	send_udp(PACKETS);
	orchestrator = open_it();
	expect(orchestrator, &now.mesh.dropped.packets, 4 * PACKETS);
	assert_int_equal(now.packets.sum.verdicts[1].packets.total, 3 * PACKETS);
	assert_int_equal(apply(orchestrator, "program off xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
}

/* What a killed x0top observed with runs on in the chain, until the next one, which was not asked for it. */
static void what_a_killed_one_observed_with_ends(void **state)
{
	const struct counter *dropped = &now.packets.sum.verdicts[1].packets;

	(void)state;
	enforce_in_killed_process();
	settings.n_only = 0;
	only("xdp_mesh_filter");
	struct orchestrator *orchestrator = open_it();
	assert_int_equal(program("xdp_counter")->state, PROGRAM_OFF);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, 2 * PACKETS);
	orchestrator_close(orchestrator);

	only("xdp_counter");
	orchestrator = open_it();
	assert_int_equal(dropped->total, PACKETS); /* of the killed one */
	send_udp(PACKETS);
	expect(orchestrator, dropped, 2 * PACKETS);
	assert_int_equal(apply(orchestrator, "program off xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);
}

static bool carries_no_xdp(void *context)
{
	(void)context;
	return system("ip link show " RIGHT " | grep -q prog/xdp") != 0;
}

static void removing_pins_ends_enforcement(void **state)
{
	(void)state;
	enforce_in_killed_process();
	assert_true(pins_remove() > 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	/* The kernel lets go of a link in the background. */
	assert_true(wait_until(carries_no_xdp, NULL));
}

static void another_layout_is_left_alone(void **state)
{
	(void)state;
	assert_return_code(mkdir(PINS_ROOT, 0700), 0);
	assert_return_code(mkdir(PINS_ROOT "/v0", 0700), 0);
	struct orchestrator *orchestrator = open_it();

	assert_true(now.self.readonly);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), -EROFS);
	orchestrator_close(orchestrator);
	assert_return_code(access(PINS_ROOT "/v0", F_OK), 0);
	rmdir(PINS_ROOT "/v0");
	rmdir(PINS_ROOT);
}

static void a_second_one_looks_and_does_not_disturb(void **state)
{
	(void)state;
	struct orchestrator *first = open_it();
	assert_int_equal(apply(first, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(first, "enforce on xdp_mesh_filter"), 0);

	struct orchestrator *second = open_it();
	send_udp(PACKETS);
	expect(second, &now.mesh.dropped.packets, PACKETS);
	assert_int_equal(now.packets.sum.verdicts[1].packets.total, PACKETS);
	assert_int_equal(apply(second, "program off xdp_counter"), -EBUSY);
	/* Rules may be changed by both: one at a time. */
	assert_int_equal(apply(second, "rule off 0"), 0);
	orchestrator_close(second);

	send_udp(PACKETS);
	expect(first, &now.mesh.no_match.packets, PACKETS);
	assert_int_equal(now.packets.sum.all.packets.total, 2 * PACKETS);
	orchestrator_close(first);
}

/* --- who owns the chain -------------------------------------------------------------------------- */

static void a_second_one_cannot_enforce(void **state)
{
	(void)state;
	char holder[32];
	struct orchestrator *first = open_it(), *second = open_it();

	snprintf(holder, sizeof(holder), "process %d", getpid());
	assert_int_equal(program("xdp_counter")->state, PROGRAM_FAILED);
	assert_non_null(strstr(program("xdp_counter")->reason, holder));
	assert_int_equal(program("tc_classifier")->state, PROGRAM_ON);
	assert_int_equal(apply(second, "program on xdp_mesh_filter"), -EBUSY);
	assert_true(apply(second, "enforce on xdp_mesh_filter") < 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);

	assert_int_equal(apply(first, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(first, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(apply(second, "enforce off xdp_mesh_filter"), -EBUSY);
	assert_non_null(strstr(failure.what, holder));
	orchestrator_close(second);

	second = open_it();
	assert_true(program("xdp_mesh_filter")->pinned);
	assert_int_equal(apply(second, "enforce off xdp_mesh_filter"), -EBUSY);
	assert_int_equal(apply(second, "enforce on xdp_mesh_filter"), -EBUSY);
	assert_int_equal(apply(second, "program off xdp_mesh_filter"), -EBUSY);
	assert_return_code(access(PINS_FOLDER, F_OK), 0);
	/* What it shows is what the first one makes of it. */
	assert_int_equal(apply(first, "enforce off xdp_mesh_filter"), 0);
	sample(second);
	assert_false(program("xdp_mesh_filter")->pinned || program("xdp_mesh_filter")->enforcing);
	assert_int_equal(apply(first, "enforce on xdp_mesh_filter"), 0);
	sample(second);
	assert_true(program("xdp_mesh_filter")->pinned && program("xdp_mesh_filter")->enforcing);
	orchestrator_close(second);
	orchestrator_close(first);
}

static void readonly_does_not_keep_the_chain_from_others(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);
	settings.readonly = true;
	struct orchestrator *reader = open_it();
	assert_true(program("xdp_mesh_filter")->pinned && program("xdp_mesh_filter")->adopted);
	settings.readonly = false;
	orchestrator = open_it();
	assert_int_equal(apply(orchestrator, "enforce off xdp_mesh_filter"), 0);
	sample(reader);
	assert_false(program("xdp_mesh_filter")->pinned || program("xdp_mesh_filter")->enforcing);
	orchestrator_close(orchestrator);
	orchestrator_close(reader);
}

static void without_locks_it_looks_and_says_so(void **state)
{
	(void)state;
	assert_return_code(mount("run", "/run", "tmpfs", MS_RDONLY, NULL), errno);
	struct orchestrator *orchestrator = open_it();

	assert_true(said("Cannot take the lock /run/x0top.lock: Read-only file system"));
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), -EROFS);
	assert_non_null(strstr(failure.what, "Cannot take the lock /run/x0top.change"));
	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), -EROFS);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 0);
	orchestrator_close(orchestrator);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	assert_return_code(umount("/run"), errno);
}

static void the_lock_of_the_chain_alone_is_missing(void **state)
{
	(void)state;
	unlink("/run/x0top.lock");
	assert_return_code(mkdir("/run/x0top.lock", 0700), errno);
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), -EISDIR);
	assert_non_null(strstr(failure.what, "Cannot take the lock /run/x0top.lock"));
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	orchestrator_close(orchestrator);
	rmdir("/run/x0top.lock");
}

/* --- pins that go, and that enforce nothing ------------------------------------------------------ */

static void programs_down_is_seen(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(programs_down(), 0);
	sample(orchestrator);
	assert_false(program("xdp_mesh_filter")->pinned || program("xdp_mesh_filter")->enforcing);
	assert_true(said("the pins in " PINS_FOLDER " were removed"));
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.spared.packets, PACKETS);
	assert_int_equal(apply(orchestrator, "rule delete 0"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	sample(orchestrator);
	assert_true(program("xdp_mesh_filter")->pinned && program("xdp_mesh_filter")->enforcing);
	orchestrator_close(orchestrator);
}

static void pins_removed_by_hand_are_seen(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(system("rm " PINS_FOLDER "/xdp_link_*"), 0);
	sample(orchestrator);
	assert_true(program("xdp_mesh_filter")->enforcing);
	assert_false(program("xdp_mesh_filter")->pinned);
	assert_true(said("enforcement ends with x0top"));
	/* Others' pins in its place are not taken for its own. */
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), -EEXIST);
	assert_int_equal(programs_down(), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	sample(orchestrator);
	assert_true(program("xdp_mesh_filter")->pinned && program("xdp_mesh_filter")->enforcing);
	orchestrator_close(orchestrator);
}

static int pinned(const char *map)
{
	char path[128];

	snprintf(path, sizeof(path), PINS_FOLDER "/%s", map);
	int fd = bpf_obj_get(path);
	assert_return_code(fd, errno);
	return fd;
}

/* Writes an element of a pinned map, as an x0top does that is killed then. */
static void write_pinned(const char *name, const void *key, const void *value)
{
	int map = pinned(name);

	assert_return_code(bpf_map_update_elem(map, key, value, BPF_ANY), errno);
	close(map);
}

static void pins_that_enforce_nothing_are_removed(void **state)
{
	(void)state;
	static const struct mesh_filter_control off;
	uint32_t zero = 0;

	enforce_in_killed_process();
	write_pinned("mesh_filter_control", &zero, &off);
	struct orchestrator *orchestrator = open_it();
	assert_true(said("removed pins in " PINS_FOLDER " that enforced nothing"));
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	assert_false(program("xdp_mesh_filter")->adopted);
	assert_int_equal(now.mesh.n_rules, 0);
	orchestrator_close(orchestrator);
	assert_true(wait_until(carries_no_xdp, NULL));
}

static void pins_in_the_making_are_removed(void **state)
{
	(void)state;
	enforce_in_killed_process();
	assert_return_code(rename(PINS_FOLDER, PINS_ROOT "/new-1"), errno);
	struct orchestrator *orchestrator = open_it();
	assert_true(said("removed unfinished pins of an earlier x0top"));
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	orchestrator_close(orchestrator);
}

/* The pins of links, joined. */
static uint32_t count_link_pins(char *name, size_t size)
{
	DIR *folder = opendir(PINS_FOLDER);
	uint32_t n = 0;

	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (strncmp(entry->d_name, "xdp_link_", 9) != 0)
			continue;
		snprintf(name, size, "%s", entry->d_name);
		n++;
	}
	closedir(folder);
	return n;
}

static void an_interface_that_comes_back_stays_protected(void **state)
{
	(void)state;
	char name[256], expected[64];
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	netns_delete(LEFT);
	orchestrator_handle_events(orchestrator);
	assert_int_equal(count_link_pins(name, sizeof(name)), 0);
	netns_veth(LEFT, RIGHT);
	orchestrator_handle_events(orchestrator);
	assert_int_equal(count_link_pins(name, sizeof(name)), 1);
	snprintf(expected, sizeof(expected), "xdp_link_%u", if_nametoindex(RIGHT));
	assert_memory_equal(name, expected, strlen(expected));
	orchestrator_close(orchestrator);

	send_udp(PACKETS);
	orchestrator = open_it();
	expect(orchestrator, &now.mesh.dropped.packets, PACKETS);
	orchestrator_close(orchestrator);
}

static void settings_beside_adopted_rules_are_unmet(void **state)
{
	struct failure unused, unmet;
	struct orchestrator *orchestrator = open_it();

	(void)state;
	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);

	assert_int_equal(settings_set(&settings, "rules", "drop 10.1.0.0/16", &unused), 0);
	orchestrator = open_it();
	assert_false(orchestrator_unmet(orchestrator, 0, &unmet));
	orchestrator_close(orchestrator);

	assert_int_equal(settings_set(&settings, "rules", "drop 10.2.0.0/16", &unused), 0);
	orchestrator = open_it();
	assert_true(orchestrator_unmet(orchestrator, 0, &unmet));
	assert_non_null(strstr(unmet.what, "Not in force: rule drop 10.2.0.0/16"));
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
	orchestrator_close(orchestrator);
}

static void a_mode_beside_an_adopted_chain_is_unmet(void **state)
{
	struct failure unmet;
	struct orchestrator *orchestrator = open_it();
	const char *sentence = "Not in force: XDP mode native. The adopted chain is attached to ";

	(void)state;
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);

	settings.xdp_mode = XDP_WANT_GENERIC;
	orchestrator = open_it();
	assert_false(orchestrator_unmet(orchestrator, 0, &unmet));
	orchestrator_close(orchestrator);

	settings.xdp_mode = XDP_WANT_NATIVE;
	orchestrator = open_it();
	assert_true(orchestrator_unmet(orchestrator, 0, &unmet));
	assert_non_null(strstr(unmet.what, sentence));
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
	orchestrator_close(orchestrator);
}

/* Returns whether a process waits for a lock. */
static bool waits_for_lock(pid_t pid)
{
	FILE *file = fopen("/proc/locks", "re");
	char line[256];
	bool waits = false;
	int waiter;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*d: -> FLOCK ADVISORY WRITE %d", &waiter) == 1 && waiter == pid)
			waits = true;
	if (file != NULL)
		fclose(file);
	return waits;
}

/* Holds the change lock until `pid` waits for it; ends with whether it did and no link was pinned. */
static void hold_change_lock(pid_t pid, int ready)
{
	char name[256];
	bool waits = false;

	if (lock_change(&failure) < 0 || write(ready, "", 1) != 1)
		_exit(2);
	for (int i = 0; i < 500 && !waits; i++) {
		usleep(10000);
		waits = waits_for_lock(pid);
	}
	_exit(waits && count_link_pins(name, sizeof(name)) == 0 ? 0 : 1);
}

static void links_are_pinned_under_the_change_lock(void **state)
{
	struct orchestrator *orchestrator = open_it();
	int ready[2], status;
	char name[256], byte;

	(void)state;
	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	netns_delete(LEFT);
	orchestrator_handle_events(orchestrator);
	netns_veth(LEFT, RIGHT);
	assert_return_code(pipe2(ready, O_CLOEXEC), errno);
	pid_t self = getpid(), holder = fork();
	if (holder == 0)
		hold_change_lock(self, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	orchestrator_handle_events(orchestrator);
	assert_int_equal(waitpid(holder, &status, 0), holder);
	assert_int_equal(status, 0);
	assert_int_equal(count_link_pins(name, sizeof(name)), 1);
	close(ready[0]);
	close(ready[1]);
	orchestrator_close(orchestrator);
}

/* --- rules that were changed halfway --------------------------------------------------------------- */

/* What a change had written when it was killed: it is not in force, and in nobody's way. */
static void rules_written_halfway_are_not_in_force(void **state)
{
	(void)state;
	struct mesh_rule halfway = {
		.match = MESH_MATCH_ALL,
		.action = MESH_PASS,
		.enabled = 1,
	};
	struct mesh_bank bank = { .set = 0, .generation = 99 };
	uint32_t place, number;
	int banks;

	enforce_in_killed_process(); /* with rule 0, drop 10.1.0.0/16 */
	banks = pinned("mesh_banks");
	struct mesh_bank in_force;
	number = 0;
	assert_return_code(bpf_map_lookup_elem(banks, &number, &in_force), errno);
	number = in_force.set != 0;
	close(banks);
	for (uint32_t i = 0; i < 2; i++) {
		place = number * MESH_RULES_MAX + i;
		write_pinned("mesh_rules", &place, &halfway);
	}
	write_pinned("mesh_banks", &number, &bank);

	struct orchestrator *orchestrator = open_it();
	assert_int_equal(now.mesh.n_rules, 1);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, 2 * PACKETS);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 80"), 0);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 2);
	orchestrator_close(orchestrator);
}

/* Places change, and what a rule counted goes with it. */
static void rules_are_inserted_and_moved(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop in " RIGHT), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, PACKETS);
	assert_int_equal(now.mesh.rules[0].dropped.packets.total, PACKETS);
	assert_int_equal(apply(orchestrator, "rule insert 0 pass udp 1-65535 in x0none"), 0);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 3);
	assert_string_equal(now.mesh.rules[1].key, "10.1.0.0/16");
	assert_int_equal(now.mesh.rules[1].dropped.packets.total, PACKETS);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, 2 * PACKETS);
	assert_int_equal(apply(orchestrator, "rule move 2 0"), 0); /* in RIGHT */
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, 3 * PACKETS);
	assert_string_equal(now.mesh.rules[0].key, "in " RIGHT);
	assert_int_equal(now.mesh.rules[0].dropped.packets.total, PACKETS);
	assert_int_equal(apply(orchestrator, "rule move 7 0"), -ENOENT);
	assert_int_equal(apply(orchestrator, "rule add drop from @none"), -ENOENT);
	assert_int_equal(apply(orchestrator, "rule flush"), 0);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 0);
	orchestrator_close(orchestrator);
}

#define WAITS 77 /* the token of a change that waits */

static int apply_as(struct orchestrator *orchestrator, uint32_t actor, const char *text)
{
	struct action action = { .actor = actor, .confirmed = true };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return orchestrator_apply(orchestrator, &action, &failure);
}

/* Applies a change that waits for a confirm. */
static int apply_waiting(struct orchestrator *orchestrator, const char *text)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE,
		.confirmed = true,
		.confirm_within = 3600,
		.token = WAITS };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return orchestrator_apply(orchestrator, &action, &failure);
}

static void expect_rules(struct orchestrator *orchestrator, const char *const *keys, uint32_t n)
{
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, n);
	for (uint32_t i = 0; i < n; i++)
		assert_string_equal(now.mesh.rules[i].key, keys[i]);
}

/* What was changed later by people is refused; what MAPE-K did against a flood is no part of what is undone. */
static void a_change_that_waits_is_undone_alone(void **state)
{
	static const char *const waiting[] = { "tcp 1", "tcp 7", "10.1.0.0/16", "tcp 9" },
				 *const left[] = { "tcp 1", "10.1.0.0/16" },
				 *const others[] = { "rule add drop tcp 5", "rule off 0",
					 "rule policy drop", "rule flush" };
	static const uint32_t people[] = { ACTOR_KEY, ACTOR_COMMAND_LINE, ACTOR_CONFIGURATION };

	(void)state;
	struct orchestrator *orchestrator = open_it();
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 1"), 0);
	assert_int_equal(apply_waiting(orchestrator, "rule add drop tcp 9 origin mapek"), -EINVAL);
	assert_int_equal(apply_waiting(orchestrator, "rule add drop tcp 9 origin feed"), 0);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
			assert_int_equal(apply_as(orchestrator, people[i], others[j]), -EBUSY);
			assert_non_null(strstr(failure.what, "waits for a confirm"));
		}
		assert_int_equal(
			apply_as(orchestrator, people[i], "rule policy pass"), 0); /* it is */
	}
	assert_int_equal(apply_waiting(orchestrator, "rule add drop tcp 5"), -EBUSY);
	assert_int_equal(
		apply_as(orchestrator, ACTOR_MAPEK, "rule insert 1 drop 10.1.0.0/16 for 10m"), 0);
	assert_int_equal(
		apply_as(orchestrator, ACTOR_MAPEK, "rule insert 1 count tcp 7 for 10m"), 0);
	expect_rules(orchestrator, waiting, 4);
	send_udp(PACKETS);
	expect(orchestrator, &now.mesh.dropped.packets, PACKETS);
	assert_int_equal(apply_as(orchestrator, ACTOR_MAPEK, "rule delete 1"), 0);
	assert_int_equal(apply(orchestrator, "rule rollback"), 0);
	expect_rules(orchestrator, left, 2);
	assert_int_equal(now.mesh.rules[1].dropped.packets.total, PACKETS);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 5"), 0);
	assert_int_equal(apply(orchestrator, "rule flush"), 0);
	orchestrator_close(orchestrator);
}

/* Without a later change, the change that waits can be taken back as any other. */
static void a_change_that_waits_can_be_undone(void **state)
{
	static const char *const left[] = { "tcp 1" };

	(void)state;
	struct orchestrator *orchestrator = open_it();
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 1"), 0);
	assert_int_equal(apply_waiting(orchestrator, "rule add drop tcp 9"), 0);
	assert_int_equal(apply(orchestrator, "rule undo"), 0);
	expect_rules(orchestrator, left, 1);
	assert_int_equal(apply(orchestrator, "rule rollback"), -ENOENT);
	assert_int_equal(apply(orchestrator, "rule flush"), 0);
	orchestrator_close(orchestrator);
}

/* For the log: the hashes of all rules, and which are gone, also where there was but the first. */
static void what_a_change_of_all_rules_did_is_told(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "rule flush"), 0);
	const char *done = orchestrator_done(orchestrator);
	assert_non_null(strstr(done, "; rules "));
	assert_non_null(strstr(done, ", before "));
	assert_non_null(strstr(done, "; gone: 0 drop 10.1.0.0/16"));
	orchestrator_close(orchestrator);
}

/* All that holds descriptors: programs, maps, links, pins, locks, a replacement, and what is remembered. */
static void live(void)
{
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop 10.1.0.0/16"), 0);
	assert_int_equal(apply(orchestrator, "set add none 10.1.0.1"), -ENOENT);
	assert_int_equal(apply(orchestrator, "rule undo"), 0);
	for (int i = 0; i < 20; i++) /* what each remembers is little */
		assert_int_equal(apply(orchestrator, "qos police " RIGHT " in bulk 5Mbit/s"), 0);
	assert_int_equal(apply(orchestrator, "qos undo"), 0);
	assert_int_equal(apply(orchestrator, "program off xdp_counter"), 0);
	assert_int_equal(apply(orchestrator, "program on xdp_counter"), 0);
	assert_int_equal(apply(orchestrator, "program replace xdp_mesh_filter built-in"), 0);
	assert_int_equal(apply(orchestrator, "program replace tc_classifier built-in"), 0);
	assert_true(apply(orchestrator, "program replace xdp_counter /etc/passwd") < 0);
	sample(orchestrator);
	assert_int_equal(apply(orchestrator, "enforce off xdp_mesh_filter"), 0);
	orchestrator_close(orchestrator);
}

static void nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("an orchestrator", live);
}

static void interfaces_go_come_and_change_names(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	/* Only since 6.2 may an interface that is up change its name. */
	assert_int_equal(system("ip link set " RIGHT " name x0other 2>/dev/null || "
				"{ ip link set " RIGHT " down && "
				"ip link set " RIGHT " name x0other && "
				"ip link set x0other up; }"),
		0);
	orchestrator_handle_events(orchestrator);
	sample(orchestrator);
	assert_string_equal(now.packets.interfaces[0].name, "x0other");
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);

	netns_delete(LEFT);
	orchestrator_handle_events(orchestrator);
	sample(orchestrator);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_FAILED);
	assert_string_equal(program("xdp_counter")->reason, "There is no interface x0other");

	netns_veth(LEFT, "x0other");
	orchestrator_handle_events(orchestrator);
	sample(orchestrator);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	assert_int_equal(program("tc_classifier")->state, PROGRAM_ON);
	orchestrator_close(orchestrator);
}

static void readonly_changes_nothing(void **state)
{
	(void)state;
	settings.readonly = true;
	struct orchestrator *orchestrator = open_it();

	assert_true(now.self.readonly);
	assert_int_equal(apply(orchestrator, "program off xdp_counter"), -EROFS);
	assert_int_equal(apply(orchestrator, "rule add drop 10.0.0.0/8"), -EROFS);
	sample(orchestrator);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);
	orchestrator_close(orchestrator);
}

static void changes_are_audited(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	apply(orchestrator, "rule add drop tcp 4711");
	apply(orchestrator, "rule off 77");
	assert_int_equal(system("grep -q 'rule add drop tcp 4711: done' /var/log/x0top.log"), 0);
	assert_int_equal(system("grep -q 'rule off 77: There is no mesh rule 77' "
				"/var/log/x0top.log"),
		0);
	sample(orchestrator);
	assert_true(now.net_events.n_events >= 2);
	orchestrator_close(orchestrator);
}

/* With nowhere to write the log: best effort makes the change and says so, `required` refuses it. */
static void what_cannot_be_audited_is_said_or_refused(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(mount(NULL, "/var/log", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 4711"), 0);
	assert_non_null(orchestrator_unaudited(orchestrator));
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 1);
	assert_non_null(strstr(now.net_events.events[now.net_events.n_events - 1].text,
		"not in the audit log /var/log/x0top.log: Read-only"));
	orchestrator_close(orchestrator);

	settings.audit = AUDIT_REQUIRED;
	orchestrator = open_it();
	assert_int_equal(apply(orchestrator, "rule add drop tcp 4711"), -EROFS);
	assert_int_equal(apply(orchestrator, "program off xdp_counter"), -EROFS);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 0);
	assert_int_equal(program("xdp_counter")->state, PROGRAM_ON);

	assert_int_equal(mount(NULL, "/var/log", NULL, MS_REMOUNT, NULL), 0);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 4712"), 0);
	assert_null(orchestrator_unaudited(orchestrator));
	assert_int_equal(system("grep -q 'rule add drop tcp 4712: begins' /var/log/x0top.log"), 0);
	orchestrator_close(orchestrator);
}

/* A full disk is noticed before the change, too: a line that it begins does not fit any more. */
static void a_full_disk_refuses_what_must_be_audited(void **state)
{
	(void)state;
	settings.audit = AUDIT_REQUIRED;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(mount("tmpfs", "/var/log", "tmpfs", 0, "size=4k"), 0);
	assert_int_equal(system("head -c 4096 /dev/zero >/var/log/x0top.log"), 0);
	assert_int_equal(apply(orchestrator, "rule add drop tcp 4711"), -ENOSPC);
	sample(orchestrator);
	assert_int_equal(now.mesh.n_rules, 0);
	orchestrator_close(orchestrator);
	assert_int_equal(umount2("/var/log", MNT_DETACH), 0);
}

/* Bytes of a map or program that a descriptor of this process holds, as the kernel charges them; 0 for others. */
static uint64_t charged(int fd, uint32_t *id)
{
	char path[64], line[128];
	uint64_t bytes = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	FILE *file = fopen(path, "re");
	*id = 0;
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		sscanf(line, "memlock: %" SCNu64, &bytes);
		sscanf(line, "map_id: %" SCNu32, id);
	}
	if (file != NULL)
		fclose(file);
	return *id != 0 ? bytes : 0;
}

static uint64_t maps_bytes(void)
{
	uint32_t seen[1024], n = 0, id;
	uint64_t sum = 0;

	for (int fd = 0; fd < 1024; fd++) {
		uint64_t bytes = charged(fd, &id);
		for (uint32_t i = 0; i < n; i++)
			if (seen[i] == id)
				bytes = 0;
		seen[n++] = id;
		sum += bytes;
	}
	return sum;
}

/* Everything together, on a host of little memory; the tracers' maps as where there is no task storage. */
static void small_maps_are_small(void **state)
{
	(void)state;
	settings.n_only = 0;
	struct orchestrator *orchestrator = open_it();
	uint64_t large = maps_bytes();
	orchestrator_close(orchestrator);
	settings.small = true;
	orchestrator = open_it();
	uint64_t small = maps_bytes();
	for (uint32_t i = 0; i < now.n_programs; i++)
		if (now.programs[i].state == PROGRAM_FAILED)
			fail_msg("%s: %s", now.programs[i].name, now.programs[i].reason);
	orchestrator_close(orchestrator);
	printf("maps take %" PRIu64 " bytes, and %" PRIu64 " with --small\n", large, small);
	assert_true(small <= 4 << 20);
	assert_true(small < large);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_exactly_native),
		TEST(small_maps_are_small),
		TEST(counts_exactly_generic),
		TEST(auto_counts_at_tc),
		TEST(classifier_counts_what_the_chain_lets_pass),
		TEST(programs_switch_and_keep_their_counts),
		TEST(rules_are_spared_then_enforced_then_off),
		TEST(a_rule_that_moved_is_still_the_one_that_was_shown),
		TEST(observing_leaves_nothing),
		TEST(enforcement_survives_a_kill_and_is_adopted),
		TEST(what_a_killed_one_observed_with_ends),
		TEST(removing_pins_ends_enforcement),
		TEST(another_layout_is_left_alone),
		TEST(a_second_one_looks_and_does_not_disturb),
		TEST(a_second_one_cannot_enforce),
		TEST(readonly_does_not_keep_the_chain_from_others),
		TEST(without_locks_it_looks_and_says_so),
		TEST(the_lock_of_the_chain_alone_is_missing),
		TEST(programs_down_is_seen),
		TEST(pins_removed_by_hand_are_seen),
		TEST(pins_that_enforce_nothing_are_removed),
		TEST(pins_in_the_making_are_removed),
		TEST(an_interface_that_comes_back_stays_protected),
		TEST(links_are_pinned_under_the_change_lock),
		TEST(settings_beside_adopted_rules_are_unmet),
		TEST(a_mode_beside_an_adopted_chain_is_unmet),
		TEST(rules_written_halfway_are_not_in_force),
		TEST(rules_are_inserted_and_moved),
		TEST(a_change_that_waits_is_undone_alone),
		TEST(a_change_that_waits_can_be_undone),
		TEST(what_a_change_of_all_rules_did_is_told),
		TEST(nothing_is_held_any_longer),
		TEST(interfaces_go_come_and_change_names),
		TEST(readonly_changes_nothing),
		TEST(changes_are_audited),
		TEST(what_cannot_be_audited_is_said_or_refused),
		TEST(a_full_disk_refuses_what_must_be_audited),
	};

	host_enter(true);
	messages_capture(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
