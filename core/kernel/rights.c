// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/rights.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/secret.h"
#include "kernel/syscall_filter.h"

#define NOBODY	65534 /* where the host has no user of that name */
#define NO_USER 65533 /* from which on ids are tried that no user has */

static struct {
	bool dropped;
	uid_t effective, real;
} began;

struct drop {
	uint64_t capabilities; /* to be kept; after the first step, those that the process has */
	bool change_user;
	bool chosen; /* the next two are known */
	enum syscall_list calls;
	uid_t uid;
	gid_t gid;
};

uid_t rights_user(void)
{
	return began.dropped ? began.effective : geteuid();
}

uid_t rights_real_user(void)
{
	return began.dropped ? began.real : getuid();
}

static bool has(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

bool rights_changes_user(void)
{
	capng_get_caps_process();
	return geteuid() == 0 && has(CAP_SETUID) && has(CAP_SETGID);
}

/* --- steps, each of which returns a negative number with errno, or 0 ------------------------------ */

static void find_nobody(uid_t *uid, gid_t *gid)
{
	const struct passwd *entry = getpwnam("nobody");

	*uid = entry != NULL ? entry->pw_uid : NOBODY;
	*gid = entry != NULL ? entry->pw_gid : NOBODY;
}

static void find_own(uid_t *uid, gid_t *gid)
{
	const struct passwd *entry = getpwnam(RIGHTS_USER);

	find_nobody(uid, gid);
	if (entry == NULL)
		return;
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
}

static int choose_user(struct drop *drop)
{
	if (drop->chosen)
		return 0;
	drop->uid = geteuid();
	drop->gid = getegid();
	if (drop->change_user)
		find_own(&drop->uid, &drop->gid);
	if (drop->change_user && drop->uid == 0) {
		errno = EINVAL; /* an alias of root would keep everything */
		return -1;
	}
	return 0;
}

/* Needs CAP_SETPCAP; without it, no_new_privs keeps the bounding set from giving anything. */
static int empty_bounding_set(struct drop *drop)
{
	(void)drop;
	if (!has(CAP_SETPCAP))
		return 0;
	for (int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 &&
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -1;
	return 0;
}

static int leave_groups(struct drop *drop)
{
	(void)drop;
	return has(CAP_SETGID) ? setgroups(0, NULL) : 0;
}

static int take_user(struct drop *drop)
{
	if (!drop->change_user)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
		setresgid(drop->gid, drop->gid, drop->gid) < 0 ||
		setresuid(drop->uid, drop->uid, drop->uid) < 0)
		return -1;
	return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

static int reduce_capabilities(struct drop *drop)
{
	capng_get_caps_process();
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (!capng_have_capability(CAPNG_PERMITTED, capability))
			drop->capabilities &= ~(UINT64_C(1) << capability);
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (drop->capabilities >> capability & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -1;
	if (capng_apply(CAPNG_SELECT_CAPS) == 0)
		return 0;
	errno = EPERM;
	return -1;
}

static int forbid_new_rights(struct drop *drop)
{
	(void)drop;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int forbid_tracing(struct drop *drop)
{
	(void)drop;
	return SECRET_TRACED ? 0 : prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int filter_calls(struct drop *drop)
{
	int error = SECRET_TRACED ? 0 : syscall_filter_set(drop->calls);

	errno = -error;
	return error;
}

/* Reads back what the steps before have set. */
static int check(struct drop *drop)
{
	uid_t real, effective, saved;
	bool right = getresuid(&real, &effective, &saved) == 0 && real == drop->uid &&
		     effective == drop->uid && saved == drop->uid &&
		     prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

	capng_get_caps_process();
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++) {
		int wanted = drop->capabilities >> capability & 1;
		right = right && capng_have_capability(CAPNG_PERMITTED, capability) == wanted &&
			capng_have_capability(CAPNG_EFFECTIVE, capability) == wanted;
	}
	errno = EPERM;
	return right ? 0 : -1;
}

static const struct step {
	const char *what;
	int (*take)(struct drop *drop);
} steps[] = {
	{ "find the user " RIGHTS_USER " or nobody", choose_user },
	{ "empty the bounding set of capabilities", empty_bounding_set },
	{ "leave the supplementary groups", leave_groups },
	{ "become an ordinary user", take_user },
	{ "drop capabilities", reduce_capabilities },
	{ "forbid new privileges", forbid_new_rights },
	{ "forbid tracing and core dumps", forbid_tracing },
	{ "restrict its system calls by seccomp", filter_calls },
	{ "see that its rights are gone", check },
};

static int take_steps(struct drop *drop, struct failure *failure)
{
	if (!began.dropped) {
		began.effective = geteuid();
		began.real = getuid();
		began.dropped = true;
	}
	capng_get_caps_process();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].take(drop) >= 0)
			continue;
		failure_set(failure, -errno, "Cannot give up rights: to %s: %s", steps[i].what,
			strerror(errno));
		failure_remedy(failure,
			"Run it where root may do that; it does not go on with all rights");
		/* -EPERM would say that a capability is missing. */
		return failure->error = failure->error == -EPERM ? -EACCES : failure->error;
	}
	return 0;
}

#define BIT(capability) (UINT64_C(1) << (capability))

static const struct {
	uint64_t capabilities;
	bool change_user;
	enum syscall_list calls;
} kinds[] = {
	[RIGHTS_RUNNING] = { BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_NET_ADMIN), true,
		SYSCALLS_RUNNING },
	[RIGHTS_NONE] = { 0, true, SYSCALLS_RUNNING },
	/* BPF_OBJ_PIN asks for CAP_BPF; keys may lie in a folder of another user's. */
	[RIGHTS_KEEPER] = { BIT(CAP_BPF) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_ADMIN), false,
		SYSCALLS_KEEPER },
	[RIGHTS_LAB_NODE] = { BIT(CAP_NET_RAW) | BIT(CAP_NET_ADMIN), true, SYSCALLS_RUNNING },
	/* CAP_SYS_ADMIN: to find programs by id, and to mount bpffs. CAP_SYS_RESOURCE: before 5.11,
	 * maps count as locked memory. */
	[RIGHTS_COMMAND] = { BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_NET_ADMIN) |
				     BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_RESOURCE),
		false, SYSCALLS_ALL },
};

