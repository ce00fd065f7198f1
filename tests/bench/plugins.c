// SPDX-License-Identifier: BSD-2-Clause
/* What plugins cost: a packet in the chain with one that is off and with one that is on, a system call that one traces,
 * and a view of many entries. */
#include <bpf/bpf.h>
#include <curses.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "bench.h"
#include "control/state.h"
#include "kernel/program_slots.h"
#include "tests/lib/cells.h"
#include "tests/lib/packets.h"
#include "tui/ui.h"

#define ROUNDS	15
#define RUNS	200000
#define VIEWS	41
#define ENTRIES 10000
#define VIEW_MS 10

/* --- opening ---------------------------------------------------------------------------------- */

/* Copies an object into a folder of root's, as plugins have to be. Returns false if there is none. */
static bool copy_object(const char *object, const char *path)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char command[512];

	snprintf(command, sizeof(command), "install -m 600 %s/%s.bpf.o %s 2>/dev/null", build,
		object, path);
	return system(command) == 0;
}

/* Opens an orchestrator that runs a plugin, NULL: none, and of its own programs this one. */
static struct orchestrator *open_plugin(
	const char *object, const char *only, char *why, size_t size)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct orchestrator *o = NULL;
	struct failure failure = { 0 };
	char path[] = "/tmp/x0-bench-XXXXXX";
	int fd = mkstemp(path);

	if (settings == NULL || fd < 0)
		abort();
	close(fd);
	settings_default(settings);
	settings->lab = true;
	settings->xdp_mode = XDP_WANT_NATIVE;
	settings->n_interfaces = settings->n_only = 1;
	snprintf(settings->interfaces[0], sizeof(settings->interfaces[0]), BENCH_RECEIVES);
	snprintf(settings->only[0], sizeof(settings->only[0]), "%s", only);
	if (object != NULL)
		snprintf(settings->plugins[settings->n_plugins++], SETTINGS_PATH_LEN, "%s", path);
	if (object != NULL && !copy_object(object, path))
		snprintf(why, size, "%s.bpf.o is not built: make tests", object);
	else if (orchestrator_open(settings, &o, &failure) < 0)
		snprintf(why, size, "%s", failure.what);
	unlink(path);
	free(settings);
	return o;
}

/* --- packets ---------------------------------------------------------------------------------- */

enum variant {
	WITHOUT,
	OFF,
	ON,
	ALONE,
	VARIANTS,
};

/* The plugin is the last of an orchestrator's programs. Returns the root program; the orchestrator stays. */
static int open_chain(enum variant variant, char *why, size_t size)
{
	struct orchestrator *o = open_plugin(
		variant == WITHOUT ? NULL : "examples/dns_types", "xdp_counter", why, size);

	if (o == NULL)
		return -ENOEXEC;
	struct program *plugin = &o->programs[o->n_programs - 1];
	if (variant != WITHOUT && !plugin->running) {
		snprintf(why, size, "%s", plugin->failure.what);
		return -ENOEXEC;
	}
	if (variant == OFF)
		program_stop(plugin);
	int fd = dup(o->context.chain.root_fd);
	chain_detach(&o->context.chain, 0);
	watch_loopback(o, "xdp_interfaces");
	if (fd < 0)
		snprintf(why, size, "its program cannot be opened: %s", strerror(errno));
	return fd;
}

/* The plugin's program as others would run it, without x0top. */
static int open_alone(char *why, size_t size)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char path[256];

	snprintf(path, sizeof(path), "%s/examples/dns_types.bpf.o", build);
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	if (object == NULL || bpf_object__load(object) < 0) {
		snprintf(why, size, "dns_types.bpf.o cannot be loaded");
		return -ENOEXEC;
	}
	return bpf_program__fd(bpf_object__next_program(object, NULL));
}

static void report_packets(double ns[VARIANTS][ROUNDS])
{
	const double without = bench_median(ns[WITHOUT], ROUNDS);

	report_add(&(struct measurement) {
		.what = "root, counter, a plugin that is off",
		.unit = "ns",
		.value = bench_median(ns[OFF], ROUNDS),
		.beside_what = "without plugins",
		.beside = without,
		.rounds = ROUNDS,
		.ratio_below = 1.1,
	});
	report_add(&(struct measurement) {
		.what = "what a plugin adds to a packet",
		.unit = "ns",
		.value = bench_median(ns[ON], ROUNDS) - without,
		.beside_what = "its program alone",
		.beside = bench_median(ns[ALONE], ROUNDS),
		.rounds = ROUNDS,
	});
}

