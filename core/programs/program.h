/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program is a module: a constant type that says all that is special about it, and functions that
 * the orchestrator calls through that type. Whoever is not the module knows the type alone: no other
 * list names programs, and no state of a program lies outside its module.
 */
#ifndef X0_PROGRAMS_PROGRAM_H
#define X0_PROGRAMS_PROGRAM_H

#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/chain.h"
#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "kernel/verifier_report.h"
#include "model/event_log.h"
#include "model/snapshot.h"
#include "programs/event_ring.h"
#include "programs/settings.h"
#include "programs/watch.h"

struct action;
struct pins;
struct program;
struct verb;

/* Kernel headers before 5.8 lack the two newer ones; their numbers are fixed. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF	    39
#endif

#define PROGRAM_CAPABILITY(number) (UINT64_C(1) << (number))
#define NETWORK_CAPABILITIES	   (PROGRAM_CAPABILITY(CAP_BPF) | PROGRAM_CAPABILITY(CAP_NET_ADMIN))
#define TRACING_CAPABILITIES	   (PROGRAM_CAPABILITY(CAP_BPF) | PROGRAM_CAPABILITY(CAP_PERFMON))

struct program_type {
	const char *name; /* of the object file too, without .bpf.o */
	const char *kind; /* "XDP", "TC", "tracepoint", "system calls" */
	/* What loading and attaching it needs, as bits 1 << CAP_...; CAP_SYS_ADMIN stands in for
	 * CAP_BPF and CAP_PERFMON. */
	uint64_t capabilities;
	uint32_t stage; /* enum xdp_stage; 0 outside the XDP chain */
	const struct shared_map *maps; /* that outlive its object; a NULL name ends them; or NULL */
	const struct verb *verbs; /* its own, ended by a NULL object; or NULL */
	const struct verifier_variant *variants; /* how its object is loaded; NULL: as it is */
	size_t state_size; /* bytes of program->state, zeroed before the first start() */

	/* Whether the settings allow it to run. NULL: always. */
	bool (*wanted)(const struct settings *settings);
	/* NULL, or fills in the action number `i` that the settings ask for once it runs; false after
	 * the last. */
	bool (*asked_action)(const struct program *program, uint32_t i, struct action *action);
	/* NULL: it has no object of its own. Opens it and prepares it for loading, without anything that
	 * others see; a NULL *object means that none is to be loaded. Returns 0, or a negative errno
	 * with *failure set and nothing left. */
	int (*open)(struct program *program, struct bpf_object **object, struct failure *failure);
	/* Attaches what was loaded: program->object, which is closed afterwards unless start() takes
	 * it and sets it to NULL. Returns 0, or a negative errno with *failure set and nothing left. */
	int (*start)(struct program *program, struct failure *failure);
	/* NULL, or loads its object anew, with the same maps, and puts it in the place of the one at
	 * work: no packet meets none or both. Returns 0, or a negative errno with *failure set and the
	 * old one at work. */
	int (*replace)(struct program *program, struct failure *failure);
	void (*stop)(struct program *program);
	/* NULL, or closes what this process has of a program that goes on without it. */
	void (*close)(struct program *program);
	/* NULL, or removes what an x0top that was killed left on this host, pins apart. Returns how many
	 * things, or a negative errno. */
	int (*remove_leftovers)(void);
	/* Fills its part of `now`, and state, attached and runs of `shown`. While it runs only. */
	void (*sample)(struct program *program, const struct snapshot *before, struct snapshot *now,
		struct snapshot_program *shown);
	/* NULL, or fills in what is shown while it does not run, too. */
	void (*describe)(const struct program *program, struct snapshot *now);
	/* NULL, or called when an interface appeared, went, or changed. */
	void (*interfaces_changed)(struct program *program);
	/* NULL, or called when the interface of a slot is to be let go of. */
	void (*interface_gone)(struct program *program, uint32_t slot);
	/* NULL, or called when a descriptor is readable that the program asked to be watched. */
	void (*handle)(struct program *program);

	/* Of a program that can drop, mark or shape; all NULL for one that only observes. */
	int (*enforce)(struct program *program, bool on); /* 0 or a negative errno */
	bool (*enforced)(const struct program *program); /* what the kernel holds */
	bool (*enforce_asked)(const struct settings *settings);
	/* NULL, or mends what a kill left halfway in the maps. Returns whether it did, with what it did
	 * in `sentence`. */
	bool (*repair)(const struct program *program, char *sentence, size_t size);
	/* Writes what enforcing will do into `sentence`. Returns whether it may cut the operator off. */
	bool (*enforce_question)(struct program *program, char *sentence, size_t size);
};

