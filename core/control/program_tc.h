/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_CONTROL_PROGRAM_TC_H
#define X0_CONTROL_PROGRAM_TC_H

/*
 * Removes the clsact filters of tc_classifier that an x0top left on any interface when it was killed.
 * Returns how many there were, or a negative errno.
 */
int tc_classifier_remove_leftovers(void);

#endif
