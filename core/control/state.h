/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of core/control share: the orchestrator's state and the programs' drivers. */
#ifndef X0_CONTROL_STATE_H
#define X0_CONTROL_STATE_H

#include <bpf/libbpf.h>

#include "collect/percpu.h"
#include "collect/signatures.h"
#include "control/node.h"
#include "control/orchestrator.h"
#include "kernel/chain.h"
#include "kernel/interface.h"
#include "kernel/map_registry.h"
#include "kernel/pins.h"
#include "kernel/program_table.h"
#include "kernel/tc_attach.h"
#include "model/event_log.h"

/* A slot of the per-interface maps, and the interface that it is for. */
struct watched_interface {
	bool used;
	bool present; /* it exists now: `interface` is up to date */
	struct interface interface;
	struct failure xdp_failure; /* why the chain is not attached; error 0 if it is */
	struct tc_attachment tc;
	struct failure tc_failure;
};

struct program {
	const struct program_description *description;
	const struct program_driver *driver; /* NULL while this version has no such program */
	uint32_t state; /* enum program_state; what the driver finds out at each sample */
	bool asked; /* the operator wants it to run */
	bool running; /* its driver's start() succeeded, and stop() was not called */
	bool adopted; /* found at work when x0top started */
	struct failure failure;
	double load_ms;
	uint64_t map_bytes;
	uint32_t verified_instructions;
	int stage_fd; /* XDP stages: the program; -1 while off */
	uint64_t timed_runs, run_ns; /* at the sample before */
	double ns_per_run; /* the last that was measured */
};

struct orchestrator;

/* What differs between programs. All take the program that they are the driver of. */
struct program_driver {
	/* Loads and attaches. Returns 0, or a negative errno with *failure set and nothing left. */
	int (*start)(struct orchestrator *o, struct program *program, struct failure *failure);
	void (*stop)(struct orchestrator *o, struct program *program);
	/* Fills the program's own part of the snapshot, and state, attached and runs of `shown`. */
	void (*sample)(struct orchestrator *o, struct program *program,
		const struct snapshot *before, struct snapshot *now,
		struct snapshot_program *shown);
};

extern const struct program_driver xdp_stage_driver;
extern const struct program_driver pqc_driver;
extern const struct program_driver tc_driver;
extern const struct program_driver net_events_driver;
extern const struct program_driver syscalls_driver;
extern const struct program_driver syscalls_secure_driver;

struct tracing;

struct orchestrator {
	struct settings settings;
	struct map_registry maps;
	struct chain chain;
	struct watched_interface interfaces[INTERFACES_MAX];
	struct program programs[PROGRAMS_MAX];
	uint32_t n_programs;
	struct tracing *tracing; /* the tracing programs' own state */
	struct percpu percpu; /* room for the largest per-CPU value that is read here */
	struct mesh_rule rules[MESH_RULES_MAX]; /* room for reading the kernel's table */
	struct event_log events;
	bool rules_loaded; /* the rules of the settings are in the kernel */
	bool classes_loaded; /* the class table too */
	struct node_names node_names; /* of the trust store, as it was loaded last */
	struct failure keys_failure; /* what was wrong with it; error 0 if nothing was */
	struct node *node; /* this host, where it has an identity and xdp_pqc_verify runs */
	bool pinned; /* the chain, and what enforces in it, outlive x0top */
	int monitor_fd; /* interfaces that come and go */
	int event_fd; /* epoll over all that orchestrator_event_fd() stands for */
	int lock_fd; /* holds the ownership of the chain; -1 without */
	struct failure lock_failure; /* why the chain is not ours; error 0 if it is */
	struct pins pins; /* the folder in force */
	struct failure pins_failure; /* why what is pinned was left alone; error 0 if it was not */
	char notice[REASON_LEN]; /* what was found and done about it at the start; may be empty */
	bool look_only; /* the chain is another's: show its counts where it is pinned */
	char readonly_reason[REASON_LEN]; /* empty while changes are allowed */
	double sampled_at; /* CLOCK_MONOTONIC seconds of the last sample */
};

/* Makes orchestrator_event_fd() readable when `fd` is. */
void orchestrator_watch_fd(struct orchestrator *o, int fd);

/* --- watch.c: interfaces and their slots ----------------------------------------------------- */

/* Fills the slots with what the settings name, or the default interfaces. */
void watch_open(struct orchestrator *o);

/* Attaches the chain, or tc_classifier, wherever it is wanted and not attached yet; detaches it. */
void watch_attach_xdp(struct orchestrator *o);
void watch_detach_xdp(struct orchestrator *o);

/* Takes note of interfaces that appeared, went, or changed their name. */
void watch_handle_changes(struct orchestrator *o);

