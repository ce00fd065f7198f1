/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings: the configuration file, overridden by the command line. */
#ifndef X0_PROGRAMS_SETTINGS_H
#define X0_PROGRAMS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/xdp_mode.h"
#include "interfaces.h"
#include "kernel/interface.h"
#include "model/snapshot.h"
#include "qos/classes.h"

enum syscalls_attach_wanted {
	SYSCALLS_WANT_AUTO, /* kprobes where the kernel has them, else tracepoints */
	SYSCALLS_WANT_KPROBE,
	SYSCALLS_WANT_TRACEPOINT,
};

enum audit_policy {
	AUDIT_BEST_EFFORT, /* a change that cannot be logged is made, and that is said */
	AUDIT_REQUIRED, /* it is refused */
};

struct settings {
	uint32_t n_interfaces; /* 0: by the rule of programs/coverage.h */
	char interfaces[INTERFACES_MAX][INTERFACE_ALTNAME_LEN];
	uint32_t xdp_mode; /* enum xdp_mode_wanted */
	uint32_t syscalls_attach; /* enum syscalls_attach_wanted */
	uint32_t n_syscalls;
	char syscalls[SYSCALLS_MAX][NAME_LEN];
	uint32_t n_only; /* 0: every program */
	char only[PROGRAMS_MAX][NAME_LEN];
	uint32_t n_rules;
	struct mesh_rule rules[MESH_RULES_MAX];
	uint32_t n_classes;
	struct class_entry classes[CLASS_ENTRIES_MAX];
	uint32_t pqc_mode; /* enum pqc_mode: that of xdp_pqc_verify from the start */
	uint32_t n_pqc_ports; /* 0: PQC_PORT alone */
	uint16_t pqc_ports[PQC_PORTS_SHOWN];
	char trust[256]; /* the trust store, a directory: crypto/trust.h */
	char identity[256]; /* file of this host's private key; empty: it exchanges no keys */
	double interval; /* seconds between samples */
	bool enforce; /* let mesh rules drop from the start */
	uint32_t enforce_actor; /* enum action_actor: who asked for that, or for pqc_mode enforce */
	bool assume_yes; /* --yes: what the settings ask for is confirmed */
	bool (*confirm)(const char *question); /* asks the operator; NULL: nobody can be asked */
	bool readonly;
	uint32_t audit; /* enum audit_policy */
	bool adopt_only; /* start nothing, but take over what is pinned: for subcommands */
	bool lab; /* this process is the host's end of a lab mesh */
	char objects[256]; /* folder of <program>.bpf.o to use, not the built-in; empty: none */
};

extern const char *const xdp_mode_wanted_names[]; /* enum xdp_mode_wanted */
extern const char *const syscalls_attach_wanted_names[]; /* enum syscalls_attach_wanted */
extern const char *const audit_policy_names[]; /* enum audit_policy */

#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 3600.0

/* The defaults: every program, all interfaces, no rules, the default calls and classes. */
void settings_default(struct settings *settings);

/* The keys of the configuration file by index; NULL after the last. */
const char *settings_key(uint32_t index);

/* Whether a key takes a list. */
bool settings_key_is_list(const char *key);

/*
 * Sets one thing by its key in the configuration file, from text; a list gets the value added, and
 * does not take a value twice. Returns 0, or a negative errno with nothing changed and *failure set.
 */
int settings_set(
	struct settings *settings, const char *key, const char *value, struct failure *failure);

/* Empties a list by its key, so that values replace it. `classes` stay: they extend the defaults. */
void settings_clear(struct settings *settings, const char *key);

/*
 * Reads a YAML file into `settings`: keys in the file replace their values, other keys keep theirs, and
 * `classes` extend the default table. On an error nothing changes, and *failure names the file, the
 * line and the mistake.
 * Returns 0 or a negative errno.
 */
int settings_read_file(struct settings *settings, const char *path, struct failure *failure);

#endif
