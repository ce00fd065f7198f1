// SPDX-License-Identifier: BSD-2-Clause
/* xdp_pqc_verify under the orchestrator, on real interfaces: what it shows, switching, adoption. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "control/orchestrator.h"
#include "control/state.h"
#include "crypto/trust.h"
#include "crypto/verifier_keys.h"
#include "kernel/interface.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "peer/message.h"
#include "programs/xdp_pqc_verify_sample.h"
#include "tests/lib/host.h"
#include "tests/lib/native.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"
#include "tests/lib/recent.h"
#include "tests/lib/signatures.h"
#include "tests/lib/wait.h"

#define LEFT	"x0left"
#define RIGHT	"x0right"
#define SESSION 0x0a0b0c0d
#define PORT	27000
#define PACKETS 50

static struct settings settings;
static struct snapshot now, before;
static struct signing_key alder, birch;
static uint8_t alder_node[PQC_NODE_LEN];
static char trust[32];
static const uint64_t session_key[2] = { 1, 2 };
static const struct snapshot_pqc *const pqc = &now.pqc;

/* --- helpers --------------------------------------------------------------------------------- */

static int make_keys(void **state)
{
	struct failure failure;

	(void)state;
	signing_key_generate(MLDSA_65, &alder);
	signing_key_generate(MLDSA_44, &birch);
	assert_int_equal(key_node(&alder.public, alder_node), 0);
	snprintf(trust, sizeof(trust), "/tmp/x0top-sigview-XXXXXX");
	assert_non_null(mkdtemp(trust));
	return trust_add(trust, "alder", &alder.public, &failure);
}

static int remove_keys(void **state)
{
	char command[64];

	(void)state;
	signing_key_free(&alder);
	signing_key_free(&birch);
	snprintf(command, sizeof(command), "rm -r %s", trust);
	return system(command);
}

static void only(const char *program)
{
	snprintf(settings.only[settings.n_only++], NAME_LEN, "%s", program);
}

static int start(void **state)
{
	(void)state;
	netns_veth(LEFT, RIGHT);
	settings_default(&settings);
	settings.n_interfaces = 1;
	snprintf(settings.interfaces[0], NAME_LEN, RIGHT);
	snprintf(settings.trust, sizeof(settings.trust), "%s", trust);
	settings.n_pqc_ports = 1;
	settings.pqc_ports[0] = PORT;
	only("xdp_counter");
	only("xdp_pqc_verify");
	return 0;
}

/* Beside the mesh filter, which takes as long to load. */
static int start_beside_filter(void **state)
{
	start(state);
	only("xdp_mesh_filter");
	return 0;
}

static int start_native(void **state)
{
	start(state);
	settings.xdp_mode = XDP_WANT_NATIVE;
	return 0;
}

static int start_native_beside_filter(void **state)
{
	start_native(state);
	only("xdp_mesh_filter");
	return 0;
}

static int stop(void **state)
{
	struct failure failure;

	(void)state;
	pins_remove();
	netns_delete(LEFT);
	trust_remove(trust, "birch", &failure);
	return 0;
}

