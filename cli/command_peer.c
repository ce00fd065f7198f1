// SPDX-License-Identifier: BSD-2-Clause
/* x0top peer: a node of the post-quantum protocol. One loop waits for packets, time and signals. */
#include <cap-ng.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/hex.h"
#include "cli/command.h"
#include "cli/peer_options.h"
#include "crypto/trust.h"
#include "peer/endpoint.h"
#include "peer/prefix.h"

#define NS_IN_S	   UINT64_C(1000000000)
#define NS_IN_MS   UINT64_C(1000000)
#define ONCE_NS	   (10 * NS_IN_S)
#define REFUSAL_NS NS_IN_S /* between two lines about one kind of refusal */

struct node {
	struct peer_options options;
	struct endpoint *endpoint;
	struct peer *peer; /* the endpoint's */
	int signals;
	uint64_t shown[PQC_RESULTS]; /* refusals that were printed, by result */
	uint64_t shown_ns[PQC_RESULTS];
	int send_error; /* errno printed last */
};

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

/* Prints a flood of refusals once a second for each reason. */
static void print_refusal(struct node *node, const struct peer_remote_state *remote, int result)
{
	uint64_t count = peer_results(node->peer)[result];
	uint64_t now_ns = endpoint_now(node->endpoint)->monotonic_ns;

	if (node->shown_ns[result] != 0 && now_ns - node->shown_ns[result] < REFUSAL_NS)
		return;
	printf("%s: refused: %s (%" PRIu64 " more, %" PRIu64 " in all)\n",
		remote == NULL ? "unknown" : remote->name, message_result_names[result],
		count - node->shown[result], count);
	node->shown[result] = count;
	node->shown_ns[result] = now_ns;
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

static void on_sent(void *context, const struct peer_address *to, int error)
{
	struct node *node = context;
	char text[ADDRESS_TEXT_LEN];

	/* A full queue loses packets as any link does. */
	if (error == EAGAIN || error == node->send_error)
		return;
	if (error != 0)
		printf("cannot send to %s: %s\n", address_format(to, text), strerror(error));
	node->send_error = error;
}

/*
 * --- opening and closing ------------------------------------------------------------------------
 */

/* Makes the peer follow the trust store. */
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

static int open_signals(struct node *node, struct failure *failure)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	node->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (node->signals < 0)
		return failure_set(failure, -errno, "Cannot wait for signals: %s", strerror(errno));
	return 0;
}

/* Gives up what root may do: a bound socket needs nothing more. */
static void give_up_rights(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	capng_clear(CAPNG_SELECT_CAPS);
	capng_apply(CAPNG_SELECT_CAPS);
}

static int open_node(struct node *node, struct failure *failure)
{
	const struct endpoint_handlers handlers = {
		.context = node, .event = on_event, .sent = on_sent
	};
	int error = endpoint_open(&node->options.endpoint, &handlers, &node->endpoint, failure);

	if (error == -EAFNOSUPPORT)
		failure_remedy(failure, "Give --listen 0.0.0.0");
	if (error < 0)
		return error;
	node->peer = endpoint_peer(node->endpoint);
	error = read_trust(node, failure);
	return error < 0 ? error : open_signals(node, failure);
}

/*
 * --- the loop -----------------------------------------------------------------------------------
 */

/* Whether every --to has a session. */
static bool all_have_sessions(const struct node *node)
{
	const struct peer_settings *settings = &node->options.endpoint.peer;

	for (uint32_t i = 0; i < settings->n_targets; i++) {
		const struct peer_remote_state *remote;
		bool found = false;

		for (uint32_t r = 0; (remote = peer_remote(node->peer, r)) != NULL; r++)
			found |= remote->has_session &&
				 address_equal(&remote->address, &settings->targets[i]);
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

/*
 * Waits for packets, time or a signal, or until `end_ns` (CLOCK_MONOTONIC; UINT64_MAX: for ever).
 */
static void wait_for_event(const struct node *node, uint64_t end_ns)
{
	struct pollfd files[] = {
		{ .fd = endpoint_fd(node->endpoint), .events = POLLIN },
		{ .fd = node->signals, .events = POLLIN },
	};
	uint64_t now_ns = clock_monotonic_ns();
	uint64_t left_ns = end_ns > now_ns ? end_ns - now_ns : 0;

	poll(files, sizeof(files) / sizeof(files[0]),
		end_ns == UINT64_MAX ? -1 : (int)(left_ns / NS_IN_MS) + 1);
}

static int run(struct node *node)
{
	const bool once = node->options.once;
	const uint64_t end_ns = once ? clock_monotonic_ns() + ONCE_NS : UINT64_MAX;

	for (;;) {
		endpoint_handle(node->endpoint);
		if (once && all_have_sessions(node))
			return EXIT_ALL_RAN;
		if (endpoint_now(node->endpoint)->monotonic_ns >= end_ns)
			return EXIT_SOME_FAILED;
		wait_for_event(node, end_ns);
		if (take_signals(node))
			return once ? EXIT_SOME_FAILED : EXIT_ALL_RAN;
	}
}

static void print_start(const struct node *node)
{
	const uint8_t *id = identity_fingerprint(endpoint_identity(node->endpoint));
	char text[ADDRESS_TEXT_LEN], id_text[2 * PQC_NODE_LEN + 1];
	uint32_t trusted = 0;

	while (peer_remote(node->peer, trusted) != NULL)
		trusted++;
	hex_format(id, PQC_NODE_LEN, id_text);
	printf("Node %s at %s, trusting %u keys\n", id_text,
		address_format(&node->options.endpoint.listen, text), trusted);
}

int command_peer(int argc, char **argv)
{
	struct node *node = calloc(1, sizeof(*node));
	struct failure failure = { 0 };
	int status;

	if (node == NULL)
		return EXIT_SOME_FAILED;
	node->signals = -1;
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
	endpoint_close(node->endpoint);
	fd_close(&node->signals);
	free(node);
	return status;
}
