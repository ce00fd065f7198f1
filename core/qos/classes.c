// SPDX-License-Identifier: BSD-2-Clause
#include "qos/classes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "mesh/sets.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* RFC 2474 (CS), 2597 (AF), 3246 (EF), 5865 (VA) and 8622 (LE). */
enum dscp {
	DSCP_DF = 0,
	DSCP_LE = 1,
	DSCP_CS1 = 8,
	DSCP_AF11 = 10,
	DSCP_AF12 = 12,
	DSCP_AF13 = 14,
	DSCP_CS2 = 16,
	DSCP_AF21 = 18,
	DSCP_AF22 = 20,
	DSCP_AF23 = 22,
	DSCP_CS3 = 24,
	DSCP_AF31 = 26,
	DSCP_AF32 = 28,
	DSCP_AF33 = 30,
	DSCP_CS4 = 32,
	DSCP_AF41 = 34,
	DSCP_AF42 = 36,
	DSCP_AF43 = 38,
	DSCP_CS5 = 40,
	DSCP_VA = 44,
	DSCP_EF = 46,
	DSCP_CS6 = 48,
	DSCP_CS7 = 56,
};

enum {
	PROTOCOL_OSPF = 89,
	PROTOCOL_PIM = 103,
	PROTOCOL_VRRP = 112,
};

struct word {
	const char *name;
	uint16_t value;
};

static const struct word dscp_words[] = {
	{ "df", DSCP_DF },
	{ "cs0", DSCP_DF },
	{ "le", DSCP_LE },
	{ "cs1", DSCP_CS1 },
	{ "af11", DSCP_AF11 },
	{ "af12", DSCP_AF12 },
	{ "af13", DSCP_AF13 },
	{ "cs2", DSCP_CS2 },
	{ "af21", DSCP_AF21 },
	{ "af22", DSCP_AF22 },
	{ "af23", DSCP_AF23 },
	{ "cs3", DSCP_CS3 },
	{ "af31", DSCP_AF31 },
	{ "af32", DSCP_AF32 },
	{ "af33", DSCP_AF33 },
	{ "cs4", DSCP_CS4 },
	{ "af41", DSCP_AF41 },
	{ "af42", DSCP_AF42 },
	{ "af43", DSCP_AF43 },
	{ "cs5", DSCP_CS5 },
	{ "va", DSCP_VA },
	{ "ef", DSCP_EF },
	{ "cs6", DSCP_CS6 },
	{ "cs7", DSCP_CS7 },
	{ NULL, 0 },
};

static const struct word protocol_words[] = {
	{ "icmp", IPPROTO_ICMP },
	{ "igmp", IPPROTO_IGMP },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "ospf", PROTOCOL_OSPF },
	{ "pim", PROTOCOL_PIM },
	{ "vrrp", PROTOCOL_VRRP },
	{ "sctp", IPPROTO_SCTP },
	{ NULL, 0 },
};

static const struct word no_words[] = { { NULL, 0 } };

/* The first words of a line. */
static const struct {
	const char *name;
	uint8_t match;
	uint8_t protocol;
	uint16_t minimum, maximum;
	const struct word *words;
	const char *what; /* describes a valid value */
} kinds[] = {
	{ "dscp", CLASS_MATCH_DSCP, 0, 0, 63, dscp_words,
		"a code point such as ef, af41 or 0 to 63" },
	/* Smaller values are lengths of IEEE 802.3 frames. */
	{ "ethertype", CLASS_MATCH_ETHERTYPE, 0, 0x600, 0xffff, no_words, "0x0600 to 0xffff" },
	{ "protocol", CLASS_MATCH_PROTOCOL, 0, 0, 255, protocol_words,
		"an IP protocol such as ospf or 0 to 255" },
	{ "tcp", CLASS_MATCH_PORT, IPPROTO_TCP, 1, 65535, no_words, "a port from 1 to 65535" },
	{ "udp", CLASS_MATCH_PORT, IPPROTO_UDP, 1, 65535, no_words, "a port from 1 to 65535" },
};

#define ETHERTYPE(value, class, packets)                            \
	{                                                           \
		{ CLASS_MATCH_ETHERTYPE, class, 0, value }, packets \
	}
#define PORT(protocol, value, class, packets)                         \
	{                                                             \
		{ CLASS_MATCH_PORT, class, protocol, value }, packets \
	}
