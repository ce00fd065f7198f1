/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of core/control share: the orchestrator's state and the programs' drivers. */
#ifndef X0_CONTROL_STATE_H
#define X0_CONTROL_STATE_H

#include <bpf/libbpf.h>

#include "collect/percpu.h"
#include "collect/signatures.h"
#include "control/node.h"
#include "control/orchestrator.h"
#include "control/watch.h"
#include "kernel/chain.h"
#include "kernel/map_registry.h"
#include "kernel/program_table.h"
#include "kernel/tc_attach.h"
#include "model/event_log.h"

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
	struct watch watch;
	struct tc_programs tc_programs;
	struct netlink tc_netlink; /* open while they are loaded */
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
	int lock_fd; /* holds the ownership of the chain; -1 where another x0top has it */
	bool look_only; /* the chain is pinned and not ours to change: show its counts */
	char readonly_reason[REASON_LEN]; /* empty while changes are allowed */
	double sampled_at; /* CLOCK_MONOTONIC seconds of the last sample */
};

/* Makes orchestrator_event_fd() readable when `fd` is. */
void orchestrator_watch_fd(struct orchestrator *o, int fd);

/* --- watch.c: interfaces and their slots ----------------------------------------------------- */

/* Chooses what is watched, after adoption if there is any; `-ENOMEM` leaves nothing watched. */
void watch_open(struct orchestrator *o);
void watch_close(struct orchestrator *o);

/* Takes over the links that are pinned. Returns how many. */
uint32_t watch_adopt(struct orchestrator *o);

/* Chooses anew when interfaces appeared, went, came up, or changed their name or what they are over. */
void watch_handle_changes(struct orchestrator *o);

/* --- watch_attach.c -------------------------------------------------------------------------- */

/* Attaches the chain wherever it is wanted and not attached yet; detaches it everywhere. */
void watch_attach_xdp(struct orchestrator *o);
void watch_detach_xdp(struct orchestrator *o);

/* Fills in what is not watched, and why. */
void watch_sample(const struct orchestrator *o, struct snapshot *now);

/* --- program_tc.c ---------------------------------------------------------------------------- */

extern const struct tc_programs tc_programs_none; /* of tc_classifier, not loaded */

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

/* Takes over what an earlier x0top left enforcing; does nothing if there is none. */
void enforcement_adopt(struct orchestrator *o);

/* Takes over the programs in an adopted chain, so that what protects stays in it until its successor
 * is. Without CAP_SYS_ADMIN they are replaced without that, and packets may slip by for a moment. */
void enforcement_adopt_stages(struct orchestrator *o);

/* Whether a program enforces, and outlives x0top. */
bool enforcement_is_on(const struct orchestrator *o, const struct program *program);

int enforcement_on(struct orchestrator *o, const struct program *program, struct failure *failure);
int enforcement_off(struct orchestrator *o, const struct program *program, struct failure *failure);

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
