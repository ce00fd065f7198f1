// SPDX-License-Identifier: BSD-2-Clause
#include "export/json_older.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/snapshot.h"

bool json_older_reads(const char *schema, enum form form)
{
	return (form != FORM_CHANGES && strcmp(schema, SNAPSHOT_SCHEMA_1) == 0) ||
	       strcmp(schema, SNAPSHOT_SCHEMA_2) == 0;
}

/* Layout 2 had the classes of an interface within it. */
size_t json_older_gone(const struct reader *reader, const json_t *json)
{
	static const char interface[] = "tc.interfaces[";

	return reader->form != FORM_WHOLE &&
	       strncmp(reader->path, interface, sizeof(interface) - 1) == 0 &&
	       json_object_get(json, "classes") != NULL;
}

bool json_older_was_object(const struct reader *reader)
{
	return reader->form != FORM_WHOLE && strcmp(reader->path, "tc.classes") == 0;
}

char *json_older_element(const struct field *list, char *base, const char *name)
{
	uint32_t *n = (uint32_t *)(void *)(base + list->n_offset);
	const struct field *label = list->fields;

	if (label->type != FIELD_TEXT || strlen(name) >= label->size)
		return NULL;
	/* Layout 2 had a class for what is in none, which counted nothing. */
	if (strcmp(name, "none") == 0)
		return NULL;
	for (uint32_t i = 0; i < *n; i++) {
		char *element = base + list->offset + i * list->size;
		if (strcmp(element + label->offset, name) == 0)
			return element;
	}
	if (*n >= list->count)
		return NULL;
	char *element = base + list->offset + (*n)++ * list->size;
	memset(element, 0, list->size);
	snprintf(element + label->offset, label->size, "%s", name);
	return element;
}

const json_t *json_older_member(const json_t *object, const char *name)
{
	static const struct {
		const char *now, *before;
	} renamed[] = {
		{ "data accepted", "data good" },
		{ "fragment buffered", "fragment kept" },
		{ "message accepted", "message good" },
	};
	const json_t *member = json_object_get(object, name);

	for (size_t i = 0; member == NULL && i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (strcmp(name, renamed[i].now) == 0)
			member = json_object_get(object, renamed[i].before);
	return member;
}
