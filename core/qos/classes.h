/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines assign packets to traffic classes: the first one that matches decides. They are like
 *
 *	dscp ef interactive		ethertype 0x4305 mesh		tcp 179 control
 *	udp 5060-5061 to @phones egress voip
 *
 * A line is conditions, all of which must hold, and the name of a class, which is whatever the operator calls
 * it. Conditions are those of mesh rules (mesh/rule.h) but for MAC addresses, kinds and notes; and
 *
 *	dscp NAME or NUMBER	a code point
 *	ingress, egress		the direction
 *	on INTERFACE		as "in"
 *	cgroup PATH		what processes in it send, and in those within: system.slice/ssh.service
 *
 * A port without a source port is that of either end: of what a server receives, and of what it answers.
 */
#ifndef X0_QOS_CLASSES_H
#define X0_QOS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "mesh/compile.h"
#include "mesh/sets.h"
#include "qos/dscp.h"
#include "tc_classifier.h"

struct class_line {
	struct mesh_rule rule; /* its conditions, as tc_classifier.h uses them */
	uint8_t class; /* number, from 1; CLASS_NONE in a configuration: takes a line away */
};

/* Names of classes by their number; empty: no class has it. */
struct class_names {
	char names[TRAFFIC_CLASSES][CLASS_NAME_LEN];
};

struct class_lines {
	struct class_names names;
	uint32_t n;
	uint32_t n_own; /* the first ones, which are not from the default table */
	struct class_line lines[CLASS_LINES_MAX];
};

/* Copies the lines that there are: no memory is touched beyond them. */
void classes_copy(struct class_lines *to, const struct class_lines *from);

/* Sets the default lines, and the names of their classes. */
void classes_default(struct class_lines *lines);

/*
 * Returns the number of a class, a new one if no class has the name; or a negative errno: -EINVAL if no class
 * can have it (letters, digits, "-" and "_"), -ENOSPC if there are CLASSES_MAX.
 */
int class_names_number(struct class_names *names, const char *name);

/* Reads one line, and adds the name of its class to *names. Returns 0, or a negative errno with *failure set:
 * -EINVAL, or -ENOSPC if there are too many classes. */
int classes_parse(const char *text, struct class_names *names, struct class_line *line,
	struct failure *failure);

/* Write the conditions of a line, and a line as classes_parse() reads it. RULE_LEN holds any. */
void classes_format_conditions(const struct class_line *line, char *text, size_t size);
void classes_format(
	const struct class_names *names, const struct class_line *line, char *text, size_t size);

/*
 * Takes a line of a configuration: behind its lines before, and before the default ones; in the place of the one
 * with the same conditions. The class "none" takes that away. Returns 0, or -ENOSPC.
 */
int classes_put(struct class_lines *lines, const struct class_line *line);

/*
 * Changes of lines by the operator: adds one at a place, which may be behind the last; gives one another form;
 * takes one away; gives one another place. Return 0, or a negative errno with *failure set and nothing changed:
 * -ENOENT if there is no such place, -EEXIST if another line has the same conditions, -ENOSPC.
 */
int classes_insert(struct class_lines *lines, uint32_t place, const struct class_line *line,
	struct failure *failure);
int classes_edit(struct class_lines *lines, uint32_t place, const struct class_line *line,
	struct failure *failure);
int classes_delete(struct class_lines *lines, uint32_t place, struct failure *failure);
int classes_move(struct class_lines *lines, uint32_t place, uint32_t to, struct failure *failure);

/* Returns whether two lines have the same conditions. */
bool classes_same(const struct class_line *a, const struct class_line *b);

/* Lists the cgroups that lines name, each once, in their order: their numbers are from 1 on. Returns how many, or
 * -ENOSPC if there are more than CLASS_CGROUPS_MAX. The texts are of the lines. */
int classes_cgroups(const struct class_lines *lines, const char *paths[CLASS_CGROUPS_MAX]);

/* Returns the place of the line with the same conditions, or -ENOENT. */
int classes_place(const struct class_lines *lines, const struct class_line *line);

/* Returns which packets a line matches, "ARP", where the default table knows them; else "". */
const char *classes_packets(const struct class_line *line);

/* Returns whether the default table has this line, with this class. */
bool classes_is_default(const struct class_lines *lines, const struct class_line *line);

/*
 * Writes the numbers of the classes that lines name, each once, in their order, and last the one of packets
 * that no line matches. Returns how many.
 */
uint32_t classes_used(const struct class_lines *lines, uint8_t used[CLASSES_MAX]);

/* Returns the place of a line that names a set, or -ENOENT. */
int classes_name_set(const struct class_lines *lines, const char *set);

/* Returns whether any line names a set, and an interface. */
bool classes_name_sets(const struct class_lines *lines);
bool classes_name_interfaces(const struct class_lines *lines);

struct class_source {
	const struct class_lines *lines;
	const struct mesh_sets *sets; /* that lines name; NULL: there are none */
	uint32_t generation, bank; /* as in struct mesh_source */
	uint64_t seed;
	uint32_t (*ifindex)(const char *name);
};

/*
 * Compiles. A line that names a set that is not there, or that is of another kind, matches nothing: *unmet is set
 * for the first one. Returns as mesh_compile().
 */
int classes_compile(const struct class_source *source, struct mesh_compiled *compiled,
	struct failure *unmet, struct failure *failure);

#endif
