// SPDX-License-Identifier: BSD-2-Clause
#include "lab/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lab/attacks.h"
#include "lab/peers.h"
#include "lab/tap.h"
#include "lab/traffic_node.h"

/* Sends what a flow has to send now, and says when it is due again. */
static void send_flow(struct traffic_node *node, struct flow_state *state, int64_t now)
{
	const struct flow *flow = state->sock.flow;
	const int64_t wait = state->scene != NULL ? scene_wait(&node->plan, state->scene->scene,
							    now - node->began_ms)
						  : 0;

	if (wait > 0) {
		state->due_ms = now + wait;
		return;
	}
	for (int n = 0; n < flow->burst; n++)
		sender_send(node, state);
	state->due_ms =
		now + flow->period_ms * 3 / 4 + traffic_random(node) % (flow->period_ms / 2u + 1);
}

/* Sends due packets. Returns when the next are due, in ns of CLOCK_MONOTONIC; UINT64_MAX: never. */
static uint64_t send_due(struct traffic_node *node)
{
	int64_t now = clock_monotonic_ms(), next = INT64_MAX;

	for (size_t i = 0; i < node->n_flows; i++) {
		struct flow_state *state = &node->flows[i];
		if (state->due_ms <= now)
			send_flow(node, state, now);
		if (state->due_ms < next)
			next = state->due_ms;
	}
	return next == INT64_MAX ? UINT64_MAX : (uint64_t)next * (NS_PER_SECOND / 1000);
}

/* Flows start at random within their first period. */
static void add_flow(
	struct traffic_node *node, const struct flow *flow, const struct scene_flow *scene)
{
	struct flow_state *state = &node->flows[node->n_flows++];

	*state = (struct flow_state) {
		.sock = { .file = -1, .flow = flow }, .scene = scene, .due_ms = INT64_MAX
	};
	if (flow->from == node->self)
		state->due_ms = node->began_ms + traffic_random(node) % flow->period_ms;
}

static struct traffic_node *new_node(enum lab_node self, const struct scene_plan *plan)
{
	struct traffic_node *node =
		calloc(1, sizeof(*node) + (n_lab_flows + n_scene_flows) * sizeof(node->flows[0]));

	if (!node)
		return NULL;
	node->self = self;
	node->plan = *plan;
	node->random = (uint32_t)self + 1;
	node->began_ms = clock_monotonic_ms();
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		node->connections[i].file = -1;
	for (size_t i = 0; i < n_lab_flows; i++)
		add_flow(node, &lab_flows[i], NULL);
	for (size_t i = 0; i < n_scene_flows; i++)
		if (plan->chosen & 1U << scene_flows[i].scene)
			add_flow(node, &scene_flows[i].flow, &scene_flows[i]);
	return node;
}

int traffic_open(enum lab_node self, const struct scene_plan *plan, struct traffic_node **traffic,
	struct failure *failure)
{
	struct traffic_node *node = new_node(self, plan);
	int error = node ? 0 : -ENOMEM;

	if (!error)
		error = loop_open(&node->loop);
	if (!error)
		error = topology_find_links(self, node->ifindexes);
	if (!error)
		error = services_open(node);
	if (error) {
		free(node); /* sockets and loop end with the node's process */
		return failure_set(failure, error, "The lab's node %s cannot open its sockets: %s",
			node_name(self), strerror(-error));
	}
	*traffic = node;
	error = lab_peer_open(node, failure);
	if (!error)
		error = attacks_open(node, failure);
	return error ? error : tap_open(node, failure);
}

void traffic_run(struct traffic_node *node)
{
	for (;;)
		loop_run_until(node->loop, send_due(node));
}
