/* SPDX-License-Identifier: BSD-2-Clause */
/* What a rule says beside its action and conditions: until when it holds, who it is from, and why. */
#ifndef X0_MESH_RULE_NOTES_H
#define X0_MESH_RULE_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/words.h"
#include "xdp_mesh_filter.h"

enum { RULE_DATE_LEN = sizeof("2026-11-27T23:10:00Z") };

/* Returns whether a word begins a note: "for", "until", "origin" or "comment". */
bool rule_note_begins(const char *word);

/* Reads the notes from word `at` of `text` to its end. Returns 0, or -EINVAL with *failure set. */
int rule_notes_parse(const char *text, const struct words *words, uint32_t at,
	struct mesh_rule *rule, struct failure *failure);

/* Returns the time for which a rule still holds in seconds, rounded up; 0: it has expired; UINT64_MAX:
 * for ever. */
uint64_t rule_time_left(const struct mesh_rule *rule);

/* Writes the second at which the rule expires, as "until" reads it. */
void rule_format_date(const struct mesh_rule *rule, char text[RULE_DATE_LEN]);

#endif
