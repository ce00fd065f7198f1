// SPDX-License-Identifier: BSD-2-Clause
/* Addresses, budgets, and endpoints on the loopback's real sockets, clocks and timers. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "peer/budget.h"
#include "peer/endpoint.h"

#define S	    NS_PER_SECOND
#define NODES	    2
#define DEADLINE_NS (20 * S)

struct node {
	struct endpoint *endpoint;
	struct peer_address address;
	unsigned events[PEER_FAILED + 1];
	unsigned sent, failed, collected;
	int error; /* of the last packet that was not sent */
};

static char folder[] = "/tmp/x0top-endpoint-XXXXXX";
static struct node nodes[NODES];

/* --- addresses ---------------------------------------------------------------------------------- */

static struct peer_address address_of(int family, const char *host, uint16_t port)
{
	struct peer_address address = { 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&address.storage;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address.storage;

	if (family == AF_INET) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		assert_int_equal(inet_pton(family, host, &four->sin_addr), 1);
		address.length = sizeof(*four);
	} else {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		assert_int_equal(inet_pton(family, host, &six->sin6_addr), 1);
		address.length = sizeof(*six);
	}
	return address;
}

static void addresses_are_written(void **state)
{
	const struct {
		int family;
		const char *host;
		const char *text;
	} cases[] = {
		{ AF_INET, "10.1.2.3", "10.1.2.3:26970" },
		{ AF_INET6, "fd00::1", "[fd00::1]:26970" },
		{ AF_INET6, "::ffff:10.1.2.3", "10.1.2.3:26970" },
		{ AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:26970" },
	};
	char text[ADDRESS_TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer_address address = address_of(cases[i].family, cases[i].host, 26970);
		assert_string_equal(address_format(&address, text), cases[i].text);
	}
	struct peer_address any = address_any(26970);
	assert_string_equal(address_format(&any, text), "[::]:26970");
}

static void equal_addresses_are_equal_in_all(void **state)
{
	const struct peer_address a = address_of(AF_INET, "10.1.2.3", 1);
	const struct peer_address others[] = {
		address_of(AF_INET, "10.1.2.4", 1),
		address_of(AF_INET, "10.1.2.3", 2),
		address_of(AF_INET6, "::ffff:10.1.2.3", 1),
	};
	const uint64_t key[2] = { 1, 2 }, other_key[2] = { 1, 3 };
	struct peer_address same = a;

	(void)state;
	assert_true(address_equal(&a, &same));
	assert_true(address_hash(&a, key) == address_hash(&same, key));
	assert_true(address_hash(&a, key) != address_hash(&a, other_key));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(address_equal(&a, &others[i]));
		assert_true(address_hash(&a, key) != address_hash(&others[i], key));
	}
	same.length--;
	assert_false(address_equal(&a, &same));
}

/* --- budgets ------------------------------------------------------------------------------------ */

static void a_budget_has_its_burst_and_refills(void **state)
{
	const struct pqc_budget budget = { .interval_ns = 10, .burst = 3 };
	struct pqc_bucket bucket = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(budget_take(&budget, &bucket, 1000));
	assert_false(budget_take(&budget, &bucket, 1000));
	assert_false(budget_take(&budget, &bucket, 1009));
	assert_true(budget_take(&budget, &bucket, 1010)); /* one each interval */
	assert_false(budget_take(&budget, &bucket, 1019));
	for (int i = 0; i < 3; i++) /* never more than the burst, however long it was idle */
		assert_true(budget_take(&budget, &bucket, 100000));
	assert_false(budget_take(&budget, &bucket, 100000));
}

/* --- endpoints ---------------------------------------------------------------------------------- */

static void on_event(void *context, const struct peer_event *event)
{
	struct node *node = context;

	node->events[event->kind]++;
}

static void on_sent(void *context, const struct peer_address *to, int error)
{
	struct node *node = context;

	assert_true(to->length > 0);
	node->sent += error == 0;
	node->failed += error != 0;
	if (error != 0)
		node->error = error;
}

