// SPDX-License-Identifier: BSD-2-Clause
/*
 * nftables as a second oracle: the same random rules and sets by x0top's text and by nft's, the same packets
 * through both, the same verdict of each packet and the same count of each rule. x0top's rules are put in force
 * as an operator's are, and meet packets by BPF_PROG_RUN; nft's at the ingress of a veth.
 * X0_RULE_SETS: how many sets of rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "mesh/set_change.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/netns.h"
#include "tests/lib/packet_frames.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

#define RULE_SETS      40
#define PACKETS	       60 /* of each */
#define RULES_MAX      60
#define ELEMENTS_MAX   40
#define SETS	       4
#define ETHERTYPE_LAST 0x88b5 /* for local experiments: the frame behind all others */
#define ETHERTYPE_MESH 0x4305
#define TEXT_MAX       256

static struct {
	struct mesh_filter_loaded filter;
	int counts, receivers[4];
	uint64_t random;
	uint32_t n_rules, policy;
	struct mesh_rule rules[RULES_MAX];
	char nft[RULES_MAX][2][TEXT_MAX]; /* one for each family of addresses, or the first alone */
	struct set_elements sets[SETS];
	struct frame frames[PACKETS];
	bool passed[PACKETS]; /* nft's verdicts */
	uint64_t before[RULES_MAX]; /* counts */
	uint32_t packets, dropped, decided;
} test;

static const struct {
	const char *name;
	uint32_t kind;
} sets[SETS] = {
	{ "a", MESH_SET_PREFIXES },
	{ "b", MESH_SET_PREFIXES },
	{ "m", MESH_SET_MACS },
	{ "p", MESH_SET_PORTS },
};

static uint32_t number(uint32_t below)
{
	test.random = test.random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(test.random >> 33) % below;
}

static bool one_in(uint32_t n)
{
	return number(n) == 0;
}

/* --- random values ------------------------------------------------------------------------------- */

static void random_address(uint8_t *address, int bytes)
{
	static const uint8_t near[] = { 1, 2, 3, 0, 254 };

	memcpy(address, bytes == 4 ? FRAME_SOURCE4 : FRAME_SOURCE6, (size_t)bytes);
	for (int i = bytes == 4 ? 1 : 5; i < bytes && !one_in(3); i++)
		address[i] = one_in(6) ? (uint8_t)number(256) : near[number(sizeof(near))];
}

