// SPDX-License-Identifier: BSD-2-Clause
/* Keys and policy in the maps of xdp_pqc_verify: what changes, what must stay, and no gap meanwhile. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/verifier_keys.h"
#include "crypto/verifier_policy.h"
#include "peer/message.h"
#include "programs/programs.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/holdings.h"
#include "tests/lib/packets.h"
#include "tests/lib/signatures.h"

#define KEYS 6

static struct bpf_object *object;
static struct map_registry maps;
static char directory[] = "/tmp/x0top-pq-keys-XXXXXX";
static struct signing_key keys[KEYS];
static uint8_t nodes[KEYS][PQC_NODE_LEN];
static struct trust *trust;

/* --- the object and the store ---------------------------------------------------------------- */

static struct bpf_object *load_object(uint32_t slots)
{
	struct bpf_object *loaded = bpf_program_open("xdp_pqc_verify");

	bpf_map__set_max_entries(bpf_object__find_map_by_name(loaded, "mldsa_keys"), slots);
	bpf_program_load(loaded);
	return loaded;
}

static int make_keys(void **state)
{
	(void)state;
	umask(022);
	for (unsigned i = 0; i < KEYS; i++) {
		signing_key_generate(signature_sets[i % 3], &keys[i]);
		assert_int_equal(key_node(&keys[i].public, nodes[i]), 0);
	}
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KEYS; i++)
		signing_key_free(&keys[i]);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	object = load_object(PQC_NODES_DEFAULT);
	map_registry_init(&maps);
	map_registry_declare(&maps, program_xdp_pqc_verify.maps);
	return map_registry_keep(&maps, object);
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	trust_close(trust);
	trust = NULL;
	map_registry_close(&maps);
	bpf_object__close(object);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void name_of(unsigned i, char name[16])
{
	snprintf(name, 16, "key%u", i);
}

static void add(unsigned i)
{
	struct failure failure = { 0 };
	char name[16];

	name_of(i, name);
	assert_int_equal(trust_add(directory, name, &keys[i].public, &failure), 0);
}

static void take_out(unsigned i)
{
	struct failure failure = { 0 };
	char name[16];

	name_of(i, name);
	assert_int_equal(trust_remove(directory, name, &failure), 0);
}

static void load(void)
{
	struct failure failure = { 0 };

	if (load_pq_keys(&maps, directory, MLDSA_HAS_ALL, &trust, &failure) < 0)
		fail_msg("%s", failure.what);
}

/* --- the maps -------------------------------------------------------------------------------- */

static int map(const char *name)
{
	return bpf_program_map_fd(object, name);
}

static void put(const char *name, const void *key, const void *value)
{
	assert_int_equal(bpf_map_update_elem(map(name), key, value, BPF_ANY), 0);
}

static void get(const char *name, const void *key, void *value)
{
	assert_int_equal(bpf_map_lookup_elem(map(name), key, value), 0);
}

static unsigned count(const char *name, size_t size)
{
	uint8_t last[64] = { 0 }, next[64];
	unsigned n = 0;

	assert_true(size <= sizeof(last));
	while (bpf_map_get_next_key(map(name), n > 0 ? last : NULL, next) == 0) {
		memcpy(last, next, size);
		n++;
	}
	return n;
}

/* The slot of a key, which must be there whole; -1 if no name leads to it. */
static int slot_of(unsigned i)
{
	static struct mldsa_key in_kernel;
	uint32_t slot;

	if (bpf_map_lookup_elem(map("pqc_node_slots"), nodes[i], &slot) < 0)
		return -1;
	get("mldsa_keys", &slot, &in_kernel);
	assert_memory_equal(&in_kernel, &keys[i].expanded, sizeof(in_kernel));
	return (int)slot;
}

static void open_session(unsigned i, uint32_t session)
{
	struct pqc_session_key name = { .session = htonl(session) };
	struct pqc_session value = { .expires_ns = UINT64_MAX };

	memcpy(name.node, nodes[i], PQC_NODE_LEN);
	put("pqc_sessions", &name, &value);
}

/* Makes the kernel's memory of a node as after traffic. */
static void remember(int slot, uint64_t sequence)
{
	struct pqc_node node = { .sequence = sequence, .good = 1 };
	static struct pqc_reassembly place = { .sequence = 9, .began_ns = 1 };
	uint32_t at = (uint32_t)slot, first = at * PQC_PLACES;

	put("pqc_nodes", &at, &node);
	for (uint32_t n = 0; n < PQC_PLACES; n++, first++)
		put("pqc_reassembly", &first, &place);
}

