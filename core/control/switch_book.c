// SPDX-License-Identifier: BSD-2-Clause
#include "control/switch_book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "control/qos_back.h"
#include "control/state.h"
#include "kernel/lock.h"
#include "kernel/rights.h"

#define MAGIC	   0x68637469777330u /* "0switch" */
#define PLACE_SIZE 1024 /* none lies in two pages: a kill leaves the old one, or the new one */
#define PLACE(at)  (PLACE_SIZE * (off_t)(at))

struct entry {
	uint64_t magic; /* else it is free */
	char done[RULE_LEN], back[RULE_LEN]; /* actions, as action_format() writes them */
};

_Static_assert(sizeof(struct entry) <= PLACE_SIZE && 4096 % PLACE_SIZE == 0, "within a page");

/* --- what is noted ------------------------------------------------------------------------------ */

static bool is_mode(const struct action *action)
{
	return action->verb == &control_verbs[VERB_ENFORCE_ON] ||
	       action->verb == &control_verbs[VERB_ENFORCE_OFF];
}

static bool is_qos(const struct action *action)
{
	return action->verb == &control_verbs[VERB_QOS_MARK] ||
	       action->verb == &control_verbs[VERB_QOS_POLICE] ||
	       action->verb == &control_verbs[VERB_QOS_RATE];
}

bool switch_book_has(const struct action *action)
{
	return is_mode(action) || is_qos(action);
}

/* A program that is turned off enforces no more. */
static bool is_program(const struct action *action)
{
	return action->verb == &control_verbs[VERB_PROGRAM_ON] ||
	       action->verb == &control_verbs[VERB_PROGRAM_OFF];
}

static bool enforces(struct orchestrator *o, const struct action *action)
{
	const struct program *program = orchestrator_find(o, action->program);

	return program != NULL && enforcement_is_on(program);
}

static bool is_to_be_noted(struct orchestrator *o, const struct action *action)
{
	return switch_book_has(action) ||
	       (action->verb == &control_verbs[VERB_PROGRAM_OFF] && enforces(o, action));
}

static bool same_subject(const struct action *a, const struct action *b)
{
	const bool mode_a = is_mode(a) || is_program(a), mode_b = is_mode(b) || is_program(b);

	if (mode_a || mode_b)
		return mode_a && mode_b && strcmp(a->program, b->program) == 0;
	return a->verb == b->verb && a->direction == b->direction &&
	       strcmp(a->interface, b->interface) == 0 && strcmp(a->class, b->class) == 0;
}

bool switch_book_is_done(struct orchestrator *o, const struct action *action)
{
	if (is_qos(action))
		return qos_is_done(o, action);
	return enforces(o, action) == (action->verb == &control_verbs[VERB_ENFORCE_ON]);
}

static int reverse(struct orchestrator *o, const struct action *action, struct action *back,
	struct failure *failure)
{
	if (is_qos(action))
		return qos_reverse(o, action, back, failure);
	/* With its last act the classifier forgets what there was to do. */
	if (action->verb != &control_verbs[VERB_ENFORCE_ON] && enforces(o, action) &&
		strcmp(action->program, program_tc_classifier.name) == 0)
		return failure_set(failure, -EBUSY,
			"What %s does to classes could not be brought back", action->program);
	*back = *action;
	back->verb =
		&control_verbs[action->verb == &control_verbs[VERB_ENFORCE_ON] ? VERB_ENFORCE_OFF
									       : VERB_ENFORCE_ON];
	return 0;
}

/* --- the file ----------------------------------------------------------------------------------- */

/* Nobody else may write what x0top would do. */
static int open_checked(void)
{
	struct stat status;
	int fd = lock_open_switches();

	if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
			      status.st_uid == rights_user() &&
			      (status.st_mode & (S_IWGRP | S_IWOTH)) == 0))
		return fd;
	fd_close(&fd);
	return -EPERM;
}

void switch_book_open(struct orchestrator *o)
{
	o->switches = o->settings.readonly ? -1
		      : o->settings.lab	   ? memfd_create("x0top.switches", MFD_CLOEXEC)
					   : open_checked();
}

static bool read_text(const char *text, size_t size, struct action *action)
{
	struct failure ignored;

	*action = (struct action) { .verb = NULL };
	return memchr(text, '\0', size) != NULL && words_printable(text) &&
	       action_parse(text, action, &ignored) == 0 &&
	       (switch_book_has(action) || action->verb == &control_verbs[VERB_PROGRAM_OFF]);
}

