/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rows of the verbs of x0top qos are made of: control/verbs.c. */
#ifndef X0_CONTROL_VERBS_QOS_H
#define X0_CONTROL_VERBS_QOS_H

#include "programs/verb.h"

struct qos_target;
struct shape;

extern const struct operand operand_qos_preset; /* NAME INTERFACE RATE */
extern const struct operand operand_qos_rate; /* INTERFACE CLASS RATE [CEILING] [share N] */
extern const struct operand operand_qos_mark; /* INTERFACE in|out CLASS DSCP|none [priority N] */
extern const struct operand operand_qos_police; /* INTERFACE in|out CLASS RATE|none [BURST] */
extern const struct operand operand_qos_mode; /* INTERFACE MODE */
extern const struct operand operand_qos_off; /* INTERFACE [MODE] */

/* As the members of struct verb. */
enum decision qos_decide_preset(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_rate(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_mark(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_police(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_on(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_off(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_load(const struct verb_call *call, char *sentence, size_t size);
enum decision qos_decide_undo(const struct verb_call *call, char *sentence, size_t size);
int qos_apply_preset(const struct verb_call *call, struct failure *failure);
int qos_apply_rate(const struct verb_call *call, struct failure *failure);
int qos_apply_mark(const struct verb_call *call, struct failure *failure);
int qos_apply_police(const struct verb_call *call, struct failure *failure);
int qos_apply_on(const struct verb_call *call, struct failure *failure);
int qos_apply_off(const struct verb_call *call, struct failure *failure);
int qos_apply_load(const struct verb_call *call, struct failure *failure);
int qos_apply_undo(const struct verb_call *call, struct failure *failure);
int qos_apply_confirm(const struct verb_call *call, struct failure *failure);
int qos_apply_rollback(const struct verb_call *call, struct failure *failure);

/* Fill in what the shaping, or what is asked for, would be after an action. Return 0, or a negative errno with *failure
 * set. */
int qos_plan_rate(const struct qos_target *target, const struct action *action, struct shape *shape,
	struct failure *failure);
int qos_plan_on(const struct qos_target *target, const struct action *action,
	struct class_acts *wanted, struct failure *failure);

/* Ask for a mark, or a rate, of a class, as an action says. */
void qos_mark(struct class_act *act, const struct action *action);
void qos_police(struct class_act *act, const struct action *action);

#endif
