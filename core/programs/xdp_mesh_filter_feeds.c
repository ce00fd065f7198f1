// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_feeds.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "mesh/rule_table.h"
#include "neighbours/feed.h"
#include "programs/xdp_mesh_filter_change.h"
#include "programs/xdp_mesh_filter_state.h"

#define LOOK_PERIOD  NS_PER_SECOND /* between two looks: a change costs the kernel some 10 ms */
#define ANSWER_TIME  (2 * NS_PER_SECOND) /* for sources that nobody has watched so far */
#define POLL_TIME_MS 50

/* --- elements -------------------------------------------------------------------------------- */

static struct mesh_element as_element(const struct neighbour_element *from, uint32_t kind)
{
	struct mesh_element element = { .prefix = { 0 } };

	if (kind == MESH_SET_MACS) {
		memcpy(element.mac, from->mac, sizeof(element.mac));
	} else {
		element.prefix.family = from->family == AF_INET ? 4 : 6;
		element.prefix.length = from->bits;
		memcpy(element.prefix.address, from->address, sizeof(element.prefix.address));
	}
	return element;
}

static int collect(struct neighbours *neighbours, uint32_t feed, struct set_elements *elements)
{
	struct neighbour_element *list;
	int n = feed_elements(neighbours, feed, elements->kind == MESH_SET_MACS, &list);
	int error = n < 0 ? n : 0;

	for (int i = 0; i < n && error == 0; i++) {
		struct mesh_element element = as_element(&list[i], elements->kind);
		error = set_add(elements, &element);
	}
	if (n >= 0)
		free(list);
	return error;
}

/* Collects the addresses at which nodes are, by their signatures. */
static int collect_nodes(struct neighbours *neighbours, const struct mesh_element *ids, uint32_t n,
	struct set_elements *elements)
{
	struct neighbour_element *list;
	int found = neighbours_elements(neighbours, 1U << NEIGHBOURS_SIGNED, NEIGHBOUR_IDS, &list);
	int error = found < 0 ? found : 0;

	for (int i = 0; i < found && error == 0; i++) {
		struct mesh_element id = { .prefix = { 0 } };
		struct mesh_element element = as_element(&list[i], MESH_SET_PREFIXES);
		memcpy(id.node, &list[i].id, sizeof(id.node));
		if (set_find(MESH_SET_NODES, ids, n, &id) != NULL)
			error = set_add(elements, &element);
	}
	if (found >= 0)
		free(list);
	return error;
}

/* --- sources that nobody watches ----------------------------------------------------------------- */

/* Waits until all that a feed names have answered. */
static void await(struct neighbours *neighbours, uint32_t sources)
{
	uint64_t end = clock_monotonic_ns() + ANSWER_TIME;
	struct neighbour_element *list;

	/* Asks those that must be asked. */
	if (neighbours_elements(neighbours, sources, NEIGHBOUR_MACS, &list) >= 0)
		free(list);
	while (neighbours_pending(neighbours, sources) && clock_monotonic_ns() < end) {
		struct pollfd wait = { .fd = neighbours_fd(neighbours), .events = POLLIN };
		poll(&wait, 1, POLL_TIME_MS);
		neighbours_handle(neighbours);
	}
}

int mesh_feeds_collect(struct program_context *context, uint32_t feed,
	struct set_elements *elements, uint32_t *live, struct failure *failure)
{
	struct neighbours *opened = NULL, *neighbours = context->neighbours;
	uint32_t sources = feed & FEED_SOURCES;
	int error = 0;

	if (neighbours == NULL) {
		struct neighbours_settings settings = context->settings->neighbours;
		settings.wanted &= sources;
		error = neighbours_open(&settings, NULL, NULL, &opened);
		neighbours = opened;
	}
	if (opened != NULL) {
		neighbours_links_changed(opened, context->watch.list, context->watch.n_list);
		await(opened, sources);
	}
	if (error == 0)
		error = collect(neighbours, feed, elements);
	if (error == 0)
		*live = neighbours_in_state(neighbours, sources, SOURCE_LIVE);
	neighbours_close(opened);
	return error == 0 ? 0
			  : failure_set(failure, error, "Cannot list the neighbours: %s",
				    strerror(-error));
}

/* --- following ----------------------------------------------------------------------------------- */

