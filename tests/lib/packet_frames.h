/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that a parser of headers must survive: cut short, hostile and random ones. */
#ifndef X0_TESTS_PACKET_FRAMES_H
#define X0_TESTS_PACKET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receives a frame, or with `raw_ip` one without its Ethernet header. `what` names its sample. */
typedef void (*frame_check)(const char *what, const uint8_t *bytes, size_t length, bool raw_ip);

/* Every sample, cut after each byte, with and without its Ethernet header. */
void packet_frames_truncated(frame_check check);

/* After a good beginning, bytes that claim the most, the least, or nonsense; every length. */
void packet_frames_hostile(frame_check check);

/* `count` frames: noise, and samples with a few bytes changed. The same on every machine. */
void packet_frames_random(frame_check check, unsigned count);

/* Prints a frame that a check has found wrong. */
void packet_frames_print(const char *what, const uint8_t *bytes, size_t length);

#endif
