// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/refusal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_LEN = 100 }; /* of a line */

/* The line ends where the next begins. */
struct line {
	const char *text;
	size_t length;
};

static bool begins(const struct line *line, const char *word)
{
	return line->length >= strlen(word) && strncmp(line->text, word, strlen(word)) == 0;
}

/* "12: (61) r0 = ...", or with states before it, "from 5 to 9: R0=...". */
static bool is_instruction(const struct line *line)
{
	size_t digits = strspn(line->text, "0123456789");

	return (digits > 0 && digits < line->length && line->text[digits] == ':') ||
	       begins(line, "from ");
}

/* What follows the messages, from the verifier or from libbpf. */
static bool is_end(const struct line *line)
{
	return begins(line, "processed ") || begins(line, "-- END") || begins(line, "libbpf:");
}

static bool is_empty(const struct line *line)
{
	return line->length == 0;
}

/* Copies what is printable, without blanks at the ends. */
static void copy(char to[SHOWN_LEN], const struct line *line, size_t skip)
{
	size_t n = 0;

	for (size_t i = skip; i < line->length && n < SHOWN_LEN - 1; i++)
		if (line->text[i] >= ' ' && line->text[i] <= '~' && (n > 0 || line->text[i] != ' '))
			to[n++] = line->text[i];
	while (n > 0 && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

struct refusal {
	char source[SHOWN_LEN], instruction[SHOWN_LEN], why[SHOWN_LEN];
};

/* The first line that is no instruction, state or source after the last instruction says why. */
static void find(const char *log, struct refusal *refusal)
{
	*refusal = (struct refusal) { 0 };
	for (const char *next = log; *next != '\0';) {
		struct line line = { next, strcspn(next, "\n") };
		next += line.length + (next[line.length] == '\n');
		if (begins(&line, "; ")) {
			copy(refusal->source, &line, 2);
		} else if (is_instruction(&line)) {
			copy(refusal->instruction, &line, 0);
			refusal->why[0] = '\0';
		} else if (refusal->instruction[0] != '\0' && refusal->why[0] == '\0' &&
			   !is_end(&line) && !is_empty(&line)) {
			copy(refusal->why, &line, 0);
		} else if (refusal->instruction[0] != '\0' && is_end(&line)) {
			return;
		}
	}
}

/* libbpf says which function of the kernel a program asks for: fentry/NAME. */
static bool explain_target(const char *name, const char *log, struct failure *failure)
{
	static const char says[] = "failed to find kernel BTF type ID of '";
	const char *found = strstr(log, says);
	char target[SHOWN_LEN];

	if (failure->error != -ESRCH || found == NULL)
		return false;
	found += strlen(says);
	copy(target, &(const struct line) { found, strcspn(found, "'\n") }, 0);
	failure_set(failure, -ESRCH,
		"Cannot load %s: it attaches to %s, and this kernel has none of that name", name,
		target);
	failure_remedy(
		failure, "Name a function or tracepoint of the kernel; -v shows the program");
	failure_cause(failure, "%s", log);
	return true;
}

void refusal_explain(const char *name, struct failure *failure)
{
	struct refusal refusal;
	char *cause = strdup(failure->cause);
	int error = failure->error;

	if (cause == NULL)
		return;
	find(cause, &refusal);
	if (!explain_target(name, cause, failure) && refusal.why[0] != '\0') {
		failure_set(failure, error, "The kernel's verifier refuses %s at \"%s\": %s", name,
			refusal.source[0] != '\0' ? refusal.source : refusal.instruction,
			refusal.why);
		failure_remedy(failure, "Mend that line; -v shows all that the verifier says");
		failure_cause(failure, "%s", cause);
	}
	free(cause);
}