static void collect(void *context)
{
	struct node *node = context;

	node->collected++;
}

/* A UDP port that was free a moment ago. */
static uint16_t free_port(int family)
{
	struct peer_address address =
		address_of(family, family == AF_INET ? "127.0.0.1" : "::1", 0);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address.storage, address.length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address.storage, &address.length), 0);
	close(fd);
	return ntohs(((struct sockaddr_in *)&address.storage)->sin_port);
}

static void identity_file(unsigned i, const char *ending, char path[64])
{
	snprintf(path, 64, "%s/%u.%s.pem", folder, i, ending);
}

static int open_endpoint(unsigned i, struct endpoint_settings *settings, struct failure *failure)
{
	const struct endpoint_handlers handlers = { &nodes[i], on_event, on_sent, collect };
	char path[64];

	identity_file(i, "key", path);
	settings->identity = path;
	settings->listen = nodes[i].address;
	settings->peer.limits = session_limits_default;
	settings->peer.beacon_ns = S / 10;
	return endpoint_open(settings, &handlers, &nodes[i].endpoint, failure);
}

static void trust_other(unsigned i)
{
	struct public_key key;
	struct failure failure;
	char path[64];

	identity_file(1 - i, "pub", path);
	assert_int_equal(key_read(path, &key, &failure), 0);
	assert_int_equal(peer_trust(endpoint_peer(nodes[i].endpoint), "other", &key, &failure), 0);
}

static bool has_session(unsigned i)
{
	return peer_remote(endpoint_peer(nodes[i].endpoint), 0)->has_session;
}

/* Waits for the descriptors alone: it is the timer that makes the first of them readable. */
static void run_until_sessions(void)
{
	uint64_t end_ns = clock_monotonic_ns() + DEADLINE_NS;
	struct pollfd files[NODES];

	while (!has_session(0) || !has_session(1)) {
		for (unsigned i = 0; i < NODES; i++)
			files[i] = (struct pollfd) { endpoint_fd(nodes[i].endpoint), POLLIN, 0 };
		assert_true(poll(files, NODES, 10000) > 0);
		assert_true(clock_monotonic_ns() < end_ns);
		for (unsigned i = 0; i < NODES; i++)
			if (files[i].revents != 0)
				endpoint_handle(nodes[i].endpoint);
	}
}

/* Opens two endpoints, of which the first knows `target`, where the second receives. */
static void open_two(const struct peer_address *target)
{
	struct endpoint_settings settings = { .peer.n_targets = 1 };
	struct failure failure = { 0 };

	settings.peer.targets[0] = *target;
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	settings.peer.n_targets = 0;
	assert_int_equal(open_endpoint(1, &settings, &failure), 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	for (unsigned i = 0; i < NODES; i++)
		trust_other(i);
	run_until_sessions();
}

static void meet(int family, const char *host)
{
	for (unsigned i = 0; i < NODES; i++)
		nodes[i].address = address_of(family, host, free_port(family));
	open_two(&nodes[1].address);
	for (unsigned i = 0; i < NODES; i++) {
		assert_int_equal(nodes[i].events[PEER_AUTHENTICATED], 1);
		assert_true(nodes[i].events[PEER_SESSION] > 0);
		assert_int_equal(nodes[i].events[PEER_REFUSED], 0);
		assert_true(nodes[i].sent > 0 && nodes[i].collected > 0);
		assert_int_equal(nodes[i].failed, 0);
	}
	const struct peer_address *seen =
		&peer_remote(endpoint_peer(nodes[0].endpoint), 0)->address;
	assert_true(address_equal(seen, &nodes[1].address));
}

static void two_endpoints_meet(void **state)
{
	(void)state;
	meet(AF_INET, "127.0.0.1");
}

static void two_endpoints_meet_over_ipv6(void **state)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct peer_address address = address_of(AF_INET6, "::1", 0);
	bool there =
		fd >= 0 && bind(fd, (const struct sockaddr *)&address.storage, address.length) == 0;

	(void)state;
	close(fd);
	if (!there)
		skip();
	meet(AF_INET6, "::1");
}

