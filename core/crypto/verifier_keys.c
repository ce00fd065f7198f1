// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verifier_keys.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/map_value.h"

/* The maps of xdp_pqc_verify with keys and state of nodes. */
struct node_maps {
	int keys;
	int slots;
	int nodes;
	int reassembly;
	int sessions;
};

struct loading {
	struct node_maps maps;
	const struct trust *trust;
	struct failure *failure;
	uint32_t n_slots;
	/* By slot: the key of the trust store whose name leads there; NULL if none does. */
	const struct trusted_key *taken[PQC_NODES_DEFAULT];
	struct mldsa_key expanded[TRUST_KEYS_MAX]; /* in the order of `trust` */
	struct mldsa_key in_kernel;
};

static int find_maps(
	const struct map_registry *registry, struct node_maps *maps, struct failure *failure)
{
	const struct {
		const char *name;
		int *fd;
	} wanted[] = {
		{ "mldsa_keys", &maps->keys },
		{ "pqc_node_slots", &maps->slots },
		{ "pqc_nodes", &maps->nodes },
		{ "pqc_reassembly", &maps->reassembly },
		{ "pqc_sessions", &maps->sessions },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		*wanted[i].fd = map_registry_fd(registry, wanted[i].name);
		if (*wanted[i].fd < 0)
			return failure_set(failure, *wanted[i].fd,
				"The signature verifier is not loaded: there is no map %s",
				wanted[i].name);
	}
	return 0;
}

static int map_failed(const struct loading *l, int error, const char *map)
{
	return failure_set(l->failure, error, "The verifier's map %s cannot be written: %s", map,
		strerror(-error));
}

static int count_entries(const struct loading *l, int map, const char *name, uint32_t *n)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &length) < 0)
		return failure_set(l->failure, -errno, "The map %s cannot be examined: %s", name,
			strerror(errno));
	*n = info.max_entries;
	return 0;
}

/*
 * An operator's own build may have fewer slots, but not more names than list_names() gets room for.
 */
static int count_slots(struct loading *l)
{
	uint32_t names = 0;

	if (count_entries(l, l->maps.keys, "mldsa_keys", &l->n_slots) < 0 ||
		count_entries(l, l->maps.slots, "pqc_node_slots", &names) < 0)
		return l->failure->error;
	if (l->n_slots > PQC_NODES_DEFAULT || names > PQC_NODES_DEFAULT)
		return failure_set(l->failure, -E2BIG,
			"The signature verifier has more than %d slots: it is of another version",
			PQC_NODES_DEFAULT);
	if (l->trust->n_keys > l->n_slots)
		return failure_set(l->failure, -ENOSPC,
			"The trust store has %u keys, the signature verifier only %u slots",
			l->trust->n_keys, l->n_slots);
	return 0;
}

/*
 * --- keys that left the store -------------------------------------------------------------------
 */

/* Returns the store's key of this node if the slot holds the same bytes; otherwise NULL. */
static const struct trusted_key *key_in_slot(struct loading *l, const uint8_t *node, uint32_t slot)
{
	const struct trusted_key *key = trust_find(l->trust, node);

	if (key == NULL || slot >= l->n_slots || l->taken[slot] != NULL ||
		map_value_read(l->maps.keys, &slot, &l->in_kernel, sizeof(l->in_kernel)) < 0 ||
		memcmp(&l->in_kernel, &l->expanded[key - l->trust->keys], sizeof(l->in_kernel)) !=
			0)
		return NULL;
	return key;
}

/* Lists the keys, of `size` bytes, of a hash map. Returns their number or a negative errno. */
static int list_names(int map, size_t size, void *names, int maximum)
{
	uint8_t *last = NULL, *next = names;
	int n = 0;

	for (; n < maximum; n++, last = next, next += size)
		if (bpf_map_get_next_key(map, last, next) < 0)
			return errno == ENOENT ? n : -errno;
	return n;
}

/*
 * Overwrites by random bytes: a program may hold the element, and everybody knows a key of zeros.
 * BPF_F_LOCK writes in place; without it, the update would replace the element and leave the old
 * one.
 */
int pqc_session_remove(int sessions, const struct pqc_session_key *name)
{
	struct pqc_session nobody = { 0 };
	int error = RAND_bytes((uint8_t *)nobody.key, sizeof(nobody.key)) == 1 ? 0 : -EIO;

	if (error == 0)
		error = map_value_write_with(
			sessions, name, &nobody, sizeof(nobody), BPF_EXIST | BPF_F_LOCK);
	if (error == -ENOENT)
		error = 0;
	if (bpf_map_delete_elem(sessions, name) < 0 && errno != ENOENT)
		error = -errno;
	return error;
}

