// SPDX-License-Identifier: BSD-2-Clause
/* Plugins: names of programs, sections, and the verifier's words about a line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
