// SPDX-License-Identifier: BSD-2-Clause
/* Plugins: names of programs, sections, and the verifier's words about a line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/place.h"
#include "plugins/plugin.h"
#include "plugins/refusal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_names(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "/etc/x0top/plugins/dns_types.bpf.o", "dns_types" },
		{ "xdpfilt_alw_ip.o", "xdpfilt_alw_ip" },
		{ "./Some Thing.bpf.o", "some_thing" },
		{ "/a/b-c", "b-c" },
		{ "/a/\x1b[1m\xc3\xa4.bpf.o", "__1m__" },
		{ "/a/.bpf.o", "_bpf" },
		{ "/a/", "_" },
		{ "0123456789012345678901234567890123456789.bpf.o",
			"0123456789012345678901234567890" },
	};
	char name[NAME_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		plugin_name(cases[i].path, name);
		assert_string_equal(name, cases[i].name);
	}
}

static void test_sections(void **state)
{
	static const struct {
		const char *section;
		int hook; /* -1: none */
	} cases[] = {
		{ "xdp", PLUGIN_XDP },
		{ "xdp.frags", PLUGIN_XDP },
		{ "xdp/devmap", -1 },
		{ "tcx/ingress", PLUGIN_TC },
		{ "classifier", PLUGIN_TC },
		{ "tracepoint/sched/sched_switch", PLUGIN_TRACE },
		{ "raw_tp/", -1 },
		{ "kprobe/vfs_read", PLUGIN_TRACE },
		{ "lsm/file_open", -1 },
		{ "freplace/x", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct plugin_section *section = plugin_section(cases[i].section);
		assert_int_equal(section == NULL ? -1 : (int)section->hook, cases[i].hook);
	}
	assert_int_equal(plugin_tc_hook("tc", "count"), TC_HOOK_INGRESS);
	assert_int_equal(plugin_tc_hook("tc", "count_egress"), TC_HOOK_EGRESS);
	assert_int_equal(plugin_tc_hook("tcx/ingress", "not_egress"), TC_HOOK_INGRESS);
	assert_int_equal(plugin_tc_hook("tcx/egress", "count"), TC_HOOK_EGRESS);
}

static void explain(struct failure *failure, const char *log)
{
	failure_set(failure, -EACCES, "Cannot load it");
	failure_cause(failure, "%s", log);
	refusal_explain("it", failure);
}

static void test_refusals(void **state)
{
	struct failure failure;

	(void)state;
	explain(&failure, "libbpf: prog 'f': BPF program load failed: Permission denied\n"
			  "-- BEGIN PROG LOAD LOG --\n"
			  "0: R1=ctx() R10=fp0\n"
			  "; int f(struct xdp_md *ctx) @ f.c:9\n"
			  "0: (61) r1 = *(u32 *)(r1 +0)\n"
			  "; return data[12] == 8; @ f.c:12\n"
			  "1: (71) r0 = *(u8 *)(r1 +12)\n"
			  "invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)\n"
			  "R1 offset is outside of the packet\n"
			  "processed 2 insns (limit 1000000)\n"
			  "-- END PROG LOAD LOG --\n");
	assert_string_equal(failure.what,
		"The kernel's verifier refuses it at \"return data[12] == 8; @ f.c:12\": invalid "
		"access to packet, off=12 size=1, R1(id=0,off=12,r=0)");
	assert_int_equal(failure.error, -EACCES);
	assert_non_null(strstr(failure.cause, "processed 2 insns"));
	/* Without lines, the instruction. */
	explain(&failure, "3: (95) exit\nR0 !read_ok\nprocessed 4 insns\n");
	assert_non_null(strstr(failure.what, "at \"3: (95) exit\": R0 !read_ok"));
	/* Nothing that it could find. */
	explain(&failure, "libbpf: failed to open\n");
	assert_string_equal(failure.what, "Cannot load it");
	explain(&failure, "");
	assert_string_equal(failure.what, "Cannot load it");
	explain(&failure, "0: (95) exit\n\x1b[31mred\nprocessed 1 insns\n");
	assert_null(strchr(failure.what, 0x1b));
}

/* --- places ----------------------------------------------------------------------------------- */

enum { PLACED = 3 };

/* Plugins a, b and c, which name these places, as the operator writes them. */
static struct plugin placed[PLACED];
static struct settings settings;
static uint8_t order[XDP_STAGES_MAX];

static void place(const char *const places[PLACED], struct failure *failure)
{
	memset(placed, 0, sizeof(placed));
	settings_default(&settings);
	for (int i = 0; i < PLACED; i++) {
		snprintf(placed[i].name, NAME_LEN, "%c", 'a' + i);
		placed[i].hooks = 1U << PLUGIN_XDP;
		if (places[i] != NULL)
			assert_int_equal(
				settings_set(&settings, "plugin-places", places[i], failure), 0);
	}
	place_all(placed, PLACED, &settings, order, failure);
}