static struct orchestrator *open_it(void)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	if (orchestrator_open(&settings, &orchestrator, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	orchestrator_sample(orchestrator, NULL, &now);
	assert_events_recent(&now);
	return orchestrator;
}

static const struct snapshot_program *program(const char *name)
{
	for (uint32_t i = 0; i < now.n_programs; i++)
		if (strcmp(now.programs[i].name, name) == 0)
			return &now.programs[i];
	fail_msg("no program %s", name);
	abort();
}

static void assert_xdp_mode(void)
{
	assert_non_null(strstr(program("xdp_pqc_verify")->attached,
		settings.xdp_mode == XDP_WANT_NATIVE ? "native" : "generic"));
}

static int apply(struct orchestrator *orchestrator, const char *text)
{
	struct failure failure = { 0 };
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	int error = orchestrator_apply(orchestrator, &action, &failure);
	snapshot_copy(&before, &now);
	orchestrator_sample(orchestrator, &before, &now);
	assert_events_recent(&now);
	return error;
}

static bool must_ask(struct orchestrator *orchestrator, const char *text, char question[256])
{
	struct failure failure;
	struct action action = { 0 };

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return orchestrator_decide(orchestrator, &action, question, 256) == DECISION_ASK;
}

struct expected {
	struct orchestrator *orchestrator;
	const struct counter *counter; /* in `now` */
	uint64_t total;
};

static bool reached(void *context)
{
	const struct expected *expected = context;

	snapshot_copy(&before, &now);
	orchestrator_sample(expected->orchestrator, &before, &now);
	return expected->counter->total >= expected->total;
}

static void expect(struct orchestrator *orchestrator, const struct counter *counter, uint64_t total)
{
	struct expected expected = { orchestrator, counter, total };

	wait_until(reached, &expected);
	assert_int_equal(counter->total, total);
}

static void expect_result(struct orchestrator *orchestrator, uint32_t result, uint64_t total)
{
	expect(orchestrator, &pqc->results[result], total);
}

static uint64_t dropped(void)
{
	return now.packets.sum.verdicts[1].packets.total;
}

/* --- packets --------------------------------------------------------------------------------- */

static struct pqc_path path(void)
{
	struct pqc_path made;
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, 5000, PORT);
	frame_path(&frame, &made);
	return made;
}

static void send_to(uint16_t port, const uint8_t *payload, size_t length, unsigned count)
{
	struct interface right;
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, 5000, port);
	frame_payload(&frame, length);
	memcpy(frame.bytes + frame.length - length, payload, length);
	frame_finish(&frame);
	/* The verifier refuses data to other hosts. */
	assert_int_equal(interface_find(RIGHT, &right), 0);
	memcpy(frame.bytes, right.mac, sizeof(right.mac));
	netns_send(LEFT, frame.bytes, frame.length, count);
}

/* Returns how many slices that were. */
static unsigned send_beacon(const struct signing_key *key, uint64_t sequence, bool good)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	const struct pqc_path way = path();
	struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.valid_from = (uint64_t)time(NULL) - 10,
		.valid_until = (uint64_t)time(NULL) + 1000,
		.path = &way,
		.body = { (const uint8_t *)"hello", 5 },
	};
	struct failure failure;
	struct message message;

	assert_int_equal(message_sign(key->identity, &content, &message, &failure), 0);
	if (!good)
		message.bytes[sizeof(struct pqc_message)] ^= 1;
	for (unsigned i = 0; i < message_slices(&message); i++)
		send_to(PORT, packet, message_slice(&message, i, packet), 1);
	return message_slices(&message);
}

static void open_session(struct orchestrator *orchestrator)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct pqc_session session = {
		.key = { session_key[0], session_key[1] },
		.expires_ns = clock_boottime_ns() + 600 * NS_PER_SECOND,
	};
	memcpy(name.node, alder_node, sizeof(name.node));
	assert_int_equal(
		bpf_map_update_elem(map_registry_fd(&orchestrator->context.maps, "pqc_sessions"),
			&name, &session, BPF_ANY),
		0);
}

static void send_data(uint64_t sequence, unsigned count)
{
	uint8_t packet[MESSAGE_PACKET_MAX], payload[100] = { 0 };
	const struct pqc_path way = path();
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.key = session_key,
		.path = &way,
		.payload = { payload, sizeof(payload) },
	};
	size_t length = message_data(alder_node, &content, packet);

	send_to(PORT, packet, length, count);
}

/* A packet that is none of the protocol's. */
static void send_garbage(uint16_t port, unsigned count)
{
	static const uint8_t garbage[64] = "garbage";

	send_to(port, garbage, sizeof(garbage), count);
}

static bool has_event(const char *text)
{
	for (uint32_t i = 0; i < now.net_events.n_events; i++)
		if (strstr(now.net_events.events[i].text, text) != NULL)
			return true;
	return false;
}

