/* SPDX-License-Identifier: BSD-2-Clause */
/* The host in a snapshot. */
#ifndef X0_MODEL_SNAPSHOT_HOST_H
#define X0_MODEL_SNAPSHOT_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/fields.h"

struct snapshot_host {
	char name[NAME_LEN * 2];
	char kernel[NAME_LEN * 2]; /* release, as uname -r */
	char machine[NAME_LEN];
	uint32_t cpus;
	double uptime_s;
	double load1;
	bool lab; /* this is the host's end of a lab mesh */
};

extern const struct field host_fields[];

#endif
