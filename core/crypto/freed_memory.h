/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libcrypto frees. It wipes its keys, but not all that it reads them through: its decoders leave
 * a private key in memory that is free (seen in 3.5).
 */
#ifndef X0_CRYPTO_FREED_MEMORY_H
#define X0_CRYPTO_FREED_MEMORY_H

/* To be called once, before anything else of libcrypto. */
void freed_memory_watch(void);

/*
 * From now on all that libcrypto frees is wiped first. Not from the start: where no private key is, a
 * benchmark is not to be slowed down.
 */
void freed_memory_wipe(void);

#endif
