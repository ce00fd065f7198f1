// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapek/measure.h"
#include "model/format.h"

#define ROUNDING 1e-6 /* s */
#define DOUBT	 3.0 /* standard deviations of Poisson's */
#define FEW	 8 /* sources that a policy can name */

/* Returns whether a value is one of the policy's anomaly: from what begins it until it is usual again. */
static bool is_hot(struct plan *plan, const struct policy *policy, const struct reading *reading)
{
	const bool high = policy->side == POLICY_HIGH;
	const bool beyond = high ? reading->value > reading->high : reading->value < reading->low;

	const double alarm = isnan(policy->score) ? reading->alarm : policy->score;

	plan->alarmed = beyond && (plan->alarmed || plan->raised || reading->score >= alarm);
	plan->score = plan->alarmed ? fmax(plan->score, reading->score) : 0;
	if (!plan->alarmed)
		return false;
	return isnan(policy->from) ||
	       (high ? reading->value >= policy->from : reading->value <= policy->from);
}

bool plan_is_due(const struct plan *plan, const struct policy *policy, double time)
{
	return plan->raised || (plan->hot && time - plan->since >= policy->hold - ROUNDING);
}

enum plan_step plan_take(
	struct plan *plan, const struct policy *policy, const struct reading *reading, double now)
{
	const bool was_raised = plan->raised, was_alarmed = plan->alarmed;
	const bool hot = is_hot(plan, policy, reading);

	if (plan->alarmed && !was_alarmed)
		plan->unusual_since = now;
	if (hot && !plan->hot)
		plan->since = now;
	if (hot)
		plan->last = now;
	plan->hot = hot;
	if (hot && plan_is_due(plan, policy, now))
		plan->raised = true;
	if (!hot && plan->raised && now - plan->last >= policy->calm)
		plan->raised = false;
	if (was_raised != plan->raised)
		return was_raised ? PLAN_ENDS : PLAN_BEGINS;
	if (!plan->raised)
		return PLAN_NOTHING;
	return hot ? PLAN_LASTS : PLAN_CALMS;
}

bool plan_needs_sources(const struct plan *plan, const struct policy *policy)
{
	return (plan->hot || plan->raised) && policy->action[0] != '\0';
}

/* Of few packets in a short time a rate says little: three deviations of their count less have to be enough.
 * Of those seen, packets are one in `seen`, 0 to 1, of all. */
static bool is_busy(const struct policy *policy, const struct snapshot_source *source,
	double interval, double seen)
{
	const double packets = source->traffic.packets.rate;
	const double doubt = interval > 0 ? DOUBT * sqrt(packets / interval) : 0;

	if (!((packets - doubt) / seen >= policy->busy))
		return false;
	return isnan(policy->small) || source->traffic.bytes.rate <= policy->small * packets;
}

static double rate_of_senders(const struct snapshot_talkers *talkers)
{
	double rate = 0;

	for (uint32_t i = 0; i < talkers->n_senders; i++)
		rate += fmax(talkers->senders[i].traffic.packets.rate, 0);
	return rate;
}

/* Of 10,000 sources, most flows make way in the kernel's table before a sample reads them. Whose they were is
 * not known: senders are taken to have had as large a part in them as in the others. Returns the share of the
 * packets that was seen. */
static double share_seen(const struct snapshot_talkers *talkers)
{
	const double seen = rate_of_senders(talkers);

	return seen > 0 ? seen / (seen + fmax(talkers->lost.packets.rate, 0)) : 1;
}

/* Returns whether many sources make up the traffic: more of it than half is from none that stands out. */
static bool from_many(const struct snapshot_talkers *talkers)
{
	const double all = rate_of_senders(talkers);
	double few = 0;

	for (uint32_t i = 0; i < talkers->n_sources && i < FEW; i++)
		few += fmax(talkers->sources[i].traffic.packets.rate, 0);
	return few < all / 2;
}

static bool is_spared(
	const struct policies *policies, enum policy_target kind, const struct plan_target *target)
{
	return policies_spared(policies, target->name) >= 0 ||
	       policies_spared(policies, target->where) >= 0 ||
	       (kind != POLICY_SENDERS && policies_spare(policies, target->where));
}

