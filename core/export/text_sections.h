/* SPDX-License-Identifier: BSD-2-Clause */
/* Write each program's section of the text; nothing while the program is not running. */
#ifndef X0_EXPORT_TEXT_SECTIONS_H
#define X0_EXPORT_TEXT_SECTIONS_H

#include <stdio.h>

#include "model/snapshot.h"

void links_write_text(const struct snapshot *snapshot, FILE *file);
void packets_write_text(const struct snapshot *snapshot, FILE *file);
void mesh_write_text(const struct snapshot *snapshot, FILE *file);
void talkers_write_text(const struct snapshot *snapshot, FILE *file);
void neighbours_write_text(const struct snapshot *snapshot, FILE *file);
void pqc_write_text(const struct snapshot *snapshot, FILE *file);
void tc_write_text(const struct snapshot *snapshot, FILE *file);
void qos_write_text(const struct snapshot *snapshot, FILE *file);
void net_events_write_text(const struct snapshot *snapshot, FILE *file);
void syscalls_write_text(const struct snapshot *snapshot, FILE *file);
void syscalls_secure_write_text(const struct snapshot *snapshot, FILE *file);
void plugin_programs_write_text(const struct snapshot *snapshot, FILE *file);
void mapek_write_text(const struct snapshot *snapshot, FILE *file);
void plugin_maps_write_text(const struct snapshot *snapshot, FILE *file);

/* Writes which calls the tables of system calls lack. Both are as in snapshots. */
void syscalls_write_limits(const char *calls_32bit, const char *left_out, FILE *file);

#endif