/* --- what is shown --------------------------------------------------------------------------- */

static unsigned check_messages(struct orchestrator *orchestrator)
{
	char node[PQC_NODE_TEXT_LEN];

	assert_xdp_mode();
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_ON);
	assert_string_equal(pqc->state, "observing");
	assert_int_equal(pqc->n_ports, 1);
	assert_int_equal(pqc->ports[0].number, PORT);
	assert_int_equal(pqc->n_nodes, 1);
	assert_string_equal(pqc->nodes[0].name, "alder");
	hex_format(alder_node, sizeof(alder_node), node);
	assert_string_equal(pqc->nodes[0].node, node);
	assert_int_equal(pqc->nodes[0].set, PQC_SET_65);
	assert_true(isnan(pqc->nodes[0].last_time) && isnan(pqc->nodes[0].authenticated_until));

	unsigned slices = send_beacon(&alder, 7, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	expect_result(orchestrator, PQC_FRAGMENT_BUFFERED, slices - 1);
	send_beacon(&alder, 8, false);
	expect_result(orchestrator, PQC_BAD_SIGNATURE, 1);
	send_beacon(&birch, 1, true); /* whom nobody trusts */
	expect_result(orchestrator, PQC_UNKNOWN_NODE, 3);
	send_beacon(&alder, 7, true);
	expect_result(orchestrator, PQC_REPLAYED, slices);

	uint64_t timed = 0;
	for (int i = 0; i < PQC_TIME_BUCKETS; i++)
		timed += pqc->buckets[i];
	assert_int_equal(pqc->verifications.total, 2);
	assert_int_equal(timed, 2);
	assert_true(pqc->times.p50 > 0 && pqc->times.p50 <= pqc->times.p99);
	assert_int_equal(pqc->nodes[0].sequence, 7);
	assert_int_equal(pqc->nodes[0].good.total, 1);
	assert_true(pqc->nodes[0].authenticated_until > now.time + 900);
	assert_true(
		pqc->nodes[0].last_time > now.time - 60 && pqc->nodes[0].last_time < now.time + 1);
	assert_true(pqc->budget_rate > 0);
	assert_true(has_event("message accepted: alder, seq 7 on " RIGHT));
	assert_true(has_event("bad signature: alder, seq 8 on " RIGHT));
	assert_int_equal(dropped(), 0); /* it observes */
	return slices;
}

static void messages_are_shown(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	check_messages(orchestrator);
	orchestrator_close(orchestrator);
}

static void check_sessions(struct orchestrator *orchestrator, unsigned replayed)
{
	assert_int_equal(pqc->n_sessions, 0);
	open_session(orchestrator);
	send_data(1, 1);
	send_data(2, PACKETS);
	expect_result(orchestrator, PQC_DATA_ACCEPTED, 2);
	expect_result(orchestrator, PQC_REPLAYED, replayed + PACKETS - 1);
	assert_int_equal(pqc->sessions_total, 1);
	assert_int_equal(pqc->n_sessions, 1);
	assert_string_equal(pqc->sessions[0].name, "alder");
	assert_string_equal(pqc->sessions[0].session, "0a0b0c0d");
	assert_int_equal(pqc->sessions[0].traffic.packets.total, 2);
	assert_int_equal(pqc->sessions[0].traffic.bytes.total, 200);
	assert_int_equal(pqc->sessions[0].replayed.total, PACKETS - 1);
	assert_true(pqc->sessions[0].expires > now.time + 500);
}