_Static_assert(MAPEK_TARGET_LEN == 48 && TALKER_ADDRESS_LEN <= 48, "an address has room");
static struct plan_target make_target(const char *name, const char *where)
{
	struct plan_target target;

	snprintf(target.name, sizeof(target.name), "%.47s", name);
	snprintf(target.where, sizeof(target.where), "%.47s", where);
	return target;
}

/* One whose address is unknown cannot be named in a rule, nor does one suffer for what others send in its name from
 * elsewhere. */
static uint32_t list_nodes(const struct policies *policies, const struct policy *policy,
	const struct snapshot_pqc *pqc, struct plan_target targets[POLICY_ACTIONS_MAX])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < pqc->n_nodes && n < policy->most; i++) {
		const struct plan_target target =
			make_target(pqc->nodes[i].node, pqc->nodes[i].address);
		if (target.where[0] != '\0' && pqc->nodes[i].refused_there.rate >= policy->busy &&
			!is_spared(policies, POLICY_NODES, &target))
			targets[n++] = target;
	}
	return n;
}

static int busier(const void *a, const void *b)
{
	const struct snapshot_source *one = a, *other = b;
	const double left = one->traffic.packets.rate, right = other->traffic.packets.rate;

	return left != right ? (left < right) - (left > right)
			     : strcmp(one->address, other->address);
}

static void add(struct traffic *sum, const struct traffic *traffic)
{
	sum->packets.rate += fmax(traffic->packets.rate, 0);
	sum->bytes.rate += fmax(traffic->bytes.rate, 0);
}

/* Adds up what the sources of each network send, named as it, the busiest first. Returns the number of networks. */
static uint32_t add_up(const struct policy *policy, const struct snapshot_talkers *talkers,
	struct snapshot_source sums[TALKERS_SHOWN])
{
	char name[TALKER_ADDRESS_LEN];
	uint32_t n = 0, at;

	for (uint32_t i = 0; i < talkers->n_sources; i++) {
		policy_about(policy, talkers->sources[i].address, name, sizeof(name));
		for (at = 0; at < n && strcmp(sums[at].address, name) != 0; at++)
			;
		if (at == n) {
			sums[n++] = (struct snapshot_source) { 0 };
			memcpy(sums[at].address, name, sizeof(name));
		}
		add(&sums[at].traffic, &talkers->sources[i].traffic);
	}
	qsort(sums, n, sizeof(*sums), busier);
	return n;
}

uint32_t plan_targets(const struct policies *policies, const struct policy *policy,
	const struct snapshot *snapshot, struct plan_target targets[POLICY_ACTIONS_MAX])
{
	const struct snapshot_talkers *talkers = &snapshot->talkers;
	const enum policy_target kind = policy_target(policy);
	const bool senders = kind == POLICY_SENDERS;
	const struct snapshot_source *list = senders ? talkers->senders : talkers->sources;
	uint32_t n = 0, listed = senders ? talkers->n_senders : talkers->n_sources;
	const double seen = senders ? share_seen(talkers) : 1;
	struct snapshot_source sums[TALKERS_SHOWN];

	targets[0] = make_target("", "");
	if (kind == POLICY_NOBODY)
		return 1;
	if (kind == POLICY_NODES)
		return list_nodes(policies, policy, &snapshot->pqc, targets);
	if (senders && !from_many(talkers))
		return 0;
	if (policy->length_4 != 0) {
		listed = add_up(policy, talkers, sums);
		list = sums;
	}
	for (uint32_t i = 0; i < listed && n < policy->most; i++) {
		const struct plan_target target = make_target(list[i].address, list[i].address);
		if (is_busy(policy, &list[i], talkers->interval, seen) &&
			!is_spared(policies, kind, &target))
			targets[n++] = target;
	}
	return n;
}

char *plan_reason(const struct policy *policy, const struct reading *reading, const char *target,
	char *text, size_t size)
{
	const struct measure *measure = &measures[policy->series];
	char value[FORMAT_LEN], low[FORMAT_LEN], high[FORMAT_LEN];

	snprintf(text, size, "%s: %s %s%s, usually %s to %s%s%s%s", policy->name, measure->what,
		format_rate(value, reading->value), measure->unit,
		format_rate(low, fmax(reading->low, 0)), format_rate(high, reading->high),
		measure->unit, target[0] != '\0' ? "; among the busiest is " : "", target);
	return text;
}
