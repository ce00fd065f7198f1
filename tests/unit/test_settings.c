// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mesh/rule.h"
#include "programs/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The longest alternative name of an interface. */
#define NAME_31	 "abcdefghijklmnopqrstuvwxyz01234"
#define NAME_127 NAME_31 "5" NAME_31 "5" NAME_31 "5" NAME_31

static struct settings settings, before;
static struct failure failure;

/* Reads `size` bytes as a configuration file over the defaults. */
static int read_bytes(const void *bytes, size_t size)
{
	char path[] = "/tmp/x0top-test-settings-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	memset(&failure, 0, sizeof(failure));
	settings_default(&settings);
	before = settings;
	int error = settings_read_file(&settings, path, &failure);
	unlink(path);
	return error;
}

static int read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void test_defaults(void **state)
{
	(void)state;
	settings_default(&settings);
	assert_true(settings.interval == 1.0);
	assert_string_equal(settings.trust, "/etc/x0top/trust");
	assert_int_equal(settings.n_syscalls, 20);
	assert_false(settings.syscalls_chosen);
	assert_string_equal(settings.syscalls[0], "read");
	assert_true(settings.classes.n > 0);
	assert_int_equal(settings.n_interfaces, 0);
	assert_int_equal(settings.n_only, 0);
	assert_int_equal(settings.n_rules, 0);
	assert_false(settings.enforce);
	assert_int_equal(settings.pqc_mode, PQC_OBSERVE);
	assert_int_equal(settings.n_pqc_ports, 0);
	assert_false(settings.readonly);
	assert_int_equal(settings.audit, AUDIT_BEST_EFFORT);
	assert_int_equal(settings.xdp_mode, XDP_WANT_AUTO);
}

static void test_alternative_names_of_interfaces_are_long(void **state)
{
	(void)state;
	assert_int_equal(read_text("interfaces: [a_name_of_sixteen, " NAME_127 "]\n"), 0);
	assert_int_equal(settings.n_interfaces, 2);
	assert_string_equal(settings.interfaces[0], "a_name_of_sixteen");
	assert_string_equal(settings.interfaces[1], NAME_127);
}

/* To the last byte: a system call's name of NAME_LEN - 1 bytes, an interface's of any visible ASCII. */
static void test_names_at_their_bounds(void **state)
{
	(void)state;
	assert_int_equal(NAME_LEN, sizeof(NAME_31));
	assert_int_equal(read_text("syscalls: [" NAME_31 "]\ninterfaces: ['!', 'a~b', a]\n"), 0);
	assert_int_equal(settings.n_syscalls, 1);
	assert_string_equal(settings.syscalls[0], NAME_31);
	assert_int_equal(settings.n_interfaces, 3);
	assert_string_equal(settings.interfaces[0], "!");
	assert_string_equal(settings.interfaces[1], "a~b");
	assert_string_equal(settings.interfaces[2], "a");
}

/* A path as long as there is room for is taken whole; one more character, or none, is refused. */
static void test_paths_at_their_bounds(void **state)
{
	static const struct {
		const char *key;
		const char *path;
		size_t room;
	} paths[] = {
		{ "trust", settings.trust, sizeof(settings.trust) },
		{ "identity", settings.identity, sizeof(settings.identity) },
		{ "web-config", settings.web_config, sizeof(settings.web_config) },
		{ "mapek-policy", settings.mapek_policy, sizeof(settings.mapek_policy) },
		{ "mapek-knowledge", settings.mapek_knowledge, sizeof(settings.mapek_knowledge) },
	};
	char value[512];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		settings_default(&settings);
		for (size_t n = paths[i].room; n >= paths[i].room - 2; n--) {
			snprintf(value, sizeof(value), "/%0*d", (int)n - 1, 0);
			int error = settings_set(&settings, paths[i].key, value, &failure);
			if (error != (n >= paths[i].room ? -EINVAL : 0))
				fail_msg("%s with %zu characters: %d", paths[i].key, n, error);
			if (error == 0)
				assert_string_equal(paths[i].path, value);
		}
		assert_int_equal(settings_set(&settings, paths[i].key, "", &failure), -EINVAL);
	}
}