/* Writes the order: "123abc", own stages by number. */
static void write_order(char text[XDP_STAGES_MAX + 1])
{
	size_t n = 0;

	for (int at = 0; at < XDP_STAGES_MAX; at++) {
		char letter = order[at] < XDP_PLUGIN_FIRST ? (char)('0' + order[at]) : '\0';
		for (int i = 0; i < PLACED; i++)
			if (placed[i].type.stage == order[at] && order[at] >= XDP_PLUGIN_FIRST)
				letter = placed[i].name[0];
		if (letter != '\0' && letter != '0')
			text[n++] = letter;
	}
	text[n] = '\0';
}

static void test_places(void **state)
{
	static const struct {
		const char *places[PLACED], *order;
		const char *refused; /* those that are */
	} cases[] = {
		{ { NULL, NULL, NULL }, "123abc", "" },
		{ { "a before xdp_mesh_filter", NULL, NULL }, "1a23bc", "" },
		{ { "a after xdp_counter", "b after xdp_counter", NULL }, "1ab23c", "" },
		{ { "a before xdp_mesh_filter", "b before xdp_mesh_filter", NULL }, "1ab23c", "" },
		{ { "a before b", "b before c", "c before xdp_pqc_verify" }, "12abc3", "" },
		{ { "a after c", NULL, NULL }, "123bca", "" },
		{ { "a last", NULL, "c after xdp_mesh_filter" }, "12c3ab", "" },
		{ { "a before b", "b before a", NULL }, "123c", "ab" },
		{ { "a before a", NULL, NULL }, "123bc", "a" },
		{ { "a after none", NULL, NULL }, "123bc", "a" },
		{ { "a before xdp_counter", "b after a", NULL }, "123cb", "a" },
		{ { "a after tracepoint_net", NULL, NULL }, "123bc", "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct failure failure;
		char text[XDP_STAGES_MAX + 1], refused[PLACED + 1] = "";
		place(cases[i].places, &failure);
		write_order(text);
		for (int p = 0; p < PLACED; p++)
			if (placed[p].refused.error < 0)
				strncat(refused, placed[p].name, 1);
		if (strcmp(text, cases[i].order) != 0 || strcmp(refused, cases[i].refused) != 0)
			fail_msg("case %zu: %s and not %s, refused: %s", i, text, cases[i].order,
				refused);
		assert_int_equal(failure.error, 0);
	}
}

/* Each stage has one place, whatever is wanted; stages of x0top keep their order. */
static void test_places_are_all_different(void **state)
{
	static const char *const places[PLACED] = { "a before xdp_mesh_filter", NULL, NULL };
	bool seen[XDP_STAGES_MAX] = { false };
	struct failure failure;

	(void)state;
	place(places, &failure);
	for (int at = 0; at < XDP_STAGES_MAX; at++) {
		assert_false(seen[order[at]]);
		seen[order[at]] = true;
	}
	assert_string_equal(placed[0].behind, "xdp_counter");
	assert_true(placed[0].own_behind);
	assert_string_equal(placed[1].behind, "xdp_pqc_verify");
	assert_false(placed[1].own_behind);
	assert_string_equal(placed[2].behind, "b");
}

/* A place of what is no stage is told, and harms no other. */
static void test_places_of_none(void **state)
{
	static const char *const places[PLACED] = { "none before xdp_mesh_filter", NULL, NULL };
	struct failure failure;

	(void)state;
	place(places, &failure);
	assert_int_equal(failure.error, -ENOENT);
	assert_non_null(strstr(failure.what, "none has a place"));
	for (int i = 0; i < PLACED; i++)
		assert_int_equal(placed[i].refused.error, 0);
}

static void test_words_of_places(void **state)
{
	static const char *const wrong[] = { "", "a", "a before", "a last b", "a beside b",
		"a before b c", "A before b", "a before \x1b[1m", "a before b\n" };
	struct failure failure;

	(void)state;
	settings_default(&settings);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(
			settings_set(&settings, "plugin-places", wrong[i], &failure), -EINVAL);
	assert_int_equal(settings.n_places, 0);
	assert_int_equal(settings_set(&settings, "plugin-places", "a before b", &failure), 0);
	assert_int_equal(settings_set(&settings, "plugin-places", "a last", &failure), 0);
	assert_int_equal(settings.n_places, 1);
	assert_int_equal(settings.places[0].where, PLACE_LAST);
}

/* A program that is made of a file may be named, in any order. */
static void test_only_names_plugins(void **state)
{
	struct failure failure;

	(void)state;
	settings_default(&settings);
	assert_int_equal(settings_set(&settings, "only", "some_thing", &failure), -EINVAL);
	assert_int_equal(settings_set(&settings, "plugins", "/root/Some Thing.bpf.o", &failure), 0);
	assert_int_equal(settings_set(&settings, "only", "some_thing", &failure), 0);
	assert_int_equal(settings_set(&settings, "only", "other", &failure), -EINVAL);
	assert_non_null(strstr(failure.remedy, ", some_thing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_places_are_all_different),
		cmocka_unit_test(test_places_of_none),
		cmocka_unit_test(test_words_of_places),
		cmocka_unit_test(test_only_names_plugins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
