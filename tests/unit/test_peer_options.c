// SPDX-License-Identifier: BSD-2-Clause
/* The command line of x0top peer: what each option sets, its limits, and how it is refused. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/peer_options.h"
#include "crypto/trust.h"

enum { WORDS_MAX = 160 };

static struct peer_options options;
static const struct peer_settings *const peer = &options.endpoint.peer;
static struct failure failure;
static char words[4096];

/* Parses "x0top peer --identity me" and these words. */
static int parse(const char *more)
{
	char *argv[WORDS_MAX] = { "peer" }, *rest = words, *word;
	int argc = 1;

	snprintf(words, sizeof(words), "--identity me %s", more);
	while ((word = strsep(&rest, " ")) != NULL && argc + 1 < WORDS_MAX)
		if (word[0] != '\0')
			argv[argc++] = word;
	memset(&failure, 0, sizeof(failure));
	return peer_options_parse(argc, argv, &options, &failure);
}

static void refused(const char *more, const char *what, const char *remedy)
{
	assert_int_equal(parse(more), -EINVAL);
	assert_string_equal(failure.what, what);
	assert_string_equal(failure.remedy, remedy);
}

static void assert_address(const struct peer_address *address, const char *host, unsigned port)
{
	const struct sockaddr_in *in = (const void *)&address->storage;
	const struct sockaddr_in6 *in6 = (const void *)&address->storage;
	bool four = in->sin_family == AF_INET;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(in->sin_family, four ? (const void *)&in->sin_addr : &in6->sin6_addr, text,
		sizeof(text));
	assert_string_equal(text, host);
	assert_int_equal(ntohs(four ? in->sin_port : in6->sin6_port), port);
	assert_int_equal(address->length, four ? sizeof(*in) : sizeof(*in6));
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(options.endpoint.identity, "me");
	assert_string_equal(options.trust, TRUST_DIRECTORY);
	assert_true(peer->beacon_ns == UINT64_C(10000000000));
	assert_int_equal(peer->data_per_second, 0);
	assert_int_equal(peer->n_targets, 0);
	assert_int_equal(peer->n_prefixes, 0);
	assert_true(peer->limits.rekey_after_ns == session_limits_default.rekey_after_ns);
	assert_true(peer->limits.rekey_after_packets == session_limits_default.rekey_after_packets);
	assert_false(options.once || options.verbose || options.help);
	assert_address(&options.endpoint.listen, "::", 26970);
}

static void every_option_sets_its_own(void **state)
{
	(void)state;
	assert_int_equal(parse("--trust keys --port 7 --beacon 0.1 --data 100000 --rekey 1 "
			       "--rekey-packets 16777216 --translated a.b --translated c -v "
			       "--prefix 10.1.0.0/16 --prefix fd00::/8 --to 10.0.0.1 --once"),
		0);
	assert_string_equal(options.trust, "keys");
	assert_true(peer->beacon_ns == 100000000);
	assert_int_equal(peer->data_per_second, 100000);
	assert_true(peer->limits.rekey_after_ns == 1000000000);
	assert_int_equal(peer->limits.rekey_after_packets, 16777216);
	assert_int_equal(peer->n_translated, 2);
	assert_string_equal(peer->translated[0], "a.b");
	assert_string_equal(peer->translated[1], "c");
	assert_int_equal(peer->n_prefixes, 2);
	assert_int_equal(peer->prefixes[0].length, 16);
	assert_int_equal(peer->prefixes[1].family, 6);
	assert_true(options.once && options.verbose);
	assert_address(&options.endpoint.listen, "::", 7);
	assert_int_equal(peer->n_targets, 1);
	assert_address(&peer->targets[0], "::ffff:10.0.0.1", 7);
}

static void addresses_have_forms(void **state)
{
	(void)state;
	assert_int_equal(
		parse("--to 10.0.0.1:1 --to fd00::1 --to [fd00::2] --to [fd00::3]:65535"), 0);
	assert_int_equal(peer->n_targets, 4);
	assert_address(&peer->targets[0], "::ffff:10.0.0.1", 1);
	assert_address(&peer->targets[1], "fd00::1", 26970);
	assert_address(&peer->targets[2], "fd00::2", 26970);
	assert_address(&peer->targets[3], "fd00::3", 65535);
	assert_int_equal(parse("--listen 127.0.0.1 --to 10.0.0.1 --port 9"), 0);
	assert_address(&options.endpoint.listen, "127.0.0.1", 9);
	assert_address(&peer->targets[0], "10.0.0.1", 9);
	assert_int_equal(parse("--listen fd00::9"), 0);
	assert_address(&options.endpoint.listen, "fd00::9", 26970);
}

