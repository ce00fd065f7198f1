// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tc_classifier_attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/cgroup.h"
#include "kernel/interface_table.h"
#include "kernel/object.h"
#include "kernel/pins.h"
#include "programs/class_acts.h"
#include "programs/programs.h"

const struct tc_programs classifier_programs_none = {
	.object = "tc_classifier",
	.names = { "tc_ingress", "tc_egress" },
	.fds = { -1, -1 },
	.handle = 1,
};

static const struct attached not_attached = {
	.attachment = { .link_fds = { -1, -1 } }, /* as tc_not_attached */
};

/* --- interfaces ------------------------------------------------------------------------------ */

const struct attached *classifier_attached_at(const struct program *program, uint32_t slot)
{
	const struct classifier *classifier = program->state;

	return slot < classifier->n_attached ? &classifier->attached[slot] : &not_attached;
}

/* Returns the attachment of a slot, made if needed; NULL without memory. */
struct attached *classifier_make_attached(struct classifier *classifier, uint32_t slot)
{
	if (slot >= classifier->n_attached) {
		struct attached *grown = realloc(classifier->attached, (slot + 1) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		for (uint32_t i = classifier->n_attached; i <= slot; i++)
			grown[i] = not_attached;
		classifier->attached = grown;
		classifier->n_attached = slot + 1;
	}
	return &classifier->attached[slot];
}

static int enter_table(const struct program_context *context, uint32_t slot)
{
	const struct interface *interface = &context->watch.interfaces[slot].interface;
	const struct interface_entry entry = {
		.ifindex = interface->ifindex,
		.slot = (uint16_t)slot,
		.flags = interface->frames == FRAMES_IP ? INTERFACE_RAW_IP : 0,
	};

	return interface_table_put(map_registry_fd(&context->maps, "tc_interfaces"), &entry);
}

/* Takes over the pinned links of an interface. */
static bool adopt(struct program *program, const struct interface *interface,
	struct tc_attachment *attachment)
{
	const struct classifier *classifier = program->state;
	const struct program_context *context = program->context;

	return context->classes_pinned && context->pins->folder >= 0 &&
	       tc_adopt(attachment, &classifier->programs, context->pins->folder,
		       interface->ifindex) == 0;
}

static void attach_to(struct program *program, uint32_t slot, uint32_t kind)
{
	struct classifier *classifier = program->state;
	const struct interface *interface = &program->context->watch.interfaces[slot].interface;
	struct attached *attached = classifier_make_attached(classifier, slot);

	if (attached == NULL)
		return;
	attached->failure.error = 0;
	int error = enter_table(program->context, slot);
	if (error == 0 && classifier->acting)
		error = class_acts_follow(program->context, slot);
	if (error < 0)
		failure_set(&attached->failure, error,
			"Cannot enter %s into the table of interfaces: %s", interface->name,
			strerror(-error));
	else if (!adopt(program, interface, &attached->attachment))
		tc_attach(&attached->attachment, &classifier->programs, kind, interface,
			&attached->failure);
}

void classifier_attach_all(struct program *program)
{
	const struct watch *watch = &program->context->watch;
	uint32_t kind = watch_tc_kind(watch);

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *watched = &watch->interfaces[slot];
		if (watched_is_here(watched) &&
			classifier_attached_at(program, slot)->attachment.kind == TC_NONE)
			attach_to(program, slot, kind);
	}
}

void classifier_interface_gone(struct program *program, uint32_t slot)
{
	struct classifier *classifier = program->state;
	int table = map_registry_fd(&program->context->maps, "tc_interfaces");

	if (table >= 0 && !program->context->classes_look_only)
		interface_table_remove(
			table, program->context->watch.interfaces[slot].interface.ifindex);
	if (slot < classifier->n_attached)
		tc_detach(&classifier->attached[slot].attachment, &classifier->programs);
}

/* --- programs -------------------------------------------------------------------------------- */

void classifier_close_programs(struct tc_programs *programs)
{
	for (int i = 0; i < TC_HOOKS; i++)
		fd_close(&programs->fds[i]);
}

void classifier_unload(struct classifier *classifier)
{
	for (int i = 0; i < TC_HOOKS; i++)
		fd_close(&classifier->programs.fds[i]);
	netlink_close(&classifier->netlink);
	free(classifier->attached);
	classifier->attached = NULL;
	classifier->n_attached = 0;
	if (classifier->book_opened)
		class_book_close(&classifier->book);
	classifier->book_opened = false;
}

int classifier_keep_programs(struct tc_programs *programs, const struct bpf_object *object)
{
	for (int i = 0; i < TC_HOOKS; i++) {
		int fd = object_program_fd(object, programs->names[i]);
		programs->fds[i] = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (programs->fds[i] < 0)
			return fd < 0 ? fd : -errno;
	}
	return 0;
}

/* Opens the object, to act or only to count. */
/* Makes the table of flows as large as the host's memory asks for. */
static int size_flows(const struct program_context *context, struct bpf_object *object)
{
	const uint32_t bits = context->settings->small ? CLASS_FLOWS_BITS_SMALL : CLASS_FLOWS_BITS;
	struct bpf_map *flows = bpf_object__find_map_by_name(object, "class_flows");

	if (flows == NULL)
		return -ENOENT;
	if (bpf_map__set_max_entries(flows, 1 << bits) < 0)
		return -EINVAL;
	return object_set_constant(object, "mesh_flows_bits", &bits, sizeof(bits));
}

/* One that only counts needs no memory for more. */
static void leave_out_maps(struct bpf_object *object)
{
	static const char *const names[] = { "class_acts", "class_buckets", "class_clocks",
		"class_act_counts", "class_control" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, names[i]);
		if (map != NULL)
			bpf_map__set_autocreate(map, false);
	}
}

