// SPDX-License-Identifier: BSD-2-Clause
/* Puts other programs in the place of all stages of the chain at once. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/chain.h"
#include "kernel/grace.h"

/* What is done with each link of a chain: those of this process, and those that are pinned, also of interfaces that it
 * does not watch. */
struct each_link {
	int (*visit)(int link,
		struct each_link *each); /* returns 0, or a negative errno, which ends it */
	int root; /* program: to be put in force, or that was found */
	uint32_t n;
};

static int visit_pin(const struct chain_pin *pin, void *data)
{
	struct each_link *each = data;

	return pin->ifindex == 0 ? 0 : each->visit(pin->fd, each);
}

/* Sets *failure where a pin cannot be opened. */
static int visit_links(
	const struct chain *chain, int folder, struct each_link *each, struct failure *failure)
{
	int error = 0;

	failure->error = 0;
	for (uint32_t slot = 0; slot < chain->n_roots && error == 0; slot++)
		if (chain->roots[slot].link_fd >= 0)
			error = each->visit(chain->roots[slot].link_fd, each);
	return error < 0 || folder < 0 ? error
				       : chain_look_at_pins(folder, visit_pin, each, failure);
}

/* Opens the root program that is in force, to go back to, where it may be opened. */
static int find_root(int link, struct each_link *each)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);

	if (each->n++ == 0 && bpf_obj_get_info_by_fd(link, &info, &size) == 0)
		each->root = bpf_prog_get_fd_by_id(info.prog_id);
	return 0;
}

/* An interface that is gone has no link any more. */
static int update_link(int link, struct each_link *each)
{
	return bpf_link_update(link, each->root, NULL) < 0 && errno != ENOLINK ? -errno : 0;
}

/* Lets all interfaces begin with the root of another chain; or, if one cannot, all with that of before. */
static int update_links(
	const struct chain *chain, int folder, int root, int before, struct failure *failure)
{
	struct each_link each = { .visit = update_link, .root = root };
	struct failure ignored;
	int error = visit_links(chain, folder, &each, failure);

	if (error == 0)
		return 0;
	if (failure->error == 0)
		failure_set(failure, error, "Cannot update the link of " CHAIN_ROOT ": %s",
			strerror(-error));
	each.root = before;
	visit_links(chain, folder, &each, &ignored);
	grace_wait(); /* packets may be in the other chain */
	return error;
}

int chain_renew(
	struct chain *chain, const int stages[XDP_STAGES_MAX], int folder, struct failure *failure)
{
	struct chain renewed = *chain;
	struct each_link before = { .visit = find_root, .root = -1 };
	int error = visit_links(chain, folder, &before, failure), handed_back = -1;

	renewed.root_fd = -1;
	memcpy(renewed.stages, stages, sizeof(renewed.stages));
	memset(renewed.stale, 0, sizeof(renewed.stale));
	if (error == 0 && (error = chain_link_all(&renewed)) < 0)
		failure_set(failure, error, "Cannot link the programs of the XDP chain: %s",
			strerror(-error));
	if (error == 0 && before.n > 0)
		error = chain_load_root(&renewed, failure);
	if (error == 0)
		handed_back = chain_renew_handed_back(&renewed, folder);
	if (error == 0 && before.n > 0)
		error = update_links(chain, folder, renewed.root_fd,
			chain->root_fd >= 0 ? chain->root_fd : before.root, failure);
	fd_close(&before.root);
	if (error < 0) {
		fd_close(&renewed.root_fd);
		fd_close(&handed_back);
		return error;
	}
	fd_close(&chain->root_fd);
	*chain = renewed;
	chain_replace_handed_back(chain, folder, handed_back);
	return 0;
}
