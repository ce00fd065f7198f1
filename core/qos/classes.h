/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The class table assigns packets to traffic classes. Its lines are like
 *
 *	dscp ef interactive		ethertype 0x4305 mesh
 *	protocol ospf control		udp 6696 mesh		tcp 179 control
 *
 * Names stand for code points and protocols that have one. A class is whatever the operator calls it. The
 * class "none" removes a line from the table.
 */
#ifndef X0_QOS_CLASSES_H
#define X0_QOS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "tc_classifier.h"

/* The field that an entry matches, with the range of its value. */
enum class_match {
	CLASS_MATCH_DSCP, /* 0 to 63 */
	CLASS_MATCH_ETHERTYPE, /* 0x0600 to 0xffff */
	CLASS_MATCH_PROTOCOL, /* 0 to 255 */
	CLASS_MATCH_PORT, /* protocol IPPROTO_TCP or IPPROTO_UDP, value 1 to 65535 */
};

struct class_entry {
	uint8_t match; /* enum class_match */
	uint8_t class; /* number, from 1; CLASS_NONE */
	uint8_t protocol; /* CLASS_MATCH_PORT only */
	uint16_t value;
};

#define CLASS_ENTRIES_MAX 256

/* Names of classes by their number; empty: no class has it. */
struct class_names {
	char names[TRAFFIC_CLASSES][CLASS_NAME_LEN];
};

/* Sets the names of the default table. */
void class_names_default(struct class_names *names);

/*
 * Returns the number of a class, a new one if no class has the name; or a negative errno: -EINVAL if no class
 * can have it (letters, digits, "-" and "_"), -ENOSPC if there are CLASSES_MAX.
 */
int class_names_number(struct class_names *names, const char *name);

/* The table in the form of tc_classifier's maps. */
struct class_maps {
	struct class_table table;
	uint32_t n_ports;
	struct class_port ports[CLASS_ENTRIES_MAX];
	uint8_t port_classes[CLASS_ENTRIES_MAX];
	uint32_t n_ethertypes;
	__be16 ethertypes[CLASS_ETHERTYPES_MAX];
	uint8_t ethertype_classes[CLASS_ETHERTYPES_MAX];
};

/* Fills `entries` with the default table. Returns their number. */
uint32_t classes_default(struct class_entry entries[CLASS_ENTRIES_MAX]);

/* Reads one line, and adds the name of its class to *names. Returns 0, or a negative errno with *failure set:
 * -EINVAL, or -ENOSPC if there are too many classes. */
int classes_parse(const char *text, struct class_names *names, struct class_entry *entry,
	struct failure *failure);

/* Writes an entry as a line that classes_parse() reads. */
void classes_format(
	const struct class_names *names, const struct class_entry *entry, char *text, size_t size);

/*
 * Writes the numbers of the classes that entries name, each once, in their order, and last the one of packets
 * without an entry. Returns how many.
 */
uint32_t classes_used(const struct class_entry *entries, uint32_t n, uint8_t used[CLASSES_MAX]);

/*
 * Adds an entry to a list of *n, or replaces the entry that matches the same packets; the class
 * "none" removes that. Returns 0, or -ENOSPC if the list is full.
 */
int classes_put(struct class_entry entries[CLASS_ENTRIES_MAX], uint32_t *n,
	const struct class_entry *entry);

/* Returns which packets an entry matches, "ARP", where the default table knows them; else "". */
const char *classes_packets(const struct class_entry *entry);

/* Returns whether the default table has this entry. */
bool classes_is_default(const struct class_entry *entry);

/* Returns its place in the order of matching, from 1: ethertype, port, DSCP, protocol. */
uint32_t classes_order(const struct class_entry *entry);

/* Fills `maps` from a list of at most CLASS_ENTRIES_MAX entries, made by classes_put(). */
void classes_fill(const struct class_entry *entries, uint32_t n, struct class_maps *maps);

#endif
