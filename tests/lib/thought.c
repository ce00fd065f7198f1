// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/thought.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct thought thought;

static enum decision decide(void *data, const struct action *action, char *sentence, size_t size)
{
	(void)data;
	snprintf(sentence, size, "it may cut you off");
	return action->confirmed ? DECISION_DO : thought.decision;
}

static int apply(void *data, const struct action *action, struct failure *why)
{
	(void)data;
	assert_int_equal(action->actor, ACTOR_MAPEK);
	/* Nobody is asked whether a program runs again that did. */
	assert_true(!action->confirmed || strcmp(action->verb->object, "program") == 0);
	if (thought.result < 0)
		return failure_set(why, thought.result, "No room");
	assert_true(thought.n_done < 64);
	action_format(action, thought.done[thought.n_done++], RULE_LEN);
	return 0;
}

/* What would take it back is all that is known here. */
static int take_back(void *data, const char *text, struct failure *why)
{
	(void)data;
	if (!switched_stays(text))
		return 0; /* a program that did not enforce */
	if (thought.result < 0)
		return failure_set(why, thought.result, "Not now");
	assert_true(thought.n_done < 64);
	if (!switched_back(text, thought.done[thought.n_done], RULE_LEN))
		snprintf(thought.done[thought.n_done], RULE_LEN, "not: %.200s", text);
	thought.n_done++;
	return 1;
}

static const struct mapek_hands hands = { NULL, decide, apply, take_back };

static void on_brake(void *data, const char *sentence)
{
	(void)data, (void)sentence;
	thought.brakes++;
}

static void on_action(void *data, const struct snapshot_mapek_action *action)
{
	(void)data;
	thought.n_over += action->state == MAPEK_OVER;
}

static void on_outcome(void *data, const struct snapshot_mapek_action *action)
{
	(void)data;
	(void)action;
	thought.n_outcomes++;
}

const struct mapek_ears thought_ears = {
	.brake = on_brake, .action = on_action, .outcome = on_outcome
};

void thought_begin(const char *text)
{
	char path[] = "/tmp/test_mapek.XXXXXX";
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (policies_read(&thought.policies, path, NULL, &thought.failure) < 0)
		fail_msg("%s", thought.failure.what);
	unlink(path);
	thought.n_done = thought.brakes = thought.n_outcomes = 0;
	thought.decision = DECISION_DO;
	thought.result = 0;
	thought.step = 1;
	thought.now = snapshot_open();
	thought.now->time = 1000000;
	thought.mapek = mapek_open(&thought.policies, &hands, &thought_ears);
	assert_non_null(thought.mapek);
}

void thought_end(void)
{
	mapek_close(thought.mapek);
	snapshot_close(thought.now);
}

static void police(void)
{
	struct snapshot_qos_class *class = SNAPSHOT_ADD(thought.now, &thought.now->qos, classes);

	*class = (struct snapshot_qos_class) {
		.interface = "eth0", .class = "bulk", .direction = "in", .police = 5e6
	};
}

static void shape(void)
{
	struct snapshot_qos_class *class = SNAPSHOT_ADD(thought.now, &thought.now->qos, classes);

	*class = (struct snapshot_qos_class) { .interface = "eth0",
		.class = "bulk",
		.direction = "out",
		.police = NAN,
		.rate = thought.shaped,
		.ceiling = 4 * thought.shaped };
}

/* The sources of a flood, and the rule that the last action made. */
void thought_fill(double rate, unsigned sources, const char *comment)
{
	thought.now->interval = thought.step;
	thought.now->packets.available = thought.now->mesh.available = thought.now->tc.available =
		true;
	if (thought.policed)
		police();
	if (thought.shaped > 0)
		shape();
	thought.now->packets.sum.transports[TRANSPORT_UDP].packets.rate = rate;
	for (unsigned i = 0; i < sources; i++) {
		struct snapshot_source *source =
			SNAPSHOT_ADD(thought.now, &thought.now->talkers, sources);
		snprintf(source->address, sizeof(source->address), "10.9.0.%u", 66 + i);
		source->traffic.packets.rate = rate / sources;
	}
	if (comment == NULL)
		return;
	struct snapshot_rule *rule = SNAPSHOT_ADD(thought.now, &thought.now->mesh, rules);
	rule->number = 5;
	rule->origin =
		thought.policies.mode == MAPEK_ACT ? MESH_ORIGIN_MAPEK : MESH_ORIGIN_OPERATOR;
	rule->time_left = 20;
	rule->dropped.packets.total = 77;
	snprintf(rule->comment, sizeof(rule->comment), "%s", comment);
}

void thought_turn(double rate, unsigned sources, const char *comment)
{
	double time = thought.now->time;

	snapshot_clear(thought.now);
	thought.now->time = time + thought.step;
	thought_fill(rate, sources, comment);
	mapek_turn(thought.mapek, thought.now);
}

/* An hour's part of quiet, with noise that is the same each time. */
void thought_quiet(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		thought_turn(1000 + i % 7 * 10, 1, NULL);
}
