// SPDX-License-Identifier: BSD-2-Clause
/* Plugins as programs of x0top, on the running kernel: each kind attaches or says why not, places in the XDP chain
 * hold, and what somebody has damaged is refused in a sentence. */
#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/messages.h"
#include "kernel/pins.h"
#include "plugins/plugin_load.h"
#include "programs/programs.h"
#include "tests/lib/netns.h"
#include "tests/lib/opened.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

enum { OBJECT_MAX = 1 << 18 };

static char folder[] =
	"/tmp/x0-plugins-XXXXXX"; /* of root's: where the tests are built need not be */

static bool enforcing; /* pinned: to be ended after the test */

/* --- files ------------------------------------------------------------------------------------ */

/* Reads an object, where it was built or, in a guest, where all objects are. */
static size_t read_object(const char *name, uint8_t bytes[OBJECT_MAX])
{
	static const char *const places[] = { "tests/plugins", "examples", "bpf" };
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char path[256];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s.bpf.o", build, places[i], name);
		FILE *file = fopen(path, "r");
		if (file == NULL)
			continue;
		size_t size = fread(bytes, 1, OBJECT_MAX, file);
		fclose(file);
		return size;
	}
	fail_msg("no object %s", name);
	return 0;
}

static void path_of(const char *name, char path[SETTINGS_PATH_LEN])
{
	snprintf(path, SETTINGS_PATH_LEN, "%s/%s.bpf.o", folder, name);
}

static void write_object(const char *name, const uint8_t *bytes, size_t size)
{
	char path[SETTINGS_PATH_LEN];

	path_of(name, path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void remove_object(const char *name)
{
	char path[SETTINGS_PATH_LEN];

	path_of(name, path);
	unlink(path);
}

/* --- x0top ------------------------------------------------------------------------------------ */

static void add_plugin(const char *name)
{
	static uint8_t bytes[OBJECT_MAX];

	write_object(name, bytes, read_object(name, bytes));
	path_of(name, opened.settings.plugins[opened.settings.n_plugins++]);
}

static void add_only(const char *name)
{
	struct failure failure;

	assert_int_equal(settings_set(&opened.settings, "only", name, &failure), 0);
}

static int start(void **state)
{
	(void)state;
	settings_default(&opened.settings);
	opened.settings.n_interfaces = 1;
	snprintf(opened.settings.interfaces[0], NAME_LEN, "right");
	opened.settings.n_rules = 0;
	opened.settings.lab = true;
	return 0;
}

static bool is_loaded(void *unused)
{
	uint32_t id = 0;
	bool found = false;

	(void)unused;
	while (!found && bpf_prog_get_next_id(id, &id) == 0) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);
		found = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
			strncmp(info.name, PLUGIN_KERNEL_NAME, strlen(PLUGIN_KERNEL_NAME)) == 0;
		close(fd);
	}
	return found;
}

static bool none_is_loaded(void *unused)
{
	return !is_loaded(unused);
}

/* Closes it; nothing of a plugin may stay in the kernel, which frees programs a moment later. */
static int stop(void **state)
{
	(void)state;
	if (enforcing)
		opened_act("enforce off xdp_mesh_filter");
	enforcing = false;
	opened_close();
	for (uint32_t i = 0; i < opened.settings.n_plugins; i++)
		unlink(opened.settings.plugins[i]);
	return wait_until(none_is_loaded, NULL) ? 0 : -1;
}

static const struct snapshot_plugin_program *row_of(const char *name)
{
	for (uint32_t i = 0; i < opened.now.n_plugin_programs; i++)
		if (strcmp(opened.now.plugin_programs[i].name, name) == 0)
			return &opened.now.plugin_programs[i];
	fail_msg("no plugin %s", name);
	abort();
}

/* --- tracing ---------------------------------------------------------------------------------- */

/* Reads a file, and lets another thread run. */
static void happen(void)
{
	char byte;
	FILE *file = fopen("/proc/self/stat", "r");

	assert_non_null(file);
	assert_int_equal(fread(&byte, 1, 1, file), 1);
	fclose(file);
	usleep(1000);
}

