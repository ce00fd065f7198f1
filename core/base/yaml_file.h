/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a YAML file, which anybody may have written, as a libyaml document: it keeps the place of each
 * node, so that a wrong value is reported with its line and column, as wrong YAML is.
 */
#ifndef X0_BASE_YAML_FILE_H
#define X0_BASE_YAML_FILE_H

#include <stddef.h>
#include <yaml.h>

#include "base/failure.h"

#define YAML_FILE_MAX (1 << 20) /* bytes */

struct yaml_file {
	const char *path; /* for messages */
	yaml_document_t document;
	struct failure *failure;
	const char *text; /* of yaml_file_parse(), while it runs */
	size_t size;
	/* Takes the document, whose root is no empty text. Returns 0, or a negative errno with *failure set. */
	int (*take)(struct yaml_file *file, const yaml_node_t *root);
	void *data; /* of take() */
};

/*
 * Reads a text of `size` bytes: checks its bounds, and hands its one document to file->take(), if there
 * is any. Returns 0, or a negative errno with *file->failure naming path, line and mistake.
 */
int yaml_file_parse(struct yaml_file *file, const char *text, size_t size);

/* Reads file->path, a regular file of at most YAML_FILE_MAX bytes, in the same way. Messages call it `what`,
 * "the configuration". */
int yaml_file_read(struct yaml_file *file, const char *what);

/* Returns a node of the document. */
const yaml_node_t *yaml_file_node(const struct yaml_file *file, int index);

/* Returns the text of a node, or NULL if it is not text. */
const char *yaml_file_text(const yaml_node_t *node);

/* Prefixes the failure with path, line and column of a node. Returns `error`. */
int yaml_file_at(const struct yaml_file *file, const yaml_node_t *node, int error);

/* Sets the failure to a sentence about a node. Returns -EINVAL. */
int yaml_file_wrong(const struct yaml_file *file, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks that no pair of a mapping before `pair` has its key. Returns 0, or -EINVAL with the failure
 * set. */
int yaml_file_check_key(
	const struct yaml_file *file, const yaml_node_t *mapping, const yaml_node_pair_t *pair);

#endif
