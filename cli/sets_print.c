// SPDX-License-Identifier: BSD-2-Clause
#include "cli/sets_print.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "mesh/set_text.h"
#include "model/format.h"
#include "model/names.h"

#define SETS_SHOWN 100 /* elements at once */

/* Prints a document and frees it. Returns an exit status. */
static int print_json(json_t *document)
{
	if (document == NULL || json_dumpf(document, stdout, JSON_INDENT(2)) < 0) {
		json_decref(document);
		return command_no_memory();
	}
	putchar('\n');
	json_decref(document);
	return EXIT_ALL_RAN;
}

/* --- list --------------------------------------------------------------------------------------- */

static json_t *set_json(const struct mesh_set *set)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "name", set->name, "kind",
		mesh_set_kind_names[set->kind], "origin",
		set->origin < MESH_ORIGINS ? mesh_origin_names[set->origin] : "", "source",
		set->source, "elements", (json_int_t)set->n, "changed", (json_int_t)set->changed);

	if (object != NULL && set->kind == MESH_SET_NODES)
		json_object_set_new(object, "addresses", json_integer(set->n_addresses));
	if (object != NULL && set->stale != 0)
		json_object_set_new(object, "stale_since", json_integer((json_int_t)set->stale));
	return object;
}

static void print_set(const struct mesh_set *set)
{
	char stale[64] = "", time[FORMAT_LEN];

	if (set->stale != 0) {
		format_date(time, (double)set->stale);
		snprintf(stale, sizeof(stale), "  stale since %s", time);
	}
	printf("%-*s  %-8s  %8u  %-8s  %s%s\n", MESH_SET_NAME_LEN, set->name,
		mesh_set_kind_names[set->kind], set->n,
		set->origin < MESH_ORIGINS ? mesh_origin_names[set->origin] : "", set->source,
		stale);
}

int sets_print_list(const struct mesh_sets *sets, char **operands, int n, bool json)
{
	(void)operands, (void)n;
	if (json) {
		json_t *list = json_array();
		for (uint32_t i = 0; i < sets->n; i++)
			json_array_append_new(list, set_json(&sets->sets[i]));
		return print_json(list);
	}
	printf("%-*s  %-8s  %8s  %-8s  %s\n", MESH_SET_NAME_LEN, "NAME", "KIND", "ELEMENTS",
		"ORIGIN", "SOURCE");
	for (uint32_t i = 0; i < sets->n; i++)
		print_set(&sets->sets[i]);
	return EXIT_ALL_RAN;
}

/* --- elements ----------------------------------------------------------------------------------- */

/* Finds a set by its name, with or without "@". Prints why there is none. */
static int find(const struct mesh_sets *sets, const char *name)
{
	struct failure failure;
	int place = sets_find(sets, name[0] == '@' ? name + 1 : name);

	if (place >= 0)
		return place;
	failure_set(&failure, -ENOENT, "There is no set @%.23s", name[0] == '@' ? name + 1 : name);
	failure_remedy(&failure, "x0top sets list shows the sets");
	command_failed(&failure, false);
	return place;
}

int sets_print_elements(const struct mesh_sets *sets, char **operands, int n, bool json)
{
	int place = find(sets, operands[0]);
	const char *search = n > 1 ? operands[1] : "";
	char text[SET_ELEMENT_LEN];
	uint32_t found = 0;

	if (place < 0)
		return EXIT_SOME_FAILED;
	const struct mesh_set *set = &sets->sets[place];
	json_t *list = json ? json_array() : NULL;
	for (uint32_t i = 0; i < set->n; i++) {
		set_format_element(set->kind, &sets->elements[place][i], text);
		if (strstr(text, search) == NULL || found++ >= SETS_SHOWN)
			continue;
		if (json)
			json_array_append_new(list, json_string(text));
		else
			puts(text);
	}
	if (json)
		return print_json(json_pack("{s:o, s:I, s:o}", "set", set_json(set), "found",
			(json_int_t)found, "elements", list));
	if (found > SETS_SHOWN)
		printf("... and %u more of %u\n", found - SETS_SHOWN, set->n);
	else if (set->n == 0)
		printf("@%s has no elements\n", set->name);
	else if (found == 0)
		printf("No element of %u holds \"%s\"\n", set->n, search);
	return EXIT_ALL_RAN;
}

/* Reads what is looked for; in a set of nodes an address, too. Returns where to look for it, with `kind`
 * MESH_SET_KINDS and *failure set if it is neither. */
static struct mesh_elements read_searched(const struct mesh_sets *sets, uint32_t place,
	const char *text, struct set_elements *one, struct failure *failure)
{
	const struct mesh_set *set = &sets->sets[place];
	struct mesh_elements elements = { set->kind, set->n, sets->elements[place] };
	struct failure ignored;

	one->kind = set->kind;
	if (set_add_text(one, text, strlen(text), failure) == 0)
		return elements;
	one->kind = MESH_SET_PREFIXES;
	if (set->kind == MESH_SET_NODES && set_add_text(one, text, strlen(text), &ignored) == 0)
		return sets_compiled_form(sets, place);
	elements.kind = MESH_SET_KINDS;
	return elements;
}

int sets_print_test(const struct mesh_sets *sets, char **operands, int n, bool json)
{
	int place = find(sets, operands[0]);
	struct set_elements one = { 0 };
	struct failure failure;
	char text[SET_ELEMENT_LEN] = "";

	(void)n;
	if (place < 0)
		return EXIT_SOME_FAILED;
	const char *name = sets->sets[place].name;
	struct mesh_elements in = read_searched(sets, (uint32_t)place, operands[1], &one, &failure);
	if (in.kind == MESH_SET_KINDS) {
		free(one.list);
		return command_failed(&failure, false);
	}
	const struct mesh_element *found = set_find(in.kind, in.elements, in.n, &one.list[0]);
	if (found != NULL)
		set_format_element(in.kind, found, text);
	free(one.list);
	if (json)
		print_json(json_pack("{s:s, s:b, s:s*}", "set", name, "holds", found != NULL,
			"element", found != NULL ? text : NULL));
	else if (found != NULL)
		printf("@%s holds %s, by its element %s\n", name, operands[1], text);
	else
		printf("@%s does not hold %s\n", name, operands[1]);
	return found != NULL ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}