/* More sessions than one system call reads, and than are listed. */
static void check_many_sessions(struct orchestrator *orchestrator)
{
	int map = map_registry_fd(&orchestrator->context.maps, "pqc_sessions");

	for (uint32_t i = 0; i < 700; i++) {
		struct pqc_session_key name = { .session = htonl(i) };
		struct pqc_session session = { .expires_ns = UINT64_MAX / 2, .good = i };
		memcpy(name.node, alder_node, sizeof(name.node));
		assert_int_equal(bpf_map_update_elem(map, &name, &session, BPF_ANY), 0);
	}
	snapshot_copy(&before, &now);
	orchestrator_sample(orchestrator, &before, &now);
	assert_int_equal(pqc->sessions_total, 701);
	assert_int_equal(pqc->n_sessions, PQC_SESSIONS_SHOWN);
	for (uint32_t i = 0; i < pqc->n_sessions; i++) {
		unsigned long session = strtoul(pqc->sessions[i].session, NULL, 16);
		assert_int_equal(
			pqc->sessions[i].traffic.packets.total, session == SESSION ? 2 : session);
	}
}

/* An ordinary user with the capabilities that x0top itself needs; says on stderr what he got hold of. */
static int count_ways_to_sessions(uint32_t map_id)
{
	static const unsigned int capabilities[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };
	int ways = 0;

	host_become_ordinary(capabilities, sizeof(capabilities) / sizeof(capabilities[0]));
	if (bpf_obj_get(PINS_FOLDER "/pqc_sessions") >= 0 || errno != EACCES)
		ways += fprintf(stderr, "the pin: %s\n", strerror(errno)) > 0;
	if (bpf_map_get_fd_by_id(map_id) >= 0 || errno != EPERM)
		ways += fprintf(stderr, "the id: %s\n", strerror(errno)) > 0;
	return ways;
}

/* The kernel holds the keys of sessions in a map: who may not become root does not get at it. */
static void check_sessions_are_closed(struct orchestrator *orchestrator)
{
	struct bpf_map_info map = { 0 };
	uint32_t size = sizeof(map);
	struct stat pin;
	int status;

	assert_int_equal(apply(orchestrator, "enforce on xdp_pqc_verify"), 0);
	assert_int_equal(stat(PINS_FOLDER "/pqc_sessions", &pin), 0);
	assert_int_equal(pin.st_mode & 0777, 0600);
	int fd = bpf_obj_get(PINS_FOLDER "/pqc_sessions");
	assert_return_code(fd, errno);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &map, &size), 0);
	close(fd);
	pid_t pid = fork();
	if (pid == 0)
		_exit(count_ways_to_sessions(map.id));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* One after the other: the verifier takes the longest to load. */
