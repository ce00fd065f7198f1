// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tracer.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/kprobe.h"
#include "kernel/lockdown.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "programs/host.h"

#define KPROBE_SUFFIX "_kprobe"

enum { MANY_CALLS = 6 };

/* Kernel functions with another name than their call. */
static const struct {
	const char *call;
	const char *function;
} function_names[] = {
	{ "stat", "newstat" },
	{ "lstat", "newlstat" },
	{ "fstat", "newfstat" },
	{ "uname", "newuname" },
	{ "sendfile", "sendfile64" },
	{ "umount2", "umount" },
};

/*
 * Calls that only wait for something to do: their time says that a thread was idle, not slow. They raise
 * no slow-call events.
 */
static const char *const waiting_calls[] = { "accept", "accept4", "clock_nanosleep", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "futex", "futex_wait", "futex_waitv", "io_getevents",
	"io_uring_enter", "nanosleep", "pause", "poll", "ppoll", "pselect6", "rt_sigsuspend",
	"rt_sigtimedwait", "select", "wait4", "waitid" };

/* --- preparing ------------------------------------------------------------------------------------ */

static void function_name(char *function, size_t size, const char *call)
{
	for (size_t i = 0; i < sizeof(function_names) / sizeof(function_names[0]); i++)
		if (strcmp(function_names[i].call, call) == 0)
			call = function_names[i].function;
	snprintf(function, size, SYSCALL_PREFIX "%s", call);
}

static int choose_kprobes(
	const struct traced_calls *calls, uint32_t wanted, bool *kprobes, struct failure *failure)
{
	*kprobes = false;
	if (wanted == SYSCALLS_WANT_TRACEPOINT || calls->n == 0)
		return 0;
	int error = kprobe_probe();
	*kprobes = error == 0;
	if (error == 0 || wanted == SYSCALLS_WANT_AUTO)
		return 0;
	if (error == -EOPNOTSUPP) {
		failure_set(failure, error, "This kernel has no kprobes");
		return failure_remedy(failure, "Use --syscalls-attach tracepoint, or auto");
	}
	if (error == -ENODATA) {
		failure_set(failure, error, "Kprobes are turned off on this host");
		return failure_remedy(failure,
			"Use --syscalls-attach tracepoint, or auto; or, as root: "
			"echo 1 > /sys/kernel/debug/kprobes/enabled");
	}
	if (error == -EPERM && lockdown_is_confidential()) {
		failure_set(
			failure, error, "The kernel's lockdown (confidentiality) forbids kprobes");
		return failure_remedy(
			failure, "Boot with lockdown=integrity to measure system calls");
	}
	failure_set(failure, error, "The kernel refuses a kprobe: %s", strerror(-error));
	return failure_remedy(
		failure, "It needs CAP_PERFMON; or use --syscalls-attach tracepoint, or auto");
}

/* Loads a BTF with a 4-byte integer into the kernel. Returns its type id or a negative errno; the caller
 * frees *btf either way. */
static int load_integer_type(struct btf **btf)
{
	*btf = btf__new_empty();
	int id = *btf == NULL ? -ENOMEM : btf__add_int(*btf, "int", 4, BTF_INT_SIGNED);

	return id < 0 || btf__load_into_kernel(*btf) < 0 ? -EINVAL : id;
}

/*
 * Stores a value for this thread group as a trial: since 7.0 the kernel allocates task storage without
 * locks, which fails on processors that lack a 16-byte compare-and-exchange.
 */
static bool can_store_by_task(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
	struct btf *btf;
	int value = 1, map = -1, pidfd = -1;
	int type = load_integer_type(&btf);
	bool stored = false;

	if (type < 0)
		goto free_btf;
	options.btf_fd = (uint32_t)btf__fd(btf);
	options.btf_key_type_id = options.btf_value_type_id = (uint32_t)type;
	map = bpf_map_create(
		BPF_MAP_TYPE_TASK_STORAGE, "x0_probe", sizeof(int), sizeof(int), 0, &options);
	pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (map >= 0 && pidfd >= 0)
		stored = bpf_map_update_elem(map, &pidfd, &value, BPF_ANY) == 0;
	fd_close(&pidfd);
	fd_close(&map);
free_btf:
	btf__free(btf);
	return stored;
}

static bool has_task_storage(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_task_storage_get, NULL) ==
		       1 &&
	       can_store_by_task();
}