static uint64_t sequence_at(int slot)
{
	struct pqc_node node;
	uint32_t at = (uint32_t)slot;

	get("pqc_nodes", &at, &node);
	return node.sequence;
}

/* --- keys ------------------------------------------------------------------------------------ */

static void keys_come_and_go(void **state)
{
	int slots[KEYS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		add(i);
	load();
	assert_int_equal(trust->n_keys, 3);
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), 3);
	for (unsigned i = 0; i < 3; i++) {
		slots[i] = slot_of(i);
		assert_true(slots[i] >= 0);
		remember(slots[i], 100 + i);
		open_session(i, i);
		open_session(i, 1000 + i);
	}
	take_out(1);
	add(3);
	load();
	assert_int_equal(slot_of(1), -1);
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), 3);
	assert_int_equal(slot_of(0), slots[0]);
	assert_int_equal(slot_of(2), slots[2]);
	assert_int_equal(sequence_at(slots[0]), 100);
	assert_int_equal(sequence_at(slots[2]), 102);
	assert_int_equal(count("pqc_sessions", sizeof(struct pqc_session_key)), 4);
	slots[3] = slot_of(3);
	assert_int_equal(slots[3], slots[1]); /* the first that is free */
	assert_int_equal(sequence_at(slots[3]), 0);
	for (uint32_t n = 0; n < PQC_PLACES; n++) {
		struct pqc_reassembly place;
		uint32_t at = (uint32_t)slots[3] * PQC_PLACES + n;
		get("pqc_reassembly", &at, &place);
		assert_int_equal(place.began_ns, 0);
	}
	for (unsigned i = 0; i < 4; i++)
		if (i != 1)
			take_out(i);
	load();
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), 0);
	assert_int_equal(count("pqc_sessions", sizeof(struct pqc_session_key)), 0);
}

static void the_same_store_changes_nothing(void **state)
{
	int slots[KEYS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < KEYS; i++)
		add(i);
	load();
	for (unsigned i = 0; i < KEYS; i++) {
		slots[i] = slot_of(i);
		remember(slots[i], i + 1);
		open_session(i, 7);
	}
	for (unsigned round = 0; round < 3; round++)
		load();
	for (unsigned i = 0; i < KEYS; i++) {
		assert_int_equal(slot_of(i), slots[i]);
		assert_int_equal(sequence_at(slots[i]), i + 1);
	}
	assert_int_equal(count("pqc_sessions", sizeof(struct pqc_session_key)), KEYS);
}

static void nothing_is_held_any_longer(void **state)
{
	(void)state;
	add(0);
	holdings_check("loaded keys", load);
}

static void a_bad_file_keeps_no_other_out(void **state)
{
	char path[64];

	(void)state;
	add(0);
	snprintf(path, sizeof(path), "%s/bad.pub.pem", directory);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("bad", file);
	fclose(file);
	load();
	assert_true(slot_of(0) >= 0);
	assert_int_equal(trust->n_problems, 1);
}

/* What is in the maps may be of another x0top, or damaged. */
static void damage_is_repaired(void **state)
{
	static struct mldsa_key half;
	static const uint8_t stranger[PQC_NODE_LEN] = "stranger";
	uint32_t slot;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		add(i);
	load();
	slot = (uint32_t)slot_of(0); /* a key that is half written */
	half = keys[0].expanded;
	half.matrix[3][17] ^= 1;
	put("mldsa_keys", &slot, &half);
	slot = (uint32_t)slot_of(2); /* two names of one slot */
	put("pqc_node_slots", nodes[1], &slot);
	slot = UINT32_MAX; /* a slot that is not there, and a name that nobody knows */
	put("pqc_node_slots", nodes[3], &slot);
	put("pqc_node_slots", stranger, &slot);
	load();
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(slot_of(i) >= 0);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(slot_of(i), slot_of(j));
	}
}

static void an_unreadable_store_changes_nothing(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	add(0);
	load();
	const struct trust *before = trust;
	assert_int_equal(chmod(directory, 0777), 0);
	assert_int_equal(load_pq_keys(&maps, directory, MLDSA_HAS_ALL, &trust, &failure), -EACCES);
	assert_int_equal(load_pq_keys(&maps, "/nowhere", MLDSA_HAS_ALL, &trust, &failure), -ENOENT);
	assert_ptr_equal(trust, before);
	assert_true(slot_of(0) >= 0);
	assert_int_equal(chmod(directory, 0755), 0);
}

