// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lab's post-quantum peers against xdp_pqc_verify, on the wire: what good nodes send arrives, each
 * attack is refused for its own reason, and all else is left alone. The lab runs once, in a child; the
 * tests look at what it reported.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/hex.h"
#include "control/orchestrator.h"
#include "control/state.h"
#include "lab/attacks.h"
#include "lab/lab.h"
#include "lab/peers.h"
#include "model/names.h"
#include "peer/message.h"
#include "tests/lib/host.h"
#include "tests/lib/seen_frame.h"
#include "xdp_pqc_verify.h"

#define ABOVE	      "above0" /* watched like the link below it */
#define DEADLINE_MS   60000
#define SAMPLE_MS     100
#define WATCHED_S     20 /* after the first attack of every kind */
#define ARRIVING      0.95 /* of what was not held back */
#define GOOD_MESSAGES 4 /* of each node, after the first attack of every kind */

/* What each attack is to be counted as. A flood is first of all bad signatures. */
static const uint32_t attacked[] = {
	PQC_BAD_HEADER,
	PQC_IP_FRAGMENT,
	PQC_NOT_FOR_HOST,
	PQC_BAD_CHECKSUM,
	PQC_UNKNOWN_NODE,
	PQC_UNKNOWN_SESSION,
	PQC_BAD_LENGTH,
	PQC_NOT_YET_VALID,
	PQC_EXPIRED,
	PQC_RELAYED,
	PQC_REPLAYED,
	PQC_MALFORMED_SIGNATURE,
	PQC_BAD_SIGNATURE,
	PQC_BAD_TAG,
	PQC_REASSEMBLY_TIMEOUT,
	PQC_REASSEMBLY_OVERFLOW,
	PQC_THROTTLED,
};

#define N_ATTACKED (sizeof(attacked) / sizeof(attacked[0]))

_Static_assert(N_ATTACKED == PQC_RESULTS - PQC_REFUSED, "every reason is attacked");

/* UDP that got past XDP, by where it went. */
struct arrivals {
	uint64_t from_peers; /* from the protected port to it */
	uint64_t from_others; /* from another port to the protected one */
	uint64_t elsewhere; /* to any other port */
};

/* Shared with the child. */
struct report {
	struct failure failure;
	struct snapshot attacked; /* when every reason had been counted */
	struct snapshot end;
	struct arrivals arrivals;
	struct delivery {
		uint64_t sent, good;
		uint64_t delivered; /* to sockets; of the victim alone */
	} victim, stepped; /* data packets of their sessions */
	bool ahead_refused, behind_refused; /* messages of the node whose clock is set */
	char files[512]; /* names of private keys that are left, and of public ones */
	int above; /* status of making the second watched device */
	bool finished;
};

static struct report *report;

/* --- in the lab --------------------------------------------------------------------------------- */

static void count_arrivals(int packets)
{
	struct pollfd readable = { .fd = packets, .events = POLLIN };
	struct arrivals *arrivals = &report->arrivals;
	struct seen_frame seen;

	while (poll(&readable, 1, 0) == 1) {
		if (!seen_frame_read(packets, &seen) || seen.outgoing ||
			seen.protocol != IPPROTO_UDP)
			continue;
		if (seen.destination_port != PQC_PORT)
			arrivals->elsewhere++;
		else if (seen.source_port == PQC_PORT)
			arrivals->from_peers++;
		else
			arrivals->from_others++;
	}
}

/* Opens a socket that gets UDP over IPv4 once the stack has taken it. */
static int open_deliveries(void)
{
	const int room = 4 << 20;
	int file = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);

	if (file >= 0)
		setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return file;
}

/* Counts data of the victim: the verifier counts as good what the stack then drops, too. */
static void count_deliveries(int file)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		struct pqc_header header;
	} __attribute__((packed)) packet;
	ssize_t length;

	while ((length = recv(file, &packet, sizeof(packet), MSG_DONTWAIT)) >= 0)
		report->victim.delivered +=
			length == sizeof(packet) && packet.ip.ihl == 5 &&
			packet.ip.saddr == node_address4(ATTACK_VICTIM).s_addr &&
			packet.udp.dest == htons(PQC_PORT) && packet.header.type == PQC_TYPE_DATA;
}