static void random_prefix(int family, struct mesh_prefix *prefix)
{
	static const uint8_t usual[2][6] = { { 32, 24, 16, 8, 32, 31 },
		{ 128, 64, 48, 56, 127, 8 } };
	uint8_t bits = family == 4 ? 32 : 128;

	*prefix = (struct mesh_prefix) { .family = (uint8_t)family };
	random_address(prefix->address, bits / 8);
	prefix->length = one_in(3) ? (uint8_t)(1 + number(bits)) : usual[family == 6][number(6)];
	for (int bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

/* None of DHCP: what hosts cannot do without, nft does not know. */
static uint16_t random_port(void)
{
	static const uint16_t usual[] = { 22, 53, 6696, 40000, 1, 65535, 9 };
	uint16_t port = one_in(3) ? (uint16_t)(1 + number(65535)) : usual[number(7)];

	return port == 67 || port == 68 || port == 546 || port == 547 ? 69 : port;
}

static struct mesh_range random_range(void)
{
	uint16_t a = random_port(), b = one_in(2) ? a : random_port();

	return (struct mesh_range) { a < b ? a : b, a < b ? b : a };
}

static uint8_t random_mac(void)
{
	return (uint8_t)number(5);
}

static void random_set(uint32_t i)
{
	uint32_t n = 1 + number(one_in(2) ? ELEMENTS_MAX : 3);

	test.sets[i].kind = sets[i].kind;
	test.sets[i].n = 0;
	for (uint32_t j = 0; j < n; j++) {
		struct mesh_element element = { 0 };
		if (sets[i].kind == MESH_SET_PREFIXES)
			random_prefix(one_in(2) ? 4 : 6, &element.prefix);
		else if (sets[i].kind == MESH_SET_PORTS)
			element.ports = random_range();
		else
			memcpy(element.mac, (uint8_t[6]) { 2, 0, 0, 0, 0, random_mac() }, 6);
		assert_int_equal(set_add(&test.sets[i], &element), 0);
	}
}

/* --- random rules, as two texts ------------------------------------------------------------------ */

struct texts {
	char x0[TEXT_MAX];
	char nft[2][TEXT_MAX]; /* with IPv4, and with IPv6 */
	bool has_prefix, families[2];
};

static __attribute__((format(printf, 2, 3))) void append(char *text, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, TEXT_MAX - length, format, arguments);
	va_end(arguments);
}

static void append_nft(struct texts *texts, const char *text)
{
	for (int i = 0; i < 2; i++)
		append(texts->nft[i], " %s", text);
}

static void add_addresses(struct texts *texts, bool source)
{
	static const char *const families[] = { "ip", "ip6" };
	const char *word = source ? "from" : "to", *field = source ? "saddr" : "daddr";
	struct mesh_prefix prefix;
	int family = texts->families[0] && one_in(2) ? 4 : texts->families[1] ? 6 : 4;
	char address[64];

	/* Behind a MAC address, nft would look for the ethertype in front of VLAN tags. */
	for (int i = 0; i < 2 && !texts->has_prefix; i++)
		append(texts->nft[i], " meta protocol %s", families[i]);
	texts->has_prefix = true;
	if (one_in(3)) {
		const char *set = sets[number(2)].name;
		append(texts->x0, " %s @%s", word, set);
		for (int i = 0; i < 2; i++)
			append(texts->nft[i], " %s %s @%s%d", families[i], field, set, i);
		return;
	}
	random_prefix(family, &prefix);
	rule_format_prefix(&prefix, address, sizeof(address));
	append(texts->x0, " %s %s", word, address);
	append(texts->nft[family == 6], " %s %s %s", families[family == 6], field, address);
	texts->families[family == 4] = false;
}

static void add_mac(struct texts *texts)
{
	char text[64];

	if (one_in(3)) {
		append(texts->x0, " mac @m");
		append_nft(texts, "ether saddr @m");
		return;
	}
	snprintf(text, sizeof(text), "02:00:00:00:00:%02x", random_mac());
	append(texts->x0, " mac %s", text);
	append_nft(texts, "ether saddr");
	append_nft(texts, text);
}

static void add_protocol(struct texts *texts)
{
	static const struct {
		const char *name;
		int number;
	} protocols[] = { { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmpv6", 58 },
		{ "132", 132 } };
	uint32_t i = number(5);
	char text[32];

	append(texts->x0, " proto %s", protocols[i].name);
	snprintf(text, sizeof(text), "meta l4proto %d", protocols[i].number);
	append_nft(texts, text);
}

static void add_port(struct texts *texts, bool source)
{
	struct mesh_range range = random_range();
	char text[80], ports[32];

	rule_format_ports(&range, ports, sizeof(ports));
	if (one_in(3))
		snprintf(ports, sizeof(ports), "@p");
	append(texts->x0, " %s %s", source ? "sport" : "port", ports);
	snprintf(text, sizeof(text), "meta l4proto { tcp, udp } th %s %s",
		source ? "sport" : "dport", ports);
	append_nft(texts, text);
}

static void add_ethertype(struct texts *texts)
{
	static const char *const types[] = { "0x0800", "0x86dd", "0x4305" };
	const char *type = types[number(3)];
	char text[32];

	append(texts->x0, " ethertype %s", type);
	snprintf(text, sizeof(text), "meta protocol %s", type);
	append_nft(texts, text);
}

static void add_vlan(struct texts *texts)
{
	uint32_t vlan = one_in(3) ? number(4095) : 7;
	char text[32];

	append(texts->x0, " vlan %u", vlan);
	snprintf(text, sizeof(text), "vlan id %u", vlan);
	append_nft(texts, text);
}

static void add_conditions(struct texts *texts)
{
	if (one_in(10)) /* nft wants it before addresses, and without MAC addresses */
		add_vlan(texts);
	else if (one_in(5))
		add_mac(texts);
	if (one_in(2))
		add_addresses(texts, true);
	if (one_in(4))
		add_addresses(texts, false);
	if (one_in(5))
		add_protocol(texts);
	if (one_in(3))
		add_port(texts, false);
	if (one_in(8))
		add_port(texts, true);
	if (one_in(10))
		add_ethertype(texts);
}

static bool is_new(const struct mesh_rule *rule)
{
	for (uint32_t i = 0; i < test.n_rules; i++)
		if (rule_same_key(&test.rules[i], rule))
			return false;
	return true;
}

/* A rule about addresses of both families, or none, is one of nft for each. */
static void random_rule(uint32_t *counting)
{
	static const char *const actions[] = { "pass", "drop", "count" }, *const verdicts[] = {
		"accept", "drop", ""
	};
	struct texts texts = { .families = { true, true } };
	uint32_t action = number(*counting < MESH_COUNTS_MAX ? 3 : 2);
	struct mesh_rule *rule = &test.rules[test.n_rules];
	struct failure failure;

	append(texts.x0, "%s", actions[action]);
	add_conditions(&texts);
	if (strchr(texts.x0, ' ') == NULL)
		return;
	if (rule_parse(texts.x0, rule, &failure) < 0)
		fail_msg("%s: %s", texts.x0, failure.what);
	if (!is_new(rule))
		return;
	rule->enabled = !one_in(6);
	*counting += action == 2;
	for (int i = 0; i < 2; i++) {
		char *text = test.nft[test.n_rules][i];
		text[0] = '\0';
		if (rule->enabled && (texts.has_prefix ? texts.families[i] : i == 0))
			append(text, "%s counter name r%u %s", texts.nft[i], test.n_rules,
				verdicts[action]);
	}
	test.n_rules++;
}

/* --- in force ------------------------------------------------------------------------------------ */

static void put_x0top(void)
{
	struct rule_edit replace = { .kind = RULE_EDIT_REPLACE,
		.policy = test.policy,
		.rules = test.rules,
		.n_rules = test.n_rules };
	struct failure failure = { 0 };
	struct set_change change;

	assert_int_equal(set_change_begin(&test.filter.registry, &change, &failure), 0);
	for (uint32_t i = 0; i < SETS; i++) {
		struct mesh_set set = { .origin = MESH_ORIGIN_FILE };
		snprintf(set.name, sizeof(set.name), "%s", sets[i].name);
		assert_int_equal(set_change_take(&change, &set, &test.sets[i], &failure), 0);
	}
	if (rule_edit(change.table, &replace, &failure) < 0 ||
		set_change_commit(&test.filter.registry, &change, &failure) < 0)
		fail_msg("%s", failure.what);
}

/* Writes the elements of a set of nft; `family` of prefixes only. Returns their number. */
static uint32_t write_elements(FILE *nft, uint32_t set, int family)
{
	const struct set_elements *elements = &test.sets[set];
	char text[SET_ELEMENT_LEN];
	uint32_t n = 0;

	for (uint32_t i = 0; i < elements->n; i++) {
		if (family != 0 && elements->list[i].prefix.family != family)
			continue;
		set_format_element(elements->kind, &elements->list[i], text);
		fprintf(nft, "%s%s", n++ == 0 ? " elements = { " : ", ", text);
	}
	fprintf(nft, n > 0 ? " }; }\n" : " }\n");
	return n;
}

static void write_sets(FILE *nft)
{
	for (uint32_t i = 0; i < 2; i++) {
		fprintf(nft, "set %s0 { type ipv4_addr; flags interval; auto-merge;", sets[i].name);
		write_elements(nft, i, 4);
		fprintf(nft, "set %s1 { type ipv6_addr; flags interval; auto-merge;", sets[i].name);
		write_elements(nft, i, 6);
	}
	fprintf(nft, "set m { type ether_addr;");
	write_elements(nft, 2, 0);
	fprintf(nft, "set p { type inet_service; flags interval; auto-merge;");
	write_elements(nft, 3, 0);
}

static void put_nft(void)
{
	FILE *nft = popen("nft -f -", "w");

	assert_non_null(nft);
	fprintf(nft, "flush ruleset\ntable netdev t {\n");
	for (uint32_t i = 0; i < test.n_rules; i++)
		fprintf(nft, "counter r%u { }\n", i);
	write_sets(nft);
	fprintf(nft, "chain c { type filter hook ingress device right priority 0; policy %s;\n",
		test.policy == MESH_DROP ? "drop" : "accept");
	fprintf(nft, "meta protocol %#x accept\n", ETHERTYPE_LAST);
	for (uint32_t i = 0; i < test.n_rules; i++)
		for (int j = 0; j < 2; j++)
			if (test.nft[i][j][0] != '\0')
				fprintf(nft, "%s\n", test.nft[i][j]);
	fprintf(nft, "}\n}\n");
	assert_int_equal(pclose(nft), 0);
}

/* --- packets ------------------------------------------------------------------------------------- */

static void random_ip(struct frame *frame, bool v6, uint8_t protocol)
{
	if (v6 && one_in(4)) {
		frame_ipv6(frame, 60, 0);
		frame_extension(frame, 60, protocol, (uint8_t)number(3));
	} else if (v6) {
		frame_ipv6(frame, protocol, 0);
	} else {
		frame_ipv4(frame, &(struct frame_ipv4) { .protocol = protocol,
					  .options = one_in(4) ? (uint8_t)(4 * number(11)) : 0 });
	}
	uint8_t *addresses = frame->bytes + frame->ip + (v6 ? 8 : 12);
	random_address(addresses, v6 ? 16 : 4);
	random_address(addresses + (v6 ? 16 : 4), v6 ? 16 : 4);
}

static void random_transport(struct frame *frame, bool v6)
{
	uint32_t kind = number(8);

	random_ip(frame, v6, kind < 4 ? 17 : kind < 7 ? 6 : v6 ? 58 : 1);
	if (kind < 4)
		frame_udp(frame, random_port(), random_port());
	else if (kind < 7)
		frame_tcp(frame, random_port(), random_port(), 0);
	else
		frame_icmp(frame, v6 ? 128 : 8); /* echo: no discovery */
}

/* Its number is in its last bytes. */
static void random_frame(uint32_t i, struct frame *frame)
{
	uint32_t kind = number(16);
	bool v6 = kind % 2;
	uint16_t ethertype = kind == 0 ? ETHERTYPE_MESH : v6 ? 0x86dd : 0x0800;

	frame_ethernet(frame, one_in(6) ? 0x8100 : ethertype);
	if (frame->bytes[12] == 0x81)
		frame_vlan(frame, ethertype);
	frame->bytes[11] = random_mac();
	if (kind == 0)
		frame_batman(frame);
	else
		random_transport(frame, v6);
	frame_payload(frame, 20);
	frame_finish(frame);
	memcpy(frame->bytes + frame->length - sizeof(i), &i, sizeof(i));
}

/* Returns what arrived, or PACKETS if it was the last. */
static uint32_t receive(int fd)
{
	uint8_t bytes[FRAME_MAX];
	uint32_t i;
	ssize_t size = recv(fd, bytes, sizeof(bytes), 0);

	assert_true(size > (ssize_t)sizeof(i));
	memcpy(&i, bytes + size - sizeof(i), sizeof(i));
	assert_in_range(i, 0, PACKETS);
	return i;
}

/* Frames of one processor are received in order: behind the last there is none. */
static void receive_all(void)
{
	bool last = false;

	memset(test.passed, 0, sizeof(test.passed));
	while (!last) {
		struct pollfd wait = { .fd = test.receivers[0], .events = POLLIN };
		assert_int_equal(poll(&wait, 1, 10000), 1);
		last = receive(test.receivers[0]) == PACKETS;
	}
	for (int i = 1; i < 4; i++) {
		struct pollfd ready = { .fd = test.receivers[i], .events = POLLIN };
		while (poll(&ready, 1, 0) == 1)
			test.passed[receive(test.receivers[i])] = true;
	}
}

static void send_all(void)
{
	struct frame last;

	for (uint32_t i = 0; i < PACKETS; i++) {
		random_frame(i, &test.frames[i]);
		netns_send("left", test.frames[i].bytes, test.frames[i].length, 1);
	}
	frame_ethernet(&last, ETHERTYPE_LAST);
	frame_payload(&last, 60);
	memcpy(last.bytes + last.length - sizeof(uint32_t), &(uint32_t) { PACKETS },
		sizeof(uint32_t));
	netns_send("left", last.bytes, last.length, 1);
	receive_all();
}

/* --- comparing ----------------------------------------------------------------------------------- */

static void print_rules(void)
{
	char text[RULE_LEN];

	for (uint32_t i = 0; i < test.n_rules; i++) {
		rule_format(&test.rules[i], text, sizeof(text));
		fprintf(stderr, "%u %s%s\n", i, test.rules[i].enabled ? "" : "off ", text);
		for (int j = 0; j < 2; j++)
			if (test.nft[i][j][0] != '\0')
				fprintf(stderr, "   nft%s\n", test.nft[i][j]);
	}
}

static void compare_verdicts(void)
{
	for (uint32_t i = 0; i < PACKETS; i++) {
		const struct frame *frame = &test.frames[i];
		uint32_t verdict =
			bpf_program_run(test.filter.program, frame->bytes, frame->length);
		test.dropped += verdict == XDP_DROP;
		if ((verdict == XDP_PASS) == test.passed[i])
			continue;
		print_rules();
		packet_frames_print("a packet", frame->bytes, frame->length);
		fail_msg("x0top %s it, nft does not", verdict == XDP_PASS ? "passes" : "drops");
	}
	test.packets += PACKETS;
}

static void read_counts(uint64_t *counts)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	uint32_t policy;

	assert_int_equal(rules_read(&test.filter.registry, rules, &policy), 0);
	assert_int_equal(policy, test.policy);
	for (uint32_t i = 0; i < test.n_rules; i++) {
		struct mesh_rule_counts sum;
		bpf_program_sum(test.counts, rules[i].id, &sum, sizeof(sum));
		counts[i] = sum.decided.packets;
	}
}

static void compare_counts(void)
{
	uint64_t counts[RULES_MAX];
	FILE *nft = popen("nft list counters table netdev t", "r");
	char line[128];
	uint32_t rule = 0, n = 0;

	assert_non_null(nft);
	read_counts(counts);
	while (fgets(line, sizeof(line), nft) != NULL) {
		unsigned long long packets;
		if (sscanf(line, " counter r%u", &rule) == 1)
			continue;
		if (sscanf(line, " packets %llu", &packets) != 1)
			continue;
		assert_true(rule < test.n_rules);
		if (counts[rule] - test.before[rule] != packets) {
			print_rules();
			fail_msg("rule %u counts %llu packets, nft %llu", rule,
				(unsigned long long)(counts[rule] - test.before[rule]), packets);
		}
		test.decided += (uint32_t)packets;
		n++;
	}
	assert_int_equal(pclose(nft), 0);
	assert_int_equal(n, test.n_rules);
}

static void rules_sets_and_packets_as_nft_has_them(void **state)
{
	const char *asked = getenv("X0_RULE_SETS");
	uint32_t n = asked != NULL ? (uint32_t)atoi(asked) : RULE_SETS;

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t counting = 0, wanted = 1 + number(one_in(3) ? RULES_MAX : 12);
		test.n_rules = 0;
		test.policy = one_in(3) ? MESH_DROP : MESH_PASS;
		for (uint32_t j = 0; j < SETS; j++)
			random_set(j);
		for (uint32_t j = 0; j < wanted; j++)
			random_rule(&counting);
		put_x0top();
		put_nft();
		read_counts(test.before);
		send_all();
		compare_verdicts();
		compare_counts();
	}
	printf("%u packets by %u sets of rules, as nft has them: %u dropped, rules matched %u times\n",
		test.packets, n, test.dropped, test.decided);
	assert_in_range(test.dropped, test.packets / 10, test.packets * 9 / 10);
	assert_true(test.decided > test.packets / 3);
}

