// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "model/field_rows.h"
#include "model/names.h"

static const char *const schema_names[] = { SNAPSHOT_SCHEMA, NULL };

const struct field snapshot_fields[] = {
	TEXT(snapshot, schema, "Layout of this document", .names = schema_names),
	NUMBER(snapshot, time, FIELD_DOUBLE, "Time of the sample", .unit = "s since 1970",
		.metric = "sample"),
	STRUCT(snapshot, host, host_fields, "The host"),
	LIST(snapshot, alerts, alert_fields,
		"What is wrong, the worst first, and what was, the latest first"),
	LIST(snapshot, programs, program_fields, "The programs of x0top"),
	STRUCT(snapshot, links, links_fields, "Links: state, received and sent, by the kernel"),
	STRUCT(snapshot, packets, packets_fields, "Packets that arrived"),
	STRUCT(snapshot, mesh, mesh_fields, "Rules of the mesh filter, and their decisions"),
	STRUCT(snapshot, talkers, talkers_fields,
		"The busiest flows and sources that the mesh filter sees"),
	STRUCT(snapshot, neighbours, neighbours_fields,
		"The neighbour table, and the sources that feed it"),
	STRUCT(snapshot, tc, tc_fields, "Traffic by class and direction"),
	STRUCT(snapshot, qos, qos_fields, "What is done to the packets of classes"),
	STRUCT(snapshot, net_events, net_events_fields,
		"Network events, and the latest events of all programs"),
	STRUCT(snapshot, syscalls, syscalls_fields, "Latency of system calls"),
	STRUCT(snapshot, syscalls_secure, syscalls_secure_fields,
		"Latency of system calls with noise, for shared hosts"),
	STRUCT(snapshot, pqc, pqc_fields, "Signed packets, their senders and sessions"),
	LIST(snapshot, plugin_programs, plugin_program_fields,
		"Plugins: their files, and what became of packets"),
	STRUCT(snapshot, mapek, mapek_fields, "The loop of MAPE-K"),
	STRUCT(snapshot, plugins, plugins_fields, "Maps of plugins, as their BTF says"),
	STRUCT(snapshot, self, self_fields, "Cost and losses of x0top itself"),
	END,
};

struct snapshot *snapshot_open(void)
{
	struct snapshot *snapshot = mmap(NULL, sizeof(*snapshot), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (snapshot == MAP_FAILED)
		return NULL;
	/* A huge page would make one element cost 2 MiB. Kernels without them refuse: no matter. */
	madvise(snapshot, sizeof(*snapshot), MADV_NOHUGEPAGE);
	return snapshot;
}

void snapshot_close(struct snapshot *snapshot)
{
	if (snapshot != NULL)
		munmap(snapshot, sizeof(*snapshot));
}

size_t snapshot_clear(struct snapshot *snapshot)
{
	return fields_clear(snapshot_fields, snapshot);
}

size_t snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	return fields_copy(snapshot_fields, to, from);
}

/* --- adding to lists ------------------------------------------------------------------------- */

/* Writes the path of the list at `offset`, "packets.interfaces". Returns whether it is in the table. */
static bool find_list(const struct field *fields, size_t offset, char *path, size_t size)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		int length = snprintf(path, size, "%s", field->name);
		if (field->type == FIELD_LIST && field->offset == offset)
			return true;
		if (field->type != FIELD_STRUCT || (size_t)length + 1 >= size)
			continue;
		path[length] = '.';
		if (find_list(field->fields, offset - field->offset, path + length + 1,
			    size - (size_t)length - 1))
			return true;
	}
	return false;
}

/* The last place is kept for losses of which the list itself cannot tell the kind. */
static struct snapshot_loss *find_loss(struct snapshot_self *self, const char *what)
{
	uint32_t at = 0;

	while (at < self->n_losses && strcmp(self->losses[at].what, what) != 0)
		at++;
	if (at >= LOSSES_MAX - 1) {
		at = LOSSES_MAX - 1;
		what = "no room: self.losses and others";
	}
	snprintf(self->losses[at].what, sizeof(self->losses[at].what), "%s", what);
	if (self->n_losses <= at)
		self->n_losses = at + 1;
	return &self->losses[at];
}

void snapshot_count_no_room(struct snapshot *snapshot, const void *list)
{
	size_t offset = (size_t)((const char *)list - (const char *)snapshot);
	char path[NAME_LEN], what[NAME_LEN * 2];

	if (!find_list(snapshot_fields, offset, path, sizeof(path)))
		snprintf(path, sizeof(path), "a list");
	snprintf(what, sizeof(what), "no room: %s", path);
	find_loss(&snapshot->self, what)->count.total++;
}

void *snapshot_add(struct snapshot *snapshot, void *list, size_t size, size_t room, uint32_t *n)
{
	bool losses = list == snapshot->self.losses;

	if (*n >= room - (losses ? 1 : 0)) {
		snapshot_count_no_room(snapshot, list);
		return NULL;
	}
	return memset((char *)list + (size_t)(*n)++ * size, 0, size);
}