#define DSCP(value, class, packets)                            \
	{                                                      \
		{ CLASS_MATCH_DSCP, class, 0, value }, packets \
	}
#define PROTOCOL(value, class, packets)                            \
	{                                                          \
		{ CLASS_MATCH_PROTOCOL, class, 0, value }, packets \
	}

/*
 * Code points follow the service classes of RFC 4594 figure 3, merged into five. Streaming (CS3,
 * AF3x) needs bandwidth, not low delay, and stays best effort.
 */
static const struct default_entry {
	struct class_entry entry;
	const char *packets; /* the traffic that it matches */
} defaults[] = {
	ETHERTYPE(0x0806, CLASS_CONTROL, "ARP"),
	ETHERTYPE(0x88cc, CLASS_CONTROL, "LLDP"),
	ETHERTYPE(0x4305, CLASS_MESH, "batman-adv"),

	PORT(IPPROTO_TCP, 179, CLASS_CONTROL, "BGP"),
	PORT(IPPROTO_UDP, 3784, CLASS_CONTROL, "BFD, RFC 5881"),
	PORT(IPPROTO_UDP, 698, CLASS_MESH, "OLSR, RFC 3626"),
	PORT(IPPROTO_UDP, 6696, CLASS_MESH, "Babel, RFC 8966"),
	PORT(IPPROTO_UDP, 26970, CLASS_MESH, "signed messages and data"),
	PORT(IPPROTO_UDP, 51820, CLASS_MESH, "WireGuard"),
	PORT(IPPROTO_TCP, 22, CLASS_INTERACTIVE, "SSH"),
	PORT(IPPROTO_TCP, 53, CLASS_INTERACTIVE, "DNS"),
	PORT(IPPROTO_UDP, 53, CLASS_INTERACTIVE, "DNS"),
	PORT(IPPROTO_UDP, 123, CLASS_INTERACTIVE, "NTP: delay is error"),

	DSCP(DSCP_CS7, CLASS_CONTROL, "network control"),
	DSCP(DSCP_CS6, CLASS_CONTROL, "network control"),
	DSCP(DSCP_CS2, CLASS_CONTROL, "operation and management"),
	DSCP(DSCP_EF, CLASS_INTERACTIVE, "telephony"),
	DSCP(DSCP_VA, CLASS_INTERACTIVE, "telephony with admission"),
	DSCP(DSCP_CS5, CLASS_INTERACTIVE, "signalling"),
	DSCP(DSCP_CS4, CLASS_INTERACTIVE, "real-time interactive"),
	DSCP(DSCP_AF41, CLASS_INTERACTIVE, "conferencing"),
	DSCP(DSCP_AF42, CLASS_INTERACTIVE, "conferencing"),
	DSCP(DSCP_AF43, CLASS_INTERACTIVE, "conferencing"),
	DSCP(DSCP_AF21, CLASS_INTERACTIVE, "low-latency data"),
	DSCP(DSCP_AF22, CLASS_INTERACTIVE, "low-latency data"),
	DSCP(DSCP_AF23, CLASS_INTERACTIVE, "low-latency data"),
	DSCP(DSCP_AF11, CLASS_BULK, "high-throughput data"),
	DSCP(DSCP_AF12, CLASS_BULK, "high-throughput data"),
	DSCP(DSCP_AF13, CLASS_BULK, "high-throughput data"),
	DSCP(DSCP_CS1, CLASS_BULK, "low-priority data"),
	DSCP(DSCP_LE, CLASS_BULK, "lower effort, RFC 8622"),

	PROTOCOL(IPPROTO_ICMP, CLASS_CONTROL, "ICMP"),
	PROTOCOL(IPPROTO_IGMP, CLASS_CONTROL, "IGMP"),
	PROTOCOL(IPPROTO_ICMPV6, CLASS_CONTROL, "ICMPv6"),
	PROTOCOL(PROTOCOL_OSPF, CLASS_CONTROL, "OSPF"),
	PROTOCOL(PROTOCOL_PIM, CLASS_CONTROL, "PIM"),
	PROTOCOL(PROTOCOL_VRRP, CLASS_CONTROL, "VRRP"),
};

uint32_t classes_default(struct class_entry entries[CLASS_ENTRIES_MAX])
{
	_Static_assert(COUNT(defaults) <= CLASS_ENTRIES_MAX, "the default classes fit");
	for (uint32_t i = 0; i < COUNT(defaults); i++)
		entries[i] = defaults[i].entry;
	return COUNT(defaults);
}

