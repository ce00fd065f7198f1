/* SPDX-License-Identifier: BSD-2-Clause */
/* Converts a mesh rule between text and the form in xdp_mesh_filter's maps, and compares rules. */
#ifndef X0_MESH_RULE_H
#define X0_MESH_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "xdp_mesh_filter.h"

/*
 * Reads "ACTION CONDITION..." into an enabled rule without a place. ACTION is "pass", "drop", "count", or
 * "limit RATE [burst NUMBER]" with a RATE such as "1000/s" (packets) or "10Mbit/s". All conditions must
 * hold; each is there once:
 *   PREFIX or from PREFIX   source; an address alone is one host
 *   to PREFIX               destination
 *   mac ADDRESS             source
 *   tcp PORT, udp PORT      protocol and destination port; PORT may be a range, 20-25
 *   proto NAME or NUMBER    protocol alone
 *   port PORT, sport PORT   destination and source port
 *   ethertype NUMBER, vlan NUMBER, in INTERFACE
 *   unreadable              addresses or ports may hide from the rules
 *   arp, nd, dhcp           what hosts cannot do without: see rule_is_for_kind()
 *   all                     no condition
 * "@NAME" in place of a prefix, a MAC address or a port is a set. Bits of a prefix beyond its length must
 * be zero. Notes may follow:
 *   for TIME, until DATE    the rule holds for 10m, or until 2026-11-27T23:10:00Z; a past date is read
 *   origin NAME             operator, file, feed, mapek (as files have it); else MESH_ORIGIN_NONE
 *   comment TEXT            to the end, in quotes or without
 * Returns 0, or -EINVAL with *failure set.
 */
int rule_parse(const char *text, struct mesh_rule *rule, struct failure *failure);

/* Read one value: a prefix, six bytes of a MAC address, a port or a range of ports. Return as
 * rule_parse(). */
int rule_parse_prefix(const char *key, struct mesh_prefix *prefix, struct failure *failure);
int rule_parse_mac(const char *text, uint8_t *mac, struct failure *failure);
int rule_parse_ports(const char *text, struct mesh_range *range, struct failure *failure);

/* Write one value as these read it; hex_format_mac() a MAC address. */
void rule_format_prefix(const struct mesh_prefix *prefix, char *text, size_t size);
void rule_format_ports(const struct mesh_range *range, char *text, size_t size);

struct rule_protocol {
	const char *name;
	uint8_t number;
};
extern const struct rule_protocol rule_protocols[]; /* with names in rules; ended by a NULL name */

/*
 * Returns whether a rule may decide about packets of a kind. Of what is unreadable, only rules decide that
 * drop, or that are for it. What hosts cannot do without is dropped or limited only by a rule that names it:
 * by "arp", "nd" or "dhcp"; ARP also by its ethertype, DHCP also by destination ports that are all its own,
 * and all three by the sender's MAC address.
 */
bool rule_is_for_kind(const struct mesh_rule *rule, enum mesh_kind kind);

/* Returns whether a rule names a kind, by the word for it or otherwise. */
bool rule_names_kind(const struct mesh_rule *rule, enum mesh_kind kind);

/* The words for kinds in rules. */
extern const char *const rule_kinds[MESH_KINDS];

/* Returns what a rule looks at, for lists. */
enum mesh_rule_match rule_match(const struct mesh_rule *rule);

/* Sets *failure to "no key for a mesh rule", with what to write. Returns -EINVAL. */
int rule_key_error(struct failure *failure, const char *key);

/* Writes a rule's conditions, like "10.1.0.0/16", "02:00:00:00:00:01" or "udp 6696 in eth0". */
void rule_format_key(const struct mesh_rule *rule, char *text, size_t size);

/* Writes the limit of a rule that limits, like "1k/s burst 100", else "". */
void rule_format_limit(const struct mesh_rule *rule, char *text, size_t size);

/* Copies the comment; bytes that may drive a terminal become "?". */
void rule_format_comment(const struct mesh_rule *rule, char text[MESH_COMMENT_LEN]);

/* Writes a rule as rule_parse() reads it, like "drop 10.1.0.0/16 for 9m59s comment "guests"", without
 * its origin. RULE_LEN holds any. */
void rule_format(const struct mesh_rule *rule, char *text, size_t size);

/* Writes it for a file, which is read at another time: with "off" if it is, "until", and the origin, if it is
 * not a file's. */
void rule_format_saved(const struct mesh_rule *rule, char *text, size_t size);

/* Returns whether two rules have the same conditions. */
bool rule_same_key(const struct mesh_rule *a, const struct mesh_rule *b);

/* Returns whether the first `bits` of two addresses are the same. */
bool rule_same_start(const uint8_t *a, const uint8_t *b, uint32_t bits);

/* Returns whether every packet that `narrow` matches is matched by `wide`, where not both drop or limit
 * what hosts cannot do without, which `narrow` does not name. Of sets it knows the names only. */
bool rule_covers(const struct mesh_rule *wide, const struct mesh_rule *narrow);

/* Returns whether a packet may match both rules. */
bool rule_may_meet(const struct mesh_rule *a, const struct mesh_rule *b);

#endif
