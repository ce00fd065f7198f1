// SPDX-License-Identifier: BSD-2-Clause
/* x0top rules check: which rule decides about a packet, and why. */
#include "cli/rules_check.h"

#include <errno.h>
#include <jansson.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "control/check.h"
#include "export/capture.h"
#include "mesh/explain.h"
#include "mesh/frame.h"
#include "mesh/rule.h"
#include "model/names.h"

struct rules_check {
	bool json;
	char interface[IF_NAMESIZE]; /* empty: none is named */
	uint32_t ifindex;
	size_t size;
	uint8_t frame[CAPTURE_FRAME_MAX];
};

/* --- the packet --------------------------------------------------------------------------------- */

/* Reads "FILE" or "FILE:NUMBER". */
static int read_capture(const char *text, struct rules_check *check, struct failure *failure)
{
	const char *colon = strrchr(text, ':');
	char path[256];
	uint64_t number = 1;
	bool numbered = colon != NULL && words_number(colon + 1, 1, UINT32_MAX, &number) == 0;
	int length = numbered ? (int)(colon - text) : (int)strlen(text);

	snprintf(path, sizeof(path), "%.*s", length, text);
	int size = capture_read(path, (uint32_t)number, check->frame, failure);
	check->size = size > 0 ? (size_t)size : 0;
	if (size >= 0 && size < ETH_HLEN)
		return failure_set(failure, -EBADMSG,
			"Frame %u of %.100s has %d bytes, and no header of Ethernet",
			(uint32_t)number, path, size);
	return size < 0 ? size : 0;
}

static int find_interface(struct rules_check *check, const char *name, struct failure *failure)
{
	snprintf(check->interface, sizeof(check->interface), "%.15s", name);
	check->ifindex = if_nametoindex(check->interface);
	return check->ifindex != 0
		       ? 0
		       : failure_set(failure, -ENODEV, "There is no interface %s", name);
}

static int read_words(
	int n, const char *const *words, struct rules_check *check, struct failure *failure)
{
	struct mesh_rule packet;
	char text[320];
	size_t length = 0;

	for (int i = 0; i < n && length < sizeof(text); i++)
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "%s%s", i > 0 ? " " : "", words[i]);
	int error = length >= sizeof(text)
			    ? failure_set(failure, -EINVAL, "The packet has too many words")
			    : frame_parse(text, &packet, failure);
	if (error == 0 && packet.conditions >> MESH_BY_INTERFACE & 1)
		error = find_interface(check, packet.interface, failure);
	if (error == 0)
		check->size = frame_make(&packet, check->frame);
	return error;
}

/* Returns where the word of a capture is: first, or behind "in INTERFACE"; -1: the words are the packet's. */
static int find_capture(int n, const char *const *words)
{
	int at = n > 2 && strcmp(words[0], "in") == 0 ? 2 : 0;

	return n > at && strcmp(words[at], "pcap") == 0 ? at : -1;
}

static int read_packet(int n_said, char **said, struct rules_check *check, struct failure *failure)
{
	struct words packet;
	int error = command_packet("rules", n_said, said, &packet, failure);

	if (error < 0)
		return error;
	const char *const *words = packet.word;
	const int n = (int)packet.n, capture = find_capture(n, words);
	if (capture < 0)
		return read_words(n, words, check, failure);
	if (n != capture + 2) {
		failure_set(failure, -EINVAL,
			n == capture + 1 ? "Nothing says which capture the packet is from"
					 : "A packet of a capture has no other words");
		return failure_remedy(failure, "Write [in INTERFACE] pcap FILE[:NUMBER]");
	}
	if (capture > 0 && find_interface(check, words[1], failure) < 0)
		return failure->error;
	return read_capture(words[capture + 1], check, failure);
}

/* --- the answer --------------------------------------------------------------------------------- */

static const char *verdict_word(const struct mesh_verdict *verdict)
{
	if (!verdict->dropped)
		return "passes";
	return verdict->enforcing ? "is dropped" : "would be dropped, and passes: nothing enforces";
}

static uint32_t explain(
	const struct rules_check *check, const struct mesh_checked *checked, struct explained *list)
{
	if (checked->verdict.rule < 0)
		return 0;
	return explain_rule(&checked->table->rules[checked->verdict.rule], checked->sets,
		&checked->verdict.headers, check->interface, list);
}

