/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks against a second operator: one x0top owns the XDP chain of a host while it runs, and each
 * single change by any x0top excludes all others. */
#ifndef X0_KERNEL_LOCK_H
#define X0_KERNEL_LOCK_H

#include <fcntl.h>

#include "base/failure.h"

/* Root's locks. */
#define LOCK_FOLDER   "/run/"
#define LOCK_OWN      LOCK_FOLDER "x0top.lock"
#define LOCK_CHANGE   LOCK_FOLDER "x0top.change"
#define LOCK_UNDO     LOCK_FOLDER "x0top.undo" /* no lock: what mesh/history.h keeps */
#define LOCK_CLASSES  LOCK_FOLDER "x0top.classes" /* no lock, either: qos/class_book.h */
#define LOCK_QOS      LOCK_FOLDER "x0top.qos" /* nor this: qos/act_history.h */
#define LOCK_SWITCHES LOCK_FOLDER "x0top.switches" /* nor this: control/switch_book.h */
#define LOCK_BRIEF    "x0top-back" /* a process of this name holds the first for a moment */
#define LOCK_FLAGS    (O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW)
#define LOCK_MODE     0600

/*
 * Takes ownership of the chain. Returns a file descriptor that holds it until closed, or a negative
 * errno with *failure set: -EBUSY if another x0top owns it, with its process, start and command in the
 * sentence. Waits for the end of one that is LOCK_BRIEF, two seconds at most.
 */
int lock_own(struct failure *failure);

/* Opens the file for what can be undone, beside the locks; the change lock protects it. Returns a file
 * descriptor to be closed by the caller, or a negative errno. */
int lock_open_undo(void);

/* The same for the lines of the traffic classes: qos/class_book.h. */
int lock_open_classes(void);
/* The same for what qos/act_history.h keeps. */
int lock_open_qos(void);
/* The same for what control/switch_book.h keeps. */
int lock_open_switches(void);

/* Returns 0, or -EPERM with *failure set if root keeps something in one of these files, LOCK_CLASSES or another, that
 * this user may not read: then what holds on this host is not known. */
int lock_check_hidden(const char *path, struct failure *failure);

/* Waits for the change lock. Returns a file descriptor to be closed after the change, or a negative
 * errno with *failure set. */
int lock_change(struct failure *failure);

#endif
