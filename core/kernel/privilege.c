// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

/* None of these opens a file that the user could not open, except CAP_SYS_ADMIN, which equals root:
 * kept if setcap gave it, not if setuid did. */
static const unsigned int kept[] = {
	CAP_BPF,
	CAP_PERFMON,
	CAP_NET_ADMIN,
	CAP_SYS_RESOURCE, /* before 5.11, maps count as locked memory */
	CAP_SYS_ADMIN,
};
enum { KEPT = sizeof(kept) / sizeof(kept[0]) };

/* Variables for screen and language. Others make ncurses read files, for instance. */
static const char *const kept_variables[] = { "TERM", "NO_COLOR", "LINES", "COLUMNS", "LANG",
	"LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC", "TZ", "PATH" };
enum { VARIABLES = sizeof(kept_variables) / sizeof(kept_variables[0]) };

bool privilege_borrowed(void)
{
	return getauxval(AT_SECURE) != 0 && getuid() != 0;
}

static int clean_environment(void)
{
	char *values[VARIABLES] = { NULL };
	int error = 0;

	for (int i = 0; i < VARIABLES; i++) {
		const char *value = getenv(kept_variables[i]);
		if (value != NULL && (values[i] = strdup(value)) == NULL)
			error = -ENOMEM;
	}
	clearenv();
	for (int i = 0; i < VARIABLES; i++) {
		if (values[i] != NULL && setenv(kept_variables[i], values[i], 1) < 0)
			error = -errno;
		free(values[i]);
	}
	return error;
}

/* Changes from the file's owner and group to the real ones, keeping permitted capabilities. */
static int become_real_user(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresgid(getgid(), getgid(), getgid()) < 0 ||
		setresuid(getuid(), getuid(), getuid()) < 0 ||
		prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int confine(void)
{
	bool setuid_file = geteuid() != getuid();
	bool had[KEPT];

	capng_get_caps_process();
	for (int i = 0; i < KEPT; i++)
		had[i] = capng_have_capability(CAPNG_EFFECTIVE, kept[i]) &&
			 !(setuid_file && kept[i] == CAP_SYS_ADMIN);
	int error = clean_environment();
	if (error == 0)
		error = become_real_user();
	if (error < 0)
		return error;
	capng_clear(CAPNG_SELECT_BOTH);
	for (int i = 0; i < KEPT; i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -EPERM;
}

int privilege_confine(struct failure *failure)
{
	if (!privilege_borrowed())
		return 0;
	int error = confine();
	if (error == 0)
		return 0;
	failure_set(failure, error, "Cannot give up the rights of this program file: %s",
		strerror(-error));
	failure->error = -EACCES; /* -EPERM would say that a capability is missing */
	return failure_remedy(failure, "Run x0top with sudo, from a file without capabilities");
}
