// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/trace_ending.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct trace_ending {
	pthread_t thread;
	struct trace_links links;
	struct bpf_object *object;
};

static void *end(void *context)
{
	struct trace_ending *ending = context;

	trace_links_close(&ending->links);
	bpf_object__close(ending->object);
	return NULL;
}

/* Signals are for the thread that began it. */
static int start_thread(struct trace_ending *ending)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&ending->thread, NULL, end, ending);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

void trace_ending_begin(
	struct trace_ending **ending, struct trace_links *links, struct bpf_object *object)
{
	trace_ending_wait(ending);
	struct trace_ending *begun = malloc(sizeof(*begun));
	if (begun != NULL) {
		begun->links = *links;
		begun->object = object;
		if (start_thread(begun) == 0) {
			links->n = 0;
			*ending = begun;
			return;
		}
		free(begun);
	}
	trace_links_close(links);
	bpf_object__close(object);
}

void trace_ending_wait(struct trace_ending **ending)
{
	if (*ending == NULL)
		return;
	pthread_join((*ending)->thread, NULL);
	free(*ending);
	*ending = NULL;
}
