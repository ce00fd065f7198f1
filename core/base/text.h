/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes of buffers for the operator's texts, with the NUL. */
#ifndef X0_BASE_TEXT_H
#define X0_BASE_TEXT_H

enum {
	NAME_LEN = 32, /* interfaces, programs, classes, system calls */
	CALL_LIST_LEN = 256, /* names of system calls, separated by commas */
	TEXT_LEN = 128, /* an event, an attachment, a rule's conditions */
	RULE_LEN = 320, /* a rule with its notes, an action */
	REASON_LEN = 256, /* a sentence for the operator */
};

#endif
