/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and holds the settings: defaults, configuration file, command line. */
#ifndef X0_PROGRAMS_SETTINGS_H
#define X0_PROGRAMS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/xdp_mode.h"
#include "interfaces.h"
#include "kernel/interface.h"
#include "model/snapshot.h"
#include "neighbours/neighbours.h"
#include "qos/classes.h"

enum syscalls_attach_wanted {
	SYSCALLS_WANT_AUTO, /* kprobes where the kernel has them, else tracepoints */
	SYSCALLS_WANT_KPROBE,
	SYSCALLS_WANT_TRACEPOINT,
};

#define MAPEK_KNOWLEDGE "/var/lib/x0top/mapek.db" /* what MAPE-K keeps */

#define LISTEN_DEFAULT \
	"127.0.0.1:26970" /* where `serve` listens; the number of PQC_PORT, which is UDP */

enum {
	LISTEN_MAX = 8,
	LISTEN_ADDRESS_LEN = 116, /* "unix:" and a local socket's path of 107 */
};

enum audit_policy {
	AUDIT_BEST_EFFORT, /* makes a change that cannot be logged, and says so */
	AUDIT_REQUIRED, /* refuses it */
};

/* Where the elements of a set come from. */
enum settings_set_source {
	SETTINGS_SET_ELEMENTS, /* the configuration itself */
	SETTINGS_SET_FILE,
	SETTINGS_SET_FEED,
	SETTINGS_SET_SOURCES,
};

struct settings_set {
	char name[MESH_SET_NAME_LEN];
	uint32_t kind; /* enum mesh_set_kind; MESH_SET_KINDS: as its first element is */
	uint32_t from; /* enum settings_set_source */
	char source[MESH_SET_SOURCE_LEN]; /* the path of the file, or what it follows */
	char elements[2048]; /* a line each */
};

/* Where a rule is in the file, from 1 on; 0: it is from elsewhere. */
struct settings_mark {
	uint32_t line, column;
};

enum {
	PLUGINS_MAX = 16,
	SETTINGS_QOS_MAX = 64,
	SETTINGS_QOS_LEN = 96,
	SETTINGS_PATH_LEN = 256,
};

/* The key that the names of plugins come from. */
#define SETTINGS_PLUGINS "plugins"

enum place_where {
	PLACE_LAST, /* behind all stages of x0top and all plugins before it */
	PLACE_BEFORE, /* directly before a stage */
	PLACE_AFTER, /* directly behind a stage, and what else is to stand there */
};

/* Where in the XDP chain a plugin is to stand, whatever it says itself. */
struct settings_place {
	char plugin[NAME_LEN];
	uint32_t where; /* enum place_where */
	char stage[NAME_LEN]; /* a program of x0top or a plugin; with PLACE_LAST, none */
};

