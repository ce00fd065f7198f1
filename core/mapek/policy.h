/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policies: what is done about which anomaly, and its bounds. A file in YAML:
 *
 *	mode: advise                # off, advise or act
 *	brake: 10                   # more actions than that in a minute stop acting
 *	least: 100/s                # no limit is lower
 *	never: [192.0.2.0/24]       # no action is about these addresses
 *	policies:
 *	  - name: udp flood
 *	    watch: udp              # a name of mapek/measure.h
 *	    is: high                # or low
 *	    score: 1.8              # -log10 of a probability, from which on it is an anomaly
 *	    from: 2000              # a lower value (is: low: a higher one) is never an anomaly
 *	    hold: 1s                # for so long, before anything is done
 *	    calm: 10s               # for so long no anomaly, before it is over
 *	    do: rule add limit 500/s from {source} proto udp
 *	    busy: 500               # packets a second from which a source is one of {source}
 *	    small: 100              # bytes of its packets, on average, at most
 *	    most: 8                 # actions of this policy at once
 *	    for: 2m                 # an action ends then, unless it is renewed
 *	  - name: page
 *	    watch: drops
 *	    run: [/usr/local/bin/page, lost]   # in place of `do`: a program, as an ordinary user
 *	    user: pager             # who it runs as; nobody without it
 *	    within: 10s             # then it is killed
 *
 * `do` is the text of an action, control/action.h, without "for": a rule, a program on or off, or what is done to a
 * class, "qos police eth0 in bulk 5Mbit/s"; {source} stands for each of the busiest
 * sources, {source}/24 or {source}/24/64 for the busiest networks of that length, of IPv6 64 bits or as the second number
 * says, {mac} for each of the busiest senders of frames while no few sources make up their traffic, {node} for
 * each of the nodes that send the most by their signatures. Without `do` and `run`, the anomaly is only shown and
 * remembered.
 */
#ifndef X0_MAPEK_POLICY_H
#define X0_MAPEK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "model/snapshot_mapek.h"
#include "programs/connection.h"
#include "xdp_mesh_filter.h"

enum {
	POLICIES_MAX = 32,
	POLICY_NEVER_MAX = 64,
	POLICY_ACTIONS_MAX = 16, /* of one policy at once */
	POLICY_LENGTH_MAX = 86400, /* s */
	POLICY_WITHIN_MAX = 300, /* s */
	HOOK_ARGUMENTS_MAX = 16,
	HOOK_LEN = 512, /* of all arguments, with their NULs */
};

enum policy_side {
	POLICY_HIGH,
	POLICY_LOW,
};

struct policy {
	char name[NAME_LEN];
	uint32_t series; /* place in measures */
	uint32_t side; /* enum policy_side */
	double score; /* from which on a value is an anomaly; NAN: series_alarm() of the step */
	double from; /* of a high one, a lower value is no anomaly; of a low one, a higher; NAN: any is */
	double hold, calm; /* s */
	char action[RULE_LEN]; /* may be empty; of one with a hook, "mapek run NAME" */
	uint32_t n_arguments; /* of the hook; 0: none */
	char hook[HOOK_LEN]; /* its arguments, the path first, each ended by NUL */
	double within; /* s, after which it is killed */
	char user[NAME_LEN]; /* that it runs as; empty: nobody */
	/* Of the network of a source that it is about, in bits; 0: of the address alone. */
	uint32_t length_4, length_6;
	bool names_source; /* with or without such a length */
	double busy; /* packets a second of a source */
	double small; /* bytes of a source's packets, on average, at most; NAN: any */
	uint32_t most;
	uint32_t length; /* s */
	size_t line; /* in the file, for messages */
};

struct policies {
	uint32_t mode; /* enum mapek_mode */
	uint32_t brake; /* actions a minute */
	uint64_t least; /* packets a second */
	uint32_t n_never, n;
	struct mesh_prefix never[POLICY_NEVER_MAX];
	struct policy list[POLICIES_MAX];
	uint32_t n_spared; /* what operators have said after the file: "never again" */
	struct snapshot_mapek_spared
		spared[MAPEK_SPARED_MAX]; /* targets as operand_target has them */
};

extern const char *const policy_side_names[]; /* enum policy_side */
extern const char policies_built_in[]; /* the text of the policies that come with x0top */

/*
 * Reads a file of policies; `path` NULL: those that come with x0top. `own`, NULL without one, is the
 * connection that no policy may cut. Returns 0, or a negative errno with *policies unchanged and *failure
 * naming the place: a mistake, a policy that could cut the operator off, one that contradicts another.
 */
int policies_read(struct policies *policies, const char *path, const struct connection *own,
	struct failure *failure);

/* Writes whom a policy's action is about where this address, or MAC address, is among the busiest: it, or the network
 * around it. Returns `text`. */
char *policy_about(const struct policy *policy, const char *address, char *text, size_t size);

/* Writes the action of a policy about `target`, as policy_about() has it. Returns `text`. */
char *policy_action(const struct policy *policy, const char *target, char *text, size_t size);

/* Writes the arguments of a policy's hook about `target` into `texts`, and the list of them, ended by NULL. */
void policy_arguments(const struct policy *policy, const char *target,
	char texts[HOOK_ARGUMENTS_MAX][HOOK_LEN], char *arguments[HOOK_ARGUMENTS_MAX + 1]);

enum policy_target {
	POLICY_NOBODY,
	POLICY_SOURCES, /* the busiest sources */
	POLICY_SENDERS, /* the busiest senders of frames, by MAC address */
	POLICY_NODES, /* the busiest nodes, by the signatures or tags of what they send */
	POLICY_TARGETS,
};

/* What stands for a target in actions and arguments, by enum policy_target: "{source}"; NULL: nothing. */
extern const char *const policy_placeholders[];

/* Returns whom an action is about. */
enum policy_target policy_target(const struct policy *policy);

/* Returns whether `never` of the file spares an address, or any of a network; true for what is neither. */
bool policies_spare(const struct policies *policies, const char *address);

/* Returns the place of what spares a target by an operator's word, an address by its prefix, a network by any of it; or
 * -ENOENT. */
int policies_spared(const struct policies *policies, const char *target);
int spared_find(const struct snapshot_mapek_spared *list, uint32_t n, const char *target);

#endif