static bool bpffs_mounted(void)
{
	struct statfs status;

	return statfs("/sys/fs/bpf", &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

int rights_drop(enum rights_kind kind, struct failure *failure)
{
	struct drop drop = {
		.capabilities = kinds[kind].capabilities,
		.change_user = kinds[kind].change_user && rights_changes_user(),
		.calls = kinds[kind].calls,
	};

	if (kind == RIGHTS_KEEPER && bpffs_mounted())
		drop.capabilities &= ~BIT(CAP_SYS_ADMIN);
	return take_steps(&drop, failure);
}

/* --- the operator's programs ---------------------------------------------------------------------- */

/* Finds an id that no user has: what runs with it owns nothing, and nobody else is it. */
static void find_no_user(uid_t *uid, gid_t *gid)
{
	uid_t id = NO_USER;

	while (id > 1 && (getpwuid(id) != NULL || getgrgid(id) != NULL))
		id--;
	*uid = *gid = id;
}

static int find_named(const char *name, uid_t own, uid_t *uid, gid_t *gid, struct failure *failure)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return failure_set(
			failure, -ENOENT, "There is no user \"%.40s\" on this host", name);
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	if (*uid == 0 || *gid == 0)
		return failure_set(failure, -EINVAL,
			"\"%.40s\" has root's rights: name an ordinary user", name);
	if (*uid == own)
		return failure_set(failure, -EINVAL,
			"\"%.40s\" is the user that x0top runs as: name another one", name);
	return 0;
}

int rights_find_user(const char *name, uid_t *uid, gid_t *gid, struct failure *failure)
{
	uid_t own;
	gid_t group;

	find_own(&own, &group);
	if (name != NULL && name[0] != '\0')
		return find_named(name, own, uid, gid, failure);
	find_nobody(uid, gid);
	if (*uid == own || *uid == 0)
		find_no_user(uid, gid);
	return 0;
}

int rights_become(const char *name, struct failure *failure)
{
	struct drop drop = { .change_user = rights_changes_user(),
		.chosen = true,
		.uid = geteuid(),
		.gid = getegid(),
		.calls = SYSCALLS_ALL };

	if (drop.change_user && rights_find_user(name, &drop.uid, &drop.gid, failure) < 0)
		return failure->error;
	if (!drop.change_user && name != NULL && name[0] != '\0')
		return failure_set(failure, -EACCES,
			"Hooks cannot run as \"%.40s\": x0top is not root here, or may not change users",
			name);
	return take_steps(&drop, failure);
}
