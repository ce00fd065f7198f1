// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the kernel can, and what its verifier says of a program: as root, beside the version of the kernel, and as
 * a user without rights, who cannot know.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/capability.h>

#include "kernel/capability.h"
#include "kernel/object.h"
#include "kernel/probe.h"
#include "kernel/verifier_report.h"
#include "tests/lib/host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct probe_report report;
static struct failure failure;

static const struct probe_feature *feature(uint32_t group, const char *name)
{
	for (uint32_t i = 0; i < report.n_features; i++)
		if (report.features[i].group == group && strcmp(report.features[i].name, name) == 0)
			return &report.features[i];
	fprintf(stderr, "no feature %s\n", name);
	abort();
}

/* Runs a case in a child, whose rights do not come back. */
static void in_child(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* --- features ---------------------------------------------------------------------------------------- */

/* Since which kernel; 0: all that x0top runs on. */
static const struct {
	uint32_t group;
	const char *name;
	int since;
} features[] = {
	{ PROBE_PROGRAM_TYPES, "XDP", 0 },
	{ PROBE_PROGRAM_TYPES, "TC classifier", 0 },
	{ PROBE_PROGRAM_TYPES, "kprobe", 0 },
	{ PROBE_PROGRAM_TYPES, "raw tracepoint", 0 },
	{ PROBE_PROGRAM_TYPES, "tracepoint", 0 },
	{ PROBE_PROGRAM_TYPES, "tracing", 505 },
	{ PROBE_MAP_TYPES, "array", 0 },
	{ PROBE_MAP_TYPES, "per-CPU array", 0 },
	{ PROBE_MAP_TYPES, "hash", 0 },
	{ PROBE_MAP_TYPES, "per-CPU hash", 0 },
	{ PROBE_MAP_TYPES, "LRU hash", 0 },
	{ PROBE_MAP_TYPES, "LPM trie", 0 },
	{ PROBE_MAP_TYPES, "program array", 0 },
	{ PROBE_MAP_TYPES, "ring buffer", 508 },
	{ PROBE_MAP_TYPES, "task storage", 511 },
	{ PROBE_HELPERS, "tail_call", 0 },
	{ PROBE_HELPERS, "skb_load_bytes", 0 },
	{ PROBE_HELPERS, "ringbuf_reserve", 508 },
	{ PROBE_HELPERS, "probe_read_kernel", 505 },
	{ PROBE_HELPERS, "get_current_task_btf", 511 },
	{ PROBE_HELPERS, "task_storage_get", 511 },
	{ PROBE_HELPERS, "loop", 517 },
	{ PROBE_HELPERS, "xdp_load_bytes", 518 },
	{ PROBE_ATTACH_KINDS, "XDP link", 509 },
	{ PROBE_ATTACH_KINDS, "TCX link", 606 },
	{ PROBE_ATTACH_KINDS, "BTF tracepoint", 505 },
	{ PROBE_ATTACH_KINDS, "raw tracepoint", 0 },
	{ PROBE_SYSTEM, "BTF", 0 },
	{ PROBE_SYSTEM, "bpffs", 0 },
};

static int kernel(void)
{
	struct utsname name;
	int major, minor;

	uname(&name);
	assert_int_equal(sscanf(name.release, "%d.%d", &major, &minor), 2);
	return 100 * major + minor;
}

static void root_knows(void **state)
{
	(void)state;
	probe_run(&report);
	for (size_t i = 0; i < COUNT(features); i++) {
		uint32_t expected = kernel() >= features[i].since ? PROBE_YES : PROBE_NO;
		if (feature(features[i].group, features[i].name)->state != expected)
			fail_msg("%s is said to be %u", features[i].name,
				feature(features[i].group, features[i].name)->state);
	}
	assert_string_equal(feature(PROBE_SYSTEM, "bpffs")->note, "/sys/fs/bpf");
	assert_string_equal(feature(PROBE_SYSTEM, "BTF")->note, "/sys/kernel/btf/vmlinux");
	assert_int_equal(feature(PROBE_CAPABILITIES, "CAP_BPF")->state, PROBE_YES);
	assert_int_equal(feature(PROBE_CAPABILITIES, "CAP_PERFMON")->state, PROBE_YES);
	assert_int_equal(feature(PROBE_CAPABILITIES, "CAP_NET_ADMIN")->state, PROBE_YES);
	assert_int_equal(feature(PROBE_CAPABILITIES, "CAP_SYS_ADMIN")->state, PROBE_YES);
	assert_true(report.n_features < PROBE_FEATURES_MAX);
}

/* What is in /proc and under securityfs is said as it stands there; network namespaces have no bpf_jit_enable. */
static void settings_are_said(void **state)
{
	static const struct {
		const char *path, *name, *note, *missing;
		uint32_t without;
	} settings[] = {
		{ "/proc/sys/net/core/bpf_jit_enable", "JIT", "bpf_jit_enable is ", "", PROBE_YES },
		{ "/proc/sys/kernel/unprivileged_bpf_disabled", "unprivileged BPF disabled",
			"unprivileged_bpf_disabled is ", "cannot be read", PROBE_UNKNOWN },
	};

	(void)state;
	probe_run(&report);
	for (size_t i = 0; i < COUNT(settings); i++) {
		char line[32] = "0", expected[TEXT_LEN];
		FILE *file = fopen(settings[i].path, "re");
		if (file != NULL) {
			assert_int_equal(fscanf(file, "%31s", line), 1);
			fclose(file);
		}
		snprintf(expected, sizeof(expected), "%s%s",
			file != NULL ? settings[i].note : settings[i].missing,
			file != NULL ? line : "");
		const struct probe_feature *said = feature(PROBE_SYSTEM, settings[i].name);
		assert_string_equal(said->note, expected);
		if (file == NULL)
			assert_int_equal(said->state, settings[i].without);
		else
			assert_int_equal(
				said->state, strcmp(line, "0") == 0 ? PROBE_NO : PROBE_YES);
	}
	struct stat status;
	bool there = stat("/sys/kernel/security/lockdown", &status) == 0;
	assert_int_equal(feature(PROBE_SYSTEM, "lockdown")->state == PROBE_UNKNOWN, !there);
}

static void must_be(uint32_t group, const char *name, uint32_t state)
{
	if (feature(group, name)->state == state)
		return;
	fprintf(stderr, "%s is %u, not %u\n", name, feature(group, name)->state, state);
	_exit(1);
}

static void without_rights(void)
{
	host_become_ordinary(NULL, 0);
	probe_run(&report);
	for (uint32_t i = 0; i < report.n_features; i++)
		if (report.features[i].group <= PROBE_HELPERS)
			must_be(report.features[i].group, report.features[i].name, PROBE_UNKNOWN);
	must_be(PROBE_ATTACH_KINDS, "XDP link", PROBE_UNKNOWN);
	must_be(PROBE_ATTACH_KINDS, "TCX link", PROBE_UNKNOWN);
	must_be(PROBE_ATTACH_KINDS, "BTF tracepoint", PROBE_UNKNOWN);
	must_be(PROBE_ATTACH_KINDS, "raw tracepoint", PROBE_UNKNOWN);
	must_be(PROBE_SYSTEM, "JIT", PROBE_UNKNOWN);
	must_be(PROBE_SYSTEM, "BTF", PROBE_YES);
	must_be(PROBE_CAPABILITIES, "CAP_BPF", PROBE_NO);
	must_be(PROBE_CAPABILITIES, "CAP_NET_ADMIN", PROBE_NO);
	must_be(PROBE_CAPABILITIES, "CAP_SYS_ADMIN", PROBE_NO);
}

/* The network's programs, and none that trace. */
static void with_rights_for_networks(void)
{
	static const unsigned int held[] = { CAP_BPF, CAP_NET_ADMIN };

	host_become_ordinary(held, COUNT(held));
	probe_run(&report);
	must_be(PROBE_PROGRAM_TYPES, "XDP", PROBE_YES);
	must_be(PROBE_PROGRAM_TYPES, "TC classifier", PROBE_YES);
	must_be(PROBE_PROGRAM_TYPES, "kprobe", PROBE_UNKNOWN);
	must_be(PROBE_PROGRAM_TYPES, "tracing", PROBE_UNKNOWN);
	must_be(PROBE_HELPERS, "tail_call", PROBE_YES);
	must_be(PROBE_HELPERS, "ringbuf_reserve", PROBE_UNKNOWN);
	must_be(PROBE_MAP_TYPES, "array", PROBE_YES);
	must_be(PROBE_ATTACH_KINDS, "raw tracepoint", PROBE_UNKNOWN);
	must_be(PROBE_CAPABILITIES, "CAP_BPF", PROBE_YES);
	must_be(PROBE_CAPABILITIES, "CAP_PERFMON", PROBE_NO);
	must_be(PROBE_CAPABILITIES, "CAP_NET_ADMIN", PROBE_YES);
}

static void users_know_what_they_may(void **state)
{
	(void)state;
	in_child(without_rights);
	in_child(with_rights_for_networks);
}

/* --- capabilities ------------------------------------------------------------------------------------- */

#define BIT(capability) (UINT64_C(1) << (capability))

static void name_missing(void)
{
	static const unsigned int held[] = { CAP_NET_ADMIN };
	char names[64], few[20];

	host_become_ordinary(held, COUNT(held));
	int n = capability_missing(
		BIT(CAP_BPF) | BIT(CAP_NET_ADMIN) | BIT(CAP_CHOWN), names, sizeof(names));
	if (n != 2 || strcmp(names, "CAP_CHOWN, CAP_BPF") != 0 ||
		capability_missing(BIT(CAP_NET_ADMIN), names, sizeof(names)) != 0 ||
		names[0] != '\0' ||
		capability_missing(BIT(CAP_CHOWN) | BIT(CAP_BPF), few, 12) != 2 ||
		strncmp(few, "CAP_CHOWN", 9) != 0)
		_exit(1);
}

/* The kernel lets CAP_SYS_ADMIN stand for CAP_BPF and CAP_PERFMON, and for nothing else. */
static void administrate(void)
{
	static const unsigned int held[] = { CAP_SYS_ADMIN };

	host_become_ordinary(held, COUNT(held));
	if (!capability_held(CAP_BPF) || !capability_held(CAP_PERFMON) ||
		capability_held(CAP_NET_ADMIN) || !capability_held(CAP_SYS_ADMIN))
		_exit(1);
}

static void missing_capabilities_are_named(void **state)
{
	(void)state;
	in_child(name_missing);
	in_child(administrate);
}

/* --- the verifier -------------------------------------------------------------------------------------- */

static struct verifier_report reports[8];
static int n_reports;

static void keep(const struct verifier_report *one, void *context)
{
	assert_ptr_equal(context, &n_reports);
	assert_true(n_reports < (int)COUNT(reports));
	reports[n_reports++] = *one;
}

/* What the kernel's own log says of a program, loaded here. */
static void load_here(const char *name, uint32_t *instructions, uint32_t *verified, uint32_t *stack)
{
	static char log[65536];
	struct bpf_object *object;

	assert_int_equal(object_open(name, "", &object, &failure), 0);
	struct bpf_program *program = bpf_object__next_program(object, NULL);
	bpf_program__set_log_level(program, 4);
	bpf_program__set_log_buf(program, log, sizeof(log));
	assert_int_equal(bpf_object__load(object), 0);
	*instructions = (uint32_t)bpf_program__insn_cnt(program);
	assert_int_equal(sscanf(strstr(log, "processed "), "processed %u insns", verified), 1);
	*stack = 0;
	char *depth = strstr(log, "stack depth ") + strlen("stack depth ");
	depth += strncmp(depth, "max ", 4) == 0 ? 4 : 0;
	depth[strcspn(depth, " \n")] = '\0';
	for (char *rest = NULL, *part = strtok_r(depth, "+", &rest); part != NULL;
		part = strtok_r(NULL, "+", &rest))
		*stack += (uint32_t)atoi(part);
	bpf_object__close(object);
}

static void the_verifier_s_counts(void **state)
{
	uint32_t instructions, verified, stack;

	(void)state;
	n_reports = 0;
	assert_int_equal(
		verifier_report_object("xdp_counter", "", NULL, keep, &n_reports, &failure), 0);
	assert_true(n_reports >= 1);
	const struct verifier_report *r = &reports[0];
	load_here("xdp_counter", &instructions, &verified, &stack);
	assert_string_equal(r->object, "xdp_counter");
	assert_string_equal(r->program, "xdp_counter");
	assert_string_equal(r->variant, "");
	assert_string_equal(r->section, "xdp");
	assert_int_equal(r->failure.error, 0);
	assert_int_equal(r->instructions, instructions);
	assert_int_equal(r->verified, verified);
	assert_int_equal(r->stack, stack);
	assert_in_range(stack, 1, 2048);
}

/* Each program in each variant; one that lacks what the variant sets is told, and the next goes on. */
static void variants_of_a_program(void **state)
{
	static const struct verifier_variant variants[] = {
		{ .name = "no such constant", .constant = "nothing", .value = 1, .size = 4 },
		{ .name = "no such map", .without_map = "nothing" },
		{ .name = "without a map it needs", .without_map = "xdp_packet" },
		{ .name = "plain" },
		{ .name = NULL },
	};

	(void)state;
	n_reports = 0;
	assert_int_equal(
		verifier_report_object("xdp_counter", "", variants, keep, &n_reports, &failure), 0);
	assert_int_equal(n_reports, 8);
	for (int i = 0; i < 8; i++) {
		const struct verifier_report *r = &reports[i];
		assert_string_equal(r->program, i < 4 ? "xdp_counter" : "tc_counter");
		assert_string_equal(r->variant, variants[i % 4].name);
		if (i % 4 < 2) {
			assert_int_equal(r->failure.error, -ENOENT);
			assert_string_equal(r->failure.what,
				"xdp_counter lacks constants or maps that x0top expects");
		} else if (i % 4 == 2) {
			assert_true(r->failure.error < 0);
			assert_string_not_equal(r->failure.cause, "");
			assert_int_equal(r->instructions, 0);
		} else {
			assert_int_equal(r->failure.error, 0);
			assert_true(r->verified > 0);
		}
	}
	assert_int_equal(
		verifier_report_object("nothing", "", NULL, keep, &n_reports, &failure), -ENOENT);
	assert_int_equal(n_reports, 8);
}

static int setup(void **state)
{
	(void)state;
	host_enter(1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_knows),
		cmocka_unit_test(settings_are_said),
		cmocka_unit_test(users_know_what_they_may),
		cmocka_unit_test(missing_capabilities_are_named),
		cmocka_unit_test(the_verifier_s_counts),
		cmocka_unit_test(variants_of_a_program),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
