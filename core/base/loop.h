/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop: one thread waits in one epoll_wait() for descriptors, timers and signals. It is
 * level-triggered: unread data stays due. Events allocate nothing.
 */
#ifndef X0_BASE_LOOP_H
#define X0_BASE_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;
struct loop_source;

/*
 * Handles an event. `what` is EPOLLIN and so on for a descriptor, the number of expirations since
 * the last call for a timer, or the number of a signal. May add and remove any source, its own
 * included, arm timers, stop the loop, and run it recursively. Descriptors should be non-blocking:
 * after a recursive run, or with two readers, nothing may be left to read.
 */
typedef void loop_callback(void *context, uint32_t what);

/* Opens a loop. Returns 0, then call loop_close(), or a negative errno. */
int loop_open(struct loop **loop);

/* Removes all sources and frees the loop. No callback may call it. Accepts NULL. */
void loop_close(struct loop *loop);

/*
 * Waits for `events` (EPOLLIN ...) of `fd`. The caller keeps owning it: remove the source before
 * closing it. Returns 0, or a negative errno: -EEXIST if the loop has the descriptor already,
 * -EPERM for a regular file. *source, here and below, is valid until it is removed; `source` may be
 * NULL.
 */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_callback *callback, void *context,
	struct loop_source **source);

/* Adds an unarmed timer of CLOCK_MONOTONIC. Returns 0 or a negative errno. */
int loop_add_timer(
	struct loop *loop, loop_callback *callback, void *context, struct loop_source **source);

/*
 * Blocks these signals permanently and handles them as events, one at a time. Returns 0 or a
 * negative errno.
 */
int loop_add_signals(struct loop *loop, const int *signals, size_t n, loop_callback *callback,
	void *context, struct loop_source **source);

/* Arms a timer once, for a time of CLOCK_MONOTONIC; a past time expires at once, UINT64_MAX
 * disarms. Returns 0 or a negative errno. */
int loop_timer_at(struct loop_source *timer, uint64_t time_ns);

/* Arms a timer for every `period_ns` from now on; 0 disarms it. Returns 0 or a negative errno. */
int loop_timer_every(struct loop_source *timer, uint64_t period_ns);

/* Removes a source: its callback is not called again, not even for pending events. Accepts NULL. */
void loop_remove(struct loop_source *source);

/* Returns a descriptor, owned by the loop, that is readable while events are pending: for another loop
 * to wait for, and to call loop_run_until() with a past time then. */
int loop_fd(const struct loop *loop);

/* Calls `after` after each batch of events, before waiting again. */
void loop_after_events(struct loop *loop, void (*after)(void *context), void *context);

/* Waits for events and handles them until loop_stop(). Returns 0 or a negative errno. */
int loop_run(struct loop *loop);

/*
 * Like loop_run(), until a time of CLOCK_MONOTONIC at the latest. Handles pending events even if
 * that time has passed. Returns 1 if stopped, 0 at that time, or a negative errno.
 */
int loop_run_until(struct loop *loop, uint64_t time_ns);

/* Ends the innermost run after the calling callback. */
void loop_stop(struct loop *loop);

#endif
