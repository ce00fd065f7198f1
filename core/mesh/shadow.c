// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/shadow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/cover.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"

/* --- which rules ------------------------------------------------------------------------------- */

/* Earlier rules that may take packets from a rule. */
struct earlier {
	uint32_t n;
	uint16_t rules[MESH_RULES_MAX];
};

static bool outlives(const struct mesh_rule *rule, const struct mesh_rule *other)
{
	return rule->expires == 0 || (other->expires != 0 && rule->expires >= other->expires);
}

static void find_earlier(const struct mesh_rule *rules, uint32_t number, struct earlier *earlier)
{
	earlier->n = 0;
	for (uint32_t i = 0; i < number; i++)
		if (rule_exists(&rules[i]) && rules[i].enabled && rules[i].action != MESH_COUNT &&
			outlives(&rules[i], &rules[number]) &&
			rule_may_meet(&rules[i], &rules[number]))
			earlier->rules[earlier->n++] = (uint16_t)i;
}

static bool covers(
	struct cover *cover, uint32_t number, const struct earlier *earlier, uint32_t *still)
{
	return cover_by(cover, number, earlier->rules, earlier->n, still);
}

/* Returns whether one rule alone casts the same shadow. */
static bool find_one(struct cover *cover, uint32_t number, struct earlier *earlier, uint32_t still)
{
	for (uint32_t i = 0; i < earlier->n; i++) {
		uint32_t left;
		if (!cover_by(cover, number, &earlier->rules[i], 1, &left) || left != still)
			continue;
		earlier->rules[0] = earlier->rules[i];
		earlier->n = 1;
		return true;
	}
	return false;
}

/* Leaves out rules without which the shadow is the same, the first ones first. */
static void leave_out(struct cover *cover, uint32_t number, struct earlier *earlier, uint32_t still)
{
	for (uint32_t i = earlier->n; i-- > 0;) {
		struct earlier fewer = *earlier;
		uint32_t left;
		fewer.n--;
		memmove(&fewer.rules[i], &fewer.rules[i + 1],
			(fewer.n - i) * sizeof(fewer.rules[0]));
		if (covers(cover, number, &fewer, &left) && left == still)
			*earlier = fewer;
	}
}

static void find_shadow(
	struct cover *cover, const struct mesh_rule *rules, uint32_t number, struct shadow *shadow)
{
	struct earlier earlier;
	uint32_t still;

	*shadow = (struct shadow) { .n = 0 };
	if (!rule_exists(&rules[number]))
		return;
	find_earlier(rules, number, &earlier);
	if (!covers(cover, number, &earlier, &still))
		return;
	if (!find_one(cover, number, &earlier, still))
		leave_out(cover, number, &earlier, still);
	shadow->n = (uint16_t)earlier.n;
	shadow->still = still;
	memcpy(shadow->rules, earlier.rules, sizeof(shadow->rules));
}

int rules_shadows(
	const struct mesh_rule *rules, const struct mesh_sets *sets, struct shadow *shadows)
{
	struct cover *cover = cover_open(rules, sets);

	if (cover == NULL)
		memset(shadows, 0, MESH_RULES_MAX * sizeof(*shadows));
	for (uint32_t i = 0; cover != NULL && i < MESH_RULES_MAX; i++)
		find_shadow(cover, rules, i, &shadows[i]);
	cover_close(cover);
	return cover != NULL ? 0 : -ENOMEM;
}

bool rules_name_sets(const struct mesh_rule *rules)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		for (uint32_t d = 0; d < MESH_DIMENSIONS; d++)
			if (rule_exists(&rules[i]) && rules[i].sets[d] != 0)
				return true;
	return false;
}

/* --- words --------------------------------------------------------------------------------------- */

/* Writes "rule 0", "rules 0 and 1", or "rules 0, 1, 2 and 9 more". */
static void write_rules(const struct shadow *shadow, char *text, size_t size)
{
	uint32_t shown = shadow->n <= SHADOW_RULES_MAX ? shadow->n : SHADOW_RULES_MAX;
	size_t length = (size_t)snprintf(text, size, "rule%s ", shadow->n > 1 ? "s" : "");

	for (uint32_t i = 0; i < shown && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%u",
			i == 0		     ? ""
			: i + 1 == shadow->n ? " and "
					     : ", ",
			shadow->rules[i]);
	if (shown < shadow->n && length < size)
		snprintf(text + length, size - length, " and %u more", shadow->n - shown);
}

static void write_kinds(uint32_t kinds, char *text, size_t size)
{
	static const char *const names[MESH_KINDS] = { [MESH_UNREADABLE] = "unreadable packets",
		[MESH_ARP] = "ARP",
		[MESH_NEIGHBOUR_DISCOVERY] = "neighbour discovery",
		[MESH_DHCP] = "DHCP" };
	size_t length = 0;

	for (uint32_t kind = MESH_UNREADABLE; kind < MESH_KINDS && length < size; kind++)
		if (kinds >> kind & 1)
			length += (size_t)snprintf(text + length, size - length, "%s%s",
				length == 0		   ? ""
				: kinds >> (kind + 1) == 0 ? " and "
							   : ", ",
				names[kind]);
}

void shadow_format(const struct shadow *shadow, char *text, size_t size)
{
	char rules[64], kinds[64];

	if (size > 0)
		text[0] = '\0';
	if (shadow->n == 0)
		return;
	write_rules(shadow, rules, sizeof(rules));
	write_kinds(shadow->still, kinds, sizeof(kinds));
	if (shadow->still == 0)
		snprintf(text, size, "never decides: %s match%s all that it does", rules,
			shadow->n > 1 ? "" : "es");
	else
		snprintf(text, size, "decides about %s alone: %s match%s the rest", kinds, rules,
			shadow->n > 1 ? "" : "es");
}
