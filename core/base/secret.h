/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps keys in memory from swap, as far as RLIMIT_MEMLOCK allows, and from core dumps. */
#ifndef X0_BASE_SECRET_H
#define X0_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

/* Keeps the keys of this process from core dumps and from others of its user, and raises the limit
 * on locked memory as far as it may. Call it before a key is read. */
void secret_protect_process(void);

/* Locks memory of any kind, with what else is on its pages, also after it is freed. */
void secret_lock(void *memory, size_t size);

/* Returns 0 if nobody but its owner, and perhaps its group, can read an open file that holds a secret; else a
 * negative errno with *failure set: -EINVAL if others can. */
int secret_check_mode(int fd, const char *path, struct failure *failure);

/* Cuts the ends of lines off the text of a file with `length` bytes. Returns whether it is then one line, not empty and
 * without control characters: a file that holds more is not the secret that was meant. */
bool secret_is_line(char *text, size_t length);

/* AddressSanitizer's leak check traces its process, which must stay dumpable then. */
#if defined(__SANITIZE_ADDRESS__)
#define SECRET_TRACED true
#elif defined(__has_feature)
#define SECRET_TRACED __has_feature(address_sanitizer)
#else
#define SECRET_TRACED false
#endif

#endif
