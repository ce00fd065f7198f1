// SPDX-License-Identifier: BSD-2-Clause
/* x0top peer: the line of each event, refusals at most once a second, and when it ends. Its peer is made up. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define peer_results	     fake_results
#define peer_remote	     fake_remote
#define endpoint_now	     fake_now
#define endpoint_handle	     fake_handle
#define trust_open	     fake_trust_open
#define trust_close	     fake_trust_close
#define peer_follow_trust    fake_follow
#define loop_stop	     fake_stop
#define endpoint_open	     fake_endpoint_open
#define endpoint_identity    fake_identity
#define identity_fingerprint fake_fingerprint
#define rights_changes_user  fake_changes_user
#define rights_drop	     fake_drop
#define keeper_start	     fake_keeper_start
#define keeper_use	     fake_keeper_use
#include "../../cli/command_peer.c"
#include "model/names.h"

static uint64_t results[PQC_RESULTS];
static struct peer_remote_state remotes[3];
static uint32_t n_remotes;
static struct peer_time time_now;
static unsigned handled, stopped, followed, closed;
static int trust_error;
static struct trust trust;

const uint64_t *fake_results(const struct peer *peer)
{
	(void)peer;
	return results;
}

const struct peer_remote_state *fake_remote(const struct peer *peer, uint32_t i)
{
	(void)peer;
	return i < n_remotes ? &remotes[i] : NULL;
}

const struct peer_time *fake_now(const struct endpoint *endpoint)
{
	(void)endpoint;
	return &time_now;
}

bool fake_handle(struct endpoint *endpoint)
{
	(void)endpoint;
	handled++;
	return false;
}

int fake_trust_open(const char *path, struct trust **opened, struct failure *failure)
{
	assert_string_equal(path, "store");
	*opened = &trust;
	return trust_error < 0 ? failure_set(failure, trust_error, "It cannot be read") : 0;
}

void fake_trust_close(struct trust *wanted)
{
	assert_ptr_equal(wanted, &trust);
	closed++;
}

int fake_follow(struct peer *peer, const struct trust *wanted, struct failure *failure)
{
	(void)peer, (void)failure;
	assert_ptr_equal(wanted, &trust);
	followed++;
	return 0;
}

static int open_error, drop_error;
static bool changes_user;
static unsigned kept, asked;

int fake_endpoint_open(const struct endpoint_settings *settings,
	const struct endpoint_handlers *handlers, struct endpoint **endpoint,
	struct failure *failure)
{
	(void)settings, (void)endpoint;
	assert_non_null(handlers->event);
	assert_non_null(handlers->sent);
	return failure_set(failure, open_error, "No socket");
}

const struct identity *fake_identity(const struct endpoint *endpoint)
{
	(void)endpoint;
	return NULL;
}

const uint8_t *fake_fingerprint(const struct identity *identity)
{
	static const uint8_t id[PQC_NODE_LEN] = { 0xa0, 1, 2, 3, 4, 5, 6, 0x7f };

	(void)identity;
	return id;
}

bool fake_changes_user(void)
{
	return changes_user;
}

int fake_drop(enum rights_kind kind, struct failure *failure)
{
	assert_int_equal(kind, RIGHTS_NONE);
	return drop_error < 0 ? failure_set(failure, drop_error, "It stays root") : 0;
}

int fake_keeper_start(const struct kept_path *paths, size_t n, struct failure *failure)
{
	(void)failure;
	assert_int_equal(n, 1);
	assert_string_equal(paths->path, "store");
	assert_true(paths->folder);
	assert_int_equal(paths->flags, TRUST_FLAGS);
	kept++;
	return 0;
}

void fake_keeper_use(void)
{
	asked++;
}

void fake_stop(struct loop *loop)
{
	(void)loop;
	stopped++;
}

/* --- output --------------------------------------------------------------------------------------- */

static struct node *node;
static char printed[4096];
static FILE *out_file;
static int out_fd, err_fd;