void mesh_feeds_close(struct mesh_feeds *feeds)
{
	sets_free(feeds->sets);
	free(feeds->elements.list);
	if (feeds->timer > 0)
		close(feeds->timer);
	memset(feeds, 0, sizeof(*feeds));
}

const struct mesh_sets *mesh_feeds_sets(struct mesh_feeds *feeds, const struct map_registry *maps)
{
	int64_t version = rule_table_version(maps);
	struct set_change change;
	struct failure ignored;

	if (version == feeds->version && feeds->sets != NULL)
		return feeds->sets;
	sets_free(feeds->sets);
	feeds->sets = NULL;
	feeds->version = version;
	memset(feeds->changes, 0, sizeof(feeds->changes));
	if (version < 0 || set_change_begin(maps, &change, &ignored) < 0)
		return NULL;
	free(change.table);
	return feeds->sets = change.sets;
}

/* Adds what a set has: a source that is not there yet may have said it to an x0top before. */
static int keep(struct set_elements *elements, const struct mesh_sets *sets, uint32_t place)
{
	int error = 0;

	for (uint32_t i = 0; i < sets->sets[place].n && error == 0; i++)
		error = set_add(elements, &sets->elements[place][i]);
	return error;
}

static bool same_elements(
	const struct set_elements *elements, const struct mesh_element *list, uint32_t n)
{
	return elements->n == n && (n == 0 || memcmp(elements->list, list, n * sizeof(*list)) == 0);
}

/* Finds what a feed's set has to become. Returns whether it is another. */
static bool look_at_feed(struct mesh_feeds *feeds, struct neighbours *neighbours, uint32_t place)
{
	const struct mesh_set *set = &feeds->sets->sets[place];
	uint32_t sources = set->feed & FEED_SOURCES;
	uint32_t live = neighbours_in_state(neighbours, sources, SOURCE_LIVE);
	uint32_t gone = set->live & ~live & ~neighbours_forgotten(neighbours, sources);
	uint32_t unknown = gone & ~neighbours_in_state(neighbours, sources, SOURCE_LOST);

	feeds->due = *set;
	feeds->due.live = live | gone;
	feeds->due.stale = gone == 0	     ? 0
			   : set->stale != 0 ? set->stale
					     : (__u64)clock_realtime_seconds();
	if (collect(neighbours, set->feed, &feeds->elements) < 0 ||
		(unknown != 0 && keep(&feeds->elements, feeds->sets, place) < 0))
		return false;
	set_merge(&feeds->elements);
	return feeds->due.live != set->live || feeds->due.stale != set->stale ||
	       !same_elements(&feeds->elements, feeds->sets->elements[place], set->n);
}

static bool look_at_nodes(struct mesh_feeds *feeds, struct neighbours *neighbours, uint32_t place)
{
	const struct mesh_set *set = &feeds->sets->sets[place];
	const struct mesh_element *list = feeds->sets->elements[place];

	feeds->due = *set;
	/* While the verifier is off, nodes are where they were. */
	if (neighbours_in_state(neighbours, 1U << NEIGHBOURS_SIGNED, SOURCE_LIVE) == 0 ||
		collect_nodes(neighbours, list, set->n, &feeds->elements) < 0)
		return false;
	set_merge(&feeds->elements);
	return !same_elements(&feeds->elements, list + set->n, set->n_addresses);
}

static bool look_at(struct mesh_feeds *feeds, struct neighbours *neighbours, uint32_t place)
{
	const struct mesh_set *set = &feeds->sets->sets[place];
	bool nodes = set->kind == MESH_SET_NODES;
	uint32_t sources = nodes ? 1U << NEIGHBOURS_SIGNED : set->feed & FEED_SOURCES;
	uint64_t changes = neighbours_changes(neighbours, sources) + 1;

	if ((!nodes && set->origin != MESH_ORIGIN_FEED) || changes == feeds->changes[place])
		return false;
	feeds->changes[place] = changes;
	feeds->elements.n = 0;
	feeds->elements.kind = nodes ? MESH_SET_PREFIXES : set->kind;
	return nodes ? look_at_nodes(feeds, neighbours, place)
		     : look_at_feed(feeds, neighbours, place);
}