/* Lets a tracer keep its calls in task storage, or in an LRU hash; for an object that has both. */
static int keep_in_storage(struct bpf_object *object, bool task_storage, struct failure *failure)
{
	struct bpf_map *storage = bpf_object__find_map_by_name(object, "in_flight_storage");
	struct bpf_map *lru = bpf_object__find_map_by_name(object, "in_flight_lru");

	if (storage == NULL || lru == NULL)
		return 0;
	bpf_map__set_autocreate(storage, task_storage);
	bpf_map__set_autocreate(lru, !task_storage);
	return program_set_constant(
		object, "task_storage", &task_storage, sizeof(task_storage), failure);
}

/* Chooses where one of the tracers keeps its calls; the other always has an LRU hash. */
static int prepare_in_flight(struct bpf_object *object, struct failure *failure)
{
	struct bpf_map *storage = bpf_object__find_map_by_name(object, "in_flight_storage");
	struct bpf_map *lru = bpf_object__find_map_by_name(object, "in_flight_lru");

	bool task_btf = libbpf_probe_bpf_helper(
				BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_current_task_btf, NULL) == 1;
	int error = program_set_constant(object, "task_btf", &task_btf, sizeof(task_btf), failure);

	if (error < 0 || storage == NULL || lru == NULL)
		return error;
	return keep_in_storage(object, has_task_storage(), failure);
}

static bool waits_by_design(const char *call)
{
	for (size_t i = 0; i < sizeof(waiting_calls) / sizeof(waiting_calls[0]); i++)
		if (strcmp(waiting_calls[i], call) == 0)
			return true;
	return false;
}

static int set_calls(
	struct bpf_object *object, const struct traced_calls *calls, struct failure *failure)
{
	uint16_t slots[SYSCALL_NUMBERS_MAX];
	uint32_t slow = 0;

	for (uint32_t i = 0; i < calls->n; i++)
		if (!waits_by_design(calls->names[i]))
			slow |= UINT32_C(1) << i;
	traced_calls_table(calls, slots);
	int error = program_set_constant(object, "syscall_slots", slots, sizeof(slots), failure);
	if (error < 0 || bpf_object__find_map_by_name(object, "syscall_stats") == NULL)
		return error;
	return program_set_constant(object, "slow_slots", &slow, sizeof(slow), failure);
}

int tracer_prepare(struct bpf_object *object, const struct traced_calls *calls, uint32_t wanted,
	bool *kprobes, struct failure *failure)
{
	struct bpf_program *program;
	int error = choose_kprobes(calls, wanted, kprobes, failure);

	if (error < 0)
		return error;
	bpf_object__for_each_program (program, object) {
		bool kprobe = strstr(bpf_program__name(program), KPROBE_SUFFIX) != NULL;
		bpf_program__set_autoload(program, kprobe == *kprobes);
	}
	tracer_pair_prepare(object);
	error = prepare_in_flight(object, failure);
	return error < 0 ? error : set_calls(object, calls, failure);
}

/* --- attaching ------------------------------------------------------------------------------------ */

/*
 * Attaches to what the kernel does when a signal interrupts a call: it goes on with it by
 * restart_syscall(), or lets the program return from the handler with -EINTR.
 */
static int attach_restarts(const struct bpf_object *object, const struct bpf_program *enter,
	const struct bpf_program *leave, const struct kernel_functions *functions,
	struct trace_links *links, struct failure *failure)
{
	const struct bpf_program *sigreturn =
		bpf_object__find_program_by_name(object, "sigreturn_kprobe");
	int error = trace_links_kprobe(
		links, enter, leave, SYSCALL_PREFIX "restart_syscall", functions);

	if (error == 0)
		error = trace_links_kprobe(
			links, NULL, sigreturn, SYSCALL_PREFIX "rt_sigreturn", functions);
	if (error == 0)
		return 0;
	failure_set(failure, error, "%s cannot be attached to the restart of system calls: %s",
		bpf_object__name(object), strerror(-error));
	failure_remedy(failure, "Use --syscalls-attach tracepoint");
	return failure_cause(failure, "%s", messages_text());
}

static int attach_each(const struct bpf_object *object, struct traced_calls *calls,
	const struct kernel_functions *functions, struct trace_links *links,
	struct failure *failure)
{
	const struct bpf_program *enter = bpf_object__find_program_by_name(object, "enter_kprobe");
	const struct bpf_program *leave = bpf_object__find_program_by_name(object, "exit_kprobe");
	char function[NAME_LEN * 2];