/* Whether a packet of this node was refused for this reason. */
static bool has_event(const struct snapshot *now, enum pqc_result reason, enum lab_node node)
{
	char wanted[NAME_LEN * 2];
	int length = snprintf(
		wanted, sizeof(wanted), "%s: %s,", pqc_result_names[reason], node_name(node));

	for (uint32_t i = 0; i < now->net_events.n_events; i++)
		if (strncmp(now->net_events.events[i].text, wanted, (size_t)length) == 0)
			return true;
	return false;
}

/* Handles what comes, for one sample. */
static void run_for_sample(
	struct orchestrator *o, int packets, int deliveries, struct snapshot *now)
{
	struct pollfd source = { .fd = orchestrator_event_fd(o), .events = POLLIN };
	int64_t until = clock_monotonic_ms() + SAMPLE_MS;

	for (int64_t left; (left = until - clock_monotonic_ms()) > 0;)
		if (poll(&source, 1, (int)left) > 0)
			orchestrator_handle_events(o);
	orchestrator_sample(o, NULL, now);
	report->ahead_refused |= has_event(now, PQC_NOT_YET_VALID, STEPPED_NODE);
	report->behind_refused |= has_event(now, PQC_REPLAYED, STEPPED_NODE);
	count_arrivals(packets);
	count_deliveries(deliveries);
}

static bool all_attacked(const struct snapshot *now)
{
	for (size_t i = 0; i < N_ATTACKED; i++)
		if (now->pqc.results[attacked[i]].total == 0)
			return false;
	return now->pqc.results[PQC_DATA_ACCEPTED].total > 0;
}

static const struct snapshot_pqc_node *find_node(
	const struct snapshot *snapshot, enum lab_node wanted)
{
	for (uint32_t i = 0; i < snapshot->pqc.n_nodes; i++)
		if (strcmp(snapshot->pqc.nodes[i].name, node_name(wanted)) == 0)
			return &snapshot->pqc.nodes[i];
	return NULL;
}

/* Whether each speaking node has been heard often enough since the attacks. */
static bool all_heard(void)
{
	for (size_t i = 0; i < n_lab_identities; i++) {
		const struct snapshot_pqc_node *before, *now;

		if (lab_identities[i].version == 0)
			continue;
		before = find_node(&report->attacked, lab_identities[i].node);
		now = find_node(&report->end, lab_identities[i].node);
		if (before == NULL || now == NULL ||
			now->good.total < before->good.total + GOOD_MESSAGES)
			return false;
	}
	return true;
}

static void list_folder(const char *path)
{
	DIR *folder = opendir(path);

	for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
		size_t used = strlen(report->files);
		if (strstr(entry->d_name, ".pem") != NULL)
			snprintf(report->files + used, sizeof(report->files) - used, "%s ",
				entry->d_name);
	}
	if (folder != NULL)
		closedir(folder);
}

/* A node numbers its data: the highest that came is how much it has sent. */
static void count_data(struct orchestrator *o, enum lab_node of, struct delivery *delivery)
{
	int map = map_registry_fd(&o->context.maps, "pqc_sessions");
	const struct snapshot_pqc_node *sender = find_node(&report->end, of);
	struct pqc_session_key name, *last = NULL;
	struct pqc_session session;
	char node[PQC_NODE_TEXT_LEN];

	for (; bpf_map_get_next_key(map, last, &name) == 0; last = &name) {
		hex_format(name.node, sizeof(name.node), node);
		if (sender == NULL || strcmp(node, sender->node) != 0 ||
			bpf_map_lookup_elem(map, &name, &session) < 0)
			continue;
		delivery->sent += session.window.highest;
		delivery->good += session.good;
	}
}

static void watch(struct orchestrator *o, int deliveries)
{
	int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
	int packets = seen_frame_open();

	do
		run_for_sample(o, packets, deliveries, &report->attacked);
	while (!all_attacked(&report->attacked) && clock_monotonic_ms() < deadline);
	do
		run_for_sample(o, packets, deliveries, &report->end);
	while ((!all_heard() || !report->ahead_refused || !report->behind_refused ||
		       report->end.time < report->attacked.time + WATCHED_S) &&
		clock_monotonic_ms() < deadline);
	count_data(o, ATTACK_VICTIM, &report->victim);
	count_data(o, STEPPED_NODE, &report->stepped);
	list_folder(LAB_KEYS);
	list_folder(LAB_TRUST);
	close(packets);
}