/* From here on both outputs go to a file, until said(). */
static void listen_to(void)
{
	fflush(stdout);
	out_file = tmpfile();
	out_fd = dup(STDOUT_FILENO);
	err_fd = dup(STDERR_FILENO);
	dup2(fileno(out_file), STDOUT_FILENO);
	dup2(fileno(out_file), STDERR_FILENO);
}

static const char *said(void)
{
	fflush(stdout);
	dup2(out_fd, STDOUT_FILENO);
	dup2(err_fd, STDERR_FILENO);
	close(out_fd);
	close(err_fd);
	rewind(out_file);
	printed[fread(printed, 1, sizeof(printed) - 1, out_file)] = '\0';
	fclose(out_file);
	return printed;
}

static void address_of(const char *text, uint16_t port, struct peer_address *address)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;

	memset(address, 0, sizeof(*address));
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	address->length = sizeof(*v6);
}

static int setup(void **state)
{
	(void)state;
	node = calloc(1, sizeof(*node));
	node->options.trust = "store";
	memset(results, 0, sizeof(results));
	memset(remotes, 0, sizeof(remotes));
	memset(&trust, 0, sizeof(trust));
	n_remotes = 1;
	snprintf(remotes[0].name, sizeof(remotes[0].name), "alpha");
	remotes[0].set = 65;
	remotes[0].session = 0x1234;
	remotes[0].sessions = 1;
	address_of("fd00::7", 7001, &remotes[0].address);
	time_now.monotonic_ns = 5 * NS_PER_SECOND;
	handled = stopped = followed = closed = 0;
	trust_error = open_error = drop_error = 0;
	changes_user = false;
	kept = asked = 0;
	return node != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(node);
	return 0;
}

static const char *event_says(enum peer_event_kind kind, int detail)
{
	const struct peer_event event = { kind, detail, &remotes[0] };

	listen_to();
	on_event(node, &event);
	return said();
}

static void test_each_event_has_its_line(void **state)
{
	(void)state;
	assert_string_equal(event_says(PEER_AUTHENTICATED, 0),
		"alpha: authenticated by ML-DSA-65, at [fd00::7]:7001\n");
	assert_string_equal(event_says(PEER_LOST, 0), "alpha: no longer authenticated\n");
	assert_string_equal(event_says(PEER_SESSION, 0), "alpha: session 00001234 begins\n");
	remotes[0].sessions = 2;
	assert_string_equal(event_says(PEER_SESSION, 0),
		"alpha: session 00001234 replaces the last: new keys\n");
	assert_string_equal(
		event_says(PEER_SESSION_EXPIRED, 0), "alpha: session 00001234 expired\n");
	assert_string_equal(event_says(PEER_FAILED, 0), "OpenSSL cannot make a message\n");
}

static void test_what_is_frequent_is_told_when_asked(void **state)
{
	(void)state;
	remotes[0].data_sent = 3;
	remotes[0].data_received = 4;
	assert_string_equal(event_says(PEER_BEACON, 0), "");
	assert_string_equal(event_says(PEER_EXCHANGE, EXCHANGE_ESTABLISHED), "");
	node->options.verbose = true;
	assert_string_equal(event_says(PEER_BEACON, 0),
		"alpha: beacon; data sent 3, received 4; prefixes: none\n");
	assert_string_equal(event_says(PEER_EXCHANGE, EXCHANGE_ESTABLISHED),
		"alpha: key exchange: established\n");
	remotes[0].n_prefixes = 2;
	remotes[0].prefixes[0] = (struct pqc_prefix) { .family = 4, .length = 8 };
	assert_non_null(strstr(event_says(PEER_BEACON, 0), "prefixes: "));
	assert_null(strstr(printed, "none"));
}