/* Returns a variable that a plugin counts. */
static uint64_t counted(const char *plugin, const char *variable)
{
	const struct snapshot_plugins *plugins = &opened.now.plugins;

	for (uint32_t map = 0; map < plugins->n_maps; map++) {
		uint32_t n, rows, row = plugin_rows(plugins, map, &rows);
		const struct snapshot_plugin_column *columns = plugin_columns(plugins, map, &n);
		for (uint32_t i = 0; i < n && rows > 0; i++)
			if (strcmp(plugins->maps[map].plugin, plugin) == 0 &&
				strcmp(columns[i].name, variable) == 0)
				return strtoull(plugins->rows[row].cells[i], NULL, 10);
	}
	fail_msg("%s counts no %s", plugin, variable);
	return 0;
}

/* A kind of program that not every kernel has. */
struct kind {
	const char *plugin;
	const char *why_not; /* what it says where the kernel lacks it */
	const char *variables[4]; /* that its programs count */
};

static const struct kind kinds[] = {
	{ "probe", "this kernel has no kprobes", { "calls", "returns" } },
	{ "entry", "this kernel has no fentry", { "calls", "returns" } },
	{ "points", "tracefs is not mounted", { "typed", "raw", "formatted" } },
};

/* In a guest it is known what there is: only arm64 lacks fentry, before 6.4. */
static bool must_run(const struct kind *kind)
{
	return getenv("X0_EXPECT_KPROBE") != NULL && strcmp(kind->plugin, "points") != 0
#ifdef __aarch64__
	       && strcmp(kind->plugin, "entry") != 0
#endif
		;
}

static bool has_run(void *plugin)
{
	if (opened_program(plugin)->runs.total > 0)
		return true;
	happen();
	opened_sample();
	return false;
}

static void check_kind(const struct kind *kind)
{
	const struct snapshot_program *program = opened_program(kind->plugin);

	if (program->state != PROGRAM_ON) {
		print_message("%s: %s\n", kind->plugin, program->reason);
		assert_non_null(strstr(program->reason, kind->why_not));
		assert_false(must_run(kind));
		return;
	}
	if (!wait_until(has_run, (void *)(uintptr_t)kind->plugin))
		fail_msg("%s has not run", kind->plugin);
	for (int i = 0; kind->variables[i] != NULL; i++)
		assert_true(counted(kind->plugin, kind->variables[i]) > 0);
}

static void test_each_kind_runs_or_says_why(void **state)
{
	enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

	(void)state;
	for (size_t i = 0; i < KINDS; i++)
		add_plugin(kinds[i].plugin);
	add_only(kinds[0].plugin); /* none of x0top's own */
	opened_open();
	orchestrator_look(opened.orchestrator, LOOK_PLUGINS);
	happen();
	opened_sample();
	for (uint32_t i = 0; program_types[i] != NULL; i++)
		assert_int_equal(opened_program(program_types[i]->name)->state, PROGRAM_OFF);
	for (size_t i = 0; i < KINDS; i++)
		check_kind(&kinds[i]);
	/* Switched off, they count no longer; switched on, from the beginning. */
	for (size_t i = 0; i < KINDS; i++) {
		char off[64], on[64];
		if (opened_program(kinds[i].plugin)->state != PROGRAM_ON)
			continue;
		snprintf(off, sizeof(off), "program off %s", kinds[i].plugin);
		snprintf(on, sizeof(on), "program on %s", kinds[i].plugin);
		opened_act(off);
		opened_sample();
		assert_int_equal(opened_program(kinds[i].plugin)->state, PROGRAM_OFF);
		opened_act(on);
		happen();
		opened_sample();
		check_kind(&kinds[i]);
	}
}

/* --- places in the chain ---------------------------------------------------------------------- */

enum { DROPPED = 5, CHANGED = 7, OTHERS = 3 };

static void send_to(uint16_t port, unsigned int count)
{
	const struct frame_ipv4 ipv4 = { .protocol = 17 };
	struct frame frame;

	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &ipv4);
	frame_udp(&frame, 5000, port);
	frame_payload(&frame, 20);
	frame_finish(&frame);
	netns_send("left", frame.bytes, frame.length, count);
}

static bool is_counted(void *total)
{
	opened_sample();
	return opened.now.packets.sum.all.packets.total >= *(const uint64_t *)total;
}

static void wait_for_total(uint64_t total)
{
	assert_true(wait_until(is_counted, &total));
	assert_int_equal(opened.now.packets.sum.all.packets.total, total);
}