static void __attribute__((noreturn)) run_child(void)
{
	static struct settings settings;
	struct orchestrator *orchestrator = NULL;
	struct lab lab;
	int deliveries = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	host_enter(0);
	settings_default(&settings);
	lab_settings(&settings);
	snprintf(settings.interfaces[settings.n_interfaces++], sizeof(settings.interfaces[0]),
		ABOVE);
	if (lab_open(&lab, &(struct scene_plan) { 0 }, &report->failure) == 0) {
		report->above = system("ip link add link mesh0 name " ABOVE " type macvlan && "
				       "ip link set " ABOVE " up");
		deliveries = open_deliveries();
		if (orchestrator_open(&settings, &orchestrator, &report->failure) == 0) {
			watch(orchestrator, deliveries);
			report->finished = true;
		}
		orchestrator_close(orchestrator);
		lab_close(&lab);
	}
	_exit(0);
}

static int run_lab(void **state)
{
	pid_t child;

	(void)state;
	report = mmap(
		NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		return -1;
	child = fork();
	if (child == 0)
		run_child();
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
}

/* --- tests -------------------------------------------------------------------------------------- */

static void the_lab_enforces(void **state)
{
	(void)state;
	assert_string_equal(report->failure.what, "");
	assert_true(report->finished);
	assert_int_equal(report->end.pqc.mode, PQC_ENFORCE);
	for (uint32_t i = 0; i < report->end.n_programs; i++)
		if (strcmp(report->end.programs[i].name, "xdp_pqc_verify") == 0)
			assert_string_equal(report->end.programs[i].reason, "");
}

static void each_attack_is_refused_for_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ATTACKED; i++)
		if (report->attacked.pqc.results[attacked[i]].total == 0)
			fail_msg("nothing was refused as: %s", pqc_result_names[attacked[i]]);
}

/* Good ones become more while attacks go on, and nobody else's message was ever believed. */
static void nodes_stay_authenticated(void **state)
{
	const struct snapshot_pqc *end = &report->end.pqc;
	uint64_t good = 0;

	(void)state;
	assert_true(all_heard());
	for (size_t i = 0; i < n_lab_identities; i++) {
		const struct lab_identity *identity = &lab_identities[i];
		const struct snapshot_pqc_node *node = find_node(&report->end, identity->node);

		if (identity->node == NODE_X0) {
			assert_null(node);
			continue;
		}
		if (node == NULL) {
			fail_msg("no node %s", node_name(identity->node));
			continue;
		}
		good += node->good.total;
		if (identity->version == 0) {
			assert_int_equal(node->good.total, 0);
			assert_true(isnan(node->authenticated_until));
			continue;
		}
		assert_true(node->authenticated_until > report->end.time);
		/* Sequences are times: those that are forged are an hour ahead. */
		assert_true((double)node->sequence / 1e9 < report->end.time + 1);
	}
	assert_int_equal(end->results[PQC_MESSAGE_ACCEPTED].total, good);
}

/* What comes over a link comes over the device above it, too: judged there again, it would be replayed. */
static void the_device_above_another_is_left_out(void **state)
{
	const struct snapshot_packets *packets = &report->end.packets;
	uint32_t i = 0;

	(void)state;
	assert_int_equal(report->above, 0);
	while (i < packets->n_left_out && strcmp(packets->left_out[i].name, ABOVE) != 0)
		i++;
	assert_in_range(i, 0, packets->n_left_out - 1);
	assert_string_equal(packets->left_out[i].reason, "its packets are counted on mesh0");
}

/* Behind wrong copies, relayed slices and junk, what the victim sends arrives. */
static void the_victims_packets_arrive(void **state)
{
	const struct snapshot_pqc_node *before = find_node(&report->attacked, ATTACK_VICTIM);
	const struct snapshot_pqc_node *now = find_node(&report->end, ATTACK_VICTIM);
	double seconds = report->end.time - report->attacked.time;

	(void)state;
	assert_true(report->victim.sent > 100);
	print_message("%llu of %llu data packets, %llu messages in %.1f s\n",
		(unsigned long long)report->victim.delivered,
		(unsigned long long)report->victim.sent,
		(unsigned long long)(now->good.total - before->good.total), seconds);
	assert_true((double)report->victim.good >= ARRIVING * (double)report->victim.sent);
	assert_true((double)report->victim.delivered >= ARRIVING * (double)report->victim.sent);
	/* A beacon each second. */
	assert_true((double)(now->good.total - before->good.total) >= ARRIVING * seconds - 1);
}