static void wrong_addresses_are_refused(void **state)
{
	static const char *const targets[] = { "host", "10.0.0", "10", "10.0.0:7", "010.0.0.1",
		"10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:", "10.0.0.1:1x", "[fd00::1",
		"[fd00::1]7", "[fd00::1]:", "[fd00::1]:0",
		"1111111111111111111111111111111111111111111111111111111111111111" };
	char text[160], what[160];

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		snprintf(text, sizeof(text), "--to %s", targets[i]);
		snprintf(what, sizeof(what), "--to cannot be \"%s\"", targets[i]);
		refused(text, what, "Give a numeric address; [ADDRESS]:PORT for IPv6");
	}
	refused("--listen 10.0.0.1 --to fd00::1", "--to cannot be \"fd00::1\"",
		"Give a numeric IPv4 address, as --listen is one");
	refused("--listen here", "--listen cannot be \"here\"",
		"Give a numeric address of this host");
}

/* Text behind a number, a number before the first, and one behind the last. */
static void numbers_have_limits(void **state)
{
	static const struct {
		const char *option, *least, *below, *most, *above, *remedy;
	} limits[] = {
		{ "port", "1", "0", "65535", "65536", "Give a number from 1 to 65535" },
		{ "data", "0", "-1", "100000", "100001", "Give packets per second, up to 100000" },
		{ "rekey", "1", "0.99", "120", "120.1", "Give seconds from 1 to 120" },
		{ "rekey-packets", "1", "0", "16777216", "16777217",
			"Give a number from 1 to 16777216" },
		{ "beacon", "0.1", "0.09", "3600", "3600.1", "Give seconds from 0.1 to 3600" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const char *good[] = { limits[i].least, limits[i].most };
		const char *bad[] = { limits[i].below, limits[i].above, "1x", "x", "nan",
			"99999999999999999999999" };
		char text[80], what[160];

		for (int j = 0; j < 2; j++) {
			snprintf(text, sizeof(text), "--%s %s", limits[i].option, good[j]);
			assert_int_equal(parse(text), 0);
		}
		for (int j = 0; j < 6; j++) {
			snprintf(text, sizeof(text), "--%s %s", limits[i].option, bad[j]);
			snprintf(what, sizeof(what), "--%s cannot be \"%s\"", limits[i].option,
				bad[j]);
			refused(text, what, limits[i].remedy);
		}
	}
}

/* Returns "--OPTION VALUE" so many times. */
static const char *many(const char *option, const char *value, int times)
{
	static char text[4000];
	size_t at = 0;

	for (int i = 0; i < times; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "--%s %s ", option, value);
	return text;
}

static void lists_hold_64(void **state)
{
	(void)state;
	assert_int_equal(parse(many("to", "10.0.0.1", 64)), 0);
	assert_int_equal(peer->n_targets, 64);
	refused(many("to", "10.0.0.1", 65), "--to cannot be \"10.0.0.1\"",
		"Give at most 64 of them");
	assert_int_equal(parse(many("prefix", "10.0.0.0/8", 64)), 0);
	assert_int_equal(peer->n_prefixes, 64);
	refused(many("prefix", "10.0.0.0/8", 65), "--prefix cannot be \"10.0.0.0/8\"",
		"Give at most 64, such as 10.1.0.0/16 or fd00::/8, without host bits");
	assert_int_equal(parse(many("translated", "a", 64)), 0);
	assert_int_equal(peer->n_translated, 64);
	refused(many("translated", "a", 65), "--translated cannot be \"a\"",
		"Give at most 64 names of trusted nodes");
	refused("--translated ../a", "--translated cannot be \"../a\"",
		"Give at most 64 names of trusted nodes");
	refused("--prefix 10.0.0.1/8", "--prefix cannot be \"10.0.0.1/8\"",
		"Give at most 64, such as 10.1.0.0/16 or fd00::/8, without host bits");
}

static void a_line_must_be_whole(void **state)
{
	char *alone[] = { "peer", NULL };

	(void)state;
	assert_int_equal(peer_options_parse(1, alone, &options, &failure), -EINVAL);
	assert_string_equal(failure.what, "x0top peer needs --identity FILE");
	assert_string_equal(failure.remedy, "Create one with: x0top keys generate NAME");
	refused("--once", "--once waits for a session with every --to", "Give --to ADDRESS");
	refused("word", "x0top peer takes no \"word\"", "Try x0top peer --help");
	refused("--nonsense", "Unknown option --nonsense", "Try x0top peer --help");
	refused("--port", "--port needs a value", "Try x0top peer --help");
	assert_int_equal(parse("--help --once"), 0);
	assert_true(options.help);
	assert_int_equal(parse("--verbose"), 0);
	assert_true(options.verbose);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_option_sets_its_own),
		cmocka_unit_test(addresses_have_forms),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(numbers_have_limits),
		cmocka_unit_test(lists_hold_64),
		cmocka_unit_test(a_line_must_be_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
