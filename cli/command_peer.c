// SPDX-License-Identifier: BSD-2-Clause
/* x0top peer: a node of the post-quantum protocol. One loop waits for packets, time and signals. */
#include <cap-ng.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/peer_options.h"
#include "crypto/trust.h"
#include "peer/peer.h"
#include "peer/prefix.h"

#define NS_IN_S	       UINT64_C(1000000000)
#define ONCE_NS	       (10 * NS_IN_S)
#define REFUSAL_NS     NS_IN_S /* between two lines about the same refusal */
#define RECEIVE_BURST  64 /* packets before time and signals are looked at */
#define RECEIVE_BUFFER 2048 /* more than any good packet */

struct node {
	struct peer_options options;
	struct identity *identity;
	struct peer *peer;
	int socket, timer, signals;
	struct peer_time now;
	uint64_t shown[PQC_RESULTS]; /* of each refusal: how many have been told */
	uint64_t shown_ns[PQC_RESULTS];
	int send_error; /* the last one that was told */
};

static void look_at_clocks(struct peer_time *now)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	now->monotonic_ns = (uint64_t)time.tv_sec * NS_IN_S + (uint64_t)time.tv_nsec;
	clock_gettime(CLOCK_REALTIME, &time);
	now->realtime_ns = (uint64_t)time.tv_sec * NS_IN_S + (uint64_t)time.tv_nsec;
}

/* --- what is printed -------------------------------------------------------------------------- */

static void print_beacon(const struct peer_remote_state *remote)
{
	char text[PREFIX_TEXT_LEN];

	printf("%s: beacon; data sent %" PRIu64 ", received %" PRIu64 "; prefixes:", remote->name,
		remote->data_sent, remote->data_received);
	for (uint32_t i = 0; i < remote->n_prefixes; i++)
		printf(" %s", prefix_format(&remote->prefixes[i], text));
	puts(remote->n_prefixes == 0 ? " none" : "");
}

/* A flood of refusals is told once a second for each reason. */
static void print_refusal(struct node *node, const struct peer_remote_state *remote, int result)
{
	uint64_t count = peer_results(node->peer)[result];

	if (node->shown_ns[result] != 0 &&
		node->now.monotonic_ns - node->shown_ns[result] < REFUSAL_NS)
		return;
	printf("%s: refused: %s (%" PRIu64 " more, %" PRIu64 " in all)\n",
		remote == NULL ? "unknown" : remote->name, message_result_names[result],
		count - node->shown[result], count);
	node->shown[result] = count;
	node->shown_ns[result] = node->now.monotonic_ns;
}

static void on_event(void *context, const struct peer_event *event)
{
	const struct peer_remote_state *remote = event->remote;
	struct node *node = context;
	char text[ADDRESS_TEXT_LEN];

	switch (event->kind) {
	case PEER_AUTHENTICATED:
		printf("%s: authenticated by ML-DSA-%u, at %s\n", remote->name, remote->set,
			address_format(&remote->address, text));
		break;
	case PEER_LOST:
		printf("%s: no longer authenticated\n", remote->name);
		break;
	case PEER_SESSION:
		printf("%s: session %08x %s\n", remote->name, remote->session,
			remote->sessions == 1 ? "begins" : "replaces the last: new keys");
		break;
	case PEER_SESSION_EXPIRED:
		printf("%s: session %08x has expired\n", remote->name, remote->session);
		break;
	case PEER_REFUSED:
		print_refusal(node, remote, event->detail);
		break;
	case PEER_FAILED:
		puts("OpenSSL could not make a message");
		break;
	case PEER_BEACON:
		if (node->options.verbose)
			print_beacon(remote);
		break;
	case PEER_EXCHANGE:
		if (node->options.verbose)
			printf("%s: key exchange: %s\n", remote->name,
				exchange_outcome_names[event->detail]);
		break;
	}
}

