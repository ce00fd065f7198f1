// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tracer_pair.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/object.h"

/* In the objects: what makes a tracer a leader, and what makes it a follower. */
#define SLOT_MAP	 "syscall_follower"
#define FOLLOWER_PROGRAM "follow_tracepoint"
#define SINCE_MAP	 ".bss"

const struct shared_map tracer_pair_maps[] = {
	{ .name = "syscall_ended", .stays = "one tracer leaves there what the other takes" },
	{ .name = NULL },
};

void tracer_pair_prepare(struct bpf_object *object)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, FOLLOWER_PROGRAM);

	if (program != NULL)
		bpf_program__set_autoattach(program, false);
}

static bool can_lead(const struct tracer *tracer)
{
	return object_map_fd(tracer->object, SLOT_MAP) >= 0;
}

static bool can_follow(const struct tracer *tracer)
{
	return object_program_fd(tracer->object, FOLLOWER_PROGRAM) >= 0;
}

/* Lets a tracer that can follow forget the calls that were in flight when it was attached before. */
static int set_since(const struct tracer *tracer)
{
	uint64_t now = clock_monotonic_ns();
	uint32_t zero = 0;

	if (!can_follow(tracer))
		return 0;
	int map = object_map_fd(tracer->object, SINCE_MAP);
	return map < 0 ? map : bpf_map_update_elem(map, &zero, &now, BPF_ANY);
}

static int attach(struct tracer *tracer, struct failure *failure)
{
	int error = set_since(tracer);

	if (error < 0)
		return failure_set(failure, error, "Cannot set up %s: %s",
			bpf_object__name(tracer->object), strerror(-error));
	return trace_links_tracepoints(&tracer->links, tracer->object, failure);
}

/* --- following ------------------------------------------------------------------------------------ */

/* The update fails if the kernel finds the two programs to be of different kinds. */
static int follow(struct tracer_pair *pair)
{
	int slot = object_map_fd(pair->leader->object, SLOT_MAP);
	int program = object_program_fd(pair->follower->object, FOLLOWER_PROGRAM);
	uint32_t zero = 0;
	int error = bpf_map_update_elem(slot, &zero, &program, BPF_ANY);

	pair->follower->follows = error == 0;
	return error;
}

static void cease_to_follow(struct tracer_pair *pair)
{
	uint32_t zero = 0;

	bpf_map_delete_elem(object_map_fd(pair->leader->object, SLOT_MAP), &zero);
	pair->follower->follows = false;
}

/* First detached, then in the slot: no call is counted twice. */
static void take_over(struct tracer_pair *pair)
{
	struct tracer *follower = pair->follower;

	trace_links_close(&follower->links);
	if (follow(pair) < 0)
		attach(follower, &follower->failure);
}

/* --- joining and leaving --------------------------------------------------------------------------- */

static int join_follower(struct tracer_pair *pair, struct tracer *tracer, struct failure *failure)
{
	pair->follower = tracer;
	if (pair->leader != NULL && follow(pair) == 0)
		return 0;
	int error = attach(tracer, failure);
	if (error < 0)
		pair->follower = NULL;
	return error;
}

int tracer_pair_join(struct tracer_pair *pair, struct tracer *tracer, struct failure *failure)
{
	tracer->follows = false;
	tracer->failure.error = 0;
	if (can_follow(tracer))
		return join_follower(pair, tracer, failure);
	int error = attach(tracer, failure);
	if (error < 0 || !can_lead(tracer))
		return error;
	pair->leader = tracer;
	if (pair->follower != NULL)
		take_over(pair);
	return 0;
}

/* Lets the new object forget what the old one would: calls in flight before that was attached. */
static int copy_since(const struct tracer *tracer, const struct bpf_object *object)
{
	uint64_t since = 0;
	uint32_t zero = 0;

	if (!can_follow(tracer))
		return 0;
	int from = object_map_fd(tracer->object, SINCE_MAP), to = object_map_fd(object, SINCE_MAP);
	if (from < 0 || to < 0)
		return -ENOENT;
	return bpf_map_lookup_elem(from, &zero, &since) < 0 ||
			       bpf_map_update_elem(to, &zero, &since, BPF_ANY) < 0
		       ? -errno
		       : 0;
}

int tracer_pair_add(struct tracer_pair *pair, const struct tracer *tracer,
	const struct bpf_object *object, struct trace_links *links, struct failure *failure)
{
	uint32_t zero = 0;
	int error = copy_since(tracer, object);

	if (error == 0 && tracer->follows) {
		int program = object_program_fd(object, FOLLOWER_PROGRAM);
		int slot = object_map_fd(pair->leader->object, SLOT_MAP);
		if (program < 0 || bpf_map_update_elem(slot, &zero, &program, BPF_ANY) < 0)
			error = program < 0 ? program : -errno;
	}
	if (error < 0)
		return failure_set(failure, error, "Cannot put another object into %s: %s",
			bpf_object__name(tracer->object), strerror(-error));
	return tracer->follows ? 0 : trace_links_tracepoints(links, object, failure);
}

static void leave_follower(struct tracer_pair *pair)
{
	if (pair->follower->follows)
		cease_to_follow(pair);
	pair->follower = NULL;
}

/* First out of the slot, then attached: no call is counted twice. */
static void leave_leader(struct tracer_pair *pair)
{
	struct tracer *follower = pair->follower;

	if (follower != NULL && follower->follows) {
		cease_to_follow(pair);
		attach(follower, &follower->failure);
	}
	pair->leader = NULL;
}

void tracer_pair_leave(struct tracer_pair *pair, struct tracer *tracer)
{
	if (tracer == pair->follower)
		leave_follower(pair);
	if (tracer == pair->leader)
		leave_leader(pair);
	trace_links_close(&tracer->links);
}