/* Each reason has a second of its own, and the next line says how many were left out. */
static void test_refusals_are_told_once_a_second(void **state)
{
	(void)state;
	results[PQC_REPLAYED] = 1;
	assert_string_equal(event_says(PEER_REFUSED, PQC_REPLAYED),
		"alpha: refused: replayed (1 more, 1 in all)\n");
	results[PQC_REPLAYED] = 5;
	time_now.monotonic_ns += NS_PER_SECOND - 1;
	assert_string_equal(event_says(PEER_REFUSED, PQC_REPLAYED), "");
	results[PQC_EXPIRED] = 2;
	assert_string_equal(event_says(PEER_REFUSED, PQC_EXPIRED),
		"alpha: refused: expired (2 more, 2 in all)\n");
	time_now.monotonic_ns += 1;
	assert_string_equal(event_says(PEER_REFUSED, PQC_REPLAYED),
		"alpha: refused: replayed (4 more, 5 in all)\n");
}

static void test_strangers_have_no_name(void **state)
{
	const struct peer_event event = { PEER_REFUSED, PQC_UNKNOWN_NODE, NULL };

	(void)state;
	results[PQC_UNKNOWN_NODE] = 9;
	listen_to();
	on_event(node, &event);
	assert_string_equal(said(), "unknown: refused: unknown node (9 more, 9 in all)\n");
}

static void test_an_error_of_sending_is_told_once(void **state)
{
	struct peer_address to;

	(void)state;
	address_of("fd00::9", 9, &to);
	listen_to();
	on_sent(node, &to, EAGAIN);
	assert_string_equal(said(), "");
	listen_to();
	on_sent(node, &to, EPERM);
	on_sent(node, &to, EPERM);
	assert_string_equal(said(), "cannot send to [fd00::9]:9: Operation not permitted\n");
	listen_to();
	on_sent(node, &to, EAGAIN); /* changes nothing */
	on_sent(node, &to, EPERM);
	assert_string_equal(said(), "");
	listen_to();
	on_sent(node, &to, 0);
	on_sent(node, &to, EPERM);
	assert_string_equal(said(), "cannot send to [fd00::9]:9: Operation not permitted\n");
}

static void test_the_summary(void **state)
{
	(void)state;
	n_remotes = 2;
	snprintf(remotes[1].name, sizeof(remotes[1].name), "beta");
	remotes[1].data_received = 8;
	results[PQC_DATA_ACCEPTED] = 100;
	results[PQC_REFUSED - 1] = 7; /* no refusal */
	results[PQC_REFUSED] = 2;
	results[PQC_RESULTS - 1] = 3;
	listen_to();
	print_summary(node);
	char expected[512];
	snprintf(expected, sizeof(expected),
		"alpha: 1 sessions, data sent 0, received 0\nbeta: 0 sessions, data sent 0, received 8\n"
		"refused: %s: 2\nrefused: %s: 3\n",
		pqc_result_names[PQC_REFUSED], pqc_result_names[PQC_RESULTS - 1]);
	assert_string_equal(said(), expected);
}

static void test_a_name_that_nobody_has(void **state)
{
	struct peer_settings *settings = &node->options.endpoint.peer;

	(void)state;
	settings->n_translated = 2;
	snprintf(settings->translated[0], PEER_NAME_LEN, "gamma");
	snprintf(settings->translated[1], PEER_NAME_LEN, "alpha");
	listen_to();
	print_unknown(node);
	assert_string_equal(said(), "x0top: --translated gamma: no trusted node has this name\n");
}

/* --- the beginning -------------------------------------------------------------------------------- */

static void test_the_first_line(void **state)
{
	(void)state;
	address_of("fd00::1", 7000, &node->options.endpoint.listen);
	listen_to();
	print_start(node);
	assert_string_equal(said(), "Node a00102030405067f at [fd00::1]:7000, trusting 1 key\n");
	n_remotes = 3;
	listen_to();
	print_start(node);
	assert_string_equal(said(), "Node a00102030405067f at [fd00::1]:7000, trusting 3 keys\n");
}

/* Root's rights are given up, or nothing goes on; who keeps them reads the trust store alone. */
static void test_rights(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(start_keeper(node, &failure), 0);
	assert_int_equal(kept, 0);
	changes_user = true;
	assert_int_equal(start_keeper(node, &failure), 0);
	assert_int_equal(kept, 1);
	drop_error = -EPERM;
	assert_int_equal(confine(&failure), -EPERM);
	assert_int_equal(asked, 0);
	drop_error = 0;
	assert_int_equal(confine(&failure), 0);
	assert_int_equal(asked, 1);
}

