// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/perf_event.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bpf_link *perf_event_attach(
	const struct bpf_program *program, struct perf_event_attr *attributes)
{
	/* Of any processor: the program of a tracepoint or kprobe runs for all of them. */
	int fd = (int)syscall(SYS_perf_event_open, attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return NULL;
	struct bpf_link *link = bpf_program__attach_perf_event(program, fd);
	if (link != NULL)
		return link; /* it owns the descriptor */
	int error = errno;
	close(fd);
	errno = error;
	return NULL;
}
