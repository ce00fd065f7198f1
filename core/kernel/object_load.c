// SPDX-License-Identifier: BSD-2-Clause
/* Loads objects into the kernel, several side by side, and explains refusals. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/capability.h"
#include "kernel/lockdown.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/release.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"
#define JIT_PATH "/proc/sys/net/core/bpf_jit_enable"

/* More threads would only wait for each other. */
#define LOADERS_MAX 16

/* The size from which malloc() maps a block by itself: glibc's maximum, and its default. */
#define BIG_BLOCK   (32 << 20)
#define SMALL_BLOCK (128 << 10)

/* --- explaining ------------------------------------------------------------------------------ */

/* Explain a failed load by its errno; `why` follows the program's name. */
static const struct {
	int error;
	const char *why;
	const char *remedy;
} load_errors[] = {
	{ EPERM, "this process lacks a capability that it needs",
		"Run x0top as root, or give it CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN" },
	{ ESRCH, "this kernel's BTF lacks a type or symbol that it needs",
		"Use a kernel with CONFIG_DEBUG_INFO_BTF=y; x0top -v shows which type" },
	{ ENOMEM, "there is not enough memory for its maps or the kernel's BTF", "" },
	{ ENOSPC, "it is too large for this kernel's verifier", "Report it, with x0top -v" },
	{ EOPNOTSUPP, "this kernel lacks a feature that it needs",
		"Use a later kernel; x0top -v shows what it lacks" },
	{ EINVAL, "this kernel lacks a feature that it needs, or its verifier refused it",
		"Use a later kernel; x0top -v shows the kernel's message" },
	{ EACCES, "the kernel's verifier refused it",
		"Report it, with x0top -v and the kernel's release" },
};

/* Returns whether EPERM can come from RLIMIT_MEMLOCK, as it does before 5.11. */
static bool memory_is_limited(void)
{
	struct rlimit limit;

	return capability_held(CAP_BPF) && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	       limit.rlim_cur != RLIM_INFINITY && !release_at_least(5, 11);
}

static bool has_tracing(const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING ||
			bpf_program__type(program) == BPF_PROG_TYPE_KPROBE)
			return true;
	return false;
}

/* A kernel without ftrace refuses fentry as it refuses a process without the right to. */
static bool has_function_entry(const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		if (bpf_program__expected_attach_type(program) == BPF_TRACE_FENTRY ||
			bpf_program__expected_attach_type(program) == BPF_TRACE_FEXIT)
			return true;
	return false;
}

static void explain_by_error(const char *name, int error, struct failure *failure)
{
	for (size_t i = 0; i < sizeof(load_errors) / sizeof(load_errors[0]); i++) {
		if (load_errors[i].error != -error)
			continue;
		failure_set(failure, error, "Cannot load %s: %s", name, load_errors[i].why);
		failure_remedy(failure, "%s", load_errors[i].remedy);
		return;
	}
	failure_set(failure, error, "Cannot load %s: %s", name, strerror(-error));
	failure_remedy(failure, "x0top -v shows the kernel's message");
}

static uint32_t count_loaders(uint32_t objects)
{
	cpu_set_t cpus;
	uint32_t n =
		sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (uint32_t)CPU_COUNT(&cpus) : 1;

	n = n < objects ? n : objects;
	return n < LOADERS_MAX ? n : LOADERS_MAX;
}

/* Returns whether libbpf can have read the kernel's BTF: -ESRCH stands for any failure of it, too. It
 * takes the file, a copy, and an index, for each object that is loaded at the same time. */
static bool has_memory_for_btf(void)
{
	struct stat status;
	void *memory = stat(BTF_PATH, &status) < 0
			       ? NULL
			       : malloc(count_loaders(LOADERS_MAX) * 3 * (size_t)status.st_size);

	free(memory);
	return memory != NULL;
}

