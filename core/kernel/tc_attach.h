/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching tc_classifier to an interface: by TCX links (kernel 6.6), else through a clsact qdisc. */
#ifndef X0_KERNEL_TC_ATTACH_H
#define X0_KERNEL_TC_ATTACH_H

#include <bpf/libbpf.h>

#include "base/failure.h"
#include "kernel/interface.h"
#include "tc_classifier.h"

enum tc_kind {
	TC_NONE,
	TC_TCX,
	TC_CLSACT,
};

struct tc_attachment {
	uint32_t kind; /* enum tc_kind */
	uint32_t ifindex;
	int link_fds[TRAFFIC_DIRECTIONS]; /* TCX: closing them detaches */
	int program_fds[TRAFFIC_DIRECTIONS]; /* owned; to run them without a packet */
	bool made_qdisc;
};

/*
 * Attaches `tc_ingress` and `tc_egress` of a loaded object, whose programs the attachment keeps: the
 * object can be closed. Returns 0, or a negative errno with *failure set and nothing attached.
 */
int tc_attach(struct tc_attachment *attachment, const struct bpf_object *object,
	const struct interface *interface, struct failure *failure);

/* Detaches, and removes the clsact qdisc if tc_attach() made it and nothing else uses it. */
void tc_detach(struct tc_attachment *attachment);

/*
 * Removes the clsact filters that an x0top left on an interface when it was killed. (TCX links need
 * none of this: they went with the process.) Returns how many there were.
 */
int tc_remove_leftovers(uint32_t ifindex);

#endif