static void test_every_key_is_read(void **state)
{
	char key[NAME_LEN * 2];
	uint32_t classes;

	(void)state;
	assert_int_equal(
		read_text("interfaces: [eth0, wg0, eth0]\n"
			  "xdp-mode: generic\n"
			  "syscalls-attach: tracepoint\n"
			  "syscalls:\n  - read\n  - futex\n"
			  "only:\n  - xdp_counter\n"
			  "rules:\n  - drop 10.0.0.0/8\n  - off pass mac 02:00:00:00:00:01\n"
			  "classes:\n  - udp 7777 mesh\n  - tcp 22 none\n"
			  "trust: /srv/keys\n"
			  "identity: /srv/host.key.pem\n"
			  "translated: [elm, oak, elm]\n"
			  "interval: 0.25\n"
			  "enforce: true\n"
			  "pqc-mode: enforce\n"
			  "pqc-port: [4000, 65535, 4000]\n"
			  "readonly: false\n"
			  "small: true\n"),
		0);
	classes = before.classes.n;
	assert_int_equal(settings.n_interfaces, 2);
	assert_string_equal(settings.interfaces[1], "wg0");
	assert_int_equal(settings.xdp_mode, XDP_WANT_GENERIC);
	assert_int_equal(settings.syscalls_attach, SYSCALLS_WANT_TRACEPOINT);
	assert_int_equal(settings.n_syscalls, 2);
	assert_true(settings.syscalls_chosen);
	assert_string_equal(settings.syscalls[1], "futex");
	assert_int_equal(settings.n_only, 1);
	assert_int_equal(settings.n_rules, 2);
	assert_int_equal(settings.rules[0].enabled, 1);
	assert_int_equal(settings.rules[1].enabled, 0);
	rule_format_key(&settings.rules[1], key, sizeof(key));
	assert_string_equal(key, "02:00:00:00:00:01");
	assert_int_equal(settings.classes.n, classes); /* one more, one less */
	assert_string_equal(settings.trust, "/srv/keys");
	assert_string_equal(settings.identity, "/srv/host.key.pem");
	assert_int_equal(settings.n_translated, 2);
	assert_string_equal(settings.translated[1], "oak");
	assert_true(settings.interval == 0.25);
	assert_true(settings.enforce);
	assert_int_equal(settings.pqc_mode, PQC_ENFORCE);
	assert_int_equal(settings.n_pqc_ports, 2);
	assert_int_equal(settings.pqc_ports[1], 65535);
	assert_false(settings.readonly);
	assert_true(settings.small);
}

static void test_what_a_file_does_not_name_stays(void **state)
{
	static const char *const files[] = { "", "\n", "# nothing\n", "---\n", "---\n...\n",
		"readonly: false\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		assert_int_equal(read_text(files[i]), 0);
		assert_memory_equal(&settings, &before, sizeof(settings));
	}
}