struct settings {
	uint32_t n_interfaces; /* 0: the rule of programs/coverage.h */
	char interfaces[INTERFACES_MAX][INTERFACE_ALTNAME_LEN];
	uint32_t xdp_mode; /* enum xdp_mode_wanted */
	uint32_t syscalls_attach; /* enum syscalls_attach_wanted */
	bool syscalls_chosen; /* by the operator; otherwise they are the defaults */
	uint32_t n_syscalls;
	char syscalls[SYSCALLS_MAX][NAME_LEN];
	uint32_t n_only; /* 0: every program */
	char only[PROGRAMS_MAX][NAME_LEN];
	struct class_lines classes; /* as `rules`, and directly before n_plugins */
	uint32_t n_plugins; /* besides those of the folder of plugins */
	char plugins[PLUGINS_MAX][SETTINGS_PATH_LEN];
	uint32_t
		n_qos; /* what is done to classes, in order: the verbs of x0top qos without that word */
	char qos[SETTINGS_QOS_MAX][SETTINGS_QOS_LEN];
	uint32_t n_places; /* of plugins in the XDP chain, at most one each */
	struct settings_place places[PLUGINS_MAX];
	uint32_t pqc_mode; /* enum pqc_mode at the start */
	uint32_t n_pqc_ports; /* 0: PQC_PORT alone */
	uint16_t pqc_ports[PQC_PORTS_SHOWN];
	char trust[256]; /* the trust store, a directory: crypto/trust.h */
	uint32_t n_translated; /* names of nodes that are reached through address translation */
	char translated[PQC_NODES_DEFAULT][PQC_NAME_LEN];
	struct neighbours_settings neighbours; /* sources of the neighbour table */
	char identity[256]; /* file of this host's private key; empty: no exchange of keys */
	double interval; /* seconds between samples */
	bool enforce; /* enforce drop rules from the start */
	uint32_t enforce_actor; /* enum action_actor: requested `enforce`, or pqc_mode enforce */
	bool assume_yes; /* --yes: confirms everything that the settings request */
	bool (*confirm)(const char *question); /* asks the operator; NULL: there is none */
	void (*tell)(const char
			*sentence); /* what the settings do, before it is done; NULL: to nobody */
	bool readonly;
	bool small; /* for a host of little memory: smaller maps */
	uint32_t audit; /* enum audit_policy */
	uint32_t mapek_mode; /* enum mapek_mode; MAPEK_MODES: as its policies say */
	char mapek_policy[256]; /* file of policies; empty: those of x0top */
	char mapek_knowledge[256]; /* its database; empty: none is kept */
	uint32_t n_listen; /* 0: LISTEN_DEFAULT */
	char listen[LISTEN_MAX][LISTEN_ADDRESS_LEN]; /* where `serve` answers: serve/listen.h */
	char web_config[256]; /* file of serve/web_config.h; empty: none */
	bool replace_only; /* with adopt_only: owns the chain, to replace programs there; attaches nothing */
	bool adopt_only; /* starts nothing, adopts what is pinned: for subcommands */
	bool classes_only; /* with adopt_only: starts the classifier, if no other x0top runs */
	bool lab; /* runs as the host's end of a lab mesh */
	char objects[256]; /* folder of <program>.bpf.o; empty: uses the built-in objects */
	uint32_t n_sets;
	struct settings_set sets[MESH_SETS_MAX];
	uint32_t mesh_policy; /* MESH_PASS or MESH_DROP: of packets that no rule matches */
	char rules_file[256]; /* that has the key `rules`; empty: none */
	struct settings_mark marks[MESH_RULES_MAX]; /* of the rules */
	uint32_t n_rules;
	struct mesh_rule rules[MESH_RULES_MAX]; /* last: no memory is touched beyond those used */
};

extern const char *const xdp_mode_wanted_names[]; /* enum xdp_mode_wanted */
extern const char *const syscalls_attach_wanted_names[]; /* enum syscalls_attach_wanted */
extern const char *const audit_policy_names[]; /* enum audit_policy */

#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 3600.0

/* Sets the defaults: every program, all interfaces, no rules, the default calls and classes. */
void settings_default(struct settings *settings);

/* Makes *to what *from is. */
void settings_copy(struct settings *to, const struct settings *from);

/* Returns a key of the configuration file by index; NULL after the last. */
const char *settings_key(uint32_t index);

/* Returns whether there is such a key; and whether it takes a list. */
bool settings_is_key(const char *name);
bool settings_key_is_list(const char *key);

/*
 * Sets the value of a key from text; adds it to a list, once. Returns 0, or a negative errno with *failure
 * set and nothing changed.
 */
int settings_set(
	struct settings *settings, const char *key, const char *value, struct failure *failure);

/* Empties the list of a key, so that new values replace it; keeps `classes`, which extend the defaults. */
void settings_clear(struct settings *settings, const char *key);

/*
 * Reads a YAML file into `settings`: its keys replace values, other keys keep theirs, and `classes` extend
 * the default table. Returns 0, or a negative errno with nothing changed and *failure naming file, line
 * and mistake.
 */
int settings_read_file(struct settings *settings, const char *path, struct failure *failure);

#endif
