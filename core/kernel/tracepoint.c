// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/tracepoint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "kernel/perf_event.h"

static const char *const folders[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

enum { NAME_MAX_LEN = 128, DIGITS_MAX = 16 };

static bool is_mounted(const char *folder)
{
	char path[NAME_MAX_LEN];

	snprintf(path, sizeof(path), "%s/events", folder);
	return access(path, F_OK) == 0 || errno != ENOENT;
}

int tracepoint_number(const char *name)
{
	char path[NAME_MAX_LEN + 64], text[DIGITS_MAX] = "";
	ssize_t length = is_mounted(folders[0]) || is_mounted(folders[1]) ? -ENOENT : -ENODEV;

	if (strlen(name) > NAME_MAX_LEN || strchr(name, '.') != NULL || strchr(name, '/') == NULL)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && length < 0; i++) {
		snprintf(path, sizeof(path), "%s/events/%s/id", folders[i], name);
		ssize_t found = file_read_path(path, text, sizeof(text) - 1);
		/* What the first folder says counts, unless it is not there. */
		length = found == -ENOENT ? length : found;
	}
	if (length < 0)
		return (int)length;
	return atoi(text);
}

struct bpf_link *tracepoint_attach(const struct bpf_program *program, int number)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attributes), .config = (__u64)number
	};

	return perf_event_attach(program, &attributes);
}
