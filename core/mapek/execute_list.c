// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/execute_list.h"

#include <string.h>

bool execute_holds(const struct executed *executed)
{
	return executed->shown.state == MAPEK_ADVISED || executed->shown.state == MAPEK_IN_FORCE;
}

struct executed *execute_find(struct execute *execute, const char *action)
{
	for (uint32_t i = 0; i < execute->n; i++)
		if (execute_holds(&execute->list[i]) &&
			strcmp(execute->list[i].shown.action, action) == 0)
			return &execute->list[i];
	return NULL;
}

struct executed *execute_find_number(struct execute *execute, uint64_t number)
{
	for (uint32_t i = 0; i < execute->n; i++)
		if (execute->list[i].shown.number == number)
			return &execute->list[i];
	return NULL;
}

static bool is_about(const struct executed *executed, const struct wish *wish)
{
	return executed->policy == wish->policy &&
	       strcmp(executed->shown.target, wish->target) == 0;
}

struct executed *execute_find_about(struct execute *execute, const struct wish *wish, double now)
{
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		const double rest = executed->shown.state == MAPEK_UNDONE
					    ? EXECUTE_REST_SECONDS
					    : executed->policy->length;
		if (!is_about(executed, wish))
			continue;
		if (execute_holds(executed))
			return executed;
		if (executed->shown.state != MAPEK_OVER && now - executed->ended < rest)
			return executed;
	}
	return NULL;
}

uint32_t execute_count_held(const struct execute *execute, const struct policy *policy)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < execute->n; i++)
		n += execute->list[i].policy == policy && execute_holds(&execute->list[i]);
	return n;
}

struct executed *execute_make_room(struct execute *execute)
{
	struct executed *oldest = NULL;

	if (execute->n < MAPEK_ACTIONS_SHOWN)
		return &execute->list[execute->n++];
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		if (!execute_holds(executed) && (oldest == NULL || executed->ended < oldest->ended))
			oldest = executed;
	}
	return oldest;
}
