/* SPDX-License-Identifier: BSD-2-Clause */
/* Each program's part of a snapshot as a section of text; nothing while the program does not run. */
#ifndef X0_EXPORT_TEXT_SECTIONS_H
#define X0_EXPORT_TEXT_SECTIONS_H

#include <stdio.h>

#include "model/snapshot.h"

void packets_write_text(const struct snapshot *snapshot, FILE *file);
void mesh_write_text(const struct snapshot *snapshot, FILE *file);
void pqc_write_text(const struct snapshot *snapshot, FILE *file);
void tc_write_text(const struct snapshot *snapshot, FILE *file);
void net_events_write_text(const struct snapshot *snapshot, FILE *file);
void syscalls_write_text(const struct snapshot *snapshot, FILE *file);
void syscalls_secure_write_text(const struct snapshot *snapshot, FILE *file);

#endif
