// SPDX-License-Identifier: BSD-2-Clause
/*
 * Adopts or removes what an earlier x0top left pinned. Compares maps, programs and links with those that
 * this x0top would create before it uses any of them: a pin can be anybody's map or program.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "control/audit.h"
#include "control/qos_recover.h"
#include "control/state.h"
#include "kernel/adopt.h"
#include "kernel/lock.h"
#include "kernel/object.h"
#include "kernel/pin.h"
#include "kernel/pins.h"
#include "kernel/program_info.h"
#include "kernel/replaced.h"
#include "programs/class_acts.h"
#include "programs/programs.h"

static bool owns(const struct orchestrator *o)
{
	return o->settings.lab || o->lock_fd >= 0;
}

/* Notes a finding for the operator: as an event, and as the notice of commands without a screen. */
static void note(struct orchestrator *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct orchestrator *o, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(o->notice, sizeof(o->notice), format, arguments);
	va_end(arguments);
	event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "%s", o->notice);
}

/* --- comparing ------------------------------------------------------------------------------------ */

int enforcement_compare_maps(struct orchestrator *o, struct failure *failure)
{
	struct bpf_object *object;
	int error = 0;

	for (uint32_t i = 0; i < o->n_programs && error == 0; i++) {
		const struct program *program = &o->programs[i];
		if (program->type->stage == XDP_ROOT || program->type->stage >= XDP_PLUGIN_FIRST)
			continue;
		error = object_open(program->type->name, o->settings.objects, &object, failure);
		if (error < 0)
			return error;
		error = map_registry_compare(&o->context.maps, object, false, failure);
		if (error == 0 && enforcement_is_on(program))
			error = map_registry_compare(&o->context.maps, object, true, failure);
		bpf_object__close(object);
	}
	return error;
}

struct root_check {
	struct orchestrator *o;
	struct failure *failure;
	uint32_t checked; /* the last program: all interfaces may share one */
	bool other; /* one is another version's, or of another chain */
};

static int check_root(const struct chain_pin *pin, void *data)
{
	struct root_check *check = data;

	if (pin->ifindex == 0 || pin->program_id == check->checked)
		return 0;
	check->checked = pin->program_id;
	int found = adopt_check_program(
		pin->program_id, CHAIN_ROOT, NULL, &check->o->context.chain, check->failure);
	/* A kill between the two leaves a root that begins another chain than the pinned one. */
	check->other |= found == ADOPT_OTHER ||
			!program_info_uses_map(pin->program_id,
				map_registry_fd(&check->o->context.maps, "xdp_chain"));
	return found < 0 ? found : 0;
}

/* Finds the program behind the stage `at` by its name in the kernel; NULL if it is not ours. */
static struct program *program_by_name(struct orchestrator *o, uint32_t at, const char *name)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type->stage > at &&
			pin_kernel_name_is(name, o->programs[i].type->name))
			return &o->programs[i];
	return NULL;
}

/* Opens the program that is linked behind the stage `at`. Returns its file descriptor, or a negative errno. */
static int open_linked(const struct orchestrator *o, uint32_t at, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info), id;

	memset(info, 0, sizeof(*info));
	if (bpf_map_lookup_elem(map_registry_fd(&o->context.maps, "xdp_chain"), &at, &id) < 0)
		return -errno;
	int fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, info, &size) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/*
 * Finds the first of x0top's own stages behind `at`, where plugins of a killed x0top stand between them. Their order
 * is not known, but all that they are linked to is in the chain.
 */
static int stage_behind_plugins(
	struct orchestrator *o, uint32_t at, struct program **program, struct bpf_prog_info *info)
{
	struct bpf_prog_info linked;
	int found = -ENOENT;

