// SPDX-License-Identifier: BSD-2-Clause
/*
 * This host as a node, beside another on the loopback: the kernel's map of sessions follows their exchange. The
 * map and the kernel's messages are in this process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/clock.h"
#include "peer/endpoint.h"
#include "peer/host_node.h"

enum { SESSIONS = 10, MESSAGES = 11, MOST = 16 }; /* descriptors of maps; elements here */

static char folder[] = "/tmp/x0-host-node-XXXXXX";
static struct failure failure;
static struct trust *host_trust;
static uint8_t other_node[PQC_NODE_LEN];
static struct host_node *host;
static struct endpoint *other;

/* --- in libbpf's place: a map of sessions, and a ring --------------------------------------------- */

static struct pqc_session_key names[MOST];
static struct pqc_session entries[MOST];
static uint32_t n;

static uint32_t place(const struct pqc_session_key *name)
{
	uint32_t i = 0;

	while (i < n && memcmp(&names[i], name, sizeof(*name)) != 0)
		i++;
	return i;
}

int bpf_map_update_elem(int map, const void *key, const void *value, __u64 flags)
{
	uint32_t i = place(key);

	assert_int_equal(map, SESSIONS);
	if ((i < n && flags == BPF_NOEXIST) || (i == n && flags == BPF_EXIST)) {
		errno = i < n ? EEXIST : ENOENT;
		return -errno;
	}
	assert_true(i < MOST);
	n += i == n;
	names[i] = *(const struct pqc_session_key *)key;
	entries[i] = *(const struct pqc_session *)value;
	return 0;
}

int bpf_map_lookup_elem(int map, const void *key, void *value)
{
	uint32_t i = place(key);

	assert_int_equal(map, SESSIONS);
	if (i < n)
		memcpy(value, &entries[i], sizeof(entries[i]));
	errno = ENOENT;
	return i < n ? 0 : -ENOENT;
}

int bpf_map_delete_elem(int map, const void *key)
{
	uint32_t i = place(key);

	assert_int_equal(map, SESSIONS);
	if (i == n) {
		errno = ENOENT;
		return -ENOENT;
	}
	n--;
	names[i] = names[n];
	entries[i] = entries[n];
	return 0;
}

int bpf_map_get_next_key(int map, const void *key, void *next)
{
	uint32_t i = key != NULL ? place(key) + 1 : 0;

	assert_int_equal(map, SESSIONS);
	if (i >= n)
		return -ENOENT;
	memcpy(next, &names[i], sizeof(names[i]));
	return 0;
}

static ring_buffer_sample_fn taken;
static void *taker;
static int ring_fd = -1;
static unsigned consumed;

struct ring_buffer *ring_buffer__new(int map, ring_buffer_sample_fn sample, void *context,
	const struct ring_buffer_opts *options)
{
	(void)options;
	assert_int_equal(map, MESSAGES);
	taken = sample;
	taker = context;
	ring_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (struct ring_buffer *)&ring_fd;
}

int ring_buffer__epoll_fd(const struct ring_buffer *ring)
{
	return *(const int *)ring;
}

int ring_buffer__consume(struct ring_buffer *ring)
{
	assert_ptr_equal(ring, &ring_fd);
	consumed++;
	return 0;
}

void ring_buffer__free(struct ring_buffer *ring)
{
	if (ring != NULL)
		close(ring_fd);
}

/* --- two nodes ------------------------------------------------------------------------------------ */

static void file_of(const char *name, char path[64])
{
	snprintf(path, 64, "%s/%s", folder, name);
}

static int start(void **state)
{
	char path[64];

	(void)state;
	host_trust = calloc(1, sizeof(*host_trust));
	if (host_trust == NULL || mkdtemp(folder) == NULL)
		return -1;
	file_of("host", path);
	if (identity_generate(path, MLDSA_44, &failure) < 0)
		return -1;
	file_of("other", path);
	return identity_generate(path, MLDSA_44, &failure);
}

static int stop(void **state)
{
	static const char *const files[] = { "host.key.pem", "host.pub.pem", "other.key.pem",
		"other.pub.pem" };
	char path[64];

	(void)state;
	for (int i = 0; i < 4; i++) {
		file_of(files[i], path);
		unlink(path);
	}
	free(host_trust);
	return rmdir(folder);
}

static uint16_t free_port(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	socklen_t length = sizeof(any);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&any, length), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&any, &length), errno);
	close(fd);
	return ntohs(any.sin6_port);
}

static struct peer_address loopback(uint16_t port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct peer_address address = { .length = sizeof(to) };

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
	memcpy(&address.storage, &to, sizeof(to));
	return address;
}

static void trust_other(void)
{
	char path[64];

	file_of("other.pub.pem", path);
	host_trust->n_keys = 1;
	snprintf(host_trust->keys[0].name, TRUST_NAME_LEN, "other");
	assert_int_equal(key_read(path, &host_trust->keys[0].key, &failure), 0);
	key_node(&host_trust->keys[0].key, host_trust->keys[0].node);
	memcpy(other_node, host_trust->keys[0].node, PQC_NODE_LEN);
	assert_int_equal(host_node_follow_trust(host, host_trust, &failure), 0);
}

