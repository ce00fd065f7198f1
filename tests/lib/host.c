// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/host.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cap-ng.h>
#include <cmocka.h>

#include "tests/lib/netns.h"

void host_enter(int bpffs)
{
	netns_enter();
	assert_return_code(unshare(CLONE_NEWNS), 0);
	assert_return_code(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_return_code(mount("run", "/run", "tmpfs", 0, "mode=0755"), 0);
	assert_return_code(mount("log", "/var/log", "tmpfs", 0, "mode=0755"), 0);
	mkdir("/var/lib", 0755); /* guests have none */
	mkdir("/var/lib/x0top", 0711);
	assert_return_code(mount("knowledge", "/var/lib/x0top", "tmpfs", 0, "mode=0711"), 0);
	if (bpffs)
		assert_return_code(mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700"), 0);
}

void host_become_ordinary(const unsigned int *capabilities, size_t n)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < n; i++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capabilities[i]);
	assert_int_equal(capng_change_id(HOST_ORDINARY, HOST_ORDINARY,
				 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING),
		0);
	/* A change of identity clears this, and with it /proc/self becomes root's. */
	assert_return_code(prctl(PR_SET_DUMPABLE, 1), 0);
}

bool host_refuses(const char *program)
{
	const char *refused = getenv("X0_EXPECT_REFUSED");

	return refused != NULL && strcmp(refused, program) == 0;
}
