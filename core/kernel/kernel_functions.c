// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/kernel_functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FUNCTIONS_MAX = 1024, /* there are some 360 system calls */
	FUNCTION_NAME_MAX = 48,
	LINE_MAX_LEN = 1024, /* a name has 511 bytes at most */
	BUFFER_SIZE = 1 << 16
};

struct kernel_function {
	uint64_t address;
	char name[FUNCTION_NAME_MAX];
};

struct kernel_functions {
	uint32_t n;
	struct kernel_function all[FUNCTIONS_MAX];
};

/* Adds what a line says, "ffffffff81234560 T name", if it is wanted; a module's has its name behind it. */
static void add(struct kernel_functions *functions, const char *line, const char *prefix)
{
	struct kernel_function *function = &functions->all[functions->n];
	char module;

	/* The three fields are one space apart: most lines end here. */
	const char *name = strchr(line, ' ');
	if (name == NULL || name[1] == '\0' || name[2] != ' ' ||
		strncmp(name + 3, prefix, strlen(prefix)) != 0)
		return;
	if (functions->n < FUNCTIONS_MAX &&
		sscanf(line, "%" SCNx64 " %*c %47s %c", &function->address, function->name,
			&module) == 2)
		functions->n++;
}

struct kernel_functions *kernel_functions_read(const char *path, const char *prefix)
{
	FILE *file = fopen(path, "re");
	struct kernel_functions *functions = file == NULL ? NULL : calloc(1, sizeof(*functions));
	char line[LINE_MAX_LEN];

	if (functions == NULL)
		goto out;
	setvbuf(file, NULL, _IOFBF, BUFFER_SIZE);
	while (fgets(line, sizeof(line), file) != NULL)
		add(functions, line, prefix);
out:
	if (file != NULL)
		fclose(file);
	return functions;
}

uint64_t kernel_function_address(const struct kernel_functions *functions, const char *name)
{
	uint64_t address = 0;
	uint32_t found = 0;

	for (uint32_t i = 0; functions != NULL && i < functions->n; i++) {
		if (strcmp(functions->all[i].name, name) != 0)
			continue;
		address = functions->all[i].address;
		found++;
	}
	return found == 1 ? address : 0;
}
