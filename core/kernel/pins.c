// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/keeper.h"
#include "kernel/pin.h"
#include "kernel/rights.h"

#define FOLDER_ONLY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* --- folders --------------------------------------------------------------------------------- */

static bool is_bpffs(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

bool pins_mounted(void)
{
	return file_system_is(PINS_BPFFS, BPF_FS_MAGIC);
}

static bool is_ours(const struct stat *status)
{
	return status->st_uid == 0 || status->st_uid == rights_user();
}

static int refuse(struct failure *failure, const char *path, int error, const char *why)
{
	failure_set(failure, error, "x0top does not use %s: it %s", path, why);
	return failure_remedy(failure,
		"As root, check it, remove it, and keep others out: chmod 0700 %s", PINS_BPFFS);
}

static int refuse_owner(struct failure *failure, const char *path, const struct stat *status)
{
	char why[64];

	snprintf(why, sizeof(why), "%sbelongs to user %u",
		S_ISLNK(status->st_mode) ? "is a symbolic link and " : "", status->st_uid);
	return refuse(failure, path, -EPERM, why);
}

/* Explains why a folder cannot be opened or used. */
static int explain_folder(
	int parent, const char *name, const char *path, int error, struct failure *failure)
{
	struct stat status;

	if (keeper_status(parent, name, &status) == 0) {
		if (!is_ours(&status))
			return refuse_owner(failure, path, &status);
		if (!S_ISDIR(status.st_mode))
			return refuse(failure, path, -ENOTDIR, "is not a folder");
	}
	failure_set(failure, error, "Cannot open %s: %s", path, keeper_strerror(error));
	return failure_remedy(failure, "Run x0top as root");
}

/* Opens a folder in `parent` that only its owner can write to. Returns its descriptor, or a
 * negative errno with *failure set; -ENOENT leaves *failure as it was. */
static int open_checked(int parent, const char *name, const char *path, struct failure *failure)
{
	int fd = keeper_open_in(parent, name, FOLDER_ONLY);
	struct stat status;
	int error = 0;

	if (fd < 0)
		return fd == -ENOENT ? fd : explain_folder(parent, name, path, fd, failure);
	if (fstat(fd, &status) < 0)
		error = explain_folder(parent, name, path, -errno, failure);
	else if (!is_bpffs(fd))
		error = refuse(failure, path, -ENOTDIR, "is not on bpffs");
	else if (!is_ours(&status))
		error = refuse_owner(failure, path, &status);
	else if (status.st_mode & (S_IWGRP | S_IWOTH))
		error = refuse(failure, path, -EPERM, "is writable for others than its owner");
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/*
 * Checks that others cannot replace an entry of bpffs's top folder: it is not writable for them, or
 * sticky, so that they can remove and rename only their own.
 */
static int check_bpffs(int fd, struct failure *failure)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return failure_set(
			failure, -errno, "Cannot read %s: %s", PINS_BPFFS, strerror(errno));
	if (!is_ours(&status))
		return refuse_owner(failure, PINS_BPFFS, &status);
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !(status.st_mode & S_ISVTX))
		return refuse(failure, PINS_BPFFS, -EPERM,
			"lets every user rename and remove its entries");
	return 0;
}

/* Opens PINS_BPFFS. Returns -ENOENT if bpffs is not mounted there, without *failure. */
static int open_bpffs(struct failure *failure)
{
	int fd = keeper_open(PINS_BPFFS, PINS_BPFFS_FLAGS, 0);

	if (fd == -ENOENT || (fd < 0 && !pins_mounted()))
		return -ENOENT;
	if (fd < 0)
		return explain_folder(AT_FDCWD, PINS_BPFFS, PINS_BPFFS, fd, failure);
	if (is_bpffs(fd))
		return fd;
	close(fd);
	return -ENOENT;
}

static bool is_left(const char *name)
{
	return strncmp(name, PINS_NEW, strlen(PINS_NEW)) == 0;
}

static int note_layout(int root, const char *name, void *data)
{
	struct pins *pins = data;

	(void)root;
	if (strcmp(name, PINS_LAYOUT) != 0 && !is_left(name))
		snprintf(pins->other_layout, sizeof(pins->other_layout), "%.*s",
			(int)sizeof(pins->other_layout) - 1, name);
	return 0;
}