	messages_clear();
	int error = attach_restarts(object, enter, leave, functions, links, failure);
	if (error < 0)
		trace_links_close(links);
	for (uint32_t i = 0; error == 0 && i < calls->n; i++) {
		function_name(function, sizeof(function), calls->names[i]);
		error = trace_links_kprobe(links, enter, leave, function, functions);
		if (error == -ENOENT && !calls->chosen) {
			traced_calls_leave_out(calls, calls->names[i]);
			calls->absent[i] = true;
			error = 0;
		}
		if (error == 0)
			continue;
		trace_links_close(links);
		failure_set(failure, error, "%s cannot be attached to the system call %s: %s",
			bpf_object__name(object), calls->names[i],
			error == -ENOENT ? "this kernel has no such function" : strerror(-error));
		failure_remedy(failure, "Leave out %s, or use --syscalls-attach tracepoint",
			calls->names[i]);
		return failure_cause(failure, "%s: %s", function, messages_text());
	}
	return error;
}

static int attach_kprobes(const struct bpf_object *object, struct traced_calls *calls,
	struct trace_links *links, struct failure *failure)
{
	/* Reading where all functions are takes as long as the kernel looking up some. */
	struct kernel_functions *functions =
		calls->n >= MANY_CALLS && kprobe_names_are_slow()
			? kernel_functions_read("/proc/kallsyms", SYSCALL_PREFIX)
			: NULL;
	int error = attach_each(object, calls, functions, links, failure);

	free(functions);
	return error;
}

int tracer_attach(const struct bpf_object *object, struct traced_calls *calls, bool kprobes,
	struct trace_links *links, struct failure *failure)
{
	return kprobes ? attach_kprobes(object, calls, links, failure)
		       : trace_links_tracepoints(links, object, failure);
}

const char *tracer_attached_name(bool kprobes)
{
	return kprobes ? "kprobe" : "tracepoint";
}

const char *tracer_calls_32bit(bool kprobes)
{
	return kprobes ? "not seen" : "measured";
}

/* --- life ----------------------------------------------------------------------------------------- */

void tracer_stop(struct program *program, struct tracer *tracer)
{
	tracer_pair_leave(&program->context->tracers, tracer);
	trace_ending_wait(&tracer->ending);
	bpf_object__close(tracer->object);
	tracer->object = NULL;
}

/* Gives the new programs their turn: one update, after which they begin calls, and the old ones end theirs. */
static int take_turn(const struct program *program, const struct bpf_object *object)
{
	const struct tracer_turn turn = { .generation = program->generation + 1 };
	int map = object_map_fd(object, "tracer_turn");
	uint32_t zero = 0;

	return bpf_map_update_elem(map, &zero, &turn, BPF_ANY) < 0 ? -errno : 0;
}

static int attach_beside(struct program *program, struct tracer *tracer, struct trace_links *links,
	struct failure *failure)
{
	int error = tracer->kprobes
			    ? attach_kprobes(program->object, &tracer->calls, links, failure)
			    : tracer_pair_add(&program->context->tracers, tracer, program->object,
				      links, failure);

	if (error < 0)
		return error;
	error = take_turn(program, program->object);
	if (error < 0) {
		trace_links_close(links);
		failure_set(failure, error, "Cannot let another %s begin: %s", program->type->name,
			strerror(-error));
	}
	return error;
}

/* Only where counts are to be carried over, nothing goes on before the old one has ended. */
static void let_go(struct program *program, struct tracer *tracer)
{
	if (map_registry_own_grows(program->object, tracer->object, program->type->own)) {
		trace_links_close(&tracer->links);
		program_carry_own(program, tracer->object);
	}
	trace_ending_begin(&tracer->ending, &tracer->links, tracer->object);
}

int tracer_replace(struct program *program, struct tracer *tracer, struct failure *failure)
{
	struct tracer *was = malloc(sizeof(*was));
	struct trace_links *links = calloc(1, sizeof(*links));
	int error = -ENOMEM;

	if (was == NULL || links == NULL) {
		failure_set(failure, error, "There is not enough memory");
		goto free;
	}
	*was = *tracer;
	program->keeps = tracer->object;
	error = program_load(program, failure);
	if (error == 0)
		error = attach_beside(program, tracer, links, failure);
	if (error < 0) {
		program_close_object(program);
		tracer->calls = was->calls;
		tracer->kprobes = was->kprobes;
		goto free;
	}
	let_go(program, tracer);
	tracer->links = *links;
	tracer->object = program->object;
	program->object = NULL;
	program->generation++;
free:
	free(links);
	free(was);
	return error;
}

