/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trust store: a directory with a file NAME.pub.pem for each node whose signatures are believed,
 * as `openssl pkey -pubout` writes it. A file that is not good keeps no other from being loaded.
 *
 * Who can write there decides whom this host believes. So the directory and its files must belong to
 * root or to who runs this program, nobody else may write them, and a file must be a regular one:
 * what breaks these rules is refused, not warned of.
 */
#ifndef X0_CRYPTO_TRUST_H
#define X0_CRYPTO_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/key.h"
#include "xdp_pqc_verify.h"

#define TRUST_DIRECTORY	   "/etc/x0top/trust" /* unless configured */
#define TRUST_SUFFIX	   ".pub.pem"
#define TRUST_NAME_LEN	   64 /* with its 0 */
#define TRUST_KEYS_MAX	   PQC_NODES_DEFAULT /* as many as the kernel has slots */
#define TRUST_PROBLEMS_MAX 64

struct trusted_key {
	char name[TRUST_NAME_LEN];
	uint8_t node[PQC_NODE_LEN]; /* as key_node() makes it */
	struct public_key key;
};

/* A file that is not used. */
struct trust_problem {
	char file[256]; /* in the directory, with unprintable characters replaced */
	char what[FAILURE_SENTENCE_LEN]; /* names the file; without its full stop */
	char remedy[FAILURE_SENTENCE_LEN]; /* may be empty */
};

/* What was in the directory, both lists in the order of the names. */
struct trust {
	uint32_t n_keys;
	uint32_t n_problems;
	uint32_t problems_left_out; /* beyond TRUST_PROBLEMS_MAX */
	struct trusted_key keys[TRUST_KEYS_MAX];
	struct trust_problem problems[TRUST_PROBLEMS_MAX];
};

/*
 * Reads all keys of a directory. Returns 0 with *trust to be closed by the caller, whatever problems
 * there are; or, when the directory cannot be read or is not safe, a negative errno with *failure
 * set: -ENOENT where there is none, -EACCES where others may write.
 */
int trust_open(const char *directory, struct trust **trust, struct failure *failure);
void trust_close(struct trust *trust);

/* The key of a node, owned by `trust`; NULL if it is not trusted. */
const struct trusted_key *trust_find(const struct trust *trust, const uint8_t node[PQC_NODE_LEN]);

/*
 * Whether a key may join those of `trust`. Returns 0, or with *failure set -EEXIST for a key that is
 * there under another name or a node id that another key has, and -ENOSPC for one too many.
 */
int trust_admit(
	const struct trust *trust, const struct trusted_key *candidate, struct failure *failure);

/* Whether a key can have this name: 1 to 63 of A-Z a-z 0-9 . _ -, and no dot or dash first. */
bool trust_name_valid(const char *name);

/* Says of a name that is not valid what a valid one is. Returns -EINVAL. */
int trust_name_wrong(const char *name, struct failure *failure);

/*
 * Writes a key to the directory, which is made if need be: at once and whole, or not at all. Returns
 * 0, or a negative errno with *failure set: -EINVAL for the name, -EEXIST if the name is taken, and
 * those of trust_open() and trust_admit().
 */
int trust_add(const char *directory, const char *name, const struct public_key *key,
	struct failure *failure);

/* Removes the file of a name, whatever is in it. Returns 0, or a negative errno with *failure set. */
int trust_remove(const char *directory, const char *name, struct failure *failure);

#endif