/* All that programs may touch, shared by those of one orchestrator. */
struct program_context {
	const struct settings *settings;
	struct map_registry maps;
	struct chain chain;
	struct watch watch;
	struct event_log log;
	struct event_ring ring;
	struct percpu percpu; /* room for the largest per-CPU value that is read here */
	const struct pins *pins; /* the folder of pins; not owned */
	bool pinned; /* the chain, and what enforces in it, outlive x0top */
	/* The chain of this host is another x0top's, or not to be changed: where it is pinned, its counts
	 * are shown; nothing of it is attached or changed here. */
	bool look_only;
	struct failure not_ours; /* why; error 0 while the chain is this x0top's */
	int event_fd; /* epoll over all that cannot wait for the next sample */
};

/* A program of one orchestrator. */
struct program {
	const struct program_type *type;
	struct program_context *context;
	struct bpf_object *object; /* while it is started or replaced */
	void *state; /* the module's own: type->state_size bytes */
	uint32_t status; /* enum program_state; what the module finds out at each sample */
	bool asked; /* the operator wants it to run */
	bool running; /* start() succeeded, and stop() was not called */
	bool adopted; /* found at work when x0top started */
	struct failure failure;
	struct failure unmet; /* what was asked for and is not in force; error 0 if all is */
	double load_ms;
	uint64_t map_bytes;
	uint32_t verified_instructions;
	int stage_fd; /* XDP stages: the program; -1 while off */
	uint64_t timed_runs, run_ns; /* at the sample before */
	double ns_per_run; /* the last that was measured */
};

/* 0, or -EPERM with *failure naming the capabilities that the type needs and this process lacks. */
int program_check_capabilities(const struct program_type *type, struct failure *failure);

/* Starts a program that does not run; it is asked for from then on. Returns 0, or a negative errno
 * with *failure, and program->failure, set. */
int program_start(struct program *program, struct failure *failure);

/* Starts several of one context: opens them in order, loads them side by side, and attaches each once
 * it is loaded. What fails is kept with its program, and keeps none of the others from starting. */
void programs_start(struct program *const programs[], uint32_t n);
void program_stop(struct program *program);

/* Returns 0 if the program runs, else -ENOENT with *failure telling how to switch it on. */
int program_must_run(const struct program *program, struct failure *failure);

/* --- for modules ----------------------------------------------------------------------------- */

/* Says that an object has not the maps, constants or programs of this x0top. Returns -EBADMSG. */
int program_foreign_object(const struct program *program, struct failure *failure);

/* Sets a constant of an opened object. Returns 0, or a negative errno with *failure set. */
int program_set_constant(struct bpf_object *object, const char *variable, const void *value,
	size_t size, struct failure *failure);

/* Opens and loads the object of a program into program->object, with the shared maps that exist, and
 * keeps those that it brings. Returns 0, or a negative errno with *failure set and no object. */
int program_load(struct program *program, struct failure *failure);

/* Closes program->object, if there is one. */
void program_close_object(struct program *program);

/* Opens the ring buffer of events, which comes with the first program that has it, and stays. Returns
 * 0, or a negative errno with *failure set. */
int program_open_events(struct program_context *context, struct failure *failure);

/*
 * Sets the status of a program that is attached to interfaces, and shown->attached, by what is true
 * of each: `how` tells how it is attached to an interface, NULL if it is not, and then `why` tells
 * why not.
 */
void program_describe_interfaces(struct program *program,
	const char *(*how)(const struct program *program, uint32_t slot),
	const struct failure *(*why)(const struct program *program, uint32_t slot),
	struct snapshot_program *shown);

/* Sets `runs` and `ns_per_run` of *shown from totals since the program was loaded. */
void program_set_runs(struct program *program, const struct run_stats *runs,
	const struct snapshot *before, const struct snapshot *now, struct snapshot_program *shown);

/* Makes the orchestrator's descriptor readable when `fd` is; `handle` is called then. Returns 0 or a
 * negative errno. */
int program_watch_fd(struct program_context *context, int fd);

#endif
