// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/adopt.h"

#include <errno.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/pin.h"
#include "kernel/program_info.h"

/* Loads this x0top's own program, and reads its description. */
static int load_own(const char *name, const struct chain *chain, struct bpf_prog_info *own,
	struct failure *failure)
{
	struct bpf_object *object;
	int error = object_open(name, chain->objects, &object, failure);

	if (error < 0)
		return error;
	if (chain->frags)
		object_take_frags(object);
	error = map_registry_share(chain->maps, object, failure);
	if (error == 0)
		error = object_load(object, name, failure);
	if (error == 0 && (error = program_info_read(object_program_fd(object, name), own)) < 0)
		failure_set(failure, error, "Cannot read this x0top's own %s from the kernel: %s",
			name, strerror(-error));
	bpf_object__close(object);
	return error;
}

static int compare(const struct bpf_prog_info *found, const char *name, const uint8_t *other,
	const struct chain *chain, struct failure *failure)
{
	struct bpf_prog_info own;

	if (found->type != BPF_PROG_TYPE_XDP || !pin_kernel_name_is(found->name, name))
		return failure_set(failure, -EBADMSG,
			"The XDP chain holds the program %s (id %u) in place of %s", found->name,
			found->id, name);
	if (other != NULL && memcmp(found->tag, other, sizeof(found->tag)) == 0)
		return ADOPT_OTHER;
	int error = load_own(name, chain, &own, failure);
	if (error == 0 && memcmp(found->tag, own.tag, sizeof(own.tag)) != 0)
		return ADOPT_OTHER;
	return error < 0 ? error : ADOPT_OWN;
}

int adopt_check_program(uint32_t id, const char *name, const uint8_t *other,
	const struct chain *chain, struct failure *failure)
{
	struct bpf_prog_info found;
	int error = program_info_find(id, &found);

	if (error == -EPERM)
		return ADOPT_OWN;
	if (error < 0)
		return failure_set(failure, error,
			"Cannot read the program %u of the XDP chain: %s", id, strerror(-error));
	return compare(&found, name, other, chain, failure);
}
