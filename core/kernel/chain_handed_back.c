// SPDX-License-Identifier: BSD-2-Clause
/* Attaches the program that tells the root of the chain of what an ifb hands back: bpf/xdp_handed_back.bpf.c. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/chain.h"
#include "kernel/keeper.h"
#include "kernel/network_namespace.h"
#include "kernel/object.h"
#include "kernel/pin.h"

static bool any_generic(const struct chain *chain)
{
	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		if (chain->roots[slot].mode == XDP_MODE_GENERIC)
			return true;
	return false;
}

/* Returns the file descriptor of the link, or a negative errno with *failure set. */
static int attach(const struct bpf_object *object, struct failure *failure)
{
	int fd = bpf_raw_tracepoint_open(NULL, object_program_fd(object, CHAIN_HANDED_BACK));

	return fd < 0 ? failure_set(failure, -errno,
				"Cannot attach " CHAIN_HANDED_BACK " to netif_receive_skb: %s",
				strerror(errno))
		      : fd;
}

static int load(const struct chain *chain, struct failure *failure)
{
	struct bpf_object *object = NULL;
	uint32_t inum;
	int error = network_namespace_inum(&inum, failure);

	if (error == 0)
		error = object_open(CHAIN_HANDED_BACK, chain->objects, &object, failure);
	if (error < 0)
		return error;
	if (object_set_constant(object, "netns_inum", &inum, sizeof(inum)) < 0)
		error = failure_set(
			failure, -EBADMSG, CHAIN_HANDED_BACK " does not match this x0top");
	if (error == 0)
		error = map_registry_share(chain->maps, object, failure);
	if (error == 0)
		error = object_load(object, CHAIN_HANDED_BACK, failure);
	if (error == 0)
		error = attach(object, failure);
	bpf_object__close(object);
	return error;
}

static int load_or_say(struct chain *chain)
{
	chain->handed_back_refused.error = 0;
	return load(chain, &chain->handed_back_refused);
}

void chain_begin_handed_back(struct chain *chain)
{
	if (chain->handed_back_fd >= 0 || chain->handed_back_refused.error < 0)
		return;
	chain->handed_back_fd = load_or_say(chain);
	chain->handed_back_in_pins = false;
}

void chain_follow_handed_back(struct chain *chain)
{
	if (any_generic(chain)) {
		chain_begin_handed_back(chain);
		return;
	}
	fd_close(&chain->handed_back_fd);
	chain->handed_back_refused.error = 0;
}

int chain_renew_handed_back(struct chain *chain, int folder)
{
	if (chain->handed_back_fd < 0 && (folder < 0 || !pin_exists(folder, CHAIN_HANDED_BACK)))
		return -1;
	return load_or_say(chain);
}

void chain_replace_handed_back(struct chain *chain, int folder, int fd)
{
	int error = 0;

	if (fd < 0)
		return;
	bool ours = chain->handed_back_fd >= 0;
	bool pinned = folder >= 0 && pin_exists(folder, CHAIN_HANDED_BACK);
	if (pinned && (error = pin_replace(folder, fd, CHAIN_HANDED_BACK)) < 0)
		failure_set(&chain->handed_back_refused, error,
			"Cannot pin " CHAIN_HANDED_BACK ": %s", keeper_strerror(error));
	if (ours) {
		close(chain->handed_back_fd);
		chain->handed_back_fd = fd;
		chain->handed_back_in_pins = pinned && error == 0;
	} else {
		close(fd);
	}
}