/* Threads in a traced call at once, on a host of little memory without task storage. */
#define IN_FLIGHT_SMALL 2048

/* Prepares what takes the place of a running object as that was prepared: what may be tried at the start is not
 * allowed later. */
static int prepare_as_running(
	const struct tracer *tracer, struct bpf_object *object, struct failure *failure)
{
	return keep_in_storage(
		object, object_map_fd(tracer->object, "in_flight_storage") >= 0, failure);
}

int tracer_open(struct program *program, struct tracer *tracer, struct bpf_object **object,
	struct failure *failure)
{
	const struct settings *settings = program->context->settings;
	uint32_t wanted = !program->replacing ? settings->syscalls_attach
			  : tracer->kprobes   ? SYSCALLS_WANT_KPROBE
					      : SYSCALLS_WANT_TRACEPOINT;
	int error = traced_calls_resolve(&tracer->calls, settings->syscalls, settings->n_syscalls,
		settings->syscalls_chosen, failure);

	if (error == 0)
		error = program_open_object(program, object, failure);
	if (error < 0)
		return error;
	error = tracer_prepare(*object, &tracer->calls, wanted, &tracer->kprobes, failure);
	if (error == 0 && program->replacing)
		error = prepare_as_running(tracer, *object, failure);
	if (error == 0)
		error = program_set_generation(program, *object, failure);
	if (error == 0 && settings->small)
		bpf_map__set_max_entries(
			bpf_object__find_map_by_name(*object, "in_flight_lru"), IN_FLIGHT_SMALL);
	if (error < 0) {
		bpf_object__close(*object);
		*object = NULL;
	}
	return error;
}

int tracer_start(struct program *program, struct tracer *tracer, struct failure *failure)
{
	tracer->object = program->object;
	int error = tracer->kprobes ? attach_kprobes(tracer->object, &tracer->calls, &tracer->links,
					      failure)
				    : tracer_pair_join(&program->context->tracers, tracer, failure);

	if (error < 0)
		tracer->object = NULL;
	else
		program->object = NULL;
	return error;
}

void tracer_sample(struct program *program, const struct tracer *tracer,
	const struct run_stats *runs, const struct snapshot *before, const struct snapshot *now,
	struct snapshot_program *shown)
{
	program->status = tracer->failure.error == 0 ? PROGRAM_ON : PROGRAM_FAILED;
	if (tracer->failure.error < 0)
		program->failure = tracer->failure;
	snprintf(shown->attached, sizeof(shown->attached), "%s",
		tracer_attached_name(tracer->kprobes));
	program_set_runs(program, runs, before, now, shown);
}

int tracer_sample_counts(const struct bpf_object *object, const struct percpu *percpu,
	const char *name, const struct snapshot *before, struct snapshot *now,
	struct run_stats *runs)
{
	struct tracer_stats stats;
	uint32_t zero = 0;
	int error = percpu_sum(
		percpu, object_map_fd(object, "tracer_stats"), &zero, &stats, sizeof(stats));

	if (error < 0)
		return error;
	const struct {
		const char *what;
		uint64_t count;
	} losses[] = {
		{ "no state", stats.no_state },
		{ "exit not seen", stats.no_exit },
		{ "runs missed", object_missed_runs(object) },
		{ "x32 calls not measured", stats.x32 },
	};
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		char what[NAME_LEN * 2];
		snprintf(what, sizeof(what), "%s: %s", name, losses[i].what);
		collect_loss(what, losses[i].count, before, now);
	}
	*runs = stats.runs;
	return 0;
}

void tracer_outcome(
	const struct tracer *tracer, const struct percpu *percpu, struct program_outcome *outcome)
{
	struct tracer_stats stats;
	uint32_t zero = 0;
	int error = percpu_sum(percpu, object_map_fd(tracer->object, "tracer_stats"), &zero, &stats,
		sizeof(stats));

	outcome->seen[0] = error == 0;
	outcome->passed[0] = outcome->came[0];
	outcome->lost = stats.no_state + stats.no_exit + object_missed_runs(tracer->object);
}