static void a_full_store(void **state)
{
	static struct public_key key;
	struct failure failure = { 0 };
	char name[16];

	(void)state;
	key = keys[0].public;
	for (unsigned i = 0; i < TRUST_KEYS_MAX; i++) {
		key.bytes[200] = (uint8_t)i;
		snprintf(name, sizeof(name), "full%u", i);
		assert_int_equal(trust_add(directory, name, &key, &failure), 0);
	}
	load();
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), TRUST_KEYS_MAX);
	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(name, sizeof(name), "full%u", 10 * i);
		assert_int_equal(trust_remove(directory, name, &failure), 0);
		add(i);
	}
	load();
	assert_int_equal(count("pqc_node_slots", PQC_NODE_LEN), TRUST_KEYS_MAX);
	for (unsigned i = 0; i < KEYS; i++)
		assert_true(slot_of(i) >= 0);
}

static void fewer_slots_than_keys(void **state)
{
	struct bpf_object *small = load_object(2);
	struct map_registry small_maps;
	struct failure failure = { 0 };

	(void)state;
	map_registry_init(&small_maps);
	map_registry_declare(&small_maps, program_xdp_pqc_verify.maps);
	assert_int_equal(map_registry_keep(&small_maps, small), 0);
	add(0);
	add(1);
	assert_int_equal(load_pq_keys(&small_maps, directory, MLDSA_HAS_ALL, &trust, &failure), 0);
	add(2);
	assert_int_equal(
		load_pq_keys(&small_maps, directory, MLDSA_HAS_ALL, &trust, &failure), -ENOSPC);
	assert_non_null(strstr(failure.what, "3 keys"));
	assert_int_equal(trust->n_keys, 2);
	map_registry_close(&small_maps);
	bpf_object__close(small);
}

static void more_slots_than_known(void **state)
{
	struct bpf_object *large = load_object(PQC_NODES_DEFAULT + 1);
	struct map_registry large_maps;
	struct failure failure = { 0 };

	(void)state;
	map_registry_init(&large_maps);
	map_registry_declare(&large_maps, program_xdp_pqc_verify.maps);
	assert_int_equal(map_registry_keep(&large_maps, large), 0);
	assert_int_equal(
		load_pq_keys(&large_maps, directory, MLDSA_HAS_ALL, &trust, &failure), -E2BIG);
	map_registry_close(&large_maps);
	bpf_object__close(large);
}

static void no_program(void **state)
{
	struct map_registry none;
	struct pqc_policy policy;
	struct failure failure = { 0 };

	(void)state;
	map_registry_init(&none);
	pqc_policy_default(&policy);
	assert_int_equal(load_pq_keys(&none, directory, MLDSA_HAS_ALL, &trust, &failure), -ENOENT);
	assert_non_null(strstr(failure.what, "not loaded"));
	assert_int_equal(validate_packet_signatures(&none, &policy, &failure), -ENOENT);
}

/* --- what is left of a session ----------------------------------------------------------------- */

/* What the program that looks at memory is asked, and its answer. */
struct key_look {
	struct pqc_session_key name;
	uint64_t address; /* of the session's key; 0: to be found */
	uint64_t key[2]; /* what is there */
};

#define INSN(what, to, from, at, value)                                                         \
	(struct bpf_insn)                                                                       \
	{                                                                                       \
		.code = (what), .dst_reg = (to), .src_reg = (from), .off = (at), .imm = (value) \
	}
#define LOAD_MAP(to, fd) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define MOVE(to, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define ADD(to, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value)
#define SET(to, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define EXIT	       INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/*
 * An XDP program: finds where the key of a session is in the kernel's memory, and, once it knows,
 * reads what is there, whether or not the session still is. Returns its file descriptor.
 */
static int load_look(int looks)
{
	const struct bpf_insn instructions[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		LOAD_MAP(BPF_REG_1, looks),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -4),
		CALL(BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 1, 0),
		EXIT,
		MOVE(BPF_REG_6, BPF_REG_0),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_3, BPF_REG_6,
			offsetof(struct key_look, address), 0),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, 10, 0),
		LOAD_MAP(BPF_REG_1, map("pqc_sessions")),
		MOVE(BPF_REG_2, BPF_REG_6),
		CALL(BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 1, 0),
		EXIT,
		ADD(BPF_REG_0, offsetof(struct pqc_session, key)),
		INSN(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_0,
			offsetof(struct key_look, address), 0),
		SET(BPF_REG_0, 0),
		EXIT,
		MOVE(BPF_REG_1, BPF_REG_6),
		ADD(BPF_REG_1, offsetof(struct key_look, key)),
		SET(BPF_REG_2, 2 * sizeof(uint64_t)),
		CALL(BPF_FUNC_probe_read_kernel),
		EXIT,
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "look", "GPL", instructions,
		sizeof(instructions) / sizeof(instructions[0]), NULL);

	assert_true(fd >= 0);
	return fd;
}

