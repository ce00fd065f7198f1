// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_tc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Places among clsact filters, behind those of x0top's own programs. */
enum { FIRST_HANDLE = 16 };

static const struct plugin_tc_slot not_attached = { .attachment = { .link_fds = { -1, -1 } } };

static const char *const kind_names[] = {
	[TC_NONE] = NULL, [TC_TCX] = "TCX", [TC_CLSACT] = "clsact"
};

/* --- interfaces ------------------------------------------------------------------------------ */

/* Returns the row of a slot, made if need be; NULL without memory. */
static struct plugin_tc_slot *make_slot(struct plugin_tc *tc, uint32_t slot)
{
	if (slot >= tc->n_slots) {
		struct plugin_tc_slot *grown = realloc(tc->slots, (slot + 1) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		for (uint32_t i = tc->n_slots; i <= slot; i++)
			grown[i] = not_attached;
		tc->slots = grown;
		tc->n_slots = slot + 1;
	}
	return &tc->slots[slot];
}

void plugin_tc_attach(struct program *program, struct plugin_tc *tc)
{
	const struct watch *watch = &program->context->watch;

	for (uint32_t i = 0; i < watch->n_interfaces && tc->open; i++) {
		const struct watched_interface *watched = &watch->interfaces[i];
		struct plugin_tc_slot *slot = make_slot(tc, i);
		if (slot == NULL || !watched_is_here(watched) || slot->attachment.kind != TC_NONE)
			continue;
		slot->failure.error = 0;
		tc_attach(&slot->attachment, &tc->programs, watch_tc_kind(watch),
			&watched->interface, &slot->failure);
	}
}

void plugin_tc_gone(struct plugin_tc *tc, uint32_t slot)
{
	if (slot < tc->n_slots)
		tc_detach(&tc->slots[slot].attachment, &tc->programs);
}

const char *plugin_tc_how(const struct plugin_tc *tc, uint32_t slot)
{
	return slot < tc->n_slots ? kind_names[tc->slots[slot].attachment.kind] : NULL;
}

const struct failure *plugin_tc_why(const struct plugin_tc *tc, uint32_t slot)
{
	return slot < tc->n_slots ? &tc->slots[slot].failure : &not_attached.failure;
}

/* --- life ------------------------------------------------------------------------------------ */

static void find_programs(struct tc_programs *programs, const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_SCHED_CLS)
			continue;
		uint32_t hook = plugin_tc_hook(
			bpf_program__section_name(program), bpf_program__name(program));
		programs->names[hook] = PLUGIN_TC_NAME;
		programs->fds[hook] = bpf_program__fd(program);
	}
}

int plugin_tc_start(struct program *program, struct plugin_tc *tc, const struct bpf_object *object,
	struct failure *failure)
{
	const struct plugin *plugin = plugin_of(program);
	int error;

	*tc = (struct plugin_tc) {
		.programs = { .object = program->type->name,
			.fds = { -1, -1 },
			.handle = FIRST_HANDLE + plugin->number },
	};
	error = netlink_open(&tc->netlink);
	if (error < 0)
		return failure_set(failure, error, "Cannot attach %s: no netlink socket: %s",
			program->type->name, strerror(-error));
	tc->open = true;
	tc->programs.netlink = &tc->netlink;
	find_programs(&tc->programs, object);
	plugin_tc_attach(program, tc);
	return 0;
}

/* Returns the programs of an object at the places of those that are attached. */
static struct tc_programs others(const struct plugin_tc *tc, const struct bpf_object *object)
{
	struct tc_programs programs = tc->programs;

	for (int hook = 0; hook < TC_HOOKS; hook++) {
		programs.names[hook] = NULL;
		programs.fds[hook] = -1;
	}
	find_programs(&programs, object);
	return programs;
}

static int put_all(const struct plugin_tc *tc, const struct tc_programs *programs)
{
	int error = 0;

	for (uint32_t slot = 0; slot < tc->n_slots && error == 0; slot++)
		if (tc->slots[slot].attachment.kind != TC_NONE)
			error = tc_replace(&tc->slots[slot].attachment, programs);
	return error;
}

int plugin_tc_replace(const struct program *program, struct plugin_tc *tc,
	const struct bpf_object *object, struct failure *failure)
{
	const struct tc_programs programs = others(tc, object);

	for (int hook = 0; hook < TC_HOOKS; hook++)
		if ((programs.names[hook] == NULL) != (tc->programs.names[hook] == NULL))
			return failure_set(failure, -EBADMSG,
				"%s and the new file see packets of different directions",
				program->type->name);
	int error = put_all(tc, &programs);
	if (error < 0) {
		put_all(tc, &tc->programs);
		return failure_set(failure, error, "Cannot replace %s: %s", program->type->name,
			strerror(-error));
	}
	tc->programs = programs;
	return 0;
}

void plugin_tc_put_back(struct plugin_tc *tc, const struct bpf_object *object)
{
	tc->programs = others(tc, object);
	put_all(tc, &tc->programs);
}

void plugin_tc_stop(struct plugin_tc *tc)
{
	for (uint32_t slot = 0; slot < tc->n_slots; slot++)
		plugin_tc_gone(tc, slot);
	free(tc->slots);
	if (tc->open)
		netlink_close(&tc->netlink);
	*tc = (struct plugin_tc) { 0 };
}

int plugin_tc_leftovers(bool remove)
{
	int found = 0;

	for (uint32_t i = 0; i < PLUGINS_MAX; i++) {
		const struct tc_programs programs = {
			.object = "a plugin",
			.names = { PLUGIN_TC_NAME, PLUGIN_TC_NAME },
			.fds = { -1, -1 },
			.handle = FIRST_HANDLE + i,
		};
		int n = tc_all_leftovers(&programs, remove);
		if (n < 0)
			return n;
		found += n;
	}
	return found;
}