static int forget_sessions(struct loading *l, const uint8_t node[PQC_NODE_LEN])
{
	static struct pqc_session_key sessions[PQC_SESSIONS_MAX];
	int n = list_names(l->maps.sessions, sizeof(sessions[0]), sessions, PQC_SESSIONS_MAX);

	for (int i = 0; i < n; i++) {
		if (memcmp(sessions[i].node, node, PQC_NODE_LEN) != 0)
			continue;
		int error = pqc_session_remove(l->maps.sessions, &sessions[i]);
		if (error < 0)
			return map_failed(l, error, "pqc_sessions");
	}
	return n < 0 ? map_failed(l, n, "pqc_sessions") : 0;
}

/*
 * Waits for the programs that found a name before its removal: they would go on in a slot that
 * holds another node's key by then. Updating a map of maps waits so before it returns
 * (maybe_wait_bpf_programs() in kernel/bpf/syscall.c, since 4.20).
 */
static int wait_for_programs(struct loading *l)
{
	uint32_t zero = 0;
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(zero), sizeof(zero), 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (uint32_t)inner);
	int outer = inner < 0 ? -1
			      : bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, NULL, sizeof(zero),
					sizeof(zero), 1, &options);
	int error =
		outer < 0 || bpf_map_update_elem(outer, &zero, &inner, BPF_ANY) < 0 ? -errno : 0;

	fd_close(&outer);
	fd_close(&inner);
	return error == 0
		       ? 0
		       : failure_set(l->failure, error,
				 "Removed keys but loaded none: cannot wait for programs that use "
				 "the old ones: %s",
				 strerror(-error));
}

/* Removes names that lead to no key of the store, and notes the slots of the others. */
static int remove_names(struct loading *l)
{
	uint8_t names[PQC_NODES_DEFAULT][PQC_NODE_LEN];
	int n = list_names(l->maps.slots, sizeof(names[0]), names, PQC_NODES_DEFAULT);
	bool removed = false;
	uint32_t slot;

	if (n < 0)
		return map_failed(l, n, "pqc_node_slots");
	for (int i = 0; i < n; i++) {
		if (bpf_map_lookup_elem(l->maps.slots, names[i], &slot) < 0)
			continue;
		slot &= PQC_SLOT_MASK;
		const struct trusted_key *key = key_in_slot(l, names[i], slot);
		if (key != NULL) {
			l->taken[slot] = key;
			continue;
		}
		if (bpf_map_delete_elem(l->maps.slots, names[i]) < 0 && errno != ENOENT)
			return map_failed(l, -errno, "pqc_node_slots");
		if (forget_sessions(l, names[i]) < 0)
			return l->failure->error;
		removed = true;
	}
	return removed ? wait_for_programs(l) : 0;
}

/* --- new keys ----------------------------------------------------------------------------- */

static bool is_loaded(const struct loading *l, const struct trusted_key *key)
{
	for (uint32_t slot = 0; slot < l->n_slots; slot++)
		if (l->taken[slot] == key)
			return true;
	return false;
}

/* Puts a key into a free slot and clears the state of the node before. */
static int put_key(struct loading *l, const struct trusted_key *key, uint32_t slot)
{
	static const struct pqc_node nothing;
	static const struct pqc_reassembly empty;

	int error = map_value_write(l->maps.nodes, &slot, &nothing, sizeof(nothing));
	if (error < 0)
		return map_failed(l, error, "pqc_nodes");
	for (uint32_t at = slot * PQC_PLACES; at < (slot + 1) * PQC_PLACES; at++) {
		error = map_value_write(l->maps.reassembly, &at, &empty, sizeof(empty));
		if (error < 0)
			return map_failed(l, error, "pqc_reassembly");
	}
	error = map_value_write(
		l->maps.keys, &slot, &l->expanded[key - l->trust->keys], sizeof(l->expanded[0]));
	if (error < 0)
		return map_failed(l, error, "mldsa_keys");
	if (bpf_map_update_elem(l->maps.slots, key->node, &slot, BPF_NOEXIST) < 0)
		return map_failed(l, -errno, "pqc_node_slots");
	l->taken[slot] = key;
	return 0;
}

