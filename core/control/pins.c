// SPDX-License-Identifier: BSD-2-Clause
#include "control/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

bool pins_mounted(void)
{
	struct statfs status;

	return statfs(PINS_BPFFS, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

void pins_look(struct pins_found *found)
{
	DIR *folder = opendir(PINS_ROOT);
	const struct dirent *entry;

	*found = (struct pins_found) { 0 };
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, PINS_LAYOUT) == 0)
			found->ours = true;
		else if (is_entry(entry))
			snprintf(found->other_layout, sizeof(found->other_layout), "%.*s",
				(int)sizeof(found->other_layout) - 1, entry->d_name);
	}
	closedir(folder);
}

int pins_remove(void)
{
	DIR *folder = opendir(PINS_FOLDER);
	const struct dirent *entry;
	int removed = 0;

	if (folder == NULL)
		return 0;
	while ((entry = readdir(folder)) != NULL)
		if (is_entry(entry) && unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			removed++;
	closedir(folder);
	rmdir(PINS_FOLDER);
	rmdir(PINS_ROOT); /* fails, rightly, if another layout has something there */
	return removed;
}