static void test_a_host_without_ipv6(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	open_error = -EADDRINUSE;
	assert_int_equal(open_node(node, &failure), -EADDRINUSE);
	assert_string_equal(failure.remedy, "");
	open_error = -EAFNOSUPPORT;
	assert_int_equal(open_node(node, &failure), -EAFNOSUPPORT);
	assert_string_equal(failure.remedy, "Give --listen 0.0.0.0");
}

static int run_with(const char *option)
{
	char name[] = "peer", copy[64];
	char *words[] = { name, copy, NULL };

	snprintf(copy, sizeof(copy), "%s", option);
	optind = 0;
	listen_to();
	const int status = command_peer(2, words);
	said();
	return status;
}

static void test_the_command(void **state)
{
	(void)state;
	assert_int_equal(run_with("--help"), EXIT_ALL_RAN);
	assert_string_equal(printed, peer_usage);
	assert_int_equal(run_with("--nothing"), 2);
	assert_int_equal(strncmp(printed, "x0top: ", 7), 0);
}

/* --- ends ----------------------------------------------------------------------------------------- */

/* Sessions with all who were named, at their addresses; without --once, never. */
static void test_once_ends_with_the_last_session(void **state)
{
	struct peer_settings *settings = &node->options.endpoint.peer;

	(void)state;
	n_remotes = 2;
	address_of("fd00::8", 7001, &remotes[1].address);
	settings->n_targets = 2;
	settings->targets[0] = remotes[1].address;
	settings->targets[1] = remotes[0].address;
	remotes[0].has_session = remotes[1].has_session = true;
	node->status = EXIT_SOME_FAILED;
	on_packets(node, 0);
	assert_int_equal(stopped, 0);
	node->options.once = true;
	remotes[0].has_session = false;
	on_packets(node, 0);
	assert_int_equal(stopped, 0);
	address_of("fd00::8", 7002, &remotes[1].address);
	remotes[0].has_session = true;
	on_packets(node, 0);
	assert_int_equal(stopped, 0);
	remotes[1].address = settings->targets[0];
	on_packets(node, 0);
	assert_int_equal(stopped, 1);
	assert_int_equal(node->status, EXIT_ALL_RAN);
	assert_int_equal(handled, 4);
}

static void test_signals(void **state)
{
	(void)state;
	on_signal(node, SIGTERM);
	assert_int_equal(node->status, EXIT_ALL_RAN);
	node->options.once = true; /* it had no session yet */
	on_signal(node, SIGINT);
	assert_int_equal(node->status, EXIT_SOME_FAILED);
	assert_int_equal(stopped, 2);
	listen_to();
	on_signal(node, SIGHUP);
	assert_string_equal(said(), "Trust store reloaded\n");
	assert_int_equal(followed + closed, 2);
	assert_int_equal(handled, 1);
	assert_int_equal(stopped, 2);
}

/* The keys that were trusted stay so. */
static void test_a_trust_store_that_cannot_be_read(void **state)
{
	(void)state;
	trust_error = -EACCES;
	listen_to();
	on_signal(node, SIGHUP);
	assert_non_null(strstr(said(), "It cannot be read"));
	assert_null(strstr(printed, "reloaded"));
	assert_int_equal(followed + closed, 0);
	assert_int_equal(handled, 1);
	assert_int_equal(stopped, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_each_event_has_its_line),
		TEST(test_what_is_frequent_is_told_when_asked),
		TEST(test_refusals_are_told_once_a_second),
		TEST(test_strangers_have_no_name),
		TEST(test_an_error_of_sending_is_told_once),
		TEST(test_the_summary),
		TEST(test_a_name_that_nobody_has),
		TEST(test_the_first_line),
		TEST(test_rights),
		TEST(test_a_host_without_ipv6),
		TEST(test_the_command),
		TEST(test_once_ends_with_the_last_session),
		TEST(test_signals),
		TEST(test_a_trust_store_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