/* Explains causes that the errno alone does not show. Returns false if none applies. */
static bool explain_by_system(
	const struct bpf_object *object, const char *name, int error, struct failure *failure)
{
	if (access(BTF_PATH, R_OK) != 0 && error != -EPERM) {
		failure_set(failure, error, "Cannot load %s: this kernel has no BTF", name);
		failure_remedy(failure, "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y");
		return true;
	}
	if (error == -ESRCH && !has_memory_for_btf()) {
		explain_by_error(name, -ENOMEM, failure);
		return true;
	}
	if (error == -EPERM && memory_is_limited()) {
		failure_set(failure, error,
			"Cannot load %s: before Linux 5.11 maps count against the limit on locked "
			"memory, which is too low here",
			name);
		failure_remedy(failure, "Raise it first: ulimit -l unlimited, or in a systemd "
					"unit LimitMEMLOCK=infinity");
		return true;
	}
	if (error == -EPERM && has_function_entry(object) && capability_held(CAP_BPF) &&
		capability_held(CAP_PERFMON)) {
		failure_set(failure, -EOPNOTSUPP,
			"Cannot load %s: this kernel has no fentry and fexit, or its lockdown forbids them",
			name);
		return true;
	}
	/*
	 * Lockdown removes the helpers that read the kernel's memory: EINVAL, as for unknown ones.
	 */
	if (error == -EINVAL && has_tracing(object) && lockdown_is_confidential()) {
		failure_set(failure, error,
			"Cannot load %s: the kernel's lockdown (confidentiality) forbids BPF "
			"programs to read its memory",
			name);
		failure_remedy(failure, "Boot with lockdown=integrity, or do without %s", name);
		return true;
	}
	return false;
}

/* Returns whether the verifier says, in `cause`, that this kernel's JIT has no such tail calls. */
static bool explain_tail_calls(
	const char *cause, const char *name, int error, struct failure *failure)
{
	char jit[8] = "";

	if (strstr(cause, "tail_calls are not allowed") == NULL)
		return false;
	FILE *file = fopen(JIT_PATH, "re");
	if (file != NULL && fgets(jit, sizeof(jit), file) != NULL && jit[0] == '0') {
		failure_set(
			failure, error, "Cannot load %s: the kernel's JIT is switched off", name);
		failure_remedy(failure, "Switch it on: sysctl net.core.bpf_jit_enable=1");
	} else {
		/* d4609a5d8c70 ("bpf, arm64: Keep tail call count across bpf2bpf calls") */
		failure_set(failure, error,
			"Cannot load %s: before Linux 6.0, arm64 has no tail calls from programs "
			"with functions",
			name);
		failure_remedy(failure, "Use Linux 6.0 or later, or do without %s", name);
	}
	if (file != NULL)
		fclose(file);
	return true;
}

/* Explains a failed load. Call it in one thread only: it uses libcap-ng. */
static void explain(struct object_load *load)
{
	struct failure *failure = load->failure;
	char cause[FAILURE_CAUSE_LEN];
	int error = failure->error;

	memcpy(cause, failure->cause, sizeof(cause));
	if (!explain_by_system(load->object, load->name, error, failure) &&
		!explain_tail_calls(cause, load->name, error, failure))
		explain_by_error(load->name, error, failure);
	failure_cause(failure, "%s", cause);
}

/* --- loading --------------------------------------------------------------------------------- */

/* Returns how many descriptors a load opens at most: maps, programs, BTF, and libbpf's probes. */
static unsigned int descriptors(const struct bpf_object *object)
{
	struct bpf_program *program;
	struct bpf_map *map;
	unsigned int n = 8;

	bpf_object__for_each_program (program, object)
		n++;
	bpf_object__for_each_map (map, object)
		n++;
	return n;
}

/*
 * Loads an object, unless descriptors could run out on the way, with those of loads side by side:
 * libbpf would take a probe that fails for a feature that the kernel lacks, for as long as this
 * process runs.
 */
static int load_with_room(struct bpf_object *object)
{
	static unsigned int wanted;
	unsigned int n = descriptors(object);
	int error = fd_room(__atomic_add_fetch(&wanted, n, __ATOMIC_RELAXED));

	if (error == 0)
		error = bpf_object__load(object);
	__atomic_sub_fetch(&wanted, n, __ATOMIC_RELAXED);
	return error;
}

static void load_one(struct object_load *load)
{
	double started = clock_monotonic_seconds();

	messages_clear();
	load->failure->error = load_with_room(load->object);
	load->ms = (clock_monotonic_seconds() - started) * 1000;
	if (load->failure->error < 0)
		failure_cause(load->failure, "%s", messages_text());
}

