// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/neighbours.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "neighbours/table.h"

/* Nodes whose signature was verified come with the snapshot: sample.c. */
static const struct neighbour_source_type signed_nodes = { .name = NEIGHBOURS_SIGNED };

static const struct neighbour_source_type *const types[NEIGHBOUR_SOURCES] = {
	[NEIGHBOURS_KERNEL] = &neighbours_kernel,
	[NEIGHBOURS_BATMAN] = &neighbours_batman,
	[NEIGHBOURS_BABEL] = &neighbours_babel,
	[NEIGHBOURS_WIREGUARD] = &neighbours_wireguard,
	[NEIGHBOURS_SIGNED] = &signed_nodes,
	[NEIGHBOURS_FILE] = &neighbours_file,
};

static int open_source(struct neighbours *neighbours, uint32_t name,
	void (*say)(void *data, const char *sentence), void *data)
{
	struct neighbour_source *source = &neighbours->sources[name];

	source->as_of = NAN;
	if (!(neighbours->settings.wanted >> name & 1))
		return 0;
	source->own = calloc(1, types[name]->size + 1);
	if (source->own == NULL)
		return -ENOMEM;
	source->type = types[name];
	source->settings = &neighbours->settings;
	source->loop = neighbours->loop;
	source->say = say;
	source->say_data = data;
	source->state = SOURCE_ABSENT;
	if (source->type->open != NULL)
		source->type->open(source);
	return 0;
}

int neighbours_open(const struct neighbours_settings *settings,
	void (*say)(void *data, const char *sentence), void *data, struct neighbours **opened)
{
	struct neighbours *neighbours = calloc(1, sizeof(*neighbours));

	if (neighbours == NULL)
		return -ENOMEM;
	neighbours->settings = *settings;
	int error = loop_open(&neighbours->loop);
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES && error == 0; name++)
		error = open_source(neighbours, name, say, data);
	if (error < 0) {
		neighbours_close(neighbours);
		return error;
	}
	*opened = neighbours;
	return 0;
}

void neighbours_close(struct neighbours *neighbours)
{
	if (neighbours == NULL)
		return;
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		struct neighbour_source *source = &neighbours->sources[name];
		if (source->type != NULL && source->type->close != NULL)
			source->type->close(source);
		neighbour_set_clear(&source->set);
		free(source->own);
	}
	loop_close(neighbours->loop);
	free(neighbours);
}

int neighbours_fd(const struct neighbours *neighbours)
{
	return loop_fd(neighbours->loop);
}

void neighbours_handle(struct neighbours *neighbours)
{
	loop_run_until(neighbours->loop, 0);
}

void neighbours_links_changed(
	struct neighbours *neighbours, const struct interface *links, size_t n)
{
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		struct neighbour_source *source = &neighbours->sources[name];
		source->links = links;
		source->n_links = n;
		source->asked_ns = 0;
		if (source->type != NULL && source->type->links_changed != NULL)
			source->type->links_changed(source);
	}
}

void neighbours_ask(struct neighbours *neighbours)
{
	uint64_t now = clock_monotonic_ns();

	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		struct neighbour_source *source = &neighbours->sources[name];
		if (source->type == NULL || source->type->ask == NULL ||
			(source->asked_ns != 0 && now - source->asked_ns < source->type->ask_ns))
			continue;
		source->asked_ns = now;
		source->type->ask(source);
	}
}

uint64_t neighbours_keep_asking(struct neighbours *neighbours, uint32_t sources)
{
	uint64_t period = 0;

	neighbours_ask(neighbours);
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		const struct neighbour_source *source = &neighbours->sources[name];
		if (!(sources >> name & 1) || source->type == NULL || source->type->ask == NULL)
			continue;
		if (period == 0 || source->type->ask_ns < period)
			period = source->type->ask_ns;
	}
	return period;
}

uint64_t neighbours_changes(const struct neighbours *neighbours, uint32_t sources)
{
	uint64_t changes = 0;

	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		if (sources >> name & 1)
			changes += neighbours->sources[name].changes;
	return changes;
}

uint32_t neighbours_in_state(const struct neighbours *neighbours, uint32_t sources, uint32_t state)
{
	uint32_t found = 0;

	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		if (sources >> name & 1 && neighbours->sources[name].state == state)
			found |= 1U << name;
	return found;
}

bool neighbours_pending(const struct neighbours *neighbours, uint32_t sources)
{
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		const struct neighbour_source *source = &neighbours->sources[name];
		if (sources >> name & 1 && source->type != NULL && source->type->open != NULL &&
			source->state == SOURCE_ABSENT && source->reason[0] == '\0')
			return true;
	}
	return false;
}

uint32_t neighbours_forgotten(const struct neighbours *neighbours, uint32_t sources)
{
	uint32_t found = 0;

	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		if (sources >> name & 1 && neighbours->sources[name].forgotten)
			found |= 1U << name;
	return found;
}
