/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of the traffic classes as a configuration file has them. */
#ifndef X0_CLI_CLASSES_YAML_H
#define X0_CLI_CLASSES_YAML_H

#include <stdio.h>

#include "base/failure.h"
#include "cli/saved_file.h"
#include "qos/classes.h"

/* Takes the lines that are in force on this host, if any are. Returns 0, or -EPERM with *failure set if only root may
 * know them. */
int classes_read_book(struct class_lines *lines, struct failure *failure);

/* Writes the lines; those of the default table that are not among them as taken away. */
void classes_write_yaml(const struct class_lines *lines, FILE *file);

/* Opens a file to be written, standard output for NULL; and closes it. Return an exit status, after saying what
 * failed. */
int yaml_create(const char *path, struct saved_file *saved);
int yaml_close(struct saved_file *saved);

#endif