static int put_new_keys(struct loading *l)
{
	uint32_t slot = 0;

	for (uint32_t i = 0; i < l->trust->n_keys; i++) {
		if (is_loaded(l, &l->trust->keys[i]))
			continue;
		while (l->taken[slot] != NULL) /* there is one: count_slots() */
			slot++;
		if (put_key(l, &l->trust->keys[i], slot) < 0)
			return l->failure->error;
	}
	return 0;
}

/* --- address translation ---------------------------------------------------------------------- */

static bool is_among(const char *name, const char (*names)[TRUST_NAME_LEN], uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int verifier_name_translated(const struct map_registry *maps, const struct trust *trust,
	const char (*names)[TRUST_NAME_LEN], uint32_t n)
{
	int slots = map_registry_fd(maps, "pqc_node_slots");
	uint32_t slot;

	for (uint32_t i = 0; i < trust->n_keys; i++) {
		const struct trusted_key *key = &trust->keys[i];

		if (bpf_map_lookup_elem(slots, key->node, &slot) < 0)
			return -errno;
		slot &= PQC_SLOT_MASK;
		if (is_among(key->name, names, n))
			slot |= PQC_SLOT_TRANSLATED;
		if (bpf_map_update_elem(slots, key->node, &slot, BPF_EXIST) < 0)
			return -errno;
	}
	return 0;
}

/* --- parameter sets -------------------------------------------------------------------------- */

static uint32_t set_bit(uint32_t set)
{
	switch (set) {
	case MLDSA_44:
		return MLDSA_HAS_44;
	case MLDSA_65:
		return MLDSA_HAS_65;
	case MLDSA_87:
		return MLDSA_HAS_87;
	default:
		return 0;
	}
}

static uint32_t sets_of(const struct trust *trust)
{
	uint32_t sets = 0;

	for (uint32_t i = 0; i < trust->n_keys; i++)
		sets |= set_bit(trust->keys[i].key.set);
	return sets;
}

uint32_t verifier_sets_trusted(const char *directory)
{
	struct trust *trust = NULL;
	struct failure ignored;

	if (trust_open(directory, &trust, &ignored) < 0)
		return 0;
	uint32_t sets = sets_of(trust);
	trust_close(trust);
	return sets;
}

uint32_t verifier_sets_loaded(const struct map_registry *maps)
{
	uint8_t names[PQC_NODES_DEFAULT][PQC_NODE_LEN];
	int slots = map_registry_fd(maps, "pqc_node_slots");
	int keys = map_registry_fd(maps, "mldsa_keys");
	struct mldsa_key *key = malloc(sizeof(*key));
	uint32_t sets = 0, slot;

	if (slots < 0 || keys < 0 || key == NULL)
		goto out;
	int n = list_names(slots, sizeof(names[0]), names, PQC_NODES_DEFAULT);
	for (int i = 0; i < n; i++)
		if (bpf_map_lookup_elem(slots, names[i], &slot) == 0) {
			slot &= PQC_SLOT_MASK;
			if (map_value_read(keys, &slot, key, sizeof(*key)) == 0)
				sets |= set_bit(key->set);
		}
	if (n < 0)
		sets = MLDSA_HAS_ALL;
out:
	free(key);
	return sets;
}

static int check_sets(const struct loading *l, uint32_t sets)
{
	if ((sets_of(l->trust) & ~sets) == 0)
		return 0;
	failure_set(l->failure, -EAGAIN,
		"The trust store has changed while it was read, and has keys of another parameter "
		"set");
	return failure_remedy(l->failure, "Read it again: F9 in the signatures view, or SIGHUP");
}

/* --- the whole store ------------------------------------------------------------------------- */

static int load(struct loading *l, uint32_t sets)
{
	int error = check_sets(l, sets);

	if (error == 0)
		error = count_slots(l);

	for (uint32_t i = 0; error == 0 && i < l->trust->n_keys; i++)
		error = key_expand(&l->trust->keys[i].key, &l->expanded[i], l->failure);
	if (error == 0)
		error = remove_names(l);
	return error == 0 ? put_new_keys(l) : error;
}

int load_pq_keys(const struct map_registry *maps, const char *directory, uint32_t sets,
	struct trust **trust, struct failure *failure)
{
	struct loading *l = calloc(1, sizeof(*l));
	struct trust *read = NULL;
	int error;

	if (l == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to load keys");
	l->failure = failure;
	error = find_maps(maps, &l->maps, failure);
	if (error == 0)
		error = trust_open(directory, &read, failure);
	if (error == 0) {
		l->trust = read;
		error = load(l, sets);
	}
	free(l);
	if (error < 0) {
		trust_close(read);
		return error;
	}
	trust_close(*trust);
	*trust = read;
	return 0;
}
