/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef X0_TRAFFIC_COUNT_H
#define X0_TRAFFIC_COUNT_H

#include <linux/types.h>

struct traffic_count {
	__u64 packets;
	__u64 bytes;
};

#endif