static void print_summary(const struct node *node)
{
	const uint64_t *results = peer_results(node->peer);
	const struct peer_remote_state *remote;

	for (uint32_t i = 0; (remote = peer_remote(node->peer, i)) != NULL; i++)
		printf("%s: %" PRIu64 " sessions, data sent %" PRIu64 ", received %" PRIu64 "\n",
			remote->name, remote->sessions, remote->data_sent, remote->data_received);
	for (int result = PQC_REFUSED; result < PQC_RESULTS; result++)
		if (results[result] != 0)
			printf("refused: %s: %" PRIu64 "\n", message_result_names[result],
				results[result]);
}

/* --- sending and receiving -------------------------------------------------------------------- */

static void on_send(void *context, const struct peer_address *to, struct span packet)
{
	struct node *node = context;
	char text[ADDRESS_TEXT_LEN];
	ssize_t sent = sendto(node->socket, packet.data, packet.size, 0,
		(const struct sockaddr *)&to->storage, to->length);
	int error = sent < 0 ? errno : 0;

	/* A full queue loses packets as any link may. */
	if (error == EAGAIN || error == node->send_error)
		return;
	if (error != 0)
		printf("cannot send to %s: %s\n", address_format(to, text), strerror(error));
	node->send_error = error;
}

static void receive(struct node *node)
{
	uint8_t packet[RECEIVE_BUFFER];

	for (int i = 0; i < RECEIVE_BURST; i++) {
		struct peer_address from = { .length = sizeof(from.storage) };
		ssize_t length = recvfrom(node->socket, packet, sizeof(packet), 0,
			(struct sockaddr *)&from.storage, &from.length);

		if (length < 0)
			return;
		peer_receive(
			node->peer, &from, (struct span) { packet, (size_t)length }, &node->now);
	}
}

/* --- trust ------------------------------------------------------------------------------------ */

/* Makes the nodes of the peer those of the trust store. */
static int read_trust(struct node *node, struct failure *failure)
{
	struct trust *trust;
	int error = trust_open(node->options.trust, &trust, failure);

	if (error < 0)
		return error;
	for (uint32_t i = 0; i < trust->n_problems; i++)
		fprintf(stderr, "x0top: %s. %s\n", trust->problems[i].what,
			trust->problems[i].remedy);
	error = peer_follow_trust(node->peer, trust, failure);
	trust_close(trust);
	return error;
}

/* --- the loop --------------------------------------------------------------------------------- */

static int open_socket(struct node *node, struct failure *failure)
{
	const struct peer_address *listen = &node->options.listen;
	int family = listen->storage.ss_family, off = 0;
	char text[ADDRESS_TEXT_LEN];

	node->socket = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (node->socket < 0 && errno == EAFNOSUPPORT) {
		failure_set(failure, -EAFNOSUPPORT, "This host has no IPv6");
		return failure_remedy(failure, "Give --listen 0.0.0.0");
	}
	if (node->socket >= 0 && family == AF_INET6)
		setsockopt(node->socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (node->socket < 0 ||
		bind(node->socket, (const struct sockaddr *)&listen->storage, listen->length) < 0) {
		/* -EACCES for a low port is no matter of usage, nor of the program's capabilities. */
		failure_set(failure, -errno, "Packets to %s cannot be received: %s",
			address_format(listen, text), strerror(errno));
		return failure_remedy(failure, "Choose another --listen or --port");
	}
	return 0;
}

static int open_events(struct node *node, struct failure *failure)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	node->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	node->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (node->signals < 0 || node->timer < 0)
		return failure_set(failure, -errno,
			"x0top peer cannot wait for signals and time: %s", strerror(errno));
	return 0;
}

/* What it was started with, perhaps as root, it does not need once the socket is bound. */
static void give_up_rights(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	capng_clear(CAPNG_SELECT_CAPS);
	capng_apply(CAPNG_SELECT_CAPS);
}

static int open_node(struct node *node, struct failure *failure)
{
	const struct peer_handlers handlers = { node, on_send, on_event };
	int error;

	prctl(PR_SET_DUMPABLE, 0); /* no core file and no tracer: there will be keys in memory */
	error = identity_open(node->options.identity, &node->identity, failure);
	if (error < 0)
		return error;
	node->options.settings.identity = node->identity;
	error = peer_open(&node->options.settings, &handlers, &node->peer, failure);
	if (error == 0)
		error = read_trust(node, failure);
	if (error == 0)
		error = open_socket(node, failure);
	if (error == 0)
		error = open_events(node, failure);
	return error;
}