/* Explains a failure, and reports the object to the caller. */
static void report(struct object_load *load, object_loaded loaded)
{
	if (load->failure->error < 0)
		explain(load);
	if (loaded != NULL)
		loaded(load);
}

static uint32_t instructions(const struct bpf_object *object)
{
	struct bpf_program *program;
	size_t n = 0;

	bpf_object__for_each_program (program, object)
		n += bpf_program__autoload(program) ? bpf_program__insn_cnt(program) : 0;
	return (uint32_t)n;
}

static int by_size(const void *a, const void *b)
{
	const struct object_load *left = a, *right = b;
	uint32_t left_size = instructions(left->object), right_size = instructions(right->object);

	return (left_size < right_size) - (left_size > right_size);
}

/* --- side by side ---------------------------------------------------------------------------- */

/* The objects to load; each thread takes the next one. */
struct queue {
	struct object_load *loads;
	uint32_t n;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t taken;
	struct object_load *done; /* not yet reported */
};

static struct object_load *take(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	struct object_load *load = queue->taken < queue->n ? &queue->loads[queue->taken++] : NULL;
	pthread_mutex_unlock(&queue->lock);
	return load;
}

static void *load_from(void *context)
{
	struct queue *queue = context;

	for (struct object_load *load = take(queue); load != NULL; load = take(queue)) {
		load_one(load);
		pthread_mutex_lock(&queue->lock);
		load->next = queue->done;
		queue->done = load;
		pthread_cond_signal(&queue->changed);
		pthread_mutex_unlock(&queue->lock);
	}
	return NULL;
}

static struct object_load *wait_for_one(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->done == NULL)
		pthread_cond_wait(&queue->changed, &queue->lock);
	struct object_load *load = queue->done;
	queue->done = load->next;
	pthread_mutex_unlock(&queue->lock);
	return load;
}

/* Makes libbpf raise the limit on locked memory, as its first call does. Before 5.11 the kernel
 * would refuse a second thread while the first still raises it. */
static void raise_memory_limit(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(int), sizeof(int), 1, NULL);

	fd_close(&map);
}

/*
 * Keeps freed memory for the next object. libbpf copies the kernel's BTF, 12 MB, for each tracing
 * object; in fresh memory its page faults take three times as long as the reading. musl has no such
 * settings, and gives such blocks back.
 */
static void keep_memory(bool keep)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, keep ? BIG_BLOCK : SMALL_BLOCK);
	mallopt(M_TRIM_THRESHOLD, keep ? 4 * BIG_BLOCK : SMALL_BLOCK);
	mallopt(M_ARENA_MAX, keep ? 1 : 8);
#else
	(void)keep;
#endif
}

/* Loads the queue in threads, or in this one if none can be started. */
static void load_in_threads(struct queue *queue, uint32_t loaders, object_loaded loaded)
{
	pthread_t threads[LOADERS_MAX];
	uint32_t started = 0;

	raise_memory_limit();
	while (started < loaders && pthread_create(&threads[started], NULL, load_from, queue) == 0)
		started++;
	if (started == 0)
		load_from(queue);
	for (uint32_t i = 0; i < queue->n; i++)
		report(wait_for_one(queue), loaded);
	for (uint32_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

void objects_load(struct object_load *loads, uint32_t n, object_loaded loaded)
{
	struct queue queue = {
		.loads = loads,
		.n = n,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	uint32_t loaders = count_loaders(n);
	sigset_t all, before;

	/* A pending signal ends BPF_PROG_LOAD with EAGAIN; libbpf repeats it only five times. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	qsort(loads, n, sizeof(*loads), by_size);
	if (n > 1)
		keep_memory(true);
	if (loaders > 1)
		load_in_threads(&queue, loaders, loaded);
	for (uint32_t i = 0; loaders <= 1 && i < n; i++) {
		load_one(&loads[i]);
		report(&loads[i], loaded);
	}
	if (n > 1)
		keep_memory(false);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int object_load(struct bpf_object *object, const char *name, struct failure *failure)
{
	struct object_load load = { .object = object, .name = name, .failure = failure };

	objects_load(&load, 1, NULL);
	return failure->error;
}
