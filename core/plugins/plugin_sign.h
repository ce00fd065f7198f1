/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signatures of plugins: FILE.sig, ML-DSA of the whole file under a context of its own, so that a signature of
 * anything else is none of a plugin. Where PLUGIN_KEYS holds anything, no other plugin is run.
 */
#ifndef X0_PLUGINS_PLUGIN_SIGN_H
#define X0_PLUGINS_PLUGIN_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/trust.h"

#define PLUGIN_KEYS	    "/etc/x0top/plugin-keys" /* a directory, as the trust store */
#define PLUGIN_SIGNATURE    ".sig"
#define PLUGIN_SIGN_CONTEXT "x0top plugin"

/*
 * Checks the bytes of the file at `path` against FILE.sig, if signatures are wanted. Returns 0, with the name of
 * the key that signed in `signer`, empty if none are wanted; or a negative errno with *failure set.
 */
int plugin_sign_check(const char *path, const uint8_t *data, size_t size,
	char signer[TRUST_NAME_LEN], struct failure *failure);

/* Signs a file with a private key, in a file, too: writes FILE.sig by one rename. Returns 0, or a negative errno
 * with *failure set. */
int plugin_sign(const char *path, const char *key, struct failure *failure);

#endif
