/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules: one constant type describes each program, and the orchestrator calls its functions through
 * that type. Other files know only the type: no other list names programs, and each module owns its
 * state.
 */
#ifndef X0_PROGRAMS_PROGRAM_H
#define X0_PROGRAMS_PROGRAM_H

#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/chain.h"
#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "kernel/verifier_report.h"
#include "model/estimate.h"
#include "model/event_log.h"
#include "model/look.h"
#include "model/snapshot.h"
#include "programs/event_ring.h"
#include "programs/program_file.h"
#include "programs/settings.h"
#include "programs/tracer_pair.h"
#include "programs/trial.h"
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
/* CAP_PERFMON allows differences of packet pointers, and to keep one in a map. */
#define NETWORK_CAPABILITIES (TRACING_CAPABILITIES | PROGRAM_CAPABILITY(CAP_NET_ADMIN))
#define TRACING_CAPABILITIES (PROGRAM_CAPABILITY(CAP_BPF) | PROGRAM_CAPABILITY(CAP_PERFMON))

/* Whether a program is sampled between samples, too, and when; in bits, so that some of them can be asked for. */
enum glanced {
	GLANCED_NEVER = 0,
	GLANCED_ALWAYS = 1 << 0, /* it counts what passes: quickly read */
	GLANCED_LOOKING = 1 << 1, /* it knows whose that is: only where somebody wants to know */
	GLANCED_WATCHED = 1 << 2, /* a policy may watch what it counts: only where one does */
};

/* A part of the snapshot: a struct of `fields`, at `offset` within it. */
struct program_part {
	const struct field *fields;
	size_t offset;
};

#define PROGRAM_PART(member)                                       \
	{                                                          \
		member##_fields, offsetof(struct snapshot, member) \
	}
#define PROGRAM_PARTS_MAX 2

struct program_type {
	const char *name; /* also that of the object file, without .bpf.o */
	const char *kind; /* "XDP", "TC", "tracepoint", "system calls" */
	/* Required to load and attach it, as bits 1 << CAP_...; CAP_SYS_ADMIN replaces CAP_BPF and
	 * CAP_PERFMON. */
	uint64_t capabilities;
	uint32_t stage; /* enum xdp_stage; 0 outside the XDP chain */
	const struct shared_map *maps; /* outlive its object; ended by a NULL name; or NULL */
	const struct shared_map
		*own; /* maps of its object that count, for a new object of it; as `maps` */
	const struct verb *verbs; /* ended by a NULL object; or NULL */
	const struct verifier_variant
		*variants; /* forms of its object, for the verifier; NULL: one */
	uint32_t glanced; /* enum glanced */
	/* What it alone fills in: unknown while it does not run; the last without fields. */
	struct program_part parts[PROGRAM_PARTS_MAX + 1];
	size_t state_size; /* bytes of program->state, zeroed before the first start() */

	/* Returns whether the settings allow it to run. NULL: always. */
	bool (*wanted)(const struct settings *settings);
	/* NULL, or fills in action number `i` that the settings request once it runs. Returns false
	 * after the last, once they are in force. */
	bool (*asked_action)(struct program *program, uint32_t i, struct action *action);
	/* NULL, or fills in action number `i`, with its actor, that is due now, without anybody's asking. Called after
	 * events and samples, while this x0top may change things. Returns false after the last. */
	bool (*due_action)(struct program *program, uint32_t i, struct action *action);
	/* Opens its object and prepares it for loading, without effect on the host; leaves *object NULL
	 * if there is none to load. Returns 0, or a negative errno with *failure set and nothing left. */
	int (*open)(struct program *program, struct bpf_object **object, struct failure *failure);
	/* Attaches the loaded program->object; the caller closes it unless start() keeps it and sets
	 * it to NULL. Returns 0, or a negative errno with *failure set and nothing left. */
	int (*start)(struct program *program, struct failure *failure);
	/* NULL: program_file_read(); or reads and checks a file that may take its place, as that. */
	int (*read_file)(const struct program *program, const char *path,
		struct program_file **file, struct failure *failure);
	/* NULL, or loads its object again with the same maps and replaces the running program: each
	 * packet meets exactly one of them. Returns 0, or a negative errno with *failure set and the
	 * old one running. */
	int (*replace)(struct program *program, struct failure *failure);
	/* NULL, or follows that another program of its object, loaded again in program->object, is in its place in the
	 * chain: all stages have changed, with the maps that they have together. */
	void (*renewed)(struct program *program);
	void (*stop)(struct program *program);
	/* NULL, or returns whether it can drop packets as soon as it runs, without enforce(). */
	bool (*drops)(const struct program *program);
	/* NULL, or closes this process's descriptors of a program that stays pinned. */
	void (*close)(struct program *program);
	/* NULL, or counts, and with `remove` removes, what a killed x0top left on this host besides
	 * pins. Finds it with CAP_SYS_ADMIN only. Returns the number, or a negative errno. */
	int (*leftovers)(bool remove);
	/* Fills its part of `now`, and state, attached and runs of `shown`. Called while it runs. */
	void (*sample)(struct program *program, const struct snapshot *before, struct snapshot *now,
		struct snapshot_program *shown);
	/* NULL, or fills in what is also shown while it is off. */
	void (*describe)(const struct program *program, struct snapshot *now);
	/* NULL, or fills in what depends on the parts of others, after all of them. Called while it runs. */
	void (*complete)(const struct program *program, struct snapshot *now);
	/* XDP stages: returns whether it has anything to look for. While none has, the counter counts at
	 * TC, which costs less than generic XDP. NULL: never. */
	bool (*needs_xdp)(const struct program *program);
	/* NULL, or follows an interface that appeared, disappeared or changed, or an action. */
	void (*interfaces_changed)(struct program *program);
	/* NULL, or detaches from the interface of a slot. */
	void (*interface_gone)(struct program *program, uint32_t slot);
	/* NULL, or handles descriptors that program_watch_fd() watches, once one is readable. */
	void (*handle)(struct program *program);