static void test_wrong_files_name_the_line_and_change_nothing(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *says;
	} cases[] = {
		{ "xdp-mode: auto\nfoo: 1\n", 2, "Unknown setting \"foo\"" },
		{ "interval: 1\ninterval: 2\n", 2, "first on line 1" },
		{ "enforce: true\nrules:\n- drop 10.0.0.0/8\n- drop 10.1.2.3/16\n", 4,
			"beyond its first 16" },
		{ "rules:\n- drop 10.0.0.0/8\n- pass 10.0.0.0/8\n", 3, "already" },
		{ "rules: drop 10.0.0.0/8\n", 1, "list" },
		{ "rules:\n- [drop]\n", 2, "text" },
		{ "rules:\n- drop: 10.0.0.0/8\n", 2, "text" },
		{ "\n\nxdp-mode: fast\n", 3, "fast" },
		{ "xdp-mode: [auto]\n", 1, "text" },
		{ "xdp-mode:\n", 1, "Unknown value \"\"" },
		{ "readonly: maybe\n", 1, "maybe" },
		{ "readonly: 1\n", 1, "\"1\"" },
		{ "trust: ''\n", 1, "path of a directory" },
		{ "identity: ''\n", 1, "path of a private key" },
		{ "translated: [a/b]\n", 1, "name of a node" },
		{ "interval: 0\n", 1, "\"0\"" },
		{ "interval: 0.05\n", 1, "0.05" },
		{ "interval: -1\n", 1, "-1" },
		{ "interval: nan\n", 1, "nan" },
		{ "pqc-mode: on\n", 1, "\"on\"" },
		{ "pqc-port: [1, 0]\n", 1, "\"0\"" },
		{ "pqc-port: [65536]\n", 1, "\"65536\"" },
		{ "interval: 1e3\n", 1, "1e3" },
		{ "interval: 3601\n", 1, "3601" },
		{ "interval: 1.0.0\n", 1, "1.0.0" },
		{ "interval: .\n", 1, "\".\"" },
		{ "interval: '1,5'\n", 1, "1,5" },
		{ "interval: 99999999999999999999999999999\n", 1, "not a time" },
		{ "interfaces:\n- eth0\n- a/b\n", 3, "a/b" },
		{ "interfaces: [" NAME_127 "x]\n", 1, "cannot be" },
		{ "interfaces: ['']\n", 1, "cannot be" },
		{ "interfaces: [..]\n", 1, "cannot be" },
		{ "interfaces: [\"a\\0b\"]\n", 1, "text" },
		{ "interfaces: ['a b']\n", 1, "a b" },
		{ "interfaces: ['a:1']\n", 1, "a:1" },
		{ "interfaces: [.]\n", 1, "cannot be" },
		{ "syscalls: [Read]\n", 1, "Read" },
		{ "syscalls: ['']\n", 1, "cannot be" },
		{ "syscalls: [" NAME_31 "5]\n", 1, "cannot be" },
		{ "only: [xdp]\n", 1, "Unknown program \"xdp\"" },
		{ "classes:\n- dscp ef urgent!\n", 2, "urgent!" },
		{ "- interval: 1\n", 1, "key: value" },
		{ "just text\n", 1, "key: value" },
		{ "interval: 1\n---\ninterval: 2\n", 3, "second" },
		{ "? [a, b]\n: 1\n", 1, "name of a setting" },
		{ "interval: 1\n\tinterval: [\n", 2, "YAML" },
		{ "interval: {\n", 2, "YAML" },
		{ "rules:\n- [drop\n- pass all\n- pass udp 9\n", 2, "line 2, column 3: this" },
		{ "rules:\n- 'drop all\n- pass all\n", 2, "line 2, column 3: this" },
		{ "interval: *nowhere\n", 1, "YAML" },
		{ "<<: {interval: 1}\n", 1, "Unknown setting \"<<\"" },
		{ "readonly: true\nruls:\n- drop all\n", 2, "Unknown setting \"ruls\"" },
		{ "interval: 1\nrules:\n- drop \a\n", 3, "line 3, column 8: this is not valid" },
		{ "rules:\n- drop \xff\n", 2, "line 2, column 8: this is not valid YAML" },
		{ "sets:\n  a: {elements: [10.1.0.0/16, 10.2.0.0/33]}\n", 2,
			"line 2, column 31: \"10.2.0.0/33\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char line[32];

		if (read_text(cases[i].text) >= 0)
			fail_msg("accepted: %s", cases[i].text);
		assert_memory_equal(&settings, &before, sizeof(settings));
		snprintf(line, sizeof(line), ", line %d, column ", cases[i].line);
		if (strstr(failure.what, line) == NULL ||
			strstr(failure.what, cases[i].says) == NULL)
			fail_msg("for \"%s\": %s", cases[i].text, failure.what);
	}
}

static void test_hostile_bytes_are_refused(void **state)
{
	static char big[(1 << 20) + 100];

	(void)state;
	assert_true(read_bytes("\x00\x01\x02\x80\xff", 5) < 0);
	assert_true(read_bytes("interval: 1\n\xff\xfe", 14) < 0);
	assert_true(read_bytes("\x7f"
			       "ELF\x02\x01\x01",
			    7) < 0);
	for (int i = 0; i < 256; i++) {
		unsigned char byte = (unsigned char)i;
		read_bytes(&byte, 1); /* must only not crash */
	}
	memset(big, '#', sizeof(big));
	assert_int_equal(read_bytes(big, sizeof(big)), -EFBIG);
	memset(big, '[', sizeof(big));
	assert_true(read_bytes(big, 20000) < 0);
	memset(big, 'x', sizeof(big));
	assert_true(read_bytes(big, 1 << 20) < 0);
}