void pins_init(struct pins *pins)
{
	*pins = (struct pins) { .root = -1, .folder = -1, .fresh = -1 };
}

void pins_close(struct pins *pins)
{
	fd_close(&pins->fresh);
	fd_close(&pins->folder);
	fd_close(&pins->root);
	pins->other_layout[0] = '\0';
}

/* Opens PINS_ROOT, and notes the layouts in it. */
static int open_root(struct pins *pins, int bpffs, struct failure *failure)
{
	int fd = open_checked(bpffs, PINS_ROOT_NAME, PINS_ROOT, failure);

	if (fd < 0)
		return fd;
	int error = check_bpffs(bpffs, failure);
	if (error < 0) {
		close(fd);
		return error;
	}
	pins->root = fd;
	pins->other_layout[0] = '\0';
	error = pin_each(fd, note_layout, pins);
	if (error == 0 || !pin_error_is_unknown(error))
		return 0;
	return failure_set(failure, error, "Cannot read %s: %s", PINS_ROOT, keeper_strerror(error));
}

int pins_open(struct pins *pins, struct failure *failure)
{
	int bpffs = open_bpffs(failure);

	pins_close(pins);
	if (bpffs < 0)
		return bpffs == -ENOENT ? 0 : bpffs;
	int error = open_root(pins, bpffs, failure);
	close(bpffs);
	if (error == 0) {
		error = open_checked(pins->root, PINS_LAYOUT, PINS_FOLDER, failure);
		pins->folder = error < 0 ? -1 : error;
	}
	if (error >= 0 || error == -ENOENT)
		return 0;
	pins_close(pins);
	return error;
}