static void open_host(uint16_t port)
{
	char path[64];
	const struct host_node_settings settings = {
		.identity = path, .port = port, .messages = MESSAGES, .sessions = SESSIONS
	};

	file_of("host.key.pem", path);
	if (host_node_open(&settings, &host, &failure) < 0)
		fail_msg("%s", failure.what);
}

static void open_other(uint16_t port)
{
	struct public_key key;
	char path[64];
	struct endpoint_settings settings = { .identity = path,
		.listen = address_any(free_port()),
		.peer = { .limits = session_limits_default,
			.beacon_ns = NS_PER_SECOND / 10,
			.n_targets = 1,
			.targets = { loopback(port) } } };
	const struct endpoint_handlers handlers = { 0 };

	file_of("other.key.pem", path);
	assert_int_equal(endpoint_open(&settings, &handlers, &other, &failure), 0);
	file_of("host.pub.pem", path);
	assert_int_equal(key_read(path, &key, &failure), 0);
	assert_int_equal(peer_trust(endpoint_peer(other), "host", &key, &failure), 0);
}

/* Handles both until the host has a session with the other, and the other with it. */
static void run(void)
{
	uint64_t end = clock_monotonic_ns() + 20 * NS_PER_SECOND;

	while (!host_node_remote(host, 0)->has_session ||
		!peer_remote(endpoint_peer(other), 0)->has_session) {
		struct pollfd files[] = { { host_node_fd(host), POLLIN, 0 },
			{ endpoint_fd(other), POLLIN, 0 } };
		assert_true(poll(files, 2, 10000) > 0);
		assert_true(clock_monotonic_ns() < end);
		if (files[0].revents != 0)
			host_node_handle(host);
		if (files[1].revents != 0)
			endpoint_handle(other);
	}
}

static void put_stale(uint8_t node)
{
	struct pqc_session_key name = { .session = htonl(5) };
	struct pqc_session entry = { 0 };

	memset(name.node, node, sizeof(name.node));
	assert_int_equal(bpf_map_update_elem(SESSIONS, &name, &entry, BPF_ANY), 0);
}

static void the_map_follows_the_exchange(void **state)
{
	uint16_t port = free_port();
	struct exchange *exchange;

	(void)state;
	put_stale(0xaa); /* of an x0top before */
	open_host(port);
	trust_other();
	assert_string_equal(host_node_remote(host, 0)->name, "other");
	assert_null(host_node_remote(host, 1));
	open_other(port);
	run();
	assert_true(consumed > 0);
	assert_true(n >= 1);
	exchange = peer_exchange(endpoint_peer(other), 0);
	for (uint32_t i = 0; i < n; i++) {
		assert_memory_equal(names[i].node, other_node, PQC_NODE_LEN);
		assert_non_null(exchange_session(exchange, ntohl(names[i].session)));
	}

	/* An entry that is there keeps its window; one that expired goes by the timer. */
	struct pqc_session_key first = names[0];
	entries[0].window.highest = 77;
	put_stale(0xbb);
	uint64_t end = clock_monotonic_ns() + 20 * NS_PER_SECOND;
	while (n > 1) {
		struct pollfd file = { host_node_fd(host), POLLIN, 0 };
		assert_true(poll(&file, 1, 10000) >= 0 && clock_monotonic_ns() < end);
		host_node_handle(host);
	}
	assert_memory_equal(&names[0], &first, sizeof(first));
	assert_int_equal(entries[0].window.highest, 77);

	host_trust->n_keys = 0; /* no more trusted */
	assert_int_equal(host_node_follow_trust(host, host_trust, &failure), 0);
	assert_null(host_node_remote(host, 0));
	put_stale(0xcc);
	host_node_close(host);
	endpoint_close(other);
	assert_int_equal(n, 0);
}

/* Of a message of the kernel that is cut, nothing is read. */
static void messages_that_are_cut(void **state)
{
	struct pqc_delivery *delivery = calloc(1, sizeof(*delivery));

	(void)state;
	open_host(free_port());
	delivery->version = 4;
	delivery->total = 100;
	assert_int_equal(taken(taker, delivery, offsetof(struct pqc_delivery, message) - 1), 0);
	assert_int_equal(taken(taker, delivery, offsetof(struct pqc_delivery, message) + 99), 0);
	free(delivery);
	host_node_close(host);
}

static void what_cannot_be_opened(void **state)
{
	char path[64];
	struct host_node_settings settings = {
		.identity = path, .messages = MESSAGES, .sessions = SESSIONS
	};
	struct host_node *none = NULL;

	(void)state;
	file_of("host.key.pem", path);
	put_stale(0xdd);
	settings.sessions = -1;
	assert_int_equal(host_node_open(&settings, &none, &failure), -ENOENT);
	assert_string_equal(failure.what, "The signature verifier is not loaded");
	settings.sessions = SESSIONS;
	settings.messages = -1;
	assert_int_equal(host_node_open(&settings, &none, &failure), -ENOENT);
	settings.messages = MESSAGES;
	file_of("nothing.pem", path);
	assert_int_equal(host_node_open(&settings, &none, &failure), -ENOENT);
	assert_null(none);
	assert_int_equal(n, 1); /* the sessions of others are not touched */
	host_node_close(NULL);
	n = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_map_follows_the_exchange),
		cmocka_unit_test(messages_that_are_cut),
		cmocka_unit_test(what_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