	/* NULL: it cannot be on trial; or fills in what has become of what it handles. */
	void (*outcome)(const struct program *program, struct program_outcome *outcome);
	const char *handles, *wrong; /* "packets", "did not pass" */

	/* For programs that can drop, mark or shape; all NULL for observers. */
	int (*enforce)(struct program *program, bool on); /* 0 or a negative errno */
	bool (*enforced)(const struct program *program); /* reads it from the kernel */
	bool (*enforce_asked)(const struct settings *settings);
	/* NULL: what is pinned is the chain. Pins its links in a folder; returns whether all are there; removes
	 * their pins, or with `dead` those of interfaces that are gone. */
	int (*pin)(const struct program *program, int folder); /* 0 or a negative errno */
	bool (*is_pinned)(const struct program *program, int folder);
	void (*unpin)(const struct program *program, int folder, bool dead);
	/* Writes the question before enforcing into `sentence`. Returns whether enforcing may cut the
	 * operator's own connection. */
	bool (*enforce_question)(struct program *program, char *sentence, size_t size);
};

/* Shared by the programs of one orchestrator; they touch nothing else. */
struct program_context {
	const struct settings *settings;
	struct map_registry maps;
	struct chain chain;
	struct watch watch;
	struct event_log log;
	struct event_ring ring;
	struct tracer_pair tracers;
	struct percpu percpu; /* buffer for the largest per-CPU value */
	uint32_t
		stages_needed; /* bits 1 << enum xdp_stage of those that have anything to look for */
	struct neighbours *neighbours; /* NULL: not opened; not owned */
	bool glanced; /* programs were sampled since the sample before, or this is no sample: a glance */
	bool looking; /* somebody looks at the busiest flows, which costs packets and memory */
	unsigned int looks; /* bits of enum look: all that somebody looks at */
	struct look_sort sort; /* of what somebody looks at */
	const struct pins *pins; /* the folder of pins; not owned */
	bool pinned; /* the chain and its enforcing programs outlive x0top */
	bool classes_pinned; /* the classifier does */
	bool classes_look_only; /* and belongs to another x0top, or must not be changed */
	/* Another x0top owns the chain, or it must not be changed: attaches and changes nothing of it,
	 * and shows the counts of a pinned one. */
	bool look_only;
	struct failure not_ours; /* why; error 0 while this x0top owns the chain */
	int event_fd; /* epoll over the descriptors that need service before the next sample */
	struct program *programs; /* all of them; not owned */
	uint32_t n_programs;
};

/* A program of one orchestrator. */
struct program {
	const struct program_type *type;
	struct program_context *context;
	struct bpf_object *object; /* while it is started or replaced */
	struct program_file *file; /* in place of the built-in object; owned; NULL: none */
	struct failure file_failure; /* why `file` is missing that is in force; error 0: none is */
	const struct bpf_object
		*replaces; /* while it is replaced: the one in force, not loaded; NULL: not known */
	const struct bpf_object
		*keeps; /* while it is replaced: loaded, its own maps are kept; NULL: none */
	uint32_t
		generation; /* of programs that are attached beside their successors: counted from 0 by replacing */
	bool replacing; /* its object is opened to be put in its own place */
	uint8_t tag
		[PROGRAM_TAG_LEN]; /* the kernel's, of what was loaded last; zeroes: nothing was */
	void *state; /* the module's own: type->state_size bytes */
	uint32_t status; /* enum program_state; set by the module at each sample */
	bool asked; /* requested by the operator or the settings */
	bool named; /* by the operator, by itself: --only, --plugin */
	bool running; /* start() succeeded, and stop() was not called */
	bool adopted; /* enforced already when x0top started */
	bool enforce_begins; /* it is about to enforce */
	struct failure failure;
	struct failure unmet; /* requested and not in force; error 0 if all is */
	double load_ms;
	uint64_t map_bytes;
	uint32_t verified_instructions;
	struct trial trial;
	struct program_outcome outcomes[2]; /* before one: the last two reads, the older first */
	bool on_trial; /* while it is replaced: the old one is kept */
	bool goes_back; /* while it is replaced: by what it was before a trial */
	int stage_fd; /* XDP stages: the program; -1 while off */
	uint64_t timed_runs, run_ns; /* of the last sample */
	struct estimate run_time;
};

