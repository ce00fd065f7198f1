// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/messages.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"

/* Global because libbpf's callback takes no context; one for each thread because objects load side
 * by side. */
static _Thread_local struct {
	char text[FAILURE_CAUSE_LEN];
	size_t length;
} messages;
static bool messages_verbose;

/* Appends, dropping the beginning: the verifier names its reason at the end. */
static void append(const char *text, size_t length)
{
	size_t room = sizeof(messages.text) - 1;

	if (length > room) {
		text += length - room;
		length = room;
	}
	if (messages.length + length > room) {
		size_t drop = messages.length + length - room;
		memmove(messages.text, messages.text + drop, messages.length - drop);
		messages.length -= drop;
	}
	memcpy(messages.text + messages.length, text, length);
	messages.length += length;
	messages.text[messages.length] = '\0';
}

__attribute__((format(printf, 2, 0))) static int on_message(
	enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text;
	int length;

	if (level == LIBBPF_DEBUG)
		return 0;
	length = vasprintf(&text, format, arguments);
	if (length < 0)
		return 0;
	append(text, (size_t)length);
	if (messages_verbose)
		fputs(text, stderr);
	free(text);
	return length;
}

void messages_capture(bool verbose)
{
	messages_verbose = verbose;
	libbpf_set_print(on_message);
}

void messages_clear(void)
{
	messages.length = 0;
	messages.text[0] = '\0';
}

const char *messages_text(void)
{
	return messages.text;
}
