/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trust store: a directory of NAME.pub.pem, the public keys of the nodes that are believed. A
 * file that is not good is left out, with its reason; it never keeps the others from being loaded.
 */
#ifndef X0_PQC_TRUST_H
#define X0_PQC_TRUST_H

#include <stdint.h>

#include "kernel/failure.h"
#include "model/snapshot.h"
#include "pqc/key.h"
#include "xdp_pqc_verify.h"

#define TRUST_DIRECTORY "/etc/x0top/keys" /* unless configured */
#define TRUST_MAX	PQC_NODES_DEFAULT

struct trusted_node {
	char name[NAME_LEN];
	uint8_t node[PQC_NODE_LEN];
	struct public_key key;
};

struct trust {
	uint32_t n_nodes;
	struct trusted_node nodes[TRUST_MAX]; /* by name */
};

typedef void (*trust_problem)(const struct failure *failure, void *context);

/*
 * Reads the store. What is left out is told to `problem`: a key that cannot be read, is malformed, of
 * another type, there twice, or one too many. Returns the number of those, or a negative errno with
 * *failure set when there is no such directory.
 */
int trust_load(const char *directory, struct trust *trust, trust_problem problem, void *context,
	struct failure *failure);

/* A name for files: letters, digits, dot, dash and underscore, no dot first. Returns 0 or -EINVAL. */
int trust_check_name(const char *name, struct failure *failure);

/*
 * Adds the key to the store, or removes that of a name. Return 0, or a negative errno with *failure
 * set: -EEXIST when the name or the key is there already, -ENOENT, -ENOSPC when the store is full.
 */
int trust_add(const char *directory, const char *name, const struct public_key *key,
	struct failure *failure);
int trust_remove(const char *directory, const char *name, struct failure *failure);

/*
 * Makes a new key of the parameter set: the private one becomes DIRECTORY/NAME.key.pem, readable by
 * its owner alone, the public one NAME.pub.pem. Existing files are not touched: -EEXIST.
 */
int trust_generate(const char *directory, const char *name, uint32_t set, struct failure *failure);

#endif
