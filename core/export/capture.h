/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads one frame of a capture: pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng). */
#ifndef X0_EXPORT_CAPTURE_H
#define X0_EXPORT_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

enum { CAPTURE_FRAME_MAX = 1 << 16 };

/*
 * Reads frame `number`, from 1 on, of a regular file of at most 64 MiB, Ethernet only. Returns its bytes, as many
 * as were captured and fit into CAPTURE_FRAME_MAX; or a negative errno with *failure set: -ENOENT if the file has
 * fewer frames, -EBADMSG if it is no capture or damaged, -EPROTONOSUPPORT if it is no Ethernet.
 */
int capture_read(const char *path, uint32_t number, uint8_t frame[CAPTURE_FRAME_MAX],
	struct failure *failure);

/* The same of bytes in memory, `path` for messages. */
int capture_find(const char *path, const uint8_t *bytes, size_t size, uint32_t number,
	uint8_t frame[CAPTURE_FRAME_MAX], struct failure *failure);

#endif