static bool read_place(int fd, int at, struct switch_noted *noted)
{
	struct entry entry;

	return fd >= 0 && pread(fd, &entry, sizeof(entry), PLACE(at)) == sizeof(entry) &&
	       entry.magic == MAGIC && read_text(entry.done, sizeof(entry.done), &noted->done) &&
	       read_text(entry.back, sizeof(entry.back), &noted->back) &&
	       same_subject(&noted->done, &noted->back);
}

bool switch_book_read(const struct orchestrator *o, int at, struct switch_noted *noted)
{
	return read_place(o->switches, at, noted);
}

static int write_place(const struct orchestrator *o, int at, const struct entry *entry)
{
	ssize_t written = pwrite(o->switches, entry, sizeof(*entry), PLACE(at));

	return written < 0 ? -errno : written != sizeof(*entry) ? -ENOSPC : 0;
}

void switch_book_drop(const struct orchestrator *o, int at)
{
	static const struct entry none;

	write_place(o, at, &none);
}

/* Returns a free place, or -ENOSPC. */
static int find_free(const struct orchestrator *o)
{
	struct switch_noted noted;

	for (int at = 0; at < SWITCH_BOOK_PLACES; at++)
		if (!switch_book_read(o, at, &noted))
			return at;
	return -ENOSPC;
}

int switch_book_find(
	const struct orchestrator *o, const struct action *action, struct switch_noted *noted)
{
	if (o->switches < 0)
		return -EBADF;
	for (int at = 0; at < SWITCH_BOOK_PLACES; at++)
		if (switch_book_read(o, at, noted) && same_subject(&noted->done, action))
			return at;
	return -ENOENT;
}

/* --- changes ------------------------------------------------------------------------------------ */

static int note(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	struct entry entry = { .magic = MAGIC };
	struct action back;
	int error = reverse(o, action, &back, failure);

	if (error < 0)
		return error;
	action_format(action, entry.done, sizeof(entry.done));
	action_format(&back, entry.back, sizeof(entry.back));
	int at = o->switches < 0 ? -EBADF : find_free(o);
	error = at < 0 ? at : write_place(o, at, &entry);
	return error < 0 ? failure_set(failure, error, "Cannot note what would take it back: %s",
				   strerror(-error))
			 : 0;
}

bool switch_book_same(const struct action *action, const struct action *other)
{
	char text[RULE_LEN], others[RULE_LEN];

	action_format(action, text, sizeof(text));
	action_format(other, others, sizeof(others));
	return strcmp(text, others) == 0;
}

/* Advice is taken by whoever has the dashboard. */
static bool is_advised(const struct orchestrator *o, const struct action *action)
{
	char text[RULE_LEN];

	action_format(action, text, sizeof(text));
	return o->thinker.advises != NULL && o->thinker.advises(o->thinker.data, text);
}

static int note_once(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	struct switch_noted noted;
	char done[RULE_LEN];

	if (switch_book_find(o, action, &noted) < 0)
		return note(o, action, failure);
	action_format(&noted.done, done, sizeof(done));
	return failure_set(failure, -EBUSY, "MAPE-K has done \"%.100s\" already", done);
}

static bool takes_back(const struct orchestrator *o, const struct action *action)
{
	struct switch_noted noted;

	return switch_book_find(o, action, &noted) >= 0 && switch_book_same(action, &noted.back);
}

int switch_book_note(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	const bool own = action->actor == ACTOR_MAPEK;

	if (!is_to_be_noted(o, action) || (!own && !is_advised(o, action)) || takes_back(o, action))
		return 0;
	/* Who starts as the owner takes what is noted for what a kill has left. */
	int error = enforcement_own(o, failure);
	if (error == 0)
		error = note_once(o, action, failure);
	if (error == 0)
		return 1;
	if (own)
		return error;
	failure->error = 0; /* it is the operator's own */
	return 0;
}

void switch_book_settle(struct orchestrator *o, const struct action *action, bool noted, int error)
{
	const bool others = is_program(action) && action->actor != ACTOR_MAPEK;
	struct switch_noted found;

	if (noted ? error == 0 : error < 0 || !(switch_book_has(action) || others))
		return;
	int at = switch_book_find(o, action, &found);
	if (at >= 0)
		switch_book_drop(o, at);
}

uint32_t switch_book_list(char texts[SWITCH_BOOK_PLACES][RULE_LEN])
{
	struct switch_noted noted;
	int fd = open_checked();
	uint32_t n = 0;

	for (int at = 0; at < SWITCH_BOOK_PLACES; at++)
		if (read_place(fd, at, &noted))
			action_format(&noted.done, texts[n++], RULE_LEN);
	fd_close(&fd);
	return n;
}

void switch_book_forget(void)
{
	int fd = open_checked();

	if (fd >= 0 && ftruncate(fd, 0) < 0) {
		/* What is noted is not done any more. */
	}
	fd_close(&fd);
}