static void test_too_many_rules_are_refused(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	fputs("rules:\n", file);
	for (int i = 0; i <= MESH_RULES_MAX; i++)
		fprintf(file, "- drop udp %d\n", i + 1);
	fclose(file);
	assert_int_equal(read_text(text), -ENOSPC);
	assert_non_null(strstr(failure.what, ", line 1026, column 3: "));
	assert_memory_equal(&settings, &before, sizeof(settings));
	free(text);
}

/* What takes libyaml quadratic time is refused from the first that is too much on. */
static void test_too_much_of_yaml_is_refused(void **state)
{
	static const struct {
		const char *begin, *repeated;
		unsigned most;
		const char *says, *end;
	} cases[] = {
		{ "only: [", "&a xdp_counter,\n", 100, ", line 101: More than 100 anchors", "]" },
		{ "", "%X y\n", 10, ", line 11: More than 10 directives", "---\n" },
		{ "a: ", "[\n", 7, ", line 8: More than 8 levels of lists", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (unsigned more = 0; more < 2; more++) {
			char text[4096];
			size_t length = (size_t)sprintf(text, "%s", cases[i].begin);

			for (unsigned n = 0; n < cases[i].most + more; n++)
				length += (size_t)sprintf(text + length, "%s", cases[i].repeated);
			sprintf(text + length, "%s", cases[i].end);
			int error = read_text(text);
			bool says = error < 0 && strstr(failure.what, "More than") != NULL;
			if (says != (more == 1) ||
				(more == 1 && strstr(failure.what, cases[i].says) == NULL))
				fail_msg("%u of \"%s\": %s", cases[i].most + more,
					cases[i].repeated, failure.what);
		}
	}
}

static void test_missing_files_are_named(void **state)
{
	(void)state;
	settings_default(&settings);
	assert_int_equal(
		settings_read_file(&settings, "/nonexistent/x0top.yaml", &failure), -ENOENT);
	assert_non_null(strstr(failure.what, "/nonexistent/x0top.yaml"));
	assert_true(strlen(failure.remedy) > 0);
	assert_int_equal(settings_read_file(&settings, "/", &failure), -EISDIR);
	assert_int_equal(settings_read_file(&settings, "/dev/zero", &failure), FILE_NOT_REGULAR);
	assert_int_equal(settings_read_file(&settings, "", &failure), -ENOENT);
}

static void test_example_file_is_valid_and_names_every_key(void **state)
{
	char text[1 << 14];
	FILE *file = fopen("man/x0top.yaml.example", "r");

	(void)state;
	assert_non_null(file);
	size_t size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_int_equal(read_text(text), 0);
	for (uint32_t i = 0; settings_key(i) != NULL; i++) {
		char line[NAME_LEN + 2];
		snprintf(line, sizeof(line), "\n%s:", settings_key(i));
		if (strstr(text, line) == NULL)
			fail_msg("%s is missing in the example", settings_key(i));
	}
}

static void test_audit_policies(void **state)
{
	(void)state;
	assert_int_equal(read_text("audit: required\n"), 0);
	assert_int_equal(settings.audit, AUDIT_REQUIRED);
	assert_int_equal(read_text("audit: best-effort\n"), 0);
	assert_int_equal(settings.audit, AUDIT_BEST_EFFORT);
	assert_true(read_text("audit: maybe\n") < 0);
	assert_string_equal(failure.remedy, "Write best-effort or required");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_audit_policies),
		cmocka_unit_test(test_paths_at_their_bounds),
		cmocka_unit_test(test_every_key_is_read),
		cmocka_unit_test(test_alternative_names_of_interfaces_are_long),
		cmocka_unit_test(test_names_at_their_bounds),
		cmocka_unit_test(test_what_a_file_does_not_name_stays),
		cmocka_unit_test(test_wrong_files_name_the_line_and_change_nothing),
		cmocka_unit_test(test_hostile_bytes_are_refused),
		cmocka_unit_test(test_too_many_rules_are_refused),
		cmocka_unit_test(test_too_much_of_yaml_is_refused),
		cmocka_unit_test(test_missing_files_are_named),
		cmocka_unit_test(test_example_file_is_valid_and_names_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
