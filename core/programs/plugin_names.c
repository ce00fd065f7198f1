// SPDX-License-Identifier: BSD-2-Clause
#include "programs/plugin_names.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && strcmp(name + length - end, suffix) == 0;
}

bool plugin_file_name(const char *name)
{
	return name[0] != '.' && ends_in(name, PLUGIN_SUFFIX);
}

void plugin_name(const char *path, char name[NAME_LEN])
{
	const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
	size_t length = strlen(base), n = 0;

	if (ends_in(base, PLUGIN_SUFFIX))
		length -= strlen(PLUGIN_SUFFIX);
	else if (ends_in(base, ".o"))
		length -= strlen(".o");
	for (; n < length && n < NAME_LEN - 1; n++) {
		unsigned char c = (unsigned char)base[n];
		name[n] = isascii(c) && (isalnum(c) || c == '-') ? (char)tolower(c) : '_';
	}
	if (n == 0)
		name[n++] = '_';
	name[n] = '\0';
}

static bool is_called(const char *path, const char *name)
{
	char own[NAME_LEN];

	plugin_name(path, own);
	return strcmp(own, name) == 0;
}

/* Whether one of the folder is to be trusted shows when it is read. */
static bool is_in_folder(const char *name)
{
	DIR *folder = opendir(PLUGIN_FOLDER);
	const struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL)
		found = plugin_file_name(entry->d_name) && is_called(entry->d_name, name);
	if (folder != NULL)
		closedir(folder);
	return found;
}

bool plugin_name_known(const struct settings *settings, const char *name)
{
	for (uint32_t i = 0; i < settings->n_plugins; i++)
		if (is_called(settings->plugins[i], name))
			return true;
	return is_in_folder(name);
}