	*program = NULL;
	for (uint32_t from = XDP_PLUGIN_FIRST; from < XDP_STAGES_MAX; from++) {
		int fd = open_linked(o, from, &linked);
		struct program *one = fd < 0 ? NULL : program_by_name(o, at, linked.name);
		if (fd == -EPERM) {
			fd_close(&found);
			return fd;
		}
		if (one == NULL || plugins_kernel_name(linked.name) ||
			(*program != NULL && one->type->stage >= (*program)->type->stage)) {
			fd_close(&fd);
			continue;
		}
		fd_close(&found);
		found = fd;
		*program = one;
		*info = linked;
	}
	return found;
}

/* Opens the program of the next of x0top's own stages behind `at`. Returns its file descriptor, with *program NULL if
 * it is not ours; -ENOENT at the end of the chain; -EPERM without CAP_SYS_ADMIN. */
static int next_stage(
	struct orchestrator *o, uint32_t at, struct program **program, struct bpf_prog_info *info)
{
	int fd = open_linked(o, at, info);

	if (fd >= 0 && plugins_kernel_name(info->name)) {
		close(fd);
		return stage_behind_plugins(o, at, program, info);
	}
	*program = fd < 0 ? NULL : program_by_name(o, at, info->name);
	return fd;
}

/* Checks the program of a stage. Of one that is neither this x0top's nor a file's it says that this x0top's takes its
 * place once it is loaded. */
static int check_stage(struct orchestrator *o, const struct program *program,
	const struct bpf_prog_info *info, struct failure *failure)
{
	struct replaced replaced;

	replaced_read(&o->context.maps, program->type->stage, &replaced);
	const uint8_t *file = replaced.path[0] == '\0' ? NULL : replaced.tag;
	int found = adopt_check_program(
		info->id, program->type->name, file, &o->context.chain, failure);
	if (found == ADOPT_OTHER && owns(o) && !o->settings.readonly &&
		(file == NULL || memcmp(file, info->tag, sizeof(info->tag)) != 0))
		note(o, "another version's %s was in force: this x0top's takes its place",
			program->type->name);
	return found < 0 ? found : 0;
}

static int check_stages(struct orchestrator *o, struct failure *failure)
{
	struct bpf_prog_info info;
	struct program *program;
	uint32_t at = XDP_ROOT;
	int error = 0;

	while (error == 0) {
		int fd = next_stage(o, at, &program, &info);
		if (fd < 0)
			break;
		close(fd);
		if (program == NULL)
			return failure_set(failure, -EBADMSG,
				"The XDP chain holds the program %s (id %u), which does not "
				"belong to this x0top",
				info.name, info.id);
		error = check_stage(o, program, &info, failure);
		at = program->type->stage;
	}
	return error;
}

void enforcement_adopt_stages(struct orchestrator *o)
{
	struct bpf_prog_info info;
	struct program *program;
	uint32_t at = XDP_ROOT;
	int fd;

	while ((fd = next_stage(o, at, &program, &info)) >= 0 && program != NULL) {
		at = program->type->stage;
		program->stage_fd = fd;
		o->context.chain.stages[at] = fd;
	}
}

/*
 * Takes what plugins a killed x0top has left in the chain out of it: plugins live as long as their process. Each own
 * stage is linked to the next one by one update. What a plugin is linked to stays, for the packets that are inside it,
 * until the next change.
 */
static void forget_plugins(struct orchestrator *o)
{
	struct chain *chain = &o->context.chain;
	int map = map_registry_fd(&o->context.maps, "xdp_chain");
	struct program *program = NULL;
	struct bpf_prog_info info;
	uint32_t at = XDP_ROOT;

	for (;;) {
		int fd = next_stage(o, at, &program, &info);
		if (fd >= 0 && program != NULL)
			bpf_map_update_elem(map, &at, &fd, BPF_ANY);
		else if (fd == -ENOENT)
			bpf_map_delete_elem(map, &at);
		if (fd < 0 || program == NULL) {
			fd_close(&fd);
			break;
		}
		at = program->type->stage;
		close(fd);
	}
	for (at = XDP_PLUGIN_FIRST; at < XDP_STAGES_MAX; at++)
		chain->stale[at] = true;
}

