// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/cgroup.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* The second is where version 1 is beside it. */
static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

int cgroup_id(const char *path, uint64_t *id)
{
	char whole[4096];
	struct statfs system;
	struct stat status;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (statfs(roots[i], &system) < 0 || system.f_type != CGROUP2_SUPER_MAGIC)
			continue;
		snprintf(whole, sizeof(whole), "%s/%.1024s", roots[i], path);
		if (stat(whole, &status) < 0 || !S_ISDIR(status.st_mode))
			return -ENOENT;
		*id = status.st_ino; /* since 5.5, where inode numbers have 64 bits */
		return 0;
	}
	return -ENOENT;
}

bool cgroup_known(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(
				BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_skb_ancestor_cgroup_id, NULL) > 0;
	return known;
}
