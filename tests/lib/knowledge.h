/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of MAPE-K's knowledge need. */
#ifndef X0_TESTS_KNOWLEDGE_H
#define X0_TESTS_KNOWLEDGE_H

/* Skips the test where there is no SQLite: an x0top that is linked statically keeps no knowledge. */
void need_knowledge(void);

#endif