static void bench_plugin_packets(void)
{
	static double ns[VARIANTS][ROUNDS];
	int fds[VARIANTS];
	struct frame frame;
	char why[256] = "";

	for (int i = 0; i < VARIANTS; i++) {
		fds[i] = i == ALONE ? open_alone(why, sizeof(why))
				    : open_chain((enum variant)i, why, sizeof(why));
		if (fds[i] < 0) {
			report_missing("packets and plugins", "%s", why);
			return;
		}
	}
	make_packet(&frame, 64);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < VARIANTS; i++)
			ns[i][round] = run_ns(fds[i], &frame, RUNS);
	report_packets(ns);
}

/* --- system calls ----------------------------------------------------------------------------- */

#define CALL_ROUNDS 7
#define BATCHES	    40
#define BATCH	    5000

enum calls_variant {
	UNTRACED,
	PROGRAM_ALONE,
	PROGRAM_IN_SLOT, /* which another program calls, so that it can be replaced */
	PLUGIN,
	CALLS_VARIANTS,
};

/* The ns of a system call in the fastest batch: what others do on the machine slows some, and speeds up none. */
static double call_ns(void)
{
	double best = INFINITY;

	for (int batch = 0; batch < BATCHES; batch++) {
		const double began = clock_monotonic_seconds();
		for (int i = 0; i < BATCH; i++)
			syscall(SYS_getppid);
		best = fmin(best, (clock_monotonic_seconds() - began) * 1e9 / BATCH);
	}
	return best;
}

/* Returns the same while the program of the plugin runs, loaded without x0top; NAN: it cannot. */
static double call_ns_by_program(bool in_slot)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char path[256];
	double ns = NAN;
	int slot = -1, filled = -1;

	snprintf(path, sizeof(path), "%s/tests/plugins/calls.bpf.o", build);
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program =
		object == NULL ? NULL : bpf_object__next_program(object, NULL);
	if (program == NULL || bpf_object__load(object) < 0 ||
		(in_slot && program_slot_make(program, "GPL", "x0_bench", &slot, &filled) < 0)) {
		bpf_object__close(object);
		return NAN;
	}
	struct bpf_link *link = bpf_program__attach(program);
	if (link != NULL)
		ns = call_ns();
	bpf_link__destroy(link);
	fd_close(&slot);
	fd_close(&filled);
	bpf_object__close(object);
	return ns;
}

static double call_ns_by_plugin(char *why, size_t size)
{
	struct orchestrator *o = open_plugin("tests/plugins/calls", "calls", why, size);
	const double ns = o == NULL ? NAN : call_ns();

	orchestrator_close(o);
	return ns;
}

/* The median of what a variant adds to a call, by the round: others trace the calls of the host, too, at times. */
static double added_ns(double ns[CALLS_VARIANTS][CALL_ROUNDS], enum calls_variant variant)
{
	double added[CALL_ROUNDS];

	for (int round = 0; round < CALL_ROUNDS; round++)
		added[round] = ns[variant][round] - ns[UNTRACED][round];
	return bench_median(added, CALL_ROUNDS);
}

static void report_calls(double ns[CALLS_VARIANTS][CALL_ROUNDS])
{
	report_add(&(struct measurement) {
		.what = "a tracing program in a slot, at a system call",
		.unit = "ns",
		.value = added_ns(ns, PROGRAM_IN_SLOT),
		.beside_what = "the program alone",
		.beside = added_ns(ns, PROGRAM_ALONE),
		.rounds = CALL_ROUNDS,
	});
	report_add(&(struct measurement) {
		.what = "what a tracing plugin adds to a system call",
		.unit = "ns",
		.value = added_ns(ns, PLUGIN),
		.beside_what = "its program alone",
		.beside = added_ns(ns, PROGRAM_ALONE),
		.rounds = CALL_ROUNDS,
	});
}

