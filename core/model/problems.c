// SPDX-License-Identifier: BSD-2-Clause
#include "model/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Counts a problem and adds it to the list. Returns it, or NULL without room. */
static struct problem *add_empty(
	struct judgement *judgement, enum severity severity, const char *subject)
{
	judgement->found[severity]++;
	if (judgement->n == PROBLEMS_MAX)
		return NULL;
	struct problem *problem = &judgement->list[judgement->n++];
	problem->severity = severity;
	snprintf(problem->subject, sizeof(problem->subject), "%s", subject);
	return problem;
}

struct problem *problem_add(struct judgement *judgement, enum severity severity,
	const char *subject, const char *format, ...)
{
	struct problem *problem = add_empty(judgement, severity, subject);
	va_list arguments;

	if (problem == NULL)
		return NULL;
	/* The sentence's numbers change; its form does not. */
	snprintf(problem->cause, sizeof(problem->cause), "%s %s", subject, format);
	va_start(arguments, format);
	vsnprintf(problem->sentence, sizeof(problem->sentence), format, arguments);
	va_end(arguments);
	return problem;
}

void problem_set_cause(struct problem *problem, const char *kind, const char *what)
{
	if (problem != NULL)
		snprintf(problem->cause, sizeof(problem->cause), "%s: %s", kind, what);
}

void problem_set_remedy(struct problem *problem, const char *remedy)
{
	if (problem != NULL && problem->remedy[0] == '\0')
		snprintf(problem->remedy, sizeof(problem->remedy), "%s", remedy);
}

/* Writes "eth0", "eth0 and eth1" or "eth0, eth1 and 3 more", and the sentence about them. */
static void write_sentence(struct problem *problem, const char *reason)
{
	const struct wording *wording = problem->wording;
	const char *one = problem->names[0], *two = problem->names[1];

	if (problem->n_names == 1)
		snprintf(problem->subject, sizeof(problem->subject), "%s", one);
	else if (problem->n_names == 2)
		snprintf(problem->subject, sizeof(problem->subject), "%s and %s", one, two);
	else
		snprintf(problem->subject, sizeof(problem->subject), "%s, %s and %u more", one, two,
			problem->n_names - 2);
	snprintf(problem->sentence, sizeof(problem->sentence), "%s%s%s%s%s", wording->before,
		problem->subject, problem->n_names == 1 ? wording->one : wording->several,
		reason[0] != '\0' ? ": " : "", reason);
}

static void add_name(struct problem *problem, const char *name)
{
	if (problem->n_names < 2)
		snprintf(problem->names[problem->n_names], NAME_LEN, "%s", name);
	problem->n_names++;
}

struct problem *problem_find(struct judgement *judgement, const char *cause)
{
	for (uint32_t i = 0; i < judgement->n; i++)
		if (strcmp(judgement->list[i].cause, cause) == 0)
			return &judgement->list[i];
	return NULL;
}

/* Writes a reason with "*" for a name: "Cannot load *: Too many open files"; nothing if the name is not in it. */
static void write_pattern(char pattern[CAUSE_LEN], const char *reason, const char *name)
{
	const size_t length = strlen(name);
	const char *found = length > 0 ? strstr(reason, name) : NULL;
	size_t at = 0;

	pattern[0] = '\0';
	if (found == NULL)
		return;
	for (; found != NULL && at < CAUSE_LEN; found = strstr(reason, name)) {
		at += (size_t)snprintf(
			pattern + at, CAUSE_LEN - at, "%.*s*", (int)(found - reason), reason);
		reason = found + length;
	}
	if (at < CAUSE_LEN)
		snprintf(pattern + at, CAUSE_LEN - at, "%s", reason);
}

/* Finds those who suffer from the same, each with a name of its own in the reason. */
static struct problem *find_pattern(
	struct judgement *judgement, const struct wording *wording, const char *pattern)
{
	for (uint32_t i = 0; i < judgement->n && pattern[0] != '\0'; i++)
		if (judgement->list[i].wording == wording &&
			strcmp(judgement->list[i].pattern, pattern) == 0)
			return &judgement->list[i];
	return NULL;
}

struct problem *problem_add_reason(struct judgement *judgement, enum severity severity,
	const char *name, const struct wording *wording, const char *reason)
{
	const char *cause = reason[0] != '\0' ? reason : name;
	struct problem *problem = problem_find(judgement, cause);
	char pattern[CAUSE_LEN];

	if (problem != NULL && problem->wording != wording)
		return problem;
	write_pattern(pattern, reason, name);
	if (problem == NULL && (problem = find_pattern(judgement, wording, pattern)) != NULL)
		reason = problem->cause;
	if (problem == NULL) {
		problem = add_empty(judgement, severity, name);
		if (problem == NULL)
			return NULL;
		snprintf(problem->cause, sizeof(problem->cause), "%s", cause);
		snprintf(problem->pattern, sizeof(problem->pattern), "%s", pattern);
	}
	problem->wording = wording;
	add_name(problem, name);
	write_sentence(problem, reason);
	return problem;
}
