/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trust store: a directory with a file NAME.pub.pem, as `openssl pkey -pubout` writes it, for
 * each trusted node. A bad file does not keep the others from loading.
 *
 * Write access to it decides whom this host trusts. So the directory and its files must be regular,
 * belong to root or the user of this process, and be writable for nobody else; others are refused.
 * So must the directories above, which base/trusted_file.h walks, and none may be a symbolic link.
 */
#ifndef X0_CRYPTO_TRUST_H
#define X0_CRYPTO_TRUST_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/key.h"
#include "xdp_pqc_verify.h"

#define TRUST_DIRECTORY	   "/etc/x0top/trust" /* unless configured */
#define TRUST_FLAGS	   (O_RDONLY | O_DIRECTORY | O_CLOEXEC) /* to open it */
#define TRUST_SUFFIX	   ".pub.pem"
#define TRUST_NAME_LEN	   64 /* with its 0 */
#define TRUST_KEYS_MAX	   PQC_NODES_DEFAULT /* as many as the kernel has slots */
#define TRUST_PROBLEMS_MAX 64

struct trusted_key {
	char name[TRUST_NAME_LEN];
	uint8_t node[PQC_NODE_LEN]; /* as key_node() makes it */
	struct public_key key;
};

/* A file that was refused. */
struct trust_problem {
	char file[256]; /* in the directory, with unprintable characters replaced */
	char what[FAILURE_SENTENCE_LEN]; /* names the file; without its full stop */
	char remedy[FAILURE_SENTENCE_LEN]; /* may be empty */
};

/* The contents of the directory, both lists sorted by name. */
struct trust {
	uint32_t n_keys;
	uint32_t n_problems;
	uint32_t problems_left_out; /* beyond TRUST_PROBLEMS_MAX */
	struct trusted_key keys[TRUST_KEYS_MAX];
	struct trust_problem problems[TRUST_PROBLEMS_MAX];
};

/*
 * Reads all keys of a directory. Returns 0 with *trust to be closed by the caller, even if files
 * were refused; or a negative errno with *failure set: -ENOENT without the directory, -EACCES if
 * others may write there or exchange it, -ELOOP if its path has a symbolic link.
 */
int trust_open(const char *directory, struct trust **trust, struct failure *failure);
void trust_close(struct trust *trust);

/* Finds the key of a node, owned by `trust`; NULL if it is not trusted. */
const struct trusted_key *trust_find(const struct trust *trust, const uint8_t node[PQC_NODE_LEN]);

/*
 * Checks that a key may join those of `trust`. Returns 0, or with *failure set -EEXIST if the key
 * or its node id is there under another name, or -ENOSPC if the store is full.
 */
int trust_admit(
	const struct trust *trust, const struct trusted_key *candidate, struct failure *failure);

/* Returns whether a name is 1 to 63 of A-Z a-z 0-9 . _ -, not starting with a dot or dash. */
bool trust_name_valid(const char *name);

/* Sets *failure to what a valid name is. Returns -EINVAL. */
int trust_name_wrong(const char *name, struct failure *failure);

/*
 * Adds a key to the directory, which is created if need be, by one rename. Returns 0, or a negative
 * errno with *failure set: -EINVAL for a bad name, -EEXIST for a taken one, or as trust_open() and
 * trust_admit().
 */
int trust_add(const char *directory, const char *name, const struct public_key *key,
	struct failure *failure);

/*
 * Removes the file of a name, valid key or not. Returns 0, or a negative errno with *failure set.
 */
int trust_remove(const char *directory, const char *name, struct failure *failure);

#endif
