// SPDX-License-Identifier: BSD-2-Clause
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define EVENTS_AT_ONCE 16

struct loop_source {
	struct loop *loop;
	struct loop_source *next; /* in loop.sources or loop.removed */
	int fd; /* -1: removed */
	bool own; /* the loop closes `fd` */
	/* Reads the callback's `what` from the descriptor; 0: nothing. NULL: pass the epoll
	 * events. */
	uint32_t (*take)(int fd);
	loop_callback *callback;
	void *context;
};

struct loop {
	int epoll;
	struct loop_source *sources;
	struct loop_source *removed; /* freed later: fetched events may point to them */
	unsigned int depth; /* of recursive runs */
	bool stopped;
	void (*after)(void *context);
	void *after_context;
};

int loop_open(struct loop **loop)
{
	struct loop *opened = calloc(1, sizeof(*opened));

	if (opened == NULL)
		return -ENOMEM;
	opened->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (opened->epoll < 0) {
		int error = -errno;
		free(opened);
		return error;
	}
	*loop = opened;
	return 0;
}

static void free_removed(struct loop *loop)
{
	while (loop->removed != NULL) {
		struct loop_source *source = loop->removed;
		loop->removed = source->next;
		free(source);
	}
}

void loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->sources != NULL)
		loop_remove(loop->sources);
	free_removed(loop);
	fd_close(&loop->epoll);
	free(loop);
}

/* --- sources -------------------------------------------------------------------------------- */

static int add(struct loop *loop, struct loop_source prepared, uint32_t events,
	struct loop_source **source)
{
	struct loop_source *added = malloc(sizeof(*added));

	if (added == NULL)
		return -ENOMEM;
	*added = prepared;
	added->loop = loop;
	struct epoll_event event = { .events = events, .data.ptr = added };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, added->fd, &event) < 0) {
		int error = -errno;
		free(added);
		return error;
	}
	added->next = loop->sources;
	loop->sources = added;
	if (source != NULL)
		*source = added;
	return 0;
}

int loop_add(struct loop *loop, int fd, uint32_t events, loop_callback *callback, void *context,
	struct loop_source **source)
{
	const struct loop_source prepared = {
		.fd = fd,
		.callback = callback,
		.context = context,
	};

	return add(loop, prepared, events, source);
}

/* Adds a descriptor that the loop owns; `fd` is the result of opening it. */
static int add_own(
	struct loop *loop, int fd, struct loop_source prepared, struct loop_source **source)
{
	if (fd < 0)
		return -errno;
	prepared.fd = fd;
	prepared.own = true;
	int error = add(loop, prepared, EPOLLIN, source);
	if (error < 0)
		close(fd);
	return error;
}

static uint32_t take_expirations(int fd)
{
	uint64_t expirations = 0;

	if (read(fd, &expirations, sizeof(expirations)) != sizeof(expirations))
		return 0;
	return expirations < UINT32_MAX ? (uint32_t)expirations : UINT32_MAX;
}

int loop_add_timer(
	struct loop *loop, loop_callback *callback, void *context, struct loop_source **source)
{
	const struct loop_source prepared = {
		.take = take_expirations,
		.callback = callback,
		.context = context,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	return add_own(loop, fd, prepared, source);
}

static uint32_t take_signal(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? info.ssi_signo : 0;
}

int loop_add_signals(struct loop *loop, const int *signals, size_t n, loop_callback *callback,
	void *context, struct loop_source **source)
{
	const struct loop_source prepared = {
		.take = take_signal,
		.callback = callback,
		.context = context,
	};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		if (sigaddset(&set, signals[i]) < 0)
			return -errno;
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return add_own(loop, fd, prepared, source);
}

void loop_remove(struct loop_source *source)
{
	if (source == NULL || source->fd < 0)
		return;
	struct loop *loop = source->loop;
	struct loop_source **link = &loop->sources;

	while (*link != source)
		link = &(*link)->next;
	*link = source->next;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	if (source->own)
		close(source->fd);
	source->fd = -1;
	source->next = loop->removed;
	loop->removed = source;
	if (loop->depth == 0)
		free_removed(loop);
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec) {
		.tv_sec = (time_t)(ns / NS_PER_SECOND),
		.tv_nsec = (long)(ns % NS_PER_SECOND),
	};
}

int loop_timer_at(struct loop_source *timer, uint64_t time_ns)
{
	struct itimerspec spec = { 0 };

	/* All zero would disarm it; 1 ns is in the past, too. */
	if (time_ns != UINT64_MAX)
		spec.it_value = to_timespec(time_ns > 0 ? time_ns : 1);
	return timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0 ? -errno : 0;
}

int loop_timer_every(struct loop_source *timer, uint64_t period_ns)
{
	const struct itimerspec spec = {
		.it_interval = to_timespec(period_ns),
		.it_value = to_timespec(period_ns),
	};

	return timerfd_settime(timer->fd, 0, &spec, NULL) < 0 ? -errno : 0;
}

int loop_fd(const struct loop *loop)
{
	return loop->epoll;
}

/* --- running -------------------------------------------------------------------------------- */

void loop_after_events(struct loop *loop, void (*after)(void *context), void *context)
{
	loop->after = after;
	loop->after_context = context;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

static void handle(const struct epoll_event *event)
{
	const struct loop_source *source = event->data.ptr;

	if (source->fd < 0)
		return;
	uint32_t what = source->take != NULL ? source->take(source->fd) : event->events;
	if (what != 0)
		source->callback(source->context, what);
}

/* Waits for events and handles them. Returns their number, 0 after the timeout, or a negative
 * errno. */
static int run_round(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	loop->depth++;
	for (int i = 0; i < n && !loop->stopped; i++)
		handle(&events[i]);
	if (n > 0 && loop->after != NULL)
		loop->after(loop->after_context);
	if (--loop->depth == 0)
		free_removed(loop);
	return n;
}

/* Returns the milliseconds until a time, rounded up to avoid spinning in the last one. */
static int timeout_until(uint64_t time_ns)
{
	uint64_t now = clock_monotonic_ns();

	if (time_ns == UINT64_MAX)
		return -1;
	if (time_ns <= now)
		return 0;
	uint64_t ms = (time_ns - now + 999999) / 1000000;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

int loop_run_until(struct loop *loop, uint64_t time_ns)
{
	const bool around = loop->depth > 0 && loop->stopped; /* the outer run is ending */
	int n, timeout_ms;

	loop->stopped = false;
	do {
		timeout_ms = timeout_until(time_ns);
		n = run_round(loop, timeout_ms);
	} while (n >= 0 && !loop->stopped && timeout_ms != 0);
	int result = n < 0 ? n : loop->stopped;
	loop->stopped = around;
	return result;
}

int loop_run(struct loop *loop)
{
	int result = loop_run_until(loop, UINT64_MAX);

	return result < 0 ? result : 0;
}