static void what_it_holds_is_shown(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	check_sessions(orchestrator, check_messages(orchestrator));
	check_many_sessions(orchestrator);
	check_sessions_are_closed(orchestrator);
	orchestrator_close(orchestrator);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void keys_are_reloaded(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();
	struct failure failure;

	send_beacon(&alder, 7, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	assert_int_equal(trust_add(trust, "birch", &birch.public, &failure), 0);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_equal(pqc->n_nodes, 2);
	assert_string_equal(pqc->nodes[0].name, "alder");
	assert_int_equal(pqc->nodes[0].sequence, 7); /* what was known stays */
	assert_string_equal(pqc->nodes[1].name, "birch");
	assert_int_equal(pqc->nodes[1].set, PQC_SET_44);
	send_beacon(&birch, 1, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 2);

	assert_int_equal(trust_remove(trust, "birch", &failure), 0);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_equal(pqc->n_nodes, 1);
	unsigned slices = send_beacon(&birch, 2, true);
	expect_result(orchestrator, PQC_UNKNOWN_NODE, slices);
	orchestrator_close(orchestrator);
}

static uint32_t stage_id(struct orchestrator *orchestrator)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = orchestrator_find(orchestrator, "xdp_pqc_verify")->stage_fd;

	assert_return_code(bpf_obj_get_info_by_fd(fd, &info, &size), errno);
	return info.id;
}

static uint32_t verified_instructions(void)
{
	return program("xdp_pqc_verify")->verified_instructions;
}

/* Keys in the kernel of a set that the program was loaded without: nobody verifies them. */
static void sets_without_a_key_are_left_out(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();
	struct trust *store = NULL;
	struct failure failure;
	uint32_t alone = verified_instructions();

	unsigned slices = send_beacon(&birch, 1, true);
	expect_result(orchestrator, PQC_UNKNOWN_NODE, slices);
	assert_int_equal(trust_add(trust, "birch", &birch.public, &failure), 0);
	assert_int_equal(
		load_pq_keys(&orchestrator->context.maps, trust, MLDSA_HAS_65, &store, &failure),
		-EAGAIN);
	assert_null(store);
	slices += send_beacon(&birch, 2, true);
	expect_result(orchestrator, PQC_UNKNOWN_NODE, slices);
	assert_int_equal(
		load_pq_keys(&orchestrator->context.maps, trust, MLDSA_HAS_ALL, &store, &failure),
		0);
	trust_close(store);
	send_beacon(&birch, 3, true);
	expect_result(orchestrator, PQC_UNKNOWN_NODE, slices + 1); /* the last of its slices */
	send_beacon(&alder, 1, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	orchestrator_close(orchestrator);

	orchestrator = open_it();
	if (alone > 0) /* kernels before 5.16 do not tell */
		assert_in_range(verified_instructions(), alone + 1, UINT32_MAX);
	send_beacon(&birch, 4, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	orchestrator_close(orchestrator);
}

static atomic_bool streaming;
static atomic_uint streamed;

static void *stream(void *argument)
{
	(void)argument;
	while (atomic_load(&streaming)) {
		send_data(atomic_fetch_add(&streamed, 1) + 1, 1);
		breathe();
	}
	return NULL;
}

static bool has_streamed(void *context)
{
	return atomic_load(&streamed) >= *(const unsigned *)context;
}

static void wait_for_stream(unsigned more)
{
	unsigned n = atomic_load(&streamed) + more;

	wait_until(has_streamed, &n);
}

/* Adds keys of the two other sets, then one of a set that is there, while packets arrive. */
static void replace_twice(struct orchestrator *orchestrator, const struct signing_key *third)
{
	struct failure failure;
	uint32_t id = stage_id(orchestrator);

	assert_int_equal(trust_add(trust, "birch", &birch.public, &failure), 0);
	wait_for_stream(PACKETS);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_not_equal(stage_id(orchestrator), id);
	id = stage_id(orchestrator);
	wait_for_stream(PACKETS);
	assert_int_equal(trust_add(trust, "cedar", &third->public, &failure), 0);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_not_equal(stage_id(orchestrator), id);
	id = stage_id(orchestrator);
	wait_for_stream(PACKETS);
	assert_int_equal(trust_remove(trust, "cedar", &failure), 0);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_equal(stage_id(orchestrator), id); /* what is left out costs nothing to keep */
}

static void replaced_under_traffic(bool enforce)
{
	struct orchestrator *orchestrator = open_it();
	struct signing_key third;
	pthread_t thread;

	signing_key_generate(MLDSA_87, &third);
	open_session(orchestrator);
	if (enforce)
		assert_int_equal(apply(orchestrator, "enforce on xdp_pqc_verify"), 0);
	send_beacon(&alder, 7, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	uint64_t counted = now.packets.sum.all.packets.total, gone = dropped();
	atomic_store(&streamed, 0);
	atomic_store(&streaming, true);
	assert_int_equal(pthread_create(&thread, NULL, stream, NULL), 0);
	replace_twice(orchestrator, &third);
	atomic_store(&streaming, false);
	pthread_join(thread, NULL);
	unsigned n = atomic_load(&streamed);
	expect_result(orchestrator, PQC_DATA_ACCEPTED, n);
	expect(orchestrator, &now.packets.sum.all.packets, counted + n);
	assert_int_equal(dropped(), gone);
	assert_int_equal(pqc->results[PQC_MESSAGE_ACCEPTED].total, 1);
	send_beacon(&alder, 7, true); /* what was known stays */
	send_beacon(&birch, 1, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 2);
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_ON);
	assert_true(program("xdp_pqc_verify")->pinned == enforce);
	orchestrator_close(orchestrator);
	signing_key_free(&third);
}

static void a_key_of_another_set_replaces_the_verifier(void **state)
{
	(void)state;
	replaced_under_traffic(false);
}

/* The pinned chain has the new one, and so has the next x0top. */
static void it_is_replaced_while_it_enforces(void **state)
{
	(void)state;
	replaced_under_traffic(true);
	send_beacon(&birch, 2, true); /* nobody watches */
	struct orchestrator *orchestrator = open_it();
	assert_true(program("xdp_pqc_verify")->adopted);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 3);
	send_beacon(&birch, 3, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 4);
	assert_int_equal(apply(orchestrator, "program off xdp_pqc_verify"), 0);
	orchestrator_close(orchestrator);
}

static void bad_keys_are_told(void **state)
{
	(void)state;
	char command[128];
	struct orchestrator *orchestrator;

	snprintf(command, sizeof(command), "echo nonsense > %s/cedar.pub.pem", trust);
	assert_int_equal(system(command), 0);
	orchestrator = open_it();
	snprintf(command, sizeof(command), "rm %s/cedar.pub.pem", trust);
	assert_int_equal(system(command), 0);
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_PARTLY);
	assert_non_null(strstr(program("xdp_pqc_verify")->reason, "cedar.pub.pem"));
	assert_int_equal(orchestrator_exit_status(orchestrator), 1);
	assert_int_equal(pqc->n_nodes, 1);
	assert_int_equal(apply(orchestrator, "keys reload"), 0);
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_ON);

	/* Without the directory, the keys that are there go on. */
	snprintf(settings.trust, sizeof(settings.trust), "%s/none", trust);
	snprintf(orchestrator->settings.trust, sizeof(settings.trust), "%s/none", trust);
	assert_int_equal(apply(orchestrator, "keys reload"), -ENOENT);
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_PARTLY);
	assert_int_equal(pqc->n_nodes, 1);
	send_beacon(&alder, 7, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 1);
	orchestrator_close(orchestrator);
}

