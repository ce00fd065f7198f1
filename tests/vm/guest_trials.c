// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tries every program of every built-in object on the kernel that runs, and prints a line for each,
 * for check-verified.sh: "trial OBJECT PROGRAM VARIANT INSTRUCTIONS STACK", or "-" for the numbers
 * of a program that is refused, with the kernel's words below. guest_trials FOLDER reads the objects
 * from a folder instead.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/trial.h"

static void print_trial(const struct trial *trial, void *context)
{
	char variant[NAME_LEN];

	(void)context;
	snprintf(variant, sizeof(variant), "%s", trial->variant[0] == '\0' ? "-" : trial->variant);
	for (char *c = variant; *c != '\0'; c++)
		if (*c == ' ')
			*c = '_';
	printf("trial %s %s %s ", trial->object, trial->program, variant);
	if (trial->failure.error == 0)
		printf("%u %u\n", trial->verified, trial->stack);
	else
		printf("- -\n%s\n%s\n", trial->failure.what, trial->failure.cause);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "";
	struct failure failure;
	const char *name;
	int failures = 0;

	messages_capture(false);
	for (uint32_t i = 0; (name = object_built_in(i)) != NULL; i++) {
		if (trial_object(name, folder, print_trial, NULL, &failure) == 0)
			continue;
		printf("%s\n", failure.what);
		failures++;
	}
	return failures > 0;
}