static void print_rule(const struct mesh_checked *checked, uint32_t place, const char *what)
{
	char rule[TEXT_LEN * 2];

	rule_format(&checked->table->rules[place], rule, sizeof(rule));
	printf("Rule %u, %s, %s\n", place, rule, what);
}

/* Says why nothing decides by a rule. */
static void print_rest(const struct mesh_checked *checked)
{
	bool drops = checked->table->bank.policy == MESH_DROP;

	if (checked->verdict.unreadable)
		puts("No rule decides: its headers hide from the rules");
	else
		printf("No rule matches: the policy is %s\n",
			mesh_action_names[drops ? MESH_DROP : MESH_PASS]);
	if (drops && !checked->verdict.dropped)
		puts("  ARP, neighbour discovery and DHCP are dropped only by rules that name them");
}

static void print_text(const struct rules_check *check, const struct mesh_checked *checked)
{
	const struct mesh_verdict *verdict = &checked->verdict;
	struct explained list[MESH_DIMENSIONS];
	uint32_t n = explain(check, checked, list);

	for (uint32_t i = 0; i < verdict->n_counted; i++)
		print_rule(checked, verdict->counted[i], "counts it");
	if (verdict->rule >= 0)
		print_rule(checked, (uint32_t)verdict->rule, "decides");
	else
		print_rest(checked);
	for (uint32_t i = 0; i < n; i++)
		printf("  %s: %s%s%s\n", list[i].condition, list[i].value,
			list[i].element[0] != '\0' ? ", by the element " : "", list[i].element);
	printf("The packet %s\n", verdict_word(verdict));
}

static json_t *conditions_json(const struct explained *list, uint32_t n)
{
	json_t *conditions = json_array();

	for (uint32_t i = 0; i < n; i++) {
		json_t *condition = json_pack(
			"{s:s, s:s}", "condition", list[i].condition, "value", list[i].value);
		if (list[i].element[0] != '\0')
			json_object_set_new(condition, "element", json_string(list[i].element));
		json_array_append_new(conditions, condition);
	}
	return conditions;
}

static int print_json(const struct rules_check *check, const struct mesh_checked *checked)
{
	const struct mesh_verdict *verdict = &checked->verdict;
	struct explained list[MESH_DIMENSIONS];
	json_t *counted = json_array(),
	       *conditions = conditions_json(list, explain(check, checked, list));
	char rule[TEXT_LEN * 2] = "";

	for (uint32_t i = 0; i < verdict->n_counted; i++)
		json_array_append_new(counted, json_integer(verdict->counted[i]));
	if (verdict->rule >= 0)
		rule_format(&checked->table->rules[verdict->rule], rule, sizeof(rule));
	json_t *document = json_pack("{s:o?, s:s, s:b, s:b, s:b, s:o, s:o}", "rule",
		verdict->rule >= 0 ? json_integer(verdict->rule) : NULL, "text", rule, "dropped",
		verdict->dropped, "enforcing", verdict->enforcing, "unreadable",
		verdict->unreadable, "counted", counted, "conditions", conditions);
	if (document == NULL || json_dumpf(document, stdout, JSON_INDENT(2)) < 0)
		return command_no_memory();
	json_decref(document);
	putchar('\n');
	return EXIT_ALL_RAN;
}

static int answer(const struct orchestrator *orchestrator, const struct rules_check *check,
	struct failure *failure)
{
	struct mesh_checked checked;
	int status = EXIT_ALL_RAN;

	if (orchestrator_check(
		    orchestrator, check->frame, check->size, check->ifindex, &checked, failure) < 0)
		return -1;
	if (check->json)
		status = print_json(check, &checked);
	else
		print_text(check, &checked);
	mesh_checked_free(&checked);
	return status;
}

int rules_check(int n, char **words, bool json)
{
	struct rules_check *check = calloc(1, sizeof(*check));
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	int status = -1;

	if (check == NULL)
		return command_no_memory();
	check->json = json;
	/* While files can be read: then it gives up root's rights. */
	if (read_packet(n - 1, words + 1, check, &failure) == 0 &&
		enforcing_open(AUDIT_BEST_EFFORT, &orchestrator, &failure) == 0)
		status = answer(orchestrator, check, &failure);
	if (status < 0)
		status = command_failed(&failure, false);
	orchestrator_close(orchestrator);
	free(check);
	return status;
}
