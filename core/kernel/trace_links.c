// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/trace_links.h"

#include <errno.h>
#include <string.h>

#include "kernel/kprobe.h"
#include "kernel/messages.h"

static int keep(struct trace_links *links, struct bpf_link *link)
{
	if (link == NULL)
		return -errno;
	links->links[links->n++] = link;
	return 0;
}

int trace_links_tracepoints(
	struct trace_links *links, const struct bpf_object *object, struct failure *failure)
{
	struct bpf_program *program = NULL;

	messages_clear();
	while ((program = bpf_object__prev_program(object, program)) != NULL) {
		if (!bpf_program__autoload(program) || !bpf_program__autoattach(program))
			continue;
		int error = keep(links, bpf_program__attach(program));
		if (error == 0)
			continue;
		trace_links_close(links);
		failure_set(failure, error, "Cannot attach %s to the tracepoint %s: %s",
			bpf_object__name(object),
			strchr(bpf_program__section_name(program), '/') + 1, strerror(-error));
		failure_remedy(failure, "It needs CAP_BPF and CAP_PERFMON");
		return failure_cause(failure, "%s", messages_text());
	}
	return 0;
}

int trace_links_kprobe(struct trace_links *links, const struct bpf_program *enter,
	const struct bpf_program *leave, const char *function,
	const struct kernel_functions *functions)
{
	int error = keep(links, kprobe_attach(leave, true, function, functions));

	if (error < 0 || enter == NULL)
		return error;
	return keep(links, kprobe_attach(enter, false, function, functions));
}

/* Entries go before exits: a call between them would count as one whose exit was not seen. */
void trace_links_close(struct trace_links *links)
{
	while (links->n > 0)
		bpf_link__destroy(links->links[--links->n]);
}
