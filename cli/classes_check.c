// SPDX-License-Identifier: BSD-2-Clause
#include "cli/classes_check.h"

#include <errno.h>
#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "control/check.h"
#include "mesh/frame.h"

struct asked {
	char rest[RULE_LEN]; /* what mesh/frame.h reads */
	uint8_t dscp;
	bool received; /* it says so */
	struct class_packet packet;
	uint8_t frame[MESH_FRAME_MAX];
};

static int read_words(const struct words *words, struct asked *asked, struct failure *failure)
{
	const int n = (int)words->n;
	size_t length = 0;

	for (int i = 0; i < n && length < sizeof(asked->rest); i++) {
		const char *word = strcmp(words->word[i], "on") == 0 ? "in" : words->word[i];
		if (strcmp(word, "egress") == 0 || strcmp(word, "ingress") == 0) {
			asked->packet.sent = word[0] == 'e';
			asked->received = !asked->packet.sent;
		} else if (strcmp(word, "cgroup") == 0) {
			if (i + 1 == n)
				return failure_set(failure, -EINVAL, "Write cgroup and its path");
			i++;
			asked->packet.cgroup = words->word[i] + (words->word[i][0] == '/');
		} else if (strcmp(word, "dscp") == 0) {
			int dscp = i + 1 < n ? classes_dscp_find(words->word[++i]) : -EINVAL;
			if (dscp < 0)
				return failure_set(failure, -EINVAL, "Write dscp and a code point");
			asked->dscp = (uint8_t)dscp;
		} else {
			length += (size_t)snprintf(asked->rest + length,
				sizeof(asked->rest) - length, "%s%s", length > 0 ? " " : "", word);
		}
	}
	return length < sizeof(asked->rest)
		       ? 0
		       : failure_set(failure, -EINVAL, "The packet has too many words");
}

/* Writes the code point into the IP header behind the Ethernet header, with a tag or without. */
static void write_dscp(struct asked *asked, bool tagged)
{
	uint8_t *ip = asked->frame + (tagged ? 18 : 14);

	if (ip[0] >> 4 == 6) {
		ip[0] = (uint8_t)(0x60 | asked->dscp >> 2);
		ip[1] = (uint8_t)((asked->dscp & 3) << 6 | (ip[1] & 0x3f));
	} else if (ip[0] >> 4 == 4) {
		ip[1] = (uint8_t)(asked->dscp << 2);
	}
}

/* A cgroup is that of a process, which sends. */
static int complete_cgroup(struct asked *asked, struct failure *failure)
{
	if (asked->packet.cgroup == NULL)
		return 0;
	if (asked->received)
		return failure_set(failure, -EINVAL,
			"What is received is of no cgroup yet: leave \"ingress\" away");
	asked->packet.sent = true;
	return 0;
}

static int read_packet(
	int n, char **words, struct words *said, struct asked *asked, struct failure *failure)
{
	struct mesh_rule packet;
	int error = command_packet("classes", n, words, said, failure);

	if (error == 0)
		error = read_words(said, asked, failure);
	if (error == 0)
		error = complete_cgroup(asked, failure);
	if (error == 0)
		error = frame_parse(asked->rest, &packet, failure);
	if (error < 0)
		return error;
	if (packet.conditions >> MESH_BY_INTERFACE & 1) {
		asked->packet.ifindex = if_nametoindex(packet.interface);
		if (asked->packet.ifindex == 0)
			return failure_set(
				failure, -ENODEV, "There is no interface %s", packet.interface);
	}
	asked->packet.size = frame_make(&packet, asked->frame);
	asked->packet.frame = asked->frame;
	write_dscp(asked, packet.conditions >> MESH_BY_VLAN & 1);
	return 0;
}

static int print(const struct class_lines *lines, const struct class_checked *checked, bool json)
{
	const char *class = lines->names.names[checked->class % TRAFFIC_CLASSES];
	char text[RULE_LEN] = "";

	if (checked->line >= 0 && (uint32_t)checked->line < lines->n)
		classes_format(&lines->names, &lines->lines[checked->line], text, sizeof(text));
	if (!json) {
		if (checked->line >= 0)
			printf("Line %d, %s, decides\n", checked->line, text);
		else
			puts("No line matches");
		printf("The packet is of the class %s\n", class);
		return EXIT_ALL_RAN;
	}
	json_t *document = json_pack("{s:o?, s:s, s:s}", "line",
		checked->line >= 0 ? json_integer(checked->line) : NULL, "text", text, "class",
		class);
	if (document == NULL || json_dumpf(document, stdout, JSON_INDENT(2)) < 0)
		return command_no_memory();
	json_decref(document);
	putchar('\n');
	return EXIT_ALL_RAN;
}

int classes_check(int n, char **words, struct settings *settings, bool json)
{
	struct class_lines *lines = malloc(sizeof(*lines));
	struct orchestrator *orchestrator = NULL;
	struct asked asked = { 0 };
	struct words said;
	struct class_checked checked;
	struct failure failure = { 0 };
	int status = EXIT_SOME_FAILED;

	if (lines == NULL)
		return command_no_memory();
	classes_copy(lines, &settings->classes);
	if (read_packet(n, words, &said, &asked, &failure) < 0 ||
		enforcing_open_with(settings, &orchestrator, &failure) < 0 ||
		orchestrator_check_class(orchestrator, lines, &asked.packet, &checked, &failure) <
			0)
		status = command_failed(&failure, false);
	else
		status = print(lines, &checked, json);
	if (failure.error == 0 && checked.unmet.error < 0)
		command_failed(&checked.unmet, false);
	if (orchestrator != NULL)
		orchestrator_close(orchestrator);
	free(lines);
	return status;
}