/* At any address there is IPv4 too, which has its mapped form there. */
static void any_address_has_ipv4(void **state)
{
	const struct peer_address *seen;
	struct peer_address target;
	char text[ADDRESS_TEXT_LEN];
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (fd < 0)
		skip();
	close(fd);
	uint16_t port = free_port(AF_INET);
	nodes[0].address = address_of(AF_INET, "127.0.0.1", free_port(AF_INET));
	nodes[1].address = address_any(port);
	target = address_of(AF_INET, "127.0.0.1", port);
	open_two(&target);
	seen = &peer_remote(endpoint_peer(nodes[1].endpoint), 0)->address;
	assert_int_equal(seen->storage.ss_family, AF_INET6);
	assert_string_equal(address_format(seen, text),
		address_format(&nodes[0].address, (char[ADDRESS_TEXT_LEN]) { 0 }));
}

/* The endpoint's own descriptor: of its family, and bound to this port. */
static int socket_at(int family, uint16_t port)
{
	for (int fd = 3; fd < 1024; fd++) {
		struct sockaddr_storage address;
		socklen_t length = sizeof(address);

		if (getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
			address.ss_family == family &&
			((const struct sockaddr_in *)&address)->sin_port == htons(port))
			return fd;
	}
	return -1;
}

static int option_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &length), 0);
	return value;
}