/* --- switching ------------------------------------------------------------------------------- */

static void it_observes_enforces_and_goes(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();
	char question[256];

	assert_xdp_mode();
	send_garbage(PORT, PACKETS);
	expect_result(orchestrator, PQC_BAD_HEADER, PACKETS);
	assert_int_equal(dropped(), 0);
	assert_false(must_ask(orchestrator, "enforce off xdp_pqc_verify", question));
	assert_true(must_ask(orchestrator, "enforce on xdp_pqc_verify", question));
	assert_non_null(strstr(question, "UDP port 27000"));

	assert_int_equal(apply(orchestrator, "enforce on xdp_pqc_verify"), 0);
	assert_true(program("xdp_pqc_verify")->enforcing && program("xdp_pqc_verify")->pinned);
	assert_false(program("xdp_mesh_filter")->enforcing || program("xdp_mesh_filter")->pinned);
	assert_string_equal(pqc->state, "enforcing");
	send_garbage(PORT, PACKETS);
	send_garbage(PORT + 1, PACKETS);
	expect_result(orchestrator, PQC_BAD_HEADER, 2 * PACKETS);
	expect(orchestrator, &now.packets.sum.all.packets, 3 * PACKETS);
	assert_int_equal(dropped(), PACKETS);
	assert_true(must_ask(orchestrator, "program off xdp_pqc_verify", question));

	assert_int_equal(apply(orchestrator, "enforce off xdp_pqc_verify"), 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	send_garbage(PORT, PACKETS);
	expect_result(orchestrator, PQC_BAD_HEADER, 3 * PACKETS);
	assert_int_equal(dropped(), PACKETS);

	assert_int_equal(apply(orchestrator, "program off xdp_pqc_verify"), 0);
	assert_false(pqc->available);
	assert_string_equal(pqc->state, "off");
	send_garbage(PORT, PACKETS);
	expect(orchestrator, &now.packets.sum.all.packets, 5 * PACKETS);
	assert_int_equal(apply(orchestrator, "keys reload"), -ENOENT);
	assert_int_equal(apply(orchestrator, "program on xdp_pqc_verify"), 0);
	assert_int_equal(pqc->results[PQC_BAD_HEADER].total, 3 * PACKETS);
	orchestrator_close(orchestrator);
}

static void modes_from_the_start(void **state)
{
	(void)state;
	settings.pqc_mode = PQC_OFF;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_OFF);
	assert_false(pqc->available);
	orchestrator_close(orchestrator);
	settings.pqc_mode = PQC_ENFORCE;
	orchestrator = open_it();
	assert_int_equal(pqc->mode, PQC_ENFORCE);
	assert_true(program("xdp_pqc_verify")->pinned);
	orchestrator_close(orchestrator);
	assert_int_equal(access(PINS_FOLDER, F_OK), 0);
}

