// SPDX-License-Identifier: BSD-2-Clause
/* x0top peer: a node of the post-quantum protocol. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/loop.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/peer_options.h"
#include "crypto/trust.h"
#include "kernel/keeper.h"
#include "kernel/rights.h"
#include "model/names.h"
#include "peer/endpoint.h"
#include "peer/prefix.h"

#define ONCE_NS	   (10 * NS_PER_SECOND)
#define REFUSAL_NS NS_PER_SECOND /* between two lines about one kind of refusal */

struct node {
	struct peer_options options;
	struct endpoint *endpoint;
	struct peer *peer; /* the endpoint's */
	struct loop *loop;
	int status; /* to exit with, once the loop is stopped */
	uint64_t shown[PQC_RESULTS]; /* refusals printed, by result */
	uint64_t shown_ns[PQC_RESULTS];
	int send_error; /* the last errno printed */
};

/* --- output ----------------------------------------------------------------------------------- */

static void print_beacon(const struct peer_remote_state *remote)
{
	char text[PREFIX_TEXT_LEN];

	printf("%s: beacon; data sent %" PRIu64 ", received %" PRIu64 "; prefixes:", remote->name,
		remote->data_sent, remote->data_received);
	for (uint32_t i = 0; i < remote->n_prefixes; i++)
		printf(" %s", prefix_format(&remote->prefixes[i], text));
	puts(remote->n_prefixes == 0 ? " none" : "");
}

/* Prints refusals at most once a second for each reason. */
static void print_refusal(struct node *node, const struct peer_remote_state *remote, int result)
{
	uint64_t count = peer_results(node->peer)[result];
	uint64_t now_ns = endpoint_now(node->endpoint)->monotonic_ns;

	if (node->shown_ns[result] != 0 && now_ns - node->shown_ns[result] < REFUSAL_NS)
		return;
	printf("%s: refused: %s (%" PRIu64 " more, %" PRIu64 " in all)\n",
		remote == NULL ? "unknown" : remote->name, pqc_result_names[result],
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
		printf("%s: session %08x expired\n", remote->name, remote->session);
		break;
	case PEER_REFUSED:
		print_refusal(node, remote, event->detail);
		break;
	case PEER_FAILED:
		puts("OpenSSL cannot make a message");
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
			printf("refused: %s: %" PRIu64 "\n", pqc_result_names[result],
				results[result]);
}

static void on_sent(void *context, const struct peer_address *to, int error)
{
	struct node *node = context;
	char text[ADDRESS_TEXT_LEN];

	/* A full queue loses packets, as links do. */
	if (error == EAGAIN || error == node->send_error)
		return;
	if (error != 0)
		printf("cannot send to %s: %s\n", address_format(to, text), strerror(error));
	node->send_error = error;
}

/*
 * --- opening and closing ------------------------------------------------------------------------
 */

/* Reads the trust store into the peer. */
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

/* Gives up all rights: a bound socket needs none, and the keeper reads the trust store again. */
static int confine(struct failure *failure)
{
	int error = rights_drop(RIGHTS_NONE, failure);

	if (error == 0)
		keeper_use();
	return error;
}

static int start_keeper(const struct node *node, struct failure *failure)
{
	const struct kept_path trust = { node->options.trust, TRUST_FLAGS, 0, true };

	return rights_changes_user() ? keeper_start(&trust, 1, failure) : 0;
}

/*
 * --- the loop -----------------------------------------------------------------------------------
 */

/* Returns whether every --to has a session. */
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

static void finish(struct node *node, int status)
{
	node->status = status;
	loop_stop(node->loop);
}

static void on_packets(void *context, uint32_t events)
{
	struct node *node = context;

	(void)events;
	endpoint_handle(node->endpoint);
	if (node->options.once && all_have_sessions(node))
		finish(node, EXIT_ALL_RAN);
}

static void reload_trust(struct node *node)
{
	struct failure failure = { 0 };

	if (read_trust(node, &failure) < 0)
		command_failed(&failure, node->options.verbose);
	else
		puts("Trust store reloaded");
	endpoint_handle(node->endpoint);
}

static void on_signal(void *context, uint32_t number)
{
	struct node *node = context;

	if (number == SIGHUP)
		reload_trust(node);
	else
		finish(node, node->options.once ? EXIT_SOME_FAILED : EXIT_ALL_RAN);
}

static int open_loop(struct node *node, struct failure *failure)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	int error = loop_open(&node->loop);

	if (error == 0)
		error = loop_add(
			node->loop, endpoint_fd(node->endpoint), EPOLLIN, on_packets, node, NULL);
	if (error == 0)
		error = loop_add_signals(node->loop, signals, sizeof(signals) / sizeof(signals[0]),
			on_signal, node, NULL);
	return error < 0
		       ? failure_set(failure, error, "Cannot wait for events: %s", strerror(-error))
		       : 0;
}

static int open_node(struct node *node, struct failure *failure)
{
	const struct endpoint_handlers handlers = {
		.context = node, .event = on_event, .sent = on_sent
	};
	int error = start_keeper(node, failure);

	if (error < 0)
		return error;
	secret_protect_process();
	error = endpoint_open(&node->options.endpoint, &handlers, &node->endpoint, failure);
	if (error == -EAFNOSUPPORT)
		failure_remedy(failure, "Give --listen 0.0.0.0");
	if (error < 0)
		return error;
	node->peer = endpoint_peer(node->endpoint);
	error = read_trust(node, failure);
	return error < 0 ? error : open_loop(node, failure);
}

/* Runs until a signal, or with --once until there are sessions or the time is over. */
static int run(struct node *node)
{
	const uint64_t end_ns = node->options.once ? clock_monotonic_ns() + ONCE_NS : UINT64_MAX;

	node->status = EXIT_SOME_FAILED;
	loop_run_until(node->loop, end_ns);
	return node->status;
}

/* A name that nobody has is a mistake, or a key that is still to come. */
static void print_unknown(const struct node *node)
{
	const struct peer_settings *settings = &node->options.endpoint.peer;

	for (uint32_t i = 0; i < settings->n_translated; i++) {
		const struct peer_remote_state *remote;
		uint32_t at = 0;

		while ((remote = peer_remote(node->peer, at)) != NULL &&
			strcmp(remote->name, settings->translated[i]) != 0)
			at++;
		if (remote == NULL)
			fprintf(stderr, "x0top: --translated %s: no trusted node has this name\n",
				settings->translated[i]);
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
	printf("Node %s at %s, trusting %u key%s\n", id_text,
		address_format(&node->options.endpoint.listen, text), trusted,
		trusted == 1 ? "" : "s");
	print_unknown(node);
}

int command_peer(int argc, char **argv)
{
	struct node *node = calloc(1, sizeof(*node));
	struct failure failure = { 0 };
	int status;

	if (node == NULL)
		return command_no_memory();
	int error = peer_options_parse(argc, argv, &node->options, &failure);
	if (error == 0 && node->options.help) {
		fputs(peer_usage, stdout);
		free(node);
		return EXIT_ALL_RAN;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (error == 0)
		error = open_node(node, &failure);
	if (error == 0)
		error = confine(&failure);
	if (error < 0) {
		status = command_failed(&failure, node->options.verbose);
	} else {
		print_start(node);
		status = run(node);
		print_summary(node);
	}
	loop_close(node->loop);
	endpoint_close(node->endpoint);
	keeper_stop();
	free(node);
	return status;
}