static void close_node(struct node *node)
{
	peer_close(node->peer);
	identity_close(node->identity);
	if (node->socket >= 0)
		close(node->socket);
	if (node->timer >= 0)
		close(node->timer);
	if (node->signals >= 0)
		close(node->signals);
}

/* Whether every --to has a session. */
static bool all_have_sessions(const struct node *node)
{
	const struct peer_settings *settings = &node->options.settings;

	for (uint32_t i = 0; i < settings->n_targets; i++) {
		const struct peer_remote_state *remote;
		bool found = false;

		for (uint32_t r = 0; (remote = peer_remote(node->peer, r)) != NULL; r++)
			found |= remote->has_session &&
				 peer_address_equal(&remote->address, &settings->targets[i]);
		if (!found)
			return false;
	}
	return true;
}

/* Reads signals. Returns whether one of them ends the program. */
static bool take_signals(struct node *node)
{
	struct signalfd_siginfo signal;
	struct failure failure = { 0 };
	bool end = false;

	while (read(node->signals, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo != SIGHUP)
			end = true;
		else if (read_trust(node, &failure) < 0)
			command_failed(&failure, node->options.verbose);
		else
			puts("The trust store has been read again");
	}
	return end;
}

static void wait_for_event(struct node *node, uint64_t until_ns)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(until_ns / NS_IN_S),
			.tv_nsec = (long)(until_ns % NS_IN_S) },
	};
	struct pollfd files[] = {
		{ .fd = node->socket, .events = POLLIN },
		{ .fd = node->timer, .events = POLLIN },
		{ .fd = node->signals, .events = POLLIN },
	};

	timerfd_settime(node->timer, TFD_TIMER_ABSTIME, &at, NULL);
	poll(files, sizeof(files) / sizeof(files[0]), -1);
	look_at_clocks(&node->now);
}

static int run(struct node *node)
{
	look_at_clocks(&node->now);
	const uint64_t give_up_ns = node->now.monotonic_ns + ONCE_NS;

	for (;;) {
		uint64_t next = peer_work(node->peer, &node->now);

		if (node->options.once && all_have_sessions(node))
			return EXIT_ALL_RAN;
		if (node->options.once && node->now.monotonic_ns >= give_up_ns)
			return EXIT_SOME_FAILED;
		if (node->options.once && give_up_ns < next)
			next = give_up_ns;
		wait_for_event(node, next);
		if (take_signals(node))
			return node->options.once ? EXIT_SOME_FAILED : EXIT_ALL_RAN;
		receive(node);
	}
}

static void print_start(const struct node *node)
{
	const uint8_t *id = identity_fingerprint(node->identity);
	char text[ADDRESS_TEXT_LEN];
	uint32_t trusted = 0;

	while (peer_remote(node->peer, trusted) != NULL)
		trusted++;
	printf("Node ");
	for (int i = 0; i < PQC_NODE_LEN; i++)
		printf("%02x", id[i]);
	printf(" at %s, trusting %u keys\n", address_format(&node->options.listen, text), trusted);
}

int command_peer(int argc, char **argv)
{
	struct node *node = calloc(1, sizeof(*node));
	struct failure failure = { 0 };
	int status;

	if (node == NULL)
		return EXIT_SOME_FAILED;
	node->socket = node->timer = node->signals = -1;
	int error = peer_options_parse(argc, argv, &node->options, &failure);
	if (error == 0 && node->options.help) {
		fputs(peer_usage, stdout);
		free(node);
		return EXIT_ALL_RAN;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (error == 0)
		error = open_node(node, &failure);
	if (error < 0) {
		status = command_failed(&failure, node->options.verbose);
	} else {
		give_up_rights();
		print_start(node);
		status = run(node);
		print_summary(node);
	}
	close_node(node);
	free(node);
	return status;
}