int classifier_open_variant(
	struct program *program, bool acting, struct bpf_object **object, struct failure *failure)
{
	int error = program_open_object(program, object, failure);

	if (error < 0)
		return error;
	error = size_flows(program->context, *object);
	if (error < 0)
		program_cannot_use(program, -ENOENT, failure);
	else
		error = program_set_constant(
			*object, "class_acting", &acting, sizeof(acting), failure);
	if (error == 0 && cgroup_known())
		error = program_set_constant(
			*object, "class_by_cgroup", &(bool) { true }, sizeof(bool), failure);
	if (error == 0 && !acting)
		leave_out_maps(*object);
	if (error == 0)
		return 0;
	bpf_object__close(*object);
	*object = NULL;
	return error;
}

/* Closes what stays attached. */
void classifier_close(struct program *program)
{
	struct classifier *classifier = program->state;

	for (uint32_t slot = 0; slot < classifier->n_attached; slot++)
		tc_leave(&classifier->attached[slot].attachment);
	classifier_unload(classifier);
}

/* --- acting ---------------------------------------------------------------------------------- */

/* Puts programs that act, or only count, in the place of those attached. */
static int switch_variant(struct program *program, bool acting)
{
	struct classifier *classifier = program->state;
	struct tc_programs old = classifier->programs;
	struct bpf_object *object;
	struct failure ignored;
	int error = classifier_open_variant(program, acting, &object, &ignored);

	if (error < 0)
		return error;
	error = map_registry_share(&program->context->maps, object, &ignored);
	classifier->programs = classifier_programs_none;
	classifier->programs.netlink = old.netlink;
	if (error == 0)
		error = object_load(object, program->type->name, &ignored);
	if (error == 0)
		error = map_registry_keep(&program->context->maps, object);
	if (error == 0)
		program_settle_maps(program);
	if (error == 0)
		error = classifier_keep_programs(&classifier->programs, object);
	for (uint32_t slot = 0; slot < classifier->n_attached && error == 0; slot++)
		error = tc_replace(&classifier->attached[slot].attachment, &classifier->programs);
	bpf_object__close(object);
	struct tc_programs *unused = error < 0 ? &classifier->programs : &old;
	for (int i = 0; i < TC_HOOKS; i++)
		fd_close(&unused->fds[i]);
	if (error < 0) {
		classifier->programs = old;
		for (uint32_t slot = 0; slot < classifier->n_attached; slot++)
			tc_replace(&classifier->attached[slot].attachment, &old);
		return error;
	}
	classifier->acting = classifier->programs.replace = acting;
	return 0;
}

/* The maps of one that acts are made before they are pinned; enforce() says what fails. */
void classifier_interfaces_changed(struct program *program)
{
	struct classifier *classifier = program->state;

	if (!program->running || classifier->shown_only)
		return;
	if (program->enforce_begins && !classifier->acting)
		switch_variant(program, true);
	classifier_attach_all(program);
}

const struct class_lines *classifier_lines(const struct program *program)
{
	const struct classifier *classifier = program->state;

	return classifier != NULL && classifier->classes_loaded ? &classifier->lines : NULL;
}

const struct class_names *classifier_names(const struct program *program)
{
	const struct class_lines *lines = classifier_lines(program);

	return lines != NULL ? &lines->names : NULL;
}

static bool attaches_to(const struct classifier *classifier, uint32_t ifindex)
{
	for (uint32_t slot = 0; slot < classifier->n_attached; slot++)
		if (classifier->attached[slot].attachment.kind != TC_NONE &&
			classifier->attached[slot].attachment.ifindex == ifindex)
			return true;
	return false;
}

/* Removes the filters of earlier x0top that acted on interfaces which this one does not watch: no pin of theirs ends
 * them. */
static void remove_others(const struct classifier *classifier)
{
	struct interface *list;
	int n = interface_list(&list);

	if (n < 0)
		return;
	for (int i = 0; i < n; i++)
		if (!attaches_to(classifier, list[i].ifindex))
			tc_remove_leftovers(list[i].ifindex, &classifier->programs);
	free(list);
}

int classifier_enforce(struct program *program, bool on)
{
	struct classifier *classifier = program->state;
	bool loaded = classifier != NULL && classifier->programs.fds[0] > 0;
	int error = 0;

	if (on && !classifier->acting)
		error = switch_variant(program, true);
	if (error == 0)
		error = class_acts_switch(program->context, classifier_names(program), on);
	if (!on && error == 0 && loaded && classifier->acting) {
		switch_variant(program, false); /* the other acts on nothing */
		remove_others(classifier);
	}
	return error;
}

bool classifier_enforced(const struct program *program)
{
	return class_acts_any(&program->context->maps);
}

bool classifier_enforce_question(struct program *program, char *sentence, size_t size)
{
	(void)program;
	snprintf(sentence, size,
		"The classifier will outlive x0top, to mark, police or shape what is asked for by "
		"x0top qos. Continue?");
	return false;
}

int classifier_pin(const struct program *program, int folder)
{
	const struct classifier *classifier = program->state;
	int error = 0;

	for (uint32_t slot = 0; slot < classifier->n_attached && error == 0; slot++)
		error = tc_pin(&classifier->attached[slot].attachment, folder);
	return error;
}

bool classifier_is_pinned(const struct program *program, int folder)
{
	const struct classifier *classifier = program->state;

	for (uint32_t slot = 0; slot < classifier->n_attached; slot++)
		if (!tc_is_pinned(&classifier->attached[slot].attachment, folder))
			return false;
	return true;
}

void classifier_unpin(const struct program *program, int folder, bool dead)
{
	(void)program;
	tc_unpin(folder, dead);
}