static int parse_value(const char *text, uint32_t kind, uint16_t *value)
{
	uint64_t number;

	for (const struct word *word = kinds[kind].words; word->name != NULL; word++) {
		if (strcmp(word->name, text) == 0) {
			*value = word->value;
			return 0;
		}
	}
	int error = words_number(text, kinds[kind].minimum, kinds[kind].maximum, &number);
	if (error)
		return error;
	*value = (uint16_t)number;
	return 0;
}

/* --- names ------------------------------------------------------------------------------------- */

#define NONE_NAME "none"

static const char *const default_names[] = {
	[CLASS_NONE] = NONE_NAME,
	[CLASS_CONTROL] = "control",
	[CLASS_MESH] = "mesh",
	[CLASS_INTERACTIVE] = "interactive",
	[CLASS_BULK] = "bulk",
	[CLASS_BEST_EFFORT] = "best_effort",
};

void class_names_default(struct class_names *names)
{
	memset(names, 0, sizeof(*names));
	for (uint32_t i = 0; i < COUNT(default_names); i++)
		snprintf(names->names[i], sizeof(names->names[i]), "%s", default_names[i]);
}

int class_names_number(struct class_names *names, const char *name)
{
	int unused = 0;

	for (int i = TRAFFIC_CLASSES - 1; i >= 0; i--) {
		if (strcmp(names->names[i], name) == 0)
			return i;
		if (names->names[i][0] == '\0')
			unused = i;
	}
	if (!sets_name_valid(name))
		return -EINVAL;
	if (unused == 0)
		return -ENOSPC;
	snprintf(names->names[unused], sizeof(names->names[unused]), "%s", name);
	return unused;
}

uint32_t classes_used(const struct class_entry *entries, uint32_t n, uint8_t used[CLASSES_MAX])
{
	bool seen[TRAFFIC_CLASSES] = { [CLASS_NONE] = true, [CLASS_BEST_EFFORT] = true };
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t class = entries[i].class;
		if (class >= TRAFFIC_CLASSES || seen[class])
			continue;
		seen[class] = true;
		used[count++] = class;
	}
	used[count++] = CLASS_BEST_EFFORT;
	return count;
}

/* Returns the class of a line's last words, or a negative errno. "best effort" is how it was written once. */
static int parse_class(const struct words *words, struct class_names *names)
{
	if (words->n == 4 && strcmp(words->word[2], "best") == 0 &&
		strcmp(words->word[3], "effort") == 0)
		return CLASS_BEST_EFFORT;
	return words->n == 3 ? class_names_number(names, words->word[2]) : -EINVAL;
}

static int refuse_class(int error, const char *name, struct failure *failure)
{
	if (error == -ENOSPC)
		return failure_set(failure, error, "No room for the class \"%s\": there are %d",
			name, CLASSES_MAX);
	failure_set(failure, -EINVAL, "\"%s\" cannot be the name of a traffic class", name);
	return failure_remedy(failure,
		"A name has up to %d letters, digits, - and _; none removes a line",
		CLASS_NAME_LEN - 1);
}

int classes_parse(const char *text, struct class_names *names, struct class_entry *entry,
	struct failure *failure)
{
	struct words words;
	uint16_t value;
	uint32_t kind = 0;

	int error = words_split(&words, text, "a line of the class table", failure);
	if (error)
		return error;
	while (kind < COUNT(kinds) && strcmp(kinds[kind].name, words.word[0]) != 0)
		kind++;
	if (kind == COUNT(kinds) || words.n < 3) {
		failure_set(failure, -EINVAL, "\"%s\" is not a line of the class table", text);
		return failure_remedy(failure, "Write dscp, ethertype, protocol, tcp or udp, "
					       "a value and a class");
	}
	if (parse_value(words.word[1], kind, &value) != 0)
		return failure_set(failure, -EINVAL, "\"%s\" is no value for \"%s\": use %s",
			words.word[1], words.word[0], kinds[kind].what);
	int class = parse_class(&words, names);
	if (class < 0)
		return refuse_class(class, text + words.offset[2], failure);
	*entry = (struct class_entry) {
		.match = kinds[kind].match,
		.class = (uint8_t) class,
		.protocol = kinds[kind].protocol,
		.value = value,
	};
	return 0;
}

