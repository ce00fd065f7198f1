// SPDX-License-Identifier: BSD-2-Clause
/* Glances: samples of what can be flooded alone, some milliseconds apart, once the kernel has asked for them. */
#include <errno.h>
#include <math.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "control/state.h"
#include "programs/wake_limits.h"

#define SHORTEST 0.002 /* s, of which rates say something */
#define LATE	 0.5 /* of the time between two, for reading counts */

/* The kernel says that more packets pass than wake_arm() allows. */
static void on_wake(void *data, const struct event *event, double time)
{
	struct orchestrator *o = data;

	(void)time;
	wake_woken(&o->glance.limits, event->wake.transport);
	if (o->thinker.woken != NULL)
		o->thinker.woken(o->thinker.data);
}

int glance_open(struct orchestrator *o)
{
	struct glance *glance = &o->glance;

	if (glance->timer >= 0)
		return 0;
	event_ring_register(&o->context.ring, EVENT_WAKE, on_wake, o);
	glance->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	glance->now = snapshot_open();
	glance->before = snapshot_open();
	if (glance->timer < 0)
		return -errno;
	if (glance->now == NULL || glance->before == NULL)
		return -ENOMEM;
	return program_watch_fd(&o->context, glance->timer);
}

void glance_close(struct orchestrator *o)
{
	fd_close(&o->glance.timer);
	snapshot_close(o->glance.now);
	snapshot_close(o->glance.before);
}

/* The part of programs in a glance is nobody's. */
static void sample(struct orchestrator *o, enum glanced glanced, const struct snapshot *before,
	struct snapshot *now)
{
	for (uint32_t i = 0; i < o->n_programs; i++) {
		struct program *program = &o->programs[i];
		if (program->type->glanced != glanced)
			continue;
		if (!program->running) {
			program_set_unknown(program, now);
			continue;
		}
		struct snapshot_program *shown = SNAPSHOT_ADD(now, now, programs);
		if (shown != NULL)
			program->type->sample(program, before, now, shown);
	}
}

/* Returns whether counts were read so late that they would show higher rates than there are. Who looks at
 * sources takes the time of it itself. */
static bool take(struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	const double at = clock_monotonic_seconds();
	const bool looking = o->context.looking;
	const unsigned int parts = o->glance.parts;

	snapshot_clear(now);
	now->time = clock_realtime_seconds();
	now->interval = before != NULL ? at - o->glance.at : NAN;
	o->context.glanced = true;
	o->glance.at = at;
	sample(o, GLANCED_ALWAYS, before, now);
	if (parts & GLANCED_WATCHED)
		sample(o, GLANCED_WATCHED, o->glance.watched ? before : NULL, now);
	const bool late = !(clock_monotonic_seconds() - at <= now->interval * LATE);
	o->context.looking = true;
	if (parts & GLANCED_LOOKING)
		sample(o, GLANCED_LOOKING, before, now);
	o->context.looking = looking;
	o->glance.parts = 0;
	return late;
}

/* Lets the thinker judge a glance. Counts that were read late, or for the first time, say nothing yet; the next
 * glance has its rates from them. */
static void tell(const struct orchestrator *o, struct snapshot *now, bool late, bool first)
{
	const bool packets = now->packets.available, pqc = now->pqc.available,
		   events = now->net_events.available;

	now->packets.available &= !late;
	now->pqc.available &= !late && !first;
	now->net_events.available &= !late && !first;
	if (o->thinker.glance != NULL)
		o->thinker.glance(o->thinker.data, now);
	now->packets.available = packets;
	now->pqc.available = pqc;
	now->net_events.available = events;
}

void glance_handle(struct orchestrator *o)
{
	struct glance *glance = &o->glance;
	struct snapshot *next = glance->before;
	uint64_t expired;

	if (glance->timer < 0 || read(glance->timer, &expired, sizeof(expired)) < 0)
		return;
	if (glance->taken && clock_monotonic_seconds() - glance->at < SHORTEST)
		return; /* the last was late */
	const bool watched = glance->parts & GLANCED_WATCHED;
	const bool first = !glance->taken || !glance->watched;
	const bool late = take(o, glance->taken ? glance->now : NULL, next);
	glance->before = glance->now;
	glance->now = next;
	glance->taken = true;
	glance->watched = watched;
	tell(o, next, late, first);
}

int orchestrator_glance_every(struct orchestrator *o, uint64_t period_ns, unsigned int parts)
{
	const struct timespec period = { (time_t)(period_ns / NS_PER_SECOND),
		(long)(period_ns % NS_PER_SECOND) };
	const struct timespec first = { 0,
		period_ns > 0 && o->glance.period_ns == 0 ? 1 : (long)(period_ns % NS_PER_SECOND) };
	const struct itimerspec timer = { .it_interval = period, .it_value = first };

	o->glance.parts = parts;
	if (period_ns == o->glance.period_ns)
		return 0;
	if (o->glance.period_ns == 0)
		o->glance.taken = false; /* the one before is old */
	o->glance.period_ns = period_ns;
	return timerfd_settime(o->glance.timer, 0, &timer, NULL) < 0 ? -errno : 0;
}

int orchestrator_wake_at(struct orchestrator *o, const double rates[TRANSPORT_PROTOCOLS])
{
	return wake_arm(&o->context.maps, &o->glance.limits, rates);
}