/* Sends what the plugin drops and changes, through a filter that drops what it changes. */
static void send_through(void)
{
	struct failure failure;

	add_plugin("before");
	add_only("xdp_counter");
	add_only("xdp_mesh_filter");
	assert_int_equal(settings_set(&opened.settings, "rules", "drop 10.9.9.9", &failure), 0);
	opened_open();
	opened_act("enforce on xdp_mesh_filter");
	enforcing = true;
	assert_true(wait_until(netns_is_running, "right"));
	send_to(4444, DROPPED);
	send_to(4445, CHANGED);
	send_to(4446, OTHERS);
	wait_for_total(DROPPED + CHANGED + OTHERS);
}

/* The filter judges what the plugin has left, as it left it; the end of the chain counts all. */
static void test_before_the_filter(void **state)
{
	(void)state;
	send_through();
	assert_int_equal(opened_program("before")->state, PROGRAM_ON);
	assert_string_equal(row_of("before")->behind, "xdp_counter");
	assert_int_equal(row_of("before")->dropped.total, DROPPED);
	assert_int_equal(row_of("before")->passed.total, CHANGED + OTHERS);
	assert_int_equal(opened.now.mesh.dropped.packets.total, CHANGED);
	assert_int_equal(opened.now.mesh.no_match.packets.total, OTHERS);
	assert_int_equal(
		opened.now.packets.sum.verdicts[XDP_DROP].packets.total, DROPPED + CHANGED);
}

/* Where the operator says is in force: the filter has passed the packets before they are changed. */
static void test_the_operators_place(void **state)
{
	struct failure failure;

	(void)state;
	assert_int_equal(
		settings_set(&opened.settings, "plugin-places", "before last", &failure), 0);
	send_through();
	assert_string_equal(row_of("before")->behind, "xdp_pqc_verify");
	assert_int_equal(row_of("before")->dropped.total, DROPPED);
	assert_int_equal(opened.now.mesh.dropped.packets.total, 0);
	assert_int_equal(opened.now.mesh.no_match.packets.total, DROPPED + CHANGED + OTHERS);
	assert_int_equal(opened.now.packets.sum.verdicts[XDP_DROP].packets.total, DROPPED);
}

/* A stage between others goes and comes without them. */
static void test_switched_in_the_middle(void **state)
{
	(void)state;
	send_through();
	opened_act("program off before");
	send_to(4444, DROPPED);
	send_to(4445, CHANGED);
	wait_for_total(2 * DROPPED + 2 * CHANGED + OTHERS);
	opened_act("program on before");
	send_to(4444, DROPPED);
	wait_for_total(3 * DROPPED + 2 * CHANGED + OTHERS);
	assert_int_equal(row_of("before")->dropped.total, DROPPED);
	assert_int_equal(opened.now.mesh.dropped.packets.total, CHANGED);
}

/* What is replaced behind a plugin is linked to it. */
static void test_replaced_behind_a_plugin(void **state)
{
	(void)state;
	send_through();
	opened_act("program replace xdp_mesh_filter built-in");
	send_to(4444, DROPPED);
	send_to(4445, CHANGED);
	wait_for_total(2 * DROPPED + 2 * CHANGED + OTHERS);
	assert_int_equal(row_of("before")->dropped.total, 2 * DROPPED);
	assert_int_equal(opened.now.mesh.dropped.packets.total, 2 * CHANGED);
}

/* What enforces stays when x0top ends, and the plugin before it goes. */
static void test_what_enforces_stays(void **state)
{
	(void)state;
	send_through();
	opened_close();
	assert_true(wait_until(none_is_loaded, NULL));
	remove_object("before");
	opened.settings.n_plugins = 0;
	opened_open();
	opened_sample();
	assert_int_equal(opened_program("xdp_mesh_filter")->state, PROGRAM_ON);
	assert_true(opened_program("xdp_mesh_filter")->adopted);
	const uint64_t judged = opened.now.mesh.no_match.packets.total;
	send_to(4446, OTHERS);
	wait_for_total(opened.now.packets.sum.all.packets.total + OTHERS);
	assert_int_equal(opened.now.mesh.no_match.packets.total, judged + OTHERS);
}

/* --- TC --------------------------------------------------------------------------------------- */

static bool tc_has_all(void *unused)
{
	(void)unused;
	opened_sample();
	return row_of("tc_drop")->dropped.total + row_of("tc_drop")->passed.total >=
	       DROPPED + OTHERS;
}