/* Returns 0, or -EPERM with *failure naming the required capabilities that this process lacks. */
int program_check_capabilities(const struct program_type *type, struct failure *failure);

/* Starts a stopped program and marks it as requested. Returns 0, or a negative errno with *failure and
 * program->failure set. */
int program_start(struct program *program, struct failure *failure);

/* Starts several programs of one context: opens them in order, loads them in parallel, and attaches each
 * once it is loaded. Keeps a failure in its program; the others start regardless. */
void programs_start(struct program *const programs[], uint32_t n);
void program_stop(struct program *program);

/*
 * Replaces a running program by that of `file`, or by the built-in one (NULL), while it works: type->replace().
 * Takes `file` over, also if it fails. `trial_seconds`: not 0, the old one is kept so long.
 * Returns 0, or a negative errno with *failure set and the old one running.
 */
int program_replace(struct program *program, struct program_file *file, uint32_t trial_seconds,
	struct failure *failure);

/* Replaces a running program by itself, loaded again with the maps that are in force now. Returns as program_replace(). */
int program_replace_itself(struct program *program, struct failure *failure);

/* Loads the object of a program that is in force into program->object by `load`, which is program_load(), with the same
 * maps, to be put in its place. Returns as program_load(). */
int program_load_again(struct program *program,
	int (*load)(struct program *program, struct failure *failure), struct failure *failure);

/* Puts the program back that one on trial has replaced. Returns 0, or a negative errno with *failure set: -ENOENT without
 * a trial. */
int program_take_back(struct program *program, struct failure *failure);

/* Makes the counts of its part of a snapshot unknown: nobody counts while it does not run. */
void program_set_unknown(const struct program *program, struct snapshot *now);

/* Returns 0 if the program runs, else why it failed, or -ENOENT with *failure saying how to turn it on. */
int program_must_run(const struct program *program, struct failure *failure);

/* --- for modules ----------------------------------------------------------------------------- */

/* Opens the object of a program: its file's, the built-in one, or that of the settings' folder. Returns as
 * object_open(). */
int program_open_object(
	const struct program *program, struct bpf_object **object, struct failure *failure);

/* Explains why a program cannot use its object, by a negative errno: -ENOENT or -EBADMSG where it lacks
 * a map or a program, so that it belongs to another x0top. Returns failure->error. */
int program_cannot_use(const struct program *program, int error, struct failure *failure);

/* Sets a constant of an opened object. Returns 0, or a negative errno with *failure set. */
int program_set_constant(struct bpf_object *object, const char *variable, const void *value,
	size_t size, struct failure *failure);

/* Opens and loads program->object with the existing shared maps, and keeps the maps that it adds.
 * Returns 0, or a negative errno with *failure set and no object. */
int program_load(struct program *program, struct failure *failure);

/* Returns whether it can drop packets as soon as it runs. */
bool program_drops(const struct program *program);

/* Sets the constant `generation` of an opened object: that of a program which is started, or is to take over from
 * the present one. Returns 0, or a negative errno with *failure set. */
int program_set_generation(
	const struct program *program, struct bpf_object *object, struct failure *failure);

/* Words of a struct run_stats, at the beginning of a value, that are no sums: what is timed next. */
#define RUN_STATS_APART                                                                     \
	{                                                                                   \
		.first = offsetof(struct run_stats, until_timed) / sizeof(uint64_t), .n = 2 \
	}

/* Carry the counts of maps that have grown, of a program that has taken another's place: of shared ones, and of those
 * of the object that it had, which counts no more. An event says what could not be carried over. */
void program_carry(struct program *program);
void program_carry_own(struct program *program, const struct bpf_object *before);

/* Adds to maps of its own that were moved what the old one has written since, which runs no more, and closes *moves. An
 * event says what could not be carried over. */
void program_settle_moves(struct program *program, struct map_moves *moves);

/* Pins maps that have grown and were copied, once a program goes on with them: before anything else is written to them.
 * An event says what could not be pinned. */
void program_settle_maps(struct program *program);

/* Closes program->object, if there is one. */
void program_close_object(struct program *program);

/* Opens the ring buffer of events once its maps exist; it stays open. Returns 0, or a negative errno with
 * *failure set. */
int program_open_events(struct program_context *context, struct failure *failure);

/*
 * Sets the status of a program that attaches to interfaces, and shown->attached. `how` returns how it is
 * attached to an interface; where it returns NULL, `why` returns the failure.
 */
void program_describe_interfaces(struct program *program,
	const char *(*how)(const struct program *program, uint32_t slot),
	const struct failure *(*why)(const struct program *program, uint32_t slot),
	struct snapshot_program *shown);

/* Sets runs, time and share of a core of *shown from the totals since loading. */
void program_set_runs(struct program *program, const struct run_stats *runs,
	const struct snapshot *before, const struct snapshot *now, struct snapshot_program *shown);

/* Adds `fd` to those whose input calls `handle`. Returns 0 or a negative errno. */
int program_watch_fd(struct program_context *context, int fd);

#endif
