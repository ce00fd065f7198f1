/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done to classes, as lines: the verbs of x0top qos that last, without that word. A configuration has them
 * under "qos", in order:
 *
 *	qos:
 *	  - preset mesh-first eth0 10Mbit/s
 *	  - rate eth0 voip 1Mbit/s 4Mbit/s
 *	  - mark eth0 out voip ef
 *	  - police eth0 in bulk 5Mbit/s
 */
#ifndef X0_CONTROL_QOS_LINES_H
#define X0_CONTROL_QOS_LINES_H

#include "control/orchestrator.h"

#define SETTINGS_QOS "qos"

enum { QOS_LINES_MAX = SETTINGS_QOS_MAX };

/* The verbs of such lines. They are apart from control_verbs, some of which are made of what is here. */
enum qos_line_verb {
	QOS_LINE_PRESET,
	QOS_LINE_RATE,
	QOS_LINE_MARK,
	QOS_LINE_POLICE,
	QOS_LINE_VERBS,
};

struct qos_line {
	enum qos_line_verb verb;
	struct action action; /* its operands alone */
};

struct qos_lines {
	uint32_t n;
	char text[QOS_LINES_MAX][SETTINGS_QOS_LEN];
};

/*
 * Writes what is done on an interface now; "": on all. `asked`: also what is asked for and switched off. Returns 0, or a negative errno with *failure set: -ENOSPC if
 * there are too many lines, -ENOTSUP if an interface is shaped as no preset does.
 */
int qos_lines_read(struct orchestrator *o, const char *interface, bool asked,
	struct qos_lines *lines, struct failure *failure);

/* Reads a line. Returns 0, or -EINVAL with *failure set. */
int qos_line_parse(const char *text, struct qos_line *line, struct failure *failure);

/* Writes one. */
void qos_line_format(const struct qos_line *line, char text[SETTINGS_QOS_LEN]);

/* Does what it says, as a part of the change `call`. Returns as the apply() of a verb. */
int qos_line_apply(
	const struct qos_line *line, const struct verb_call *call, struct failure *failure);

#endif
