/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a file of policies, and how the text of each is read. */
#ifndef X0_MAPEK_POLICY_MEMBERS_H
#define X0_MAPEK_POLICY_MEMBERS_H

#include <stdbool.h>

#include "mapek/policy.h"

/* What a member is read into: the policies, or one of them. */
struct policy_place {
	struct policies *policies;
	struct policy *policy; /* NULL outside of one */
};

struct policy_member {
	const char *name; /* NULL ends a table */
	/* Returns 0, or a negative errno with *failure saying what is wrong with the text. */
	int (*read)(const char *text, const struct policy_place *place, struct failure *failure);
	bool list; /* read for each of its texts */
};

extern const struct policy_member policies_members[]; /* beside the list of policies */
extern const struct policy_member policy_members[]; /* of each of them */

#endif