/* Whoever says that a path takes less, by a forged message of ICMP, does not have packets cut. */
static void packets_are_never_cut(void **state)
{
	struct endpoint_settings settings = { 0 };
	struct failure failure = { 0 };
	uint16_t port = free_port(AF_INET);

	(void)state;
	nodes[0].address = address_of(AF_INET, "127.0.0.1", port);
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	int fd = socket_at(AF_INET, port);
	assert_int_equal(option_of(fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_PROBE);
	nodes[1].address = address_any(free_port(AF_INET));
	port = ntohs(((struct sockaddr_in6 *)&nodes[1].address.storage)->sin6_port);
	if (open_endpoint(1, &settings, &failure) == -EAFNOSUPPORT)
		skip();
	fd = socket_at(AF_INET6, port);
	assert_int_equal(option_of(fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_PROBE);
	assert_int_equal(option_of(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_PROBE);
	assert_int_equal(option_of(fd, IPPROTO_IPV6, IPV6_DONTFRAG), 1);
}

/* Empty packets are packets, and a burst ends: time and signals have their turn. */
static void packets_are_received_in_bursts(void **state)
{
	struct endpoint_settings settings = { 0 };
	struct failure failure = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	nodes[0].address = address_of(AF_INET, "127.0.0.1", free_port(AF_INET));
	const struct sockaddr *to = (const struct sockaddr *)&nodes[0].address.storage;
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	for (unsigned i = 0; i < 70; i++)
		assert_int_equal(sendto(fd, "?", i % 2, 0, to, nodes[0].address.length), i % 2);
	close(fd);
	const uint64_t *results = peer_results(endpoint_peer(nodes[0].endpoint));
	endpoint_handle(nodes[0].endpoint);
	assert_int_equal(results[PQC_BAD_HEADER], 64);
	struct pollfd file = { endpoint_fd(nodes[0].endpoint), POLLIN, 0 };
	assert_int_equal(poll(&file, 1, 0), 1); /* more is there */
	endpoint_handle(nodes[0].endpoint);
	assert_int_equal(results[PQC_BAD_HEADER], 70);
	assert_int_equal(nodes[0].events[PEER_REFUSED], 70);
}

/* The timer is due at once, then by the beacons; what is watched makes the descriptor readable. */
static void one_descriptor_stands_for_all(void **state)
{
	struct endpoint_settings settings = { 0 };
	struct failure failure = { 0 };
	int ends[2];

	(void)state;
	nodes[0].address = address_of(AF_INET, "127.0.0.1", free_port(AF_INET));
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	struct pollfd file = { endpoint_fd(nodes[0].endpoint), POLLIN, 0 };
	assert_int_equal(poll(&file, 1, 5000), 1);
	assert_true(endpoint_handle(nodes[0].endpoint));
	uint64_t before_ns = endpoint_now(nodes[0].endpoint)->monotonic_ns;
	assert_true(clock_monotonic_ns() - before_ns < 10 * S);
	assert_false(endpoint_handle(nodes[0].endpoint));
	assert_int_equal(nodes[0].collected, 2);
	assert_int_equal(poll(&file, 1, 5000), 1);
	assert_true(endpoint_handle(nodes[0].endpoint));
	assert_true(endpoint_now(nodes[0].endpoint)->monotonic_ns - before_ns >= S / 10);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(endpoint_watch(nodes[0].endpoint, ends[0], &failure), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(poll(&file, 1, 0), 1);
	assert_true(endpoint_watch(nodes[0].endpoint, ends[0], &failure) == -EEXIST);
	close(ends[0]);
	close(ends[1]);
	assert_non_null(endpoint_identity(nodes[0].endpoint));
}

static void unsent_packets_are_reported(void **state)
{
	struct endpoint_settings settings = { .peer.n_targets = 1 };
	struct failure failure = { 0 };

	(void)state;
	nodes[0].address = address_of(AF_INET, "127.0.0.1", free_port(AF_INET));
	settings.peer.targets[0] = address_of(AF_INET, "255.255.255.255", 1);
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	endpoint_handle(nodes[0].endpoint);
	assert_int_equal(nodes[0].sent, 0);
	assert_true(nodes[0].failed > 0);
	assert_int_equal(nodes[0].error, EACCES); /* a broadcast address, without SO_BROADCAST */
}

static void what_cannot_be_opened_says_so(void **state)
{
	struct endpoint_settings settings = { 0 };
	struct failure failure = { 0 };
	char path[64];

	(void)state;
	nodes[0].address = nodes[1].address = address_of(AF_INET, "127.0.0.1", free_port(AF_INET));
	assert_int_equal(open_endpoint(0, &settings, &failure), 0);
	assert_int_equal(open_endpoint(1, &settings, &failure), -EADDRINUSE);
	assert_non_null(strstr(failure.what, "127.0.0.1:"));
	assert_null(nodes[1].endpoint);
	nodes[1].address = address_of(AF_INET, "192.0.2.1", 1);
	assert_int_equal(open_endpoint(1, &settings, &failure), -EADDRNOTAVAIL);
	identity_file(1, "key", path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(open_endpoint(1, &settings, &failure), -EACCES);
	assert_int_equal(chmod(path, 0600), 0);
	assert_null(nodes[1].endpoint);
	endpoint_close(NULL);
}

static int set_up(void **state)
{
	(void)state;
	memset(nodes, 0, sizeof(nodes));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++)
		endpoint_close(nodes[i].endpoint);
	return 0;
}

static int make_identities(void **state)
{
	struct failure failure = { 0 };
	char name[64];

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (unsigned i = 0; i < NODES; i++) {
		snprintf(name, sizeof(name), "%s/%u", folder, i);
		if (identity_generate(name, MLDSA_44, &failure) < 0)
			return -1;
	}
	return 0;
}

static int remove_identities(void **state)
{
	char path[64];

	(void)state;
	for (unsigned i = 0; i < NODES; i++) {
		identity_file(i, "key", path);
		unlink(path);
		identity_file(i, "pub", path);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(addresses_are_written),
		TEST(equal_addresses_are_equal_in_all),
		TEST(a_budget_has_its_burst_and_refills),
		TEST(two_endpoints_meet),
		TEST(two_endpoints_meet_over_ipv6),
		TEST(any_address_has_ipv4),
		TEST(packets_are_never_cut),
		TEST(packets_are_received_in_bursts),
		TEST(one_descriptor_stands_for_all),
		TEST(unsent_packets_are_reported),
		TEST(what_cannot_be_opened_says_so),
	};

	return cmocka_run_group_tests(tests, make_identities, remove_identities);
}
