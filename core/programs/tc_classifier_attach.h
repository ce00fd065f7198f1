/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of tc_classifier, and how it is attached, acts, and is pinned. For tc_classifier.c. */
#ifndef X0_PROGRAMS_TC_CLASSIFIER_ATTACH_H
#define X0_PROGRAMS_TC_CLASSIFIER_ATTACH_H

#include "kernel/tc_attach.h"
#include "programs/class_maps.h"
#include "programs/program.h"
#include "qos/class_book.h"

/* The attachment to the interface of a slot. */
struct attached {
	struct tc_attachment attachment;
	struct failure failure; /* why it is not; error 0 if it is */
};

struct classifier {
	bool acting; /* the loaded programs do more than count: class_acting */
	bool shown_only; /* another x0top's, which act, are shown: none are loaded */
	bool classes_loaded; /* lines of the classes are in force */
	bool book_opened; /* and, if that could be, `book` is open */
	struct class_book book;
	struct class_lines lines;
	struct class_maps in_force;
	struct tc_programs programs; /* while it runs */
	struct netlink netlink; /* open while they are loaded */
	struct attached *attached; /* by slot */
	uint32_t n_attached;
};

/* None loaded; its names and handle. */
extern const struct tc_programs classifier_programs_none;

/* Returns the attachment of a slot; one of nothing if there is none. */
const struct attached *classifier_attached_at(const struct program *program, uint32_t slot);

/* Returns the attachment of a slot, made if needed; NULL without memory. */
struct attached *classifier_make_attached(struct classifier *classifier, uint32_t slot);

/* Attaches to each watched interface that it is not attached to. */
void classifier_attach_all(struct program *program);

/* Opens the object, to act or only to count. Returns 0, or a negative errno with *failure set. */
int classifier_open_variant(
	struct program *program, bool acting, struct bpf_object **object, struct failure *failure);

/* Keeps the programs of a loaded object. Returns 0 or a negative errno. */
int classifier_keep_programs(struct tc_programs *programs, const struct bpf_object *object);

void classifier_close_programs(struct tc_programs *programs);

/* Returns the names of the classes in force, or NULL while it does not run. */
const struct class_names *classifier_names(const struct program *program);

/* Returns the lines in force, or NULL while there are none. */
const struct class_lines *classifier_lines(const struct program *program);

/* Puts the lines in force once the maps exist, before the first packet. Returns 0, or a negative errno with
 * *failure set. */
int classifier_load_lines(struct program *program, struct failure *failure);

/*
 * Lines are the book's, and name sets of the mesh rules, and interfaces: they are compiled anew when any of that is
 * another.
 */
void classifier_follow_lines(struct program *program);

/* Returns the lines in force, also those of another x0top; of the settings while there are none. */
const struct class_lines *classifier_shown_lines(struct program *program);

/* Closes the programs and the book of lines, and forgets the attachments. */
void classifier_unload(struct classifier *classifier);

/* As the members of struct program_type. */
void classifier_interfaces_changed(struct program *program);
void classifier_interface_gone(struct program *program, uint32_t slot);
void classifier_close(struct program *program);
int classifier_enforce(struct program *program, bool on);
bool classifier_enforced(const struct program *program);
bool classifier_enforce_question(struct program *program, char *sentence, size_t size);
int classifier_pin(const struct program *program, int folder);
bool classifier_is_pinned(const struct program *program, int folder);
void classifier_unpin(const struct program *program, int folder, bool dead);

#endif
