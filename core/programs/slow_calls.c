// SPDX-License-Identifier: BSD-2-Clause
#include "programs/slow_calls.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/format.h"

#define SLOW_CALL_SECONDS 60

/* Copies a name that the process chose: unprintable bytes must not reach a terminal. */
static void copy_printable(char to[16], const char from[16])
{
	int i;

	for (i = 0; i < 15 && from[i] != '\0'; i++)
		to[i] = isascii((unsigned char)from[i]) && isprint((unsigned char)from[i]) ? from[i]
											   : '?';
	to[i] = '\0';
}

static void forget_slow_calls(struct slow_calls *slow, double before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < slow->n; i++)
		if (slow->list[i].time >= before)
			slow->list[kept++] = slow->list[i];
	slow->n = kept;
}

/* Keeps the list sorted; a full list loses its fastest call. */
static void insert_slow_call(struct slow_calls *slow, const struct snapshot_slow_call *call)
{
	uint32_t at = slow->n;

	while (at > 0 && slow->list[at - 1].latency_ns < call->latency_ns)
		at--;
	if (at == SLOW_CALLS_KEPT)
		return;
	if (slow->n < SLOW_CALLS_KEPT)
		slow->n++;
	memmove(&slow->list[at + 1], &slow->list[at], (slow->n - 1 - at) * sizeof(slow->list[0]));
	slow->list[at] = *call;
}

void slow_calls_take(void *context, const struct event *event, double time)
{
	struct slow_calls *slow = context;
	struct snapshot_slow_call call = {
		.time = time,
		.pid = event->syscall.pid,
		.thread = event->syscall.thread,
		.latency_ns = (double)event->syscall.latency_ns,
		.result = event->syscall.result,
	};
	char latency[FORMAT_LEN];

	if (event->syscall.slot >= slow->calls->n)
		return;
	const char *name = slow->calls->names[event->syscall.slot];
	snprintf(call.name, sizeof(call.name), "%s", name);
	copy_printable(call.command, event->syscall.command);
	forget_slow_calls(slow, time - SLOW_CALL_SECONDS);
	insert_slow_call(slow, &call);
	event_log_add(slow->log, time, EVENT_KIND_SYSCALL, "%s took %s in %s (pid %u), result %lld",
		name, format_ns(latency, call.latency_ns), call.command, call.pid,
		(long long)call.result);
}

void slow_calls_sample(struct slow_calls *slow, struct snapshot *now)
{
	forget_slow_calls(slow, now->time - SLOW_CALL_SECONDS);
	now->syscalls.n_slowest = slow->n;
	memcpy(now->syscalls.slowest, slow->list, slow->n * sizeof(slow->list[0]));
}