/* Adopts a link of the chain into the slot of its interface. */
static int adopt_link(const struct chain_pin *pin, void *data)
{
	struct orchestrator *o = data;

	if (pin->ifindex == 0)
		return 0;
	int error = watch_adopt(&o->context, pin->ifindex, o->pins.folder, owns(o));
	return error < 0 ? failure_set(&o->pins_failure, error, "Cannot list the interfaces: %s",
				   strerror(-error))
			 : 0;
}

static uint32_t count_links(const struct orchestrator *o)
{
	uint32_t n = 0;

	for (uint32_t slot = 0; slot < o->context.chain.n_roots; slot++)
		n += o->context.chain.roots[slot].link_fd >= 0;
	return n;
}

/* Leaves pins alone that do not belong to this x0top, and refuses all changes. */
static void touch_nothing(struct orchestrator *o, const char *remedy)
{
	map_registry_close(&o->context.maps);
	chain_close(&o->context.chain);
	pins_close(&o->pins);
	failure_remedy(&o->pins_failure, "%s", remedy);
	snprintf(o->readonly_reason, sizeof(o->readonly_reason), "%s", o->pins_failure.what);
	note(o, "%s", o->pins_failure.what);
}

/* Writes a change that adoption made, to pins or in pinned maps, to the audit log. */
static void log_change(struct orchestrator *o, const char *word)
{
	const struct verb verb = { .object = "pins", .word = word };
	const struct action action = { .verb = &verb, .actor = ACTOR_ADOPTION };
	struct failure failure = { 0 };
	struct audit audit;

	if (o->settings.lab)
		return;
	audit_open(&audit, AUDIT_BEST_EFFORT, &action, &failure);
	if (audit_finish(&audit, &action, &failure, "", &o->unaudited) < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s", o->unaudited.what);
}

static void tell_adopted(struct orchestrator *o)
{
	uint32_t interfaces = count_links(o);

	for (uint32_t i = 0; i < o->n_programs; i++)
		if (enforcement_is_on(&o->programs[i]) && o->programs[i].type->pin != NULL)
			event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM,
				"adopted %s with its state and counts: it acts on classes",
				o->programs[i].type->name);
		else if (enforcement_is_on(&o->programs[i]))
			event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM,
				"adopted %s with its state and counts: it enforces on %u interface%s",
				o->programs[i].type->name, interfaces, interfaces == 1 ? "" : "s");
}

/* One that cannot be updated goes on: it is of the same layout. */
static void update_roots(struct orchestrator *o)
{
	struct failure failure;

	if (chain_update_roots(&o->context.chain, &failure) < 0)
		note(o, "another version's " CHAIN_ROOT " stays: %s", failure.what);
}

static bool any_stage(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type->pin == NULL && enforcement_is_on(&o->programs[i]))
			return true;
	return false;
}

static bool any_apart(const struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type->pin != NULL && enforcement_is_on(&o->programs[i]))
			return true;
	return false;
}

/* Adopts what acts on classes: its interfaces keep their slots. */
static int adopt_classes(struct orchestrator *o, bool may_change)
{
	int error = watch_keep_classes(&o->context, may_change && owns(o));

	if (error < 0)
		return failure_set(&o->pins_failure, error, "Cannot list the interfaces: %s",
			strerror(-error));
	if (may_change)
		for (uint32_t i = 0; i < o->n_programs; i++)
			if (o->programs[i].type->unpin != NULL)
				o->programs[i].type->unpin(&o->programs[i], o->pins.folder, true);
	o->context.classes_pinned = true;
	o->context.classes_look_only = !owns(o) || o->settings.readonly;
	return 0;
}

/* Drops what is pinned of the chain or of the classifier, of which nothing enforces: of a kill in between. */
static void drop_group(struct orchestrator *o, bool may_change, bool chain)
{
	if (may_change && owns(o))
		enforcement_unpin_group(o, chain);
	map_registry_forget(
		&o->context.maps, chain ? MAP_PINNED_WITH_CHAIN : MAP_PINNED_WITH_CLASSES);
}

