// SPDX-License-Identifier: BSD-2-Clause
/*
 * What goes on protecting the host when x0top is closed or dies: the programs of the chain that drop.
 * Their maps and the links of the chain are pinned in bpffs; the programs live as long as those. The
 * folder's name carries the version of the map layouts, so that another x0top knows what it finds.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/pins.h"
#include "control/state.h"

static int mount_bpffs(struct failure *failure)
{
	if (pins_mounted())
		return 0;
	if (mount("bpf", PINS_BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") == 0)
		return 0;
	failure_set(failure, -errno, "bpffs is not mounted on %s, and cannot be: %s", PINS_BPFFS,
		strerror(errno));
	return failure_remedy(failure, "As root: mount -t bpf bpf %s", PINS_BPFFS);
}

static int make_folders(struct failure *failure)
{
	int error = mount_bpffs(failure);

	if (error < 0)
		return error;
	if ((mkdir(PINS_ROOT, 0700) < 0 && errno != EEXIST) ||
		(mkdir(PINS_FOLDER, 0700) < 0 && errno != EEXIST)) {
		failure_set(failure, -errno, "%s cannot be made: %s", PINS_FOLDER, strerror(errno));
		return failure_remedy(failure, "Run x0top as root");
	}
	return 0;
}

bool enforcement_is_on(const struct orchestrator *o, const struct program *program)
{
	return o->pinned && program->type->enforced != NULL && program->type->enforced(program);
}

/* --- on and off ------------------------------------------------------------------------------ */

/* Removes the pins, unless another program needs them. */
static void unpin(struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (enforcement_is_on(o, &o->programs[i]))
			return;
	pins_remove();
	o->pinned = false;
}

int enforcement_on(struct orchestrator *o, struct program *program, struct failure *failure)
{
	int error = make_folders(failure);

	if (error < 0)
		return error;
	error = map_registry_pin(&o->context.maps, PINS_FOLDER);
	if (error == 0)
		error = chain_pin(&o->context.chain, PINS_FOLDER);
	if (error == 0)
		error = program->type->enforce(program, true);
	if (error == 0) {
		o->pinned = true;
		return 0;
	}
	unpin(o);
	failure_set(failure, error, "Enforcement cannot be pinned in %s: %s", PINS_FOLDER,
		strerror(-error));
	return failure_remedy(failure, "Run x0top as root, with bpffs mounted on %s", PINS_BPFFS);
}

int enforcement_off(struct orchestrator *o, struct program *program, struct failure *failure)
{
	int error = program->type->enforce(program, false);

	if (error < 0)
		return failure_set(
			failure, error, "Enforcement cannot be switched off: %s", strerror(-error));
	unpin(o);
	return 0;
}

void enforcement_extend(struct orchestrator *o)
{
	if (o->pinned)
		chain_pin(&o->context.chain, PINS_FOLDER);
}

/* --- adopting -------------------------------------------------------------------------------- */

/* The links of the chain, each into the slot that it was made for. */
static uint32_t adopt_links(struct orchestrator *o)
{
	uint32_t adopted = 0;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		int ifindex = chain_adopt(&o->context.chain, slot, PINS_FOLDER);
		if (ifindex < 0)
			continue;
		interfaces_adopt(&o->context.interfaces, slot, (uint32_t)ifindex);
		adopted++;
	}
	return adopted;
}

void enforcement_adopt(struct orchestrator *o)
{
	struct pins_found found;

	pins_look(&found);
	if (found.other_layout[0] != '\0') {
		snprintf(o->readonly_reason, sizeof(o->readonly_reason),
			"Pins of another version of x0top are in %s/%s: this one touches nothing",
			PINS_ROOT, found.other_layout);
		return;
	}
	if (!found.ours || map_registry_adopt(&o->context.maps, PINS_FOLDER) < 0)
		return;
	uint32_t interfaces = adopt_links(o);
	o->pinned = true;
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (enforcement_is_on(o, &o->programs[i]))
			event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM,
				"%s was enforcing on %u interface%s: adopted with its state and counts",
				o->programs[i].type->name, interfaces, interfaces == 1 ? "" : "s");
}

/* Takes over the program behind the stage `at`. Returns its stage, or a negative errno. */
static int adopt_next_stage(struct orchestrator *o, int map, uint32_t at)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info), id;

	if (bpf_map_lookup_elem(map, &at, &id) < 0)
		return -errno;
	int fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	struct program *program = bpf_obj_get_info_by_fd(fd, &info, &size) < 0
					  ? NULL
					  : orchestrator_find(o, info.name);
	if (program == NULL || program->type->stage <= at) {
		close(fd);
		return -EBADMSG;
	}
	program->stage_fd = fd;
	o->context.chain.stages[program->type->stage] = fd;
	return (int)program->type->stage;
}

void enforcement_adopt_stages(struct orchestrator *o)
{
	int map = map_registry_fd(&o->context.maps, "xdp_chain"), stage = XDP_ROOT;

	while (stage >= 0)
		stage = adopt_next_stage(o, map, (uint32_t)stage);
}