/* Reads where the key was found, or first finds it. */
static struct key_look look_again(int program, int looks)
{
	static const uint8_t frame[64];
	struct key_look look;
	uint32_t zero = 0;

	assert_int_equal(bpf_program_run(program, frame, sizeof(frame)), 0);
	assert_int_equal(bpf_map_lookup_elem(looks, &zero, &look), 0);
	return look;
}

/* Deleting alone leaves the key in memory: what looks at it can see one. */
static void a_removed_sessions_key_is_overwritten(void **state)
{
	struct key_look look = { .name = { .session = htonl(5) } };
	const uint64_t key[2] = { 0x1111222233334444, 0x5555666677778888 };
	const struct pqc_session session = { .key = { key[0], key[1] }, .expires_ns = UINT64_MAX };
	int looks = bpf_map_create(
		BPF_MAP_TYPE_ARRAY, "looks", sizeof(uint32_t), sizeof(look), 1, NULL);
	int program = load_look(looks), sessions = map("pqc_sessions");
	uint32_t zero = 0;

	(void)state;
	for (int wiped = 0; wiped < 2; wiped++) {
		look.address = 0;
		assert_int_equal(bpf_map_update_elem(looks, &zero, &look, BPF_ANY), 0);
		put("pqc_sessions", &look.name, &session);
		look_again(program, looks);
		assert_memory_equal(look_again(program, looks).key, key, sizeof(key));
		if (wiped)
			assert_int_equal(pqc_session_remove(sessions, &look.name), 0);
		else
			assert_int_equal(bpf_map_delete_elem(sessions, &look.name), 0);
		struct key_look left = look_again(program, looks);
		assert_int_equal(left.key[0] == key[0], !wiped);
		assert_int_equal(left.key[1] == key[1], !wiped);
	}
	assert_int_equal(pqc_session_remove(sessions, &look.name), 0); /* there is none */
	close(program);
	close(looks);
}

/* --- packets --------------------------------------------------------------------------------- */

static struct pqc_path make_path(void)
{
	struct pqc_path path;
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, 40000, PQC_PORT);
	frame_path(&frame, &path);
	return path;
}

static uint32_t run(const uint8_t *packet, size_t length, uint16_t port)
{
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, 40000, port);
	frame_payload(&frame, length);
	memcpy(frame.bytes + frame.length - length, packet, length);
	frame_finish(&frame);
	return bpf_program_run(bpf_program_fd(object, "xdp_pqc_verify"), frame.bytes, frame.length);
}

static uint64_t counted(uint32_t result)
{
	struct pqc_stats stats;

	bpf_program_sum(map("pqc_stats"), 0, &stats, sizeof(stats));
	return stats.results[result];
}

static void send_message(unsigned i, uint64_t sequence)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	struct message message;
	struct failure failure;
	const struct pqc_path path = make_path();
	struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.path = &path,
		.valid_from = (uint64_t)time(NULL) - 10,
		.valid_until = (uint64_t)time(NULL) + 1000,
	};

	assert_int_equal(message_sign(keys[i].identity, &content, &message, &failure), 0);
	for (unsigned n = 0; n < message_slices(&message); n++)
		run(packet, message_slice(&message, n, packet), PQC_PORT);
}

static void set_mode(uint32_t mode)
{
	struct pqc_policy policy;
	struct failure failure = { 0 };

	pqc_policy_default(&policy);
	policy.mode = mode;
	policy.node_budget = policy.common_budget = (struct pqc_budget) { 1, 1000000000 };
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
}

static void messages_are_believed_by_the_store(void **state)
{
	(void)state;
	add(0);
	load();
	set_mode(PQC_ENFORCE);
	send_message(0, 1);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), 1);
	send_message(1, 1);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), 1);
	uint64_t unknown = counted(PQC_UNKNOWN_NODE);
	assert_true(unknown > 0);
	take_out(0);
	add(1);
	load();
	send_message(0, 2);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), 1);
	assert_true(counted(PQC_UNKNOWN_NODE) > unknown);
	send_message(1, 2);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), 2);
}

static bool reloading;
static unsigned reloads;