/* Compares everything pinned, then adopts it. */
static int adopt_pins(struct orchestrator *o, bool may_change)
{
	struct failure *failure = &o->pins_failure;
	struct root_check check = { .o = o, .failure = failure };
	int error = chain_look_at_pins(o->pins.folder, check_root, &check, failure);

	if (error == 0)
		error = check_stages(o, failure);
	if (error == 0)
		error = chain_look_at_pins(o->pins.folder, adopt_link, o, failure);
	if (error < 0)
		return error;
	if (may_change)
		chain_unpin_dead(o->pins.folder);
	if (may_change && owns(o)) {
		watch_forget_gone(&o->context);
		forget_plugins(o);
		if (check.other)
			update_roots(o);
	}
	o->context.pinned = true;
	return 0;
}

/* Removes what a kill left: unfinished folders of pins, and an empty parent. */
static void clean_up(struct orchestrator *o)
{
	if (pins_clean(&o->pins, true) > 0) {
		note(o, "removed unfinished pins of an earlier x0top");
		log_change(o, "clean");
	}
	if (o->pins.folder < 0)
		pins_empty(&o->pins, true);
}

/* Puts back what a change of x0top qos has left half done that was killed, or ends what it had begun to end. */
static void recover_classes(struct orchestrator *o)
{
	char action[RULE_LEN];
	enum act_begun begun = qos_recover(o, action);

	if (begun == ACT_SETTLED)
		return;
	note(o, "%s a change that was killed half way: %.200s",
		begun == ACT_END ? "finished" : "undid", action);
	log_change(o, "repair");
}

static void adopt_found(struct orchestrator *o, bool may_change)
{
	struct failure *failure = &o->pins_failure;
	int error = map_registry_adopt(&o->context.maps, o->pins.folder, failure);

	if (error == 0)
		error = enforcement_compare_maps(o, failure);
	if (error == 0)
		error = replaced_check(&o->context.maps, failure);
	if (error == 0 && may_change) /* the lock of changes is enough for it */
		recover_classes(o);
	bool stages = error == 0 && any_stage(o);
	bool classes = error == 0 && any_apart(o) && !class_acts_none(&o->context.maps);
	if (classes && !stages)
		drop_group(o, may_change, true);
	if (stages && !classes)
		drop_group(o, may_change, false);
	if (stages) {
		chain_learn_frags(&o->context.chain);
		error = adopt_pins(o, may_change);
	}
	if (error == 0 && classes)
		error = adopt_classes(o, may_change);
	if (error == 0 && (stages || classes))
		tell_adopted(o);
	if (error < 0) {
		touch_nothing(o, "Remove the pins: x0top programs down");
	} else if (!stages && !classes) {
		map_registry_close(&o->context.maps);
		if (!may_change || !owns(o) || pins_empty(&o->pins, true) < 0)
			return;
		note(o, "removed pins in %s that enforced nothing", PINS_FOLDER);
		log_change(o, "remove");
	}
}

void enforcement_adopt(struct orchestrator *o)
{
	struct failure *failure = &o->pins_failure, ignored;
	int lock = o->settings.lab || o->settings.readonly ? -1 : lock_change(&ignored);
	bool may_change = (o->settings.lab || lock >= 0) && !o->settings.readonly;

	int error = pins_open(&o->pins, failure);
	if (error < 0) {
		/* Whoever may not look cannot know whether something enforces. */
		if (error == -EACCES)
			event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM,
				"cannot tell whether another x0top enforces: %s", failure->what);
		else
			note(o, "%s", failure->what);
	} else if (o->pins.other_layout[0] != '\0') {
		failure_set(failure, -EEXIST,
			"Pins of another version of x0top are in %s/%s: this one changes nothing",
			PINS_ROOT, o->pins.other_layout);
		touch_nothing(o, "Run that version's: x0top programs down");
	} else {
		if (may_change && owns(o))
			clean_up(o);
		if (o->pins.folder >= 0)
			adopt_found(o, may_change);
	}
	fd_close(&lock);
}