/* While a node's clock is wrong its messages are refused by name; its data needs no clock. */
static void a_set_clock_stops_no_data(void **state)
{
	const struct delivery *data = &report->stepped;

	(void)state;
	print_message("%llu of %llu data packets\n", (unsigned long long)data->good,
		(unsigned long long)data->sent);
	assert_true(report->ahead_refused);
	assert_true(report->behind_refused);
	assert_true(data->sent > 100);
	assert_true((double)data->good >= ARRIVING * (double)data->sent);
}

static void sets_differ(void **state)
{
	bool seen[PQC_SETS] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < report->end.pqc.n_nodes; i++)
		if (report->end.pqc.nodes[i].good.total > 0)
			seen[report->end.pqc.nodes[i].set] = true;
	assert_true(seen[PQC_SET_44] && seen[PQC_SET_65] && seen[PQC_SET_87]);
}

/* Every session has data, and no data is good outside of one. */
static void data_of_sessions_arrives(void **state)
{
	const struct snapshot_pqc *end = &report->end.pqc;
	uint64_t packets = 0, replayed = 0;
	uint32_t speaking = 0;

	(void)state;
	for (size_t i = 0; i < n_lab_identities; i++)
		speaking += lab_identities[i].version != 0;
	assert_true(end->n_sessions >= speaking);
	for (uint32_t i = 0; i < end->n_sessions; i++) {
		const struct snapshot_pqc_session *session = &end->sessions[i];

		packets += session->traffic.packets.total;
		if (strcmp(session->name, node_name(ATTACK_VICTIM)) == 0)
			replayed += session->replayed.total;
		else
			assert_int_equal(session->replayed.total, 0);
	}
	/* The list is read after the counts, and packets arrive meanwhile. */
	assert_true(packets >= end->results[PQC_DATA_ACCEPTED].total);
	assert_in_range(packets, 1, end->results[PQC_DATA_ACCEPTED].total + 10);
	assert_true(replayed > 0);
	assert_true(end->results[PQC_DATA_ACCEPTED].total >
		    report->attacked.pqc.results[PQC_DATA_ACCEPTED].total);
}

/* What packet sockets see has passed XDP. */
static void only_the_protected_port_is_touched(void **state)
{
	const struct arrivals *arrivals = &report->arrivals;

	(void)state;
	assert_true(arrivals->from_peers > 0);
	assert_int_equal(arrivals->from_others, 0);
	assert_true(arrivals->elsewhere > 0);
}

/* A node's private key is in its process alone; this host's stays where x0top may have to read it. */
static void keys_are_where_they_belong(void **state)
{
	(void)state;
	assert_non_null(strstr(report->files, "x0.key.pem"));
	for (size_t i = 0; i < n_lab_identities; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.pub.pem", node_name(lab_identities[i].node));
		assert_non_null(strstr(report->files, name));
		snprintf(name, sizeof(name), "%s.key.pem", node_name(lab_identities[i].node));
		if (lab_identities[i].node != NODE_X0)
			assert_null(strstr(report->files, name));
	}
	assert_int_equal(access(LAB_KEYS, F_OK), -1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lab_enforces),
		cmocka_unit_test(each_attack_is_refused_for_its_reason),
		cmocka_unit_test(nodes_stay_authenticated),
		cmocka_unit_test(the_device_above_another_is_left_out),
		cmocka_unit_test(the_victims_packets_arrive),
		cmocka_unit_test(a_set_clock_stops_no_data),
		cmocka_unit_test(sets_differ),
		cmocka_unit_test(data_of_sessions_arrives),
		cmocka_unit_test(only_the_protected_port_is_touched),
		cmocka_unit_test(keys_are_where_they_belong),
	};

	return cmocka_run_group_tests(tests, run_lab, NULL);
}