/* Each round another of the keys 1 to 5 is missing. */
static void *reload(void *nothing)
{
	unsigned missing = KEYS - 1;

	for (; __atomic_load_n(&reloading, __ATOMIC_RELAXED); reloads++) {
		unsigned next = missing % (KEYS - 1) + 1;

		take_out(next);
		add(missing);
		missing = next;
		load();
	}
	return nothing;
}

static void no_gap_while_keys_are_reloaded(void **state)
{
	enum { MESSAGES = 300 };
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < KEYS - 1; i++)
		add(i);
	load();
	set_mode(PQC_ENFORCE);
	int slot = slot_of(0);
	reloading = true;
	assert_int_equal(pthread_create(&thread, NULL, reload, NULL), 0);
	for (uint64_t sequence = 1; sequence <= MESSAGES; sequence++)
		send_message(0, sequence);
	__atomic_store_n(&reloading, false, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), MESSAGES);
	for (uint32_t result = PQC_REFUSED; result < PQC_RESULTS; result++)
		assert_int_equal(counted(result), 0);
	assert_int_equal(slot_of(0), slot);
	assert_true(reloads > 1);
	print_message("%d messages during %u reloads\n", MESSAGES, reloads);
}

/* --- the policy ------------------------------------------------------------------------------ */

static void a_policy_is_in_force_at_once(void **state)
{
	static const uint8_t garbage[40];
	struct pqc_policy policy;
	struct failure failure = { 0 };

	(void)state;
	pqc_policy_default(&policy);
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT), XDP_PASS);
	assert_int_equal(counted(PQC_BAD_HEADER), 0);
	policy.mode = PQC_OBSERVE;
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT), XDP_PASS);
	assert_int_equal(counted(PQC_BAD_HEADER), 1);
	policy.mode = PQC_ENFORCE;
	policy.n_ports = 2;
	policy.ports[1] = 65535;
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT), XDP_DROP);
	assert_int_equal(run(garbage, sizeof(garbage), 65535), XDP_DROP);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT + 1), XDP_PASS);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT - 64), XDP_PASS);
	assert_int_equal(counted(PQC_BAD_HEADER), 3);
	policy.ports[0] = 1;
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
	assert_int_equal(run(garbage, sizeof(garbage), PQC_PORT), XDP_PASS);
	assert_int_equal(run(garbage, sizeof(garbage), 1), XDP_DROP);
}

static void a_policy_without_sense_is_refused(void **state)
{
	struct pqc_policy good, bad[11];
	struct pqc_control before, after;
	struct failure failure = { 0 };
	uint32_t zero = 0;

	(void)state;
	pqc_policy_default(&good);
	for (unsigned i = 0; i < 11; i++)
		bad[i] = good;
	bad[0].mode = PQC_ENFORCE + 1;
	bad[1].n_ports = 0;
	bad[2].n_ports = PQC_PORTS_MAX + 1;
	bad[3].ports[0] = 0;
	bad[4].n_ports = 2; /* the second is 0 */
	bad[5].reassembly_timeout_ns = 0;
	bad[6].node_budget.interval_ns = 0;
	bad[7].node_budget.burst = 0;
	bad[8].common_budget.interval_ns = 0;
	bad[9].common_budget.burst = 0;
	bad[10].common_budget = (struct pqc_budget) { 1000000000, UINT64_MAX / 1000 };
	assert_int_equal(validate_packet_signatures(&maps, &good, &failure), 0);
	get("pqc_control", &zero, &before);
	for (unsigned i = 0; i < 11; i++) {
		assert_int_equal(validate_packet_signatures(&maps, &bad[i], &failure), -EINVAL);
		assert_true(failure.what[0] != '\0');
	}
	get("pqc_control", &zero, &after);
	assert_memory_equal(&before, &after, sizeof(before));
}

#define with_object(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_object(keys_come_and_go),
		with_object(the_same_store_changes_nothing),
		with_object(nothing_is_held_any_longer),
		with_object(a_bad_file_keeps_no_other_out),
		with_object(damage_is_repaired),
		with_object(an_unreadable_store_changes_nothing),
		with_object(a_full_store),
		with_object(fewer_slots_than_keys),
		with_object(more_slots_than_known),
		with_object(no_program),
		with_object(a_removed_sessions_key_is_overwritten),
		with_object(messages_are_believed_by_the_store),
		with_object(no_gap_while_keys_are_reloaded),
		with_object(a_policy_is_in_force_at_once),
		with_object(a_policy_without_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