/* By TCX or by clsact, as the kernel has it. */
static void test_tc(void **state)
{
	(void)state;
	add_plugin("tc_drop");
	add_only("tc_drop");
	opened_open();
	assert_true(wait_until(netns_is_running, "right"));
	send_to(4444, DROPPED);
	send_to(4446, OTHERS);
	assert_true(wait_until(tc_has_all, NULL));
	assert_int_equal(opened_program("tc_drop")->state, PROGRAM_ON);
	assert_non_null(strstr(opened_program("tc_drop")->attached, "right "));
	assert_int_equal(row_of("tc_drop")->dropped.total, DROPPED);
	assert_int_equal(row_of("tc_drop")->passed.total, OTHERS);
	assert_string_equal(row_of("tc_drop")->behind, "");
}

static enum decision decide_on(const char *name, enum action_actor actor)
{
	struct action action = { .verb = &control_verbs[VERB_PROGRAM_ON], .actor = actor };
	char sentence[REASON_LEN];

	snprintf(action.program, sizeof(action.program), "%s", name);
	return orchestrator_decide(opened.orchestrator, &action, sentence, sizeof(sentence));
}

/* What it drops may be the operator's: MAPE-K switches it on for nobody. */
static void test_what_drops_is_not_switched_on_unasked(void **state)
{
	struct action on = {
		.verb = &control_verbs[VERB_PROGRAM_ON], .actor = ACTOR_MAPEK, .program = "tc_drop"
	};
	struct failure failure = { 0 };

	(void)state;
	add_plugin("tc_drop");
	add_plugin("calls");
	add_only("tc_drop");
	opened_open();
	opened_act("program off tc_drop");
	assert_int_equal(decide_on("calls", ACTOR_MAPEK), DECISION_DO);
	assert_int_equal(decide_on("tc_drop", ACTOR_MAPEK), DECISION_ASK);
	assert_int_equal(decide_on("tc_drop", ACTOR_COMMAND_LINE), DECISION_DO);
	assert_int_equal(orchestrator_apply(opened.orchestrator, &on, &failure), -ECANCELED);
	on.confirmed = true; /* it was on before */
	assert_int_equal(orchestrator_apply(opened.orchestrator, &on, &failure), 0);
}

/* --- what somebody has damaged ---------------------------------------------------------------- */

/* Loads it, if it is said to be good. What it is need not be right: only x0top must live, and say what is wrong. */
static void try_damaged(void)
{
	static struct plugin plugin;
	struct failure failure = { 0 };
	char path[SETTINGS_PATH_LEN];
	bool passes;

	path_of("damaged", path);
	plugin_read(&plugin, path);
	if (plugin.refused.error < 0)
		assert_true(plugin.refused.what[0] != '\0');
	else if (plugin_try(&plugin, &passes, &failure) < 0)
		assert_true(failure.what[0] != '\0');
	plugin_free(&plugin);
}

static void test_damaged_objects(void **state)
{
	static uint8_t bytes[OBJECT_MAX], damaged[OBJECT_MAX];
	const int times = getenv("X0_EMULATED") != NULL ? 20 : 100;
	const size_t size = read_object("before", bytes);
	uint64_t random = 1;

	(void)state;
	messages_capture(false);
	for (int i = 0; i < times; i++) {
		memcpy(damaged, bytes, size);
		for (int n = 0; n <= i % 4; n++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			damaged[(random >> 33) % size] = (uint8_t)(random >> 20);
		}
		write_object("damaged", damaged, i % 5 == 4 ? size * (size_t)(i + 1) / 128 : size);
		try_damaged();
	}
	remove_object("damaged");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

/* What is pinned, logged and locked here is nobody else's. */
static int make_host(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("bpf", PINS_BPFFS, "bpf", 0, NULL) != 0 ||
		mount("run", "/run", "tmpfs", 0, NULL) != 0 ||
		(mount("log", "/var/log", "tmpfs", 0, NULL) != 0 && errno != ENOENT))
		return -1;
	netns_enter();
	netns_veth("left", "right");
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_kind_runs_or_says_why),
		TEST(test_before_the_filter),
		TEST(test_the_operators_place),
		TEST(test_switched_in_the_middle),
		TEST(test_replaced_behind_a_plugin),
		TEST(test_what_enforces_stays),
		TEST(test_tc),
		TEST(test_what_drops_is_not_switched_on_unasked),
		TEST(test_damaged_objects),
	};

	return cmocka_run_group_tests(tests, make_host, remove_folder);
}