static void bench_plugin_calls(void)
{
	static double ns[CALLS_VARIANTS][CALL_ROUNDS];
	char why[256] = "calls.bpf.o cannot be loaded: make tests";

	for (int round = 0; round < CALL_ROUNDS; round++) {
		ns[UNTRACED][round] = call_ns();
		ns[PROGRAM_ALONE][round] = call_ns_by_program(false);
		ns[PROGRAM_IN_SLOT][round] = call_ns_by_program(true);
		ns[PLUGIN][round] = call_ns_by_plugin(why, sizeof(why));
		if (isnan(ns[PROGRAM_ALONE][round] + ns[PROGRAM_IN_SLOT][round] +
			    ns[PLUGIN][round])) {
			report_missing("system calls and plugins", "%s", why);
			return;
		}
	}
	report_calls(ns);
}

/* --- a view ----------------------------------------------------------------------------------- */

/* Returns a descriptor of the map of that name that was made last, or a negative errno. */
static int newest_map(const char *name)
{
	int newest = -ENOENT;
	uint32_t id = 0;

	while (bpf_map_get_next_id(id, &id) == 0) {
		struct bpf_map_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_map_get_fd_by_id(id);
		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
			strcmp(info.name, name) == 0) {
			if (newest >= 0)
				close(newest);
			newest = fd;
		} else if (fd >= 0) {
			close(fd);
		}
	}
	return newest;
}

/* Entries of any contents: there are more bytes than key and value have. */
static bool fill(int map)
{
	uint8_t key[64] = { 0 }, value[256] = { 0 };

	for (uint32_t i = 0; i < ENTRIES; i++) {
		memcpy(key, &i, sizeof(i));
		memcpy(value, &i, sizeof(i));
		if (bpf_map_update_elem(map, key, value, BPF_ANY) < 0)
			return false;
	}
	return true;
}

/* Opens the view of the entries of the first map, sorted by another column than the map's. */
static void open_view(struct ui *ui, struct snapshot *now)
{
	ui_snapshot(ui, now);
	for (const char *key = "2p\r>>>"; *key != '\0'; key++)
		ui_key(ui, *key);
}

static void measure_view(struct orchestrator *o, double ms[VIEWS])
{
	struct snapshot *before = snapshot_open(), *now = snapshot_open();
	struct ui *ui = ui_open(1);

	orchestrator_look(o, LOOK_PLUGINS);
	orchestrator_sample(o, NULL, before);
	open_view(ui, before);
	for (int i = 0; i < VIEWS; i++) {
		const double began = clock_monotonic_seconds();
		orchestrator_sample(o, before, now);
		ui_snapshot(ui, now);
		ui_draw(ui);
		ms[i] = (clock_monotonic_seconds() - began) * 1e3;
		struct snapshot *swap = before;
		before = now;
		now = swap;
	}
	ui_close(ui);
	snapshot_close(before);
	snapshot_close(now);
}

static void bench_plugin_view(void)
{
	static double ms[VIEWS];
	char why[256] = "";
	struct orchestrator *o = open_plugin("tests/plugins/entries", "entries", why, sizeof(why));
	int map = o == NULL ? -ENOENT : newest_map("entries");

	if (o == NULL || map < 0 || !fill(map)) {
		report_missing("a view of 10,000 entries", "%s",
			o == NULL ? why : "its map cannot be filled");
	} else {
		cells_open((struct cells_options) { .width = 120, .height = 40 });
		measure_view(o, ms);
		cells_close();
		report_add(&(struct measurement) {
			.what = "a view of 10,000 entries, refreshed",
			.unit = "ms",
			.value = bench_median(ms, VIEWS),
			.rounds = VIEWS,
			.below = VIEW_MS,
		});
	}
	orchestrator_close(o);
}

void bench_plugins(void)
{
	report_section("PLUGINS",
		"a UDP packet of 64 bytes by BPF_PROG_RUN, 200,000 at a time, median of 15 rounds in "
		"turn; getppid() in the fastest of 40 batches, median of 7; a sample with a screen of 120x40, "
		"median of 41");
	bench_plugin_packets();
	bench_plugin_calls();
	bench_plugin_view();
}
