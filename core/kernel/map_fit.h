/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tells whether a program can go on with a map that another one of it has filled: compares the types of keys
 * and values by BTF, member by member. BTF is untrusted: what cannot be followed does not fit.
 */
#ifndef X0_KERNEL_MAP_FIT_H
#define X0_KERNEL_MAP_FIT_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdint.h>

#include "base/failure.h"

/* What a map is. Types are 0 where there is none: sizes alone are compared. */
struct map_layout {
	uint32_t type; /* enum bpf_map_type */
	uint32_t key_size, value_size; /* bytes */
	uint32_t flags;
	const struct btf *btf; /* of both types; not owned; NULL: not known */
	uint32_t key, value; /* ids in `btf` */
};

enum map_fit {
	MAP_FITS,
	MAP_GROWN, /* the value is a struct with more members at its end: its contents can be carried over */
	MAP_LARGER, /* the value in force has more members at its end */
};

/* Describes a map of an opened object; `layout` refers to the object. */
void map_layout_declared(
	const struct bpf_object *object, const struct bpf_map *map, struct map_layout *layout);

/*
 * Describes a map of the kernel. Returns 0 with *btf to be freed by btf__free(), which layout->btf refers to;
 * NULL where the kernel does not tell (without CAP_SYS_ADMIN); or a negative errno.
 */
int map_layout_read(int fd, struct map_layout *layout, struct btf **btf);

/*
 * Compares the map `name` in force with the one that takes its place. Returns an enum map_fit, or -EBADMSG; with
 * MAP_GROWN and MAP_LARGER, too, failure->what names what differs: "xdp_counters.packets: u64 became u32".
 */
int map_fit(const char *name, const struct map_layout *was, const struct map_layout *is,
	struct failure *failure);

#endif
