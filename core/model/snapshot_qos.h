/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done to the packets of classes in a snapshot: marks, drops and queues, by interface and direction. */
#ifndef X0_MODEL_SNAPSHOT_QOS_H
#define X0_MODEL_SNAPSHOT_QOS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "class_act.h"
#include "model/counter.h"

enum {
	QOS_INTERFACES_MAX = 64,
	QOS_CLASSES_MAX = QOS_INTERFACES_MAX * 8,
	QOS_WORD_LEN = 8,
};

struct snapshot_qos_interface {
	char name[NAME_LEN];
	char modes[NAME_LEN]; /* "mark, police": what is switched on; "count" */
	double rate; /* bit/s that the link is shaped to; NAN: it is not */
	char problem[REASON_LEN]; /* why it is not as it was asked for; empty if it is */
};

/* A class of which something is asked for. */
struct snapshot_qos_class {
	char interface[NAME_LEN];
	char class[CLASS_NAME_LEN];
	char direction[QOS_WORD_LEN]; /* "in", "out" */
	char modes[CLASS_NAME_LEN]; /* in force for it: "mark, police" */
	char mark[QOS_WORD_LEN]; /* the code point that is written; empty: none */
	double police; /* bit/s beyond which it is dropped; NAN: none */
	double rate,
		ceiling; /* bit/s that it has at least and at most where it is shaped; NAN: it is not */
	struct counter passed; /* bytes that were not dropped */
	struct counter dropped; /* packets beyond the rate */
	struct counter queue_dropped; /* packets for which its queue had no room */
	struct counter marked; /* packets whose code point was another */
	struct counter borrowed; /* packets sent beyond its rate, with what others did not need */
	uint64_t waiting; /* bytes */
	double delay; /* seconds that one would wait that comes now, estimated; NAN: not shaped */
	bool starved; /* it waits, and nothing of it was sent since the sample before */
	bool short_of_rate; /* it waits, and had less than its rate since then */
};

struct snapshot_qos {
	uint32_t n_interfaces;
	uint32_t n_classes;
	struct snapshot_qos_interface interfaces[QOS_INTERFACES_MAX];
	struct snapshot_qos_class classes[QOS_CLASSES_MAX];
};

extern const struct field qos_class_fields[];
extern const struct field qos_fields[];

/* Returns a class of which something is asked for, or NULL. */
const struct snapshot_qos_class *qos_find(const struct snapshot_qos *qos, const char *interface,
	const char *class, const char *direction);

#endif