/* --- program_tc.c ---------------------------------------------------------------------------- */

void tc_attach_interfaces(struct orchestrator *o);

/* --- program_xdp.c --------------------------------------------------------------------------- */

bool xdp_any_stage(const struct orchestrator *o);

/* What a stage does beyond the others when it starts. Both may be NULL, and return 0 or a negative
 * errno with *failure set. */
struct xdp_stage_hooks {
	int (*opened)(struct bpf_object *object, struct failure *failure); /* not yet loaded */
	/* Its maps are there, and no packet has met it. */
	int (*loaded)(struct orchestrator *o, struct failure *failure);
};

/* The life of a stage, for drivers; the last sets its state, `attached` and runs. */
int xdp_stage_start(struct orchestrator *o, struct program *program,
	const struct xdp_stage_hooks *hooks, struct failure *failure);
void xdp_stage_stop(struct orchestrator *o, struct program *program);
void xdp_stage_sample(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now, struct snapshot_program *shown);

/* --- program_pqc.c ---------------------------------------------------------------------------- */

/* Whether what does not verify is dropped. */
int pqc_set_enforce(struct orchestrator *o, bool enforce);
bool pqc_enforced(const struct orchestrator *o);

/* Writes the ports that are protected as "UDP port 26970". */
void pqc_format_ports(const struct orchestrator *o, char *text, size_t size);

/* Reads the trust store anew into the kernel. Returns 0, or a negative errno with *failure set. */
int pqc_reload_keys(struct orchestrator *o, struct failure *failure);

/* --- enforcement.c: what outlives x0top -------------------------------------------------------- */

/* Whether a program is told to enforce, by its control map; and whether it outlives x0top, too. */
bool enforcement_is_on(const struct orchestrator *o, const struct program *program);
bool enforcement_is_pinned(const struct orchestrator *o, const struct program *program);

/* Whether any is told to; tells all not to. */
bool enforcement_any(const struct orchestrator *o);
void enforcement_stop_all(struct orchestrator *o);

/* 0 if the XDP chain is this x0top's, or -errno with *failure saying whose it is, or why not. */
int enforcement_own(const struct orchestrator *o, struct failure *failure);

/* Both need the change lock, and return 0, or a negative errno with *failure set. */
int enforcement_on(struct orchestrator *o, const struct program *program, struct failure *failure);
int enforcement_off(struct orchestrator *o, const struct program *program, struct failure *failure);

/* Notes that somebody removed the pins, in an event; for one that only looks, that they came back. */
void enforcement_follow(struct orchestrator *o);

/* While enforcing: pins the links that are not pinned yet, removes the pins of dead ones. */
void enforcement_pin_links(struct orchestrator *o);

/* --- adoption.c: what an earlier x0top left ---------------------------------------------------- */

/*
 * Takes over what enforces; removes what enforces nothing, if the chain is ours, and repairs rules
 * that were changed halfway: o->notice says so. What is not this x0top's is not touched, and
 * o->pins_failure says why: if it is of another layout or wrong, o->readonly_reason does, too.
 */
void enforcement_adopt(struct orchestrator *o);

/* Takes over the programs in an adopted chain, so that what protects stays in it until its successor
 * is. Without CAP_SYS_ADMIN they are replaced without that, and packets may slip by for a moment. */
void enforcement_adopt_stages(struct orchestrator *o);

/* --- programs ------------------------------------------------------------------------------------ */

struct program *program_find(struct orchestrator *o, const char *name);
/* 0, or -EPERM with *failure naming the capabilities that the program needs and this process lacks. */
int program_check_capabilities(const struct program_description *program, struct failure *failure);
int program_start(struct orchestrator *o, struct program *program, struct failure *failure);
void program_stop(struct orchestrator *o, struct program *program);

/* Sets load_ms, map_bytes and verified_instructions from an object that was just loaded. */
void program_measure(struct program *program, const struct bpf_object *object, double started);

/*
 * Sets the state of a program that is attached to interfaces, and shown->attached, by what is true
 * of each: `how` tells how it is attached to the interface of a slot, NULL if it is not, and then
 * `why` tells why not.
 */
void program_describe(const struct orchestrator *o, struct program *program,
	const char *(*how)(const struct orchestrator *o, uint32_t slot),
	const struct failure *(*why)(const struct orchestrator *o, uint32_t slot),
	struct snapshot_program *shown);

/* Sets `runs` and `ns_per_run` of *shown from totals since the program was loaded. */
void program_set_runs(struct program *program, const struct run_stats *runs,
	const struct snapshot *before, const struct snapshot *now, struct snapshot_program *shown);

/* CLOCK_MONOTONIC in seconds. */
double monotonic_seconds(void);

#endif