static void two_enforcers_share_the_pins(void **state)
{
	(void)state;
	struct orchestrator *orchestrator = open_it();

	assert_int_equal(apply(orchestrator, "rule add drop udp 4000"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_mesh_filter"), 0);
	assert_int_equal(apply(orchestrator, "enforce on xdp_pqc_verify"), 0);
	assert_true(now.mesh.enforcing && pqc->mode == PQC_ENFORCE);
	assert_int_equal(apply(orchestrator, "enforce off xdp_mesh_filter"), 0);
	assert_false(now.mesh.enforcing || program("xdp_mesh_filter")->pinned);
	assert_true(program("xdp_pqc_verify")->pinned);
	orchestrator_close(orchestrator);

	/* What only observed has left the chain; what enforces has not. */
	orchestrator = open_it();
	assert_true(program("xdp_pqc_verify")->adopted);
	assert_false(program("xdp_mesh_filter")->adopted);
	send_garbage(4000, PACKETS);
	send_garbage(PORT, PACKETS);
	expect_result(orchestrator, PQC_BAD_HEADER, PACKETS);
	expect(orchestrator, &now.mesh.spared.packets, PACKETS);
	assert_int_equal(dropped(), PACKETS);
	assert_int_equal(apply(orchestrator, "program off xdp_pqc_verify"), 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	orchestrator_close(orchestrator);
}

/* --- what outlives x0top --------------------------------------------------------------------- */

/* A process that enforces, knows a node and a session, and is killed. */
static void enforce_in_killed_process(void)
{
	int ready[2];
	char byte = 1;

	assert_return_code(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct orchestrator *orchestrator = open_it();
		open_session(orchestrator);
		send_beacon(&alder, 7, true);
		send_data(1, 1);
		expect_result(orchestrator, PQC_DATA_ACCEPTED, 1);
		apply(orchestrator, "rule add drop udp 4000");
		apply(orchestrator, "enforce on xdp_mesh_filter");
		apply(orchestrator, "enforce on xdp_pqc_verify");
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static atomic_bool flooding;
static atomic_uint flooded;

static void *flood(void *argument)
{
	(void)argument;
	while (atomic_load(&flooding)) {
		send_garbage(PORT, 1);
		send_garbage(4000, 1);
		atomic_fetch_add(&flooded, 1);
		breathe();
	}
	return NULL;
}

/* Returns how many packets met the old programs or the new, while the new ones were loaded. */
static unsigned open_under_flood(struct orchestrator **orchestrator)
{
	pthread_t thread;

	atomic_store(&flooded, 0);
	atomic_store(&flooding, true);
	assert_int_equal(pthread_create(&thread, NULL, flood, NULL), 0);
	*orchestrator = open_it();
	atomic_store(&flooding, false);
	pthread_join(thread, NULL);
	assert_true(atomic_load(&flooded) > 0);
	return atomic_load(&flooded);
}

/* An upgrade that cannot load leaves what protects where it is. */
static void fail_to_succeed(void)
{
	char folder[] = "/tmp/x0top-objects-XXXXXX", command[128];

	assert_non_null(mkdtemp(folder));
	snprintf(settings.objects, sizeof(settings.objects), "%s", folder);
	struct orchestrator *orchestrator = open_it();
	assert_int_equal(program("xdp_pqc_verify")->state, PROGRAM_FAILED);
	orchestrator_close(orchestrator);
	settings.objects[0] = '\0';
	snprintf(command, sizeof(command), "rmdir %s", folder);
	assert_int_equal(system(command), 0);
}

/* Killed, then replaced by one that cannot load, then by one that can: nothing slips by, or is forgotten. */
static void it_outlives_x0top(void **state)
{
	struct failure unmet;

	(void)state;
	struct orchestrator *orchestrator;

	enforce_in_killed_process();
	send_data(1, 1); /* nobody watches */
	fail_to_succeed();
	send_garbage(PORT, PACKETS);

	settings.pqc_ports[0] = 1; /* what enforces keeps its ports */
	unsigned n = open_under_flood(&orchestrator);
	assert_true(program("xdp_pqc_verify")->adopted);
	assert_int_equal(pqc->mode, PQC_ENFORCE);
	assert_int_equal(pqc->ports[0].number, PORT);
	assert_true(orchestrator_unmet(orchestrator, 0, &unmet));
	assert_non_null(strstr(unmet.what, "Not in force: the ports of the settings"));
	expect_result(orchestrator, PQC_BAD_HEADER, PACKETS + n);
	expect(orchestrator, &now.mesh.dropped.packets, n);
	expect_result(orchestrator, PQC_REPLAYED, 1);
	assert_string_equal(pqc->nodes[0].name, "alder");
	assert_int_equal(pqc->nodes[0].sequence, 7);
	assert_int_equal(pqc->n_sessions, 1);
	send_data(2, 1);
	expect_result(orchestrator, PQC_DATA_ACCEPTED, 2);
	send_beacon(&alder, 8, true);
	expect_result(orchestrator, PQC_MESSAGE_ACCEPTED, 2);
	assert_int_equal(apply(orchestrator, "program off xdp_pqc_verify"), 0);
	assert_int_equal(apply(orchestrator, "program off xdp_mesh_filter"), 0);
	assert_int_equal(access(PINS_ROOT, F_OK), -1);
	orchestrator_close(orchestrator);
}

#define TEST(function)		cmocka_unit_test_setup_teardown(function, start, stop)
#define BESIDE_FILTER(function) cmocka_unit_test_setup_teardown(function, start_beside_filter, stop)
#define NATIVE(function)	native_test(function, start_native, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_it_holds_is_shown),
		NATIVE(messages_are_shown),
		TEST(it_is_replaced_while_it_enforces),
		native_test(it_observes_enforces_and_goes, start_native_beside_filter, stop),
		BESIDE_FILTER(it_outlives_x0top),
	};
	/* What these ask of the kernel, the others do in the guests, where each start of the verifier takes a second. */
	const struct CMUnitTest host_tests[] = {
		BESIDE_FILTER(two_enforcers_share_the_pins),
		TEST(keys_are_reloaded),
		TEST(sets_without_a_key_are_left_out),
		TEST(a_key_of_another_set_replaces_the_verifier),
		NATIVE(a_key_of_another_set_replaces_the_verifier),
		BESIDE_FILTER(it_observes_enforces_and_goes),
		TEST(bad_keys_are_told),
		TEST(modes_from_the_start),
	};

	host_enter(true);
	messages_capture(false);
	int failed = cmocka_run_group_tests(tests, make_keys, remove_keys);
	if (getenv("X0_EMULATED") == NULL)
		failed += cmocka_run_group_tests(host_tests, make_keys, remove_keys);
	return failed;
}