/* --- the host ------------------------------------------------------------------------------------ */

/* Behind the ingress hook, there are receivers by ethertype only. */
static int open_receiver(uint16_t ethertype)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ethertype),
		.sll_ifindex = (int)if_nametoindex("right") };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_return_code(fd, 0);
	assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void stay_on_one_processor(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	assert_return_code(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_return_code(sched_setaffinity(0, sizeof(one), &one), 0);
}

static int start(void **state)
{
	static const uint16_t ethertypes[] = { ETHERTYPE_LAST, 0x0800, 0x86dd, ETHERTYPE_MESH };

	(void)state;
	test.random = 20261128;
	netns_enter();
	netns_veth("left", "right");
	assert_true(wait_until(netns_is_running, "right"));
	stay_on_one_processor();
	for (int i = 0; i < 4; i++)
		test.receivers[i] = open_receiver(ethertypes[i]);
	mesh_filter_load(&test.filter);
	test.counts = bpf_program_map_fd(test.filter.object, "mesh_rule_counts");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	mesh_filter_unload(&test.filter);
	for (int i = 0; i < 4; i++)
		close(test.receivers[i]);
	for (uint32_t i = 0; i < SETS; i++)
		free(test.sets[i].list);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_sets_and_packets_as_nft_has_them),
	};

	return cmocka_run_group_tests_name("mesh rules beside nftables", tests, start, stop);
}