static void wake_at(struct program *program, struct mesh_feeds *feeds, uint64_t at)
{
	struct itimerspec time = { .it_value = { (time_t)(at / NS_PER_SECOND),
					   (long)(at % NS_PER_SECOND) } };

	if (feeds->timer == 0) {
		int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		feeds->timer = timer >= 0 && program_watch_fd(program->context, timer) < 0
				       ? (close(timer), -1)
				       : timer;
	}
	if (feeds->timer > 0)
		timerfd_settime(feeds->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

/* Returns whether it is time to look again; else a timer says when it is. */
static bool is_time(struct program *program, struct mesh_feeds *feeds)
{
	uint64_t now = clock_monotonic_ns(), at = feeds->looked_ns + LOOK_PERIOD, expired;

	if (feeds->timer > 0)
		(void)!read(feeds->timer, &expired, sizeof(expired));
	if (now < at) {
		wake_at(program, feeds, at);
		return false;
	}
	feeds->looked_ns = now;
	return true;
}

/* Asks the sources that report nothing, and comes back when they are to be asked again. */
static void ask(struct program *program, struct mesh_feeds *feeds)
{
	uint32_t sources = 0;

	for (uint32_t i = 0; i < feeds->sets->n; i++)
		if (feeds->sets->sets[i].origin == MESH_ORIGIN_FEED)
			sources |= feeds->sets->sets[i].feed & FEED_SOURCES;
	uint64_t period =
		sources != 0 ? neighbours_keep_asking(program->context->neighbours, sources) : 0;
	if (period != 0)
		wake_at(program, feeds, clock_monotonic_ns() + period);
}

bool mesh_feeds_due(
	struct program *program, struct mesh_feeds *feeds, uint32_t i, struct action *action)
{
	struct neighbours *neighbours = program->context->neighbours;

	if (neighbours == NULL || mesh_feeds_sets(feeds, &program->context->maps) == NULL ||
		feeds->sets->n == 0 || (i == 0 && !is_time(program, feeds)))
		return false;
	if (i == 0) {
		feeds->at = 0;
		ask(program, feeds);
	}
	while (feeds->at < feeds->sets->n) {
		if (!look_at(feeds, neighbours, feeds->at++))
			continue;
		action->actor = ACTOR_FEED;
		action->elements = &feeds->elements;
		snprintf(action->set, sizeof(action->set), "%s", feeds->due.name);
		return true;
	}
	return false;
}

/* --- verbs --------------------------------------------------------------------------------------- */

int mesh_set_apply_follow(const struct verb_call *call, struct failure *failure)
{
	struct mesh_filter *filter = call->program->state;
	const struct mesh_feeds *feeds = &filter->feeds;

	if (call->action->elements != &feeds->elements)
		return failure_set(failure, -EINVAL,
			"Sets follow by themselves, while x0top runs on this host");
	snprintf(call->done, DONE_LEN, ", %u element%s%s", feeds->elements.n,
		feeds->elements.n == 1 ? "" : "s",
		feeds->due.stale != 0 ? ", with those of a source that is gone" : "");
	return set_change_follow(
		&call->program->context->maps, &feeds->due, &feeds->elements, failure);
}

static int prepare_feed(
	const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	const struct action *action = call->action;
	struct mesh_set set = { .origin = MESH_ORIGIN_FEED };
	struct set_elements elements = { .kind = action->kind };
	int error = feed_parse(action->source, &set.feed, failure);

	if (error < 0)
		return error;
	if (elements.kind == MESH_SET_KINDS)
		elements.kind =
			set.feed == 1U << NEIGHBOURS_BATMAN ? MESH_SET_MACS : MESH_SET_PREFIXES;
	snprintf(set.name, sizeof(set.name), "%s", action->set);
	snprintf(set.source, sizeof(set.source), "%s", action->source);
	error = mesh_feeds_collect(call->program->context, set.feed, &elements, &set.live, failure);
	if (error == 0)
		error = set_change_take(change, &set, &elements, failure);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ", %u element%s", elements.n,
			elements.n == 1 ? "" : "s");
	free(elements.list);
	return error;
}

enum decision mesh_set_decide_feed(const struct verb_call *call, char *sentence, size_t size)
{
	return mesh_change_decide(call, prepare_feed, sentence, size);
}

int mesh_set_apply_feed(const struct verb_call *call, struct failure *failure)
{
	return mesh_change_apply(call, prepare_feed, failure);
}
