// SPDX-License-Identifier: BSD-2-Clause
#include "model/text_rows.h"

#include <stdarg.h>
#include <string.h>

#include "base/words.h"

enum {
	INDENT = 6, /* of sentences below a row */
	LINE_LEN = 2 * REASON_LEN + NAME_LEN, /* an alert, with what stands before it */
};

const char *text_plain(char *copy, size_t size, const char *text)
{
	snprintf(copy, size, "%s", text);
	words_make_printable(copy);
	return copy;
}

void text_wrapped(FILE *file, size_t indent, const char *text)
{
	char copy[LINE_LEN];
	const char *rest = text_plain(copy, sizeof(copy), text);
	const size_t width = TEXT_COLUMNS - indent;

	for (;;) {
		size_t length = strlen(rest);
		if (length > width) {
			length = width;
			while (length > 0 && rest[length] != ' ')
				length--;
			length = length > 0 ? length : width;
		}
		fprintf(file, "%.*s\n", (int)length, rest);
		rest += length;
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return;
		fprintf(file, "%*s", (int)indent, "");
	}
}

void text_sentence(FILE *file, const char *before, const char *text)
{
	char line[LINE_LEN];

	if (text[0] == '\0')
		return;
	snprintf(line, sizeof(line), "%s%s", before, text);
	fprintf(file, "%*s", INDENT, "");
	text_wrapped(file, INDENT, line);
}

void text_line(FILE *file, size_t indent, const char *format, ...)
{
	char line[REASON_LEN];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	text_wrapped(file, indent, line);
}

const char *text_time(char text[FORMAT_LEN], double ns)
{
	const double longest_ns = 9999e9;

	if (ns > longest_ns)
		return ">9999s";
	return ns > 0 ? format_ns(text, ns) : "-";
}

void text_traffic_head(FILE *file, const char *title)
{
	fprintf(file, "\n%-39s%10s%10s%10s%10s\n", title, "PACKETS/s", "BIT/s", "PACKETS", "BYTES");
}

void text_traffic(FILE *file, const char *label, const struct traffic *traffic)
{
	char rate[FORMAT_LEN], bits[FORMAT_LEN], packets[FORMAT_LEN], bytes[FORMAT_LEN];

	fprintf(file, "  %-37.37s%10s%10s%10s%10s\n", label,
		format_rate(rate, traffic->packets.rate), format_bits(bits, traffic->bytes.rate),
		format_count(packets, format_total(traffic->packets.total)),
		format_bytes(bytes, format_total(traffic->bytes.total)));
}

void text_counter(FILE *file, const char *label, const struct counter *counter)
{
	char rate[FORMAT_LEN], total[FORMAT_LEN];

	fprintf(file, "  %-37.37s%10s%10s%10s\n", label, format_rate(rate, counter->rate), "",
		format_count(total, format_total(counter->total)));
}

void text_titled(FILE *file, const struct field *fields, const void *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		const void *value = (const char *)base + field->offset;
		if (field->title == NULL)
			continue;
		if (field->fields == traffic_fields)
			text_traffic(file, field->title, value);
		else
			text_counter(file, field->title, value);
	}
}

void text_each(FILE *file, const char *kind, const char *const *names,
	const struct traffic *traffic, uint32_t n)
{
	char label[NAME_LEN * 2];

	for (uint32_t i = 0; i < n; i++) {
		if (traffic[i].packets.total == 0)
			continue;
		snprintf(label, sizeof(label), "%s %s", kind, names[i]);
		text_traffic(file, label, &traffic[i]);
	}
}