bool pins_in_force(const struct pins *pins)
{
	struct stat held, named;

	if (pins->folder < 0 || fstat(pins->folder, &held) < 0 || held.st_nlink == 0)
		return false;
	int error = keeper_status(pins->root, PINS_LAYOUT, &named);
	if (error < 0)
		return pin_error_is_unknown(error);
	return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* --- making ---------------------------------------------------------------------------------- */

static int mount_bpffs(struct failure *failure)
{
	if (pins_mounted())
		return 0;
	int error = keeper_mount_bpffs();
	if (error == 0)
		return 0;
	failure_set(
		failure, error, "Cannot mount bpffs on %s: %s", PINS_BPFFS, keeper_strerror(error));
	return failure_remedy(failure, "As root: mount -t bpf -o mode=0700 bpf %s", PINS_BPFFS);
}

static int cannot_make(struct failure *failure, const char *path, int error)
{
	failure_set(failure, error, "Cannot create %s: %s", path, keeper_strerror(error));
	return failure_remedy(failure, "Run x0top as root");
}

static int make_root(struct pins *pins, struct failure *failure)
{
	int error = mount_bpffs(failure);
	int bpffs = error < 0 ? error : open_bpffs(failure);

	if (bpffs < 0)
		return bpffs == -ENOENT ? cannot_make(failure, PINS_ROOT, bpffs) : bpffs;
	error = check_bpffs(bpffs, failure);
	int made = error == 0 ? keeper_make(bpffs, PINS_ROOT_NAME) : 0;
	if (made < 0 && made != -EEXIST)
		error = cannot_make(failure, PINS_ROOT, made);
	if (error == 0)
		error = open_root(pins, bpffs, failure);
	close(bpffs);
	return error;
}

static void fresh_name(char *name, size_t size)
{
	snprintf(name, size, PINS_NEW "%d", getpid());
}

int pins_begin(struct pins *pins, struct failure *failure)
{
	char name[NAME_LEN];

	pins_close(pins);
	fresh_name(name, sizeof(name));
	int error = make_root(pins, failure);
	if (error < 0)
		return error;
	if (pins->other_layout[0] != '\0') {
		failure_set(failure, -EEXIST, "Pins of another version of x0top are in %s/%s",
			PINS_ROOT, pins->other_layout);
		return failure_remedy(failure, "Run that version's: x0top programs down");
	}
	pins_clean(pins, false);
	error = keeper_make(pins->root, name);
	if (error < 0)
		return cannot_make(failure, PINS_FOLDER, error);
	pins->fresh = open_checked(pins->root, name, PINS_FOLDER, failure);
	if (pins->fresh == -ENOENT)
		return cannot_make(failure, PINS_FOLDER, -ENOENT);
	return pins->fresh < 0 ? pins->fresh : 0;
}

int pins_commit(struct pins *pins)
{
	char name[NAME_LEN];

	fresh_name(name, sizeof(name));
	/* Replaces an empty folder, but not one with pins. */
	int error = keeper_rename(pins->root, name, PINS_LAYOUT);
	if (error < 0)
		return error == -ENOTEMPTY ? -EEXIST : error;
	fd_close(&pins->folder);
	pins->folder = pins->fresh;
	pins->fresh = -1;
	return 0;
}

/* --- removing -------------------------------------------------------------------------------- */

struct removal {
	bool links_only, detach;
	int removed;
};

static int remove_one(int folder, const char *name, void *data)
{
	struct removal *removal = data;
	enum pin_kind kind = PIN_UNKNOWN;
	int fd = removal->links_only ? pin_get(folder, name, &kind) : -1;

	if (fd >= 0 && kind == PIN_LINK && removal->detach)
		bpf_link_detach(fd);
	if ((kind == PIN_LINK || !removal->links_only) && keeper_remove(folder, name, 0) == 0)
		removal->removed++;
	fd_close(&fd);
	return 0;
}

/* Empties a folder and removes it; empties it again if another process adds pins meanwhile. Returns the number of pins,
 * or a negative errno if it is still there. */
static int remove_folder(int root, const char *name, int folder, bool detach)
{
	struct removal removal = { .links_only = true, .detach = detach };
	int before, error = pin_each(folder, remove_one, &removal), left;

	removal.links_only = false;
	do {
		before = removal.removed;
		if (error == 0)
			error = pin_each(folder, remove_one, &removal);
		left = keeper_remove(root, name, AT_REMOVEDIR);
	} while (error == 0 && left == -ENOTEMPTY && removal.removed > before);
	if (left == 0 || left == -ENOENT)
		return removal.removed;
	return error < 0 ? error : left;
}

/* Removes PINS_ROOT, unless another layout has a folder in it. */
static void remove_root(void)
{
	struct failure ignored;
	int bpffs = open_bpffs(&ignored);

	if (bpffs < 0)
		return;
	keeper_remove(bpffs, PINS_ROOT_NAME, AT_REMOVEDIR);
	close(bpffs);
}

int pins_empty(struct pins *pins, bool detach)
{
	bool rooted = pins->root >= 0;
	int removed = pins_in_force(pins)
			      ? remove_folder(pins->root, PINS_LAYOUT, pins->folder, detach)
			      : 0;

	pins_close(pins);
	if (rooted)
		remove_root();
	return removed;
}

struct cleaning {
	bool detach;
	int folders;
};

static int clean_one(int root, const char *name, void *data)
{
	struct cleaning *cleaning = data;
	struct failure ignored;

	if (!is_left(name))
		return 0;
	int folder = open_checked(root, name, name, &ignored);
	if (folder < 0)
		return 0;
	remove_folder(root, name, folder, cleaning->detach);
	close(folder);
	cleaning->folders++;
	return 0;
}

int pins_clean(struct pins *pins, bool detach)
{
	struct cleaning cleaning = { .detach = detach };

	if (pins->root >= 0)
		pin_each(pins->root, clean_one, &cleaning);
	return cleaning.folders;
}

void pins_abandon(struct pins *pins)
{
	char name[NAME_LEN];

	if (pins->fresh < 0)
		return;
	fresh_name(name, sizeof(name));
	remove_folder(pins->root, name, pins->fresh, false);
	fd_close(&pins->fresh);
	if (pins->folder < 0) {
		pins_close(pins);
		remove_root();
	}
}

int pins_remove(void)
{
	struct pins pins;
	struct failure ignored;

	pins_init(&pins);
	if (pins_open(&pins, &ignored) < 0)
		return 0;
	pins_clean(&pins, false);
	int removed = pins_empty(&pins, false);
	pins_close(&pins);
	return removed;
}
