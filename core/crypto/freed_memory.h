/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wipes memory that libcrypto frees, and locks what it takes. It wipes its keys, but not its decoders' buffers, which leave
 * a private key in free memory (seen in 3.5).
 */
#ifndef X0_CRYPTO_FREED_MEMORY_H
#define X0_CRYPTO_FREED_MEMORY_H

/* Takes over libcrypto's allocation. Call once, before anything else of libcrypto. */
void freed_memory_watch(void);

/*
 * Wipes and locks from now on. Not from the start: a benchmark without private keys should not be slowed
 * down.
 */
void freed_memory_wipe(void);

#endif
