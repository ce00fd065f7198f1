// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/host.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "tests/lib/netns.h"

void host_enter(int bpffs)
{
	netns_enter();
	assert_return_code(unshare(CLONE_NEWNS), 0);
	assert_return_code(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_return_code(mount("run", "/run", "tmpfs", 0, "mode=0755"), 0);
	assert_return_code(mount("log", "/var/log", "tmpfs", 0, "mode=0755"), 0);
	if (bpffs)
		assert_return_code(mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700"), 0);
}
