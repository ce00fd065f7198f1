/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop: one thread, one blocking epoll_wait() over descriptors, timers and signals. What can
 * be read stays due until it is read (level-triggered). Nothing is allocated by an event.
 */
#ifndef X0_BASE_LOOP_H
#define X0_BASE_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;
struct loop_source;

/*
 * Handles an event. `what` is EPOLLIN and so on for a descriptor, how often a timer has expired since
 * it was last handled, or the number of a signal. It may add and remove any sources, also its own,
 * arm timers, stop the loop, and run it again within itself. A descriptor should not block: after such
 * a run, or when two handlers read it, there may be nothing left to read.
 */
typedef void loop_callback(void *context, uint32_t what);

/* Returns 0 with *loop to be closed by the caller, or a negative errno. */
int loop_open(struct loop **loop);

/* Removes all sources. Not to be called by a callback. Accepts NULL. */
void loop_close(struct loop *loop);

/*
 * Waits for `events` (EPOLLIN ...) of `fd`, which stays the caller's: remove the source before closing
 * it. Returns 0, or a negative errno: -EEXIST if the descriptor is there already, -EPERM for a regular
 * file. *source, of this and of the next two, is valid until it is removed; `source` may be NULL.
 */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_callback *callback, void *context,
	struct loop_source **source);

/* Adds a timer of CLOCK_MONOTONIC, which is not armed. Returns 0 or a negative errno. */
int loop_add_timer(
	struct loop *loop, loop_callback *callback, void *context, struct loop_source **source);

/*
 * Blocks these signals for the process, for good, and handles them as events, one at a time. Returns 0
 * or a negative errno.
 */
int loop_add_signals(struct loop *loop, const int *signals, size_t n, loop_callback *callback,
	void *context, struct loop_source **source);

/* Arms a timer once, for a time of CLOCK_MONOTONIC; one that has passed is due at once. UINT64_MAX
 * disarms it. Returns 0 or a negative errno. */
int loop_timer_at(struct loop_source *timer, uint64_t time_ns);

/* Arms a timer for every `period_ns` from now on. 0 disarms it. Returns 0 or a negative errno. */
int loop_timer_every(struct loop_source *timer, uint64_t period_ns);

/* Ends a source: its callback is not called any more, also not for what has happened. Accepts NULL. */
void loop_remove(struct loop_source *source);

/* Calls `after` when the events that came together have been handled, before waiting again. */
void loop_after_events(struct loop *loop, void (*after)(void *context), void *context);

/* Waits for events and handles them until loop_stop(). Returns 0 or a negative errno. */
int loop_run(struct loop *loop);

/*
 * The same until a time of CLOCK_MONOTONIC at the latest. What is due at the call is handled, also
 * when that time has passed. Returns 1 if it was stopped, 0 if the time came, or a negative errno.
 */
int loop_run_until(struct loop *loop, uint64_t time_ns);

/* Ends the innermost run after the callback that calls this. */
void loop_stop(struct loop *loop);

#endif
