/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an object's author says of its maps and members: declaration tags of BTF that begin with "x0:",
 * followed by words, separated by commas:
 *
 *	name=NAME       it is called so, and not as in the source
 *	unit=U          ns, us, ms, s, bytes, packets, or any other word
 *	help=TEXT       a sentence; the rest of the tag, commas included
 *	counter         only rises: it has a rate, and is a metric; summed over the CPUs
 *	gauge           rises and falls, and is a metric; the largest over the CPUs
 *	gauge=sum       the same, summed over the CPUs
 *	hist=log2       an array of counts: element n counts values from 2^n to 2^(n + 1)
 *	address         4, 6 or 16 bytes are an IPv4, MAC or IPv6 address
 *	big             an integer in network byte order
 *	text            bytes are a text
 *	sort            rows are sorted by it, the largest first
 *	hidden          not shown
 *	event=STRUCT    of a ring buffer: its records are such structs
 *	before=STAGE    of the function of an XDP program: where it stands in the chain
 *	after=STAGE     the same
 *
 * A tag on a map's variable speaks of the map, and, where key or value is no struct, of the value.
 */
#ifndef X0_PLUGINS_SHOW_TAGS_H
#define X0_PLUGINS_SHOW_TAGS_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/snapshot_plugins.h"

enum { SHOW_TAGS_MAX = 1024 }; /* further ones are not read */

/* The tags of an object. The texts are those of `btf`, which must outlive it. */
struct show_tag_list {
	const struct btf *btf;
	uint32_t n;
	struct {
		uint32_t type; /* that it is about */
		int member; /* its number; -1: the type or variable itself */
		const char *words; /* behind "x0:" */
	} tags[SHOW_TAGS_MAX];
};

struct show_tags {
	char name[PLUGIN_NAME_LEN];
	char unit[NAME_LEN];
	char help[TEXT_LEN];
	char event[PLUGIN_NAME_LEN];
	char before[NAME_LEN], after[NAME_LEN];
	char unknown[NAME_LEN]; /* the first word that is none of these */
	uint32_t role; /* PLUGIN_COUNTER, PLUGIN_GAUGE or PLUGIN_VALUE */
	bool sum; /* a gauge, over the CPUs */
	bool histogram, address, big, text, sort, hidden;
};

/* Finds the tags of an object; `btf` may be NULL. */
void show_tags_find(struct show_tag_list *list, const struct btf *btf);

/* Adds to *tags what is said of a type's member, -1: of the type or variable itself. */
void show_tags_read(
	const struct show_tag_list *list, uint32_t type, int member, struct show_tags *tags);

#endif
