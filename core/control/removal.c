// SPDX-License-Identifier: BSD-2-Clause
/* Removes what x0top left enforcing on this host: x0top programs down. */
#include "control/enforcement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "control/audit.h"
#include "control/qos_recover.h"
#include "control/qos_undo.h"
#include "control/state.h"
#include "control/switch_book.h"
#include "kernel/lock.h"
#include "kernel/pins.h"
#include "plugins/plugins.h"
#include "programs/programs.h"
#include "qos/shape.h"

/* What is done to classes ends on all interfaces, also if this is killed in it. */
static void stop_all(struct orchestrator *o)
{
	bool begun = qos_remember_end(o, "programs down");

	enforcement_stop_all(o);
	if (begun)
		qos_settle(o);
}

/* Turns enforcing off in the pinned maps, if they belong to this x0top. */
static int stop_enforcing(const struct pins *pins)
{
	struct orchestrator *o = calloc(1, sizeof(*o));
	struct failure ignored;

	if (o == NULL)
		return -ENOMEM;
	map_registry_init(&o->context.maps);
	map_registry_declare(&o->context.maps, chain_maps);
	int error = orchestrator_list_programs(o);
	if (error == 0 && map_registry_adopt(&o->context.maps, pins->folder, &ignored) == 0 &&
		enforcement_compare_maps(o, &ignored) == 0)
		stop_all(o);
	map_registry_close(&o->context.maps);
	orchestrator_free_programs(o);
	free(o);
	return error;
}

/* Removes the pins. Also detaches the links, if no other x0top owns the chain. */
static int remove_pins(struct pins *pins)
{
	struct failure ignored;
	int own = lock_own(&ignored), removed = 0;

	if (pins->folder >= 0 && (removed = stop_enforcing(pins)) < 0)
		goto close_lock;
	pins_clean(pins, own >= 0);
	removed = pins_empty(pins, own >= 0);
close_lock:
	fd_close(&own);
	return removed;
}

/* Counts, and with `remove` removes, what killed programs left besides pins, such as TC filters. */
static int leftovers(bool remove)
{
	int found = 0;

	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		int n = program_types[i]->leftovers == NULL ? 0
							    : program_types[i]->leftovers(remove);
		found += n > 0 ? n : 0;
	}
	int n = plugins_leftovers(remove);
	return found + (n > 0 ? n : 0);
}

int enforcement_filters(void)
{
	return leftovers(false);
}

int enforcement_shaped(void)
{
	return shape_leftovers(false);
}

static int remove_all(struct enforcement_removed *removed, struct failure *failure)
{
	struct pins pins;

	pins_init(&pins);
	int error = pins_open(&pins, failure), shaped = shape_leftovers(false);
	if (error == 0 && (error = remove_pins(&pins)) < 0)
		failure_set(failure, error, "Cannot remove %s: %s", PINS_FOLDER, strerror(-error));
	removed->pins = error < 0 ? 0 : error;
	removed->filters = leftovers(true);
	shape_leftovers(true);
	removed->shaped = shaped > 0 ? shaped : 0;
	if (error >= 0 && pins.other_layout[0] != '\0') {
		error = failure_set(failure, -EEXIST,
			"Left %s/%s alone: it belongs to another version of x0top", PINS_ROOT,
			pins.other_layout);
		failure_remedy(failure, "Run that version's: x0top programs down");
	}
	pins_close(&pins);
	return error < 0 ? error : 0;
}

int enforcement_down(
	uint32_t audit_policy, struct enforcement_removed *removed, struct failure *failure)
{
	/* Not a verb of a running x0top: that would have to end itself. */
	static const struct verb down = { .object = "programs", .word = "down" };
	static const struct action action = { .verb = &down, .actor = ACTOR_COMMAND_LINE };
	int lock = lock_change(failure);
	struct audit audit;

	memset(removed, 0, sizeof(*removed));
	if (lock < 0)
		return lock;
	failure->error = 0;
	int error = audit_open(&audit, audit_policy, &action, failure);
	if (error < 0)
		goto unlock;
	error = remove_all(removed, failure);
	switch_book_forget();
	audit_finish(&audit, &action, failure, "", &removed->unaudited);
unlock:
	close(lock);
	return error;
}