void classes_format(
	const struct class_names *names, const struct class_entry *entry, char *text, size_t size)
{
	const char *class = entry->class < TRAFFIC_CLASSES ? names->names[entry->class] : "?";
	uint32_t kind = 0;

	while (kind < COUNT(kinds) - 1 &&
		(kinds[kind].match != entry->match || kinds[kind].protocol != entry->protocol))
		kind++;
	for (const struct word *word = kinds[kind].words; word->name != NULL; word++) {
		if (word->value == entry->value) {
			snprintf(text, size, "%s %s %s", kinds[kind].name, word->name, class);
			return;
		}
	}
	snprintf(text, size, entry->match == CLASS_MATCH_ETHERTYPE ? "%s 0x%04x %s" : "%s %u %s",
		kinds[kind].name, entry->value, class);
}

static bool same_packets(const struct class_entry *a, const struct class_entry *b)
{
	return a->match == b->match && a->protocol == b->protocol && a->value == b->value;
}

const char *classes_packets(const struct class_entry *entry)
{
	for (uint32_t i = 0; i < COUNT(defaults); i++)
		if (same_packets(&defaults[i].entry, entry))
			return defaults[i].packets;
	return "";
}

bool classes_is_default(const struct class_entry *entry)
{
	for (uint32_t i = 0; i < COUNT(defaults); i++)
		if (same_packets(&defaults[i].entry, entry))
			return defaults[i].entry.class == entry->class;
	return false;
}

uint32_t classes_order(const struct class_entry *entry)
{
	static const uint32_t orders[] = {
		[CLASS_MATCH_ETHERTYPE] = 1,
		[CLASS_MATCH_PORT] = 2,
		[CLASS_MATCH_DSCP] = 3,
		[CLASS_MATCH_PROTOCOL] = 4,
	};

	return entry->match < COUNT(orders) ? orders[entry->match] : 0;
}

int classes_put(
	struct class_entry entries[CLASS_ENTRIES_MAX], uint32_t *n, const struct class_entry *entry)
{
	uint32_t ethertypes = 0, i;

	for (i = 0; i < *n && !same_packets(&entries[i], entry); i++)
		ethertypes += entries[i].match == CLASS_MATCH_ETHERTYPE;
	if (entry->class == CLASS_NONE) {
		if (i < *n)
			memmove(&entries[i], &entries[i + 1], (--*n - i) * sizeof(entries[0]));
		return 0;
	}
	if (i == CLASS_ENTRIES_MAX || (i == *n && entry->match == CLASS_MATCH_ETHERTYPE &&
					      ethertypes == CLASS_ETHERTYPES_MAX))
		return -ENOSPC;
	entries[i] = *entry;
	*n += i == *n;
	return 0;
}

static void fill_one(const struct class_entry *entry, struct class_maps *maps)
{
	switch (entry->match) {
	case CLASS_MATCH_DSCP:
		if (entry->value < sizeof(maps->table.dscp))
			maps->table.dscp[entry->value] = entry->class;
		break;
	case CLASS_MATCH_PROTOCOL:
		if (entry->value < sizeof(maps->table.protocol))
			maps->table.protocol[entry->value] = entry->class;
		break;
	case CLASS_MATCH_PORT:
		maps->ports[maps->n_ports] = (struct class_port) {
			.port = htons(entry->value),
			.protocol = entry->protocol,
		};
		maps->port_classes[maps->n_ports++] = entry->class;
		maps->table.ports[entry->value / 64] |= UINT64_C(1) << entry->value % 64;
		break;
	case CLASS_MATCH_ETHERTYPE:
		if (maps->n_ethertypes == CLASS_ETHERTYPES_MAX)
			break;
		maps->ethertypes[maps->n_ethertypes] = htons(entry->value);
		maps->ethertype_classes[maps->n_ethertypes++] = entry->class;
		if (entry->value == ETH_P_IP)
			maps->table.ipv4 = entry->class;
		if (entry->value == ETH_P_IPV6)
			maps->table.ipv6 = entry->class;
		break;
	}
}

void classes_fill(const struct class_entry *entries, uint32_t n, struct class_maps *maps)
{
	memset(maps, 0, sizeof(*maps));
	for (uint32_t i = 0; i < n && i < CLASS_ENTRIES_MAX; i++)
		fill_one(&entries[i], maps);
}
