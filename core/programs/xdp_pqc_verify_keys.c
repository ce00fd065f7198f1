// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_pqc_verify_keys.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/trust.h"
#include "crypto/verifier_keys.h"
#include "peer/host_node.h"
#include "programs/programs.h"

_Static_assert(TRUST_KEYS_MAX <= PQC_NODES_DEFAULT, "every trusted node has a name");
_Static_assert(TRUST_NAME_LEN == PQC_NAME_LEN, "names are shown whole, and set");

/* --- keys ------------------------------------------------------------------------------------------ */

static uint32_t set_of(uint32_t set)
{
	static const uint32_t sets[] = {
		[MLDSA_44] = PQC_SET_44, [MLDSA_65] = PQC_SET_65, [MLDSA_87] = PQC_SET_87
	};

	return set < sizeof(sets) / sizeof(sets[0]) ? sets[set] : PQC_SET_UNKNOWN;
}

static void take_names(const struct trust *trust, struct node_names *names)
{
	names->n = trust->n_keys;
	for (uint32_t i = 0; i < trust->n_keys; i++) {
		const struct trusted_key *key = &trust->keys[i];
		struct node_name *name = &names->nodes[i];

		memcpy(name->node, key->node, sizeof(name->node));
		name->set = set_of(key->key.set);
		snprintf(name->name, sizeof(name->name), "%s", key->name);
	}
}

/* Logs each unused file; shows the first on the program's line. */
static void tell_problems(struct program *program, const struct trust *trust)
{
	const char *directory = program->context->settings->trust;
	struct verifier *verifier = program->state;
	uint32_t n = trust->n_problems + trust->problems_left_out;

	for (uint32_t i = 0; i < trust->n_problems; i++)
		event_log_add(&program->context->log, 0, EVENT_KIND_PQC, "key not used: %s",
			trust->problems[i].what);
	if (n == 0)
		return;
	failure_set(&verifier->keys_failure, -EBADMSG, "%u file%s of %.80s %s not used: %s", n,
		n == 1 ? "" : "s", directory, n == 1 ? "is" : "are", trust->problems[0].what);
	if (trust->problems[0].remedy[0] != '\0')
		failure_remedy(&verifier->keys_failure, "%s", trust->problems[0].remedy);
}

/* A name that nobody has is a mistake, or a key that is still to come. */
static void tell_unknown(struct program *program, const struct trust *trust)
{
	const struct settings *settings = program->context->settings;
	struct verifier *verifier = program->state;

	for (uint32_t i = 0; i < settings->n_translated; i++) {
		bool known = false;
		for (uint32_t key = 0; key < trust->n_keys; key++)
			known |= strcmp(trust->keys[key].name, settings->translated[i]) == 0;
		if (known)
			continue;
		failure_set(&verifier->keys_failure, -ENOENT,
			"The setting \"translated\" names %s, which is no trusted node",
			settings->translated[i]);
		failure_remedy(&verifier->keys_failure, "x0top keys list shows the nodes");
		event_log_add(&program->context->log, 0, EVENT_KIND_PQC, "%s",
			verifier->keys_failure.what);
	}
}

/* Returns whether a new host has no trust store yet: none exists, and the kernel knows no node. */
static bool never_trusted(const struct program *program, int error)
{
	int slots = map_registry_fd(&program->context->maps, "pqc_node_slots");
	uint8_t node[PQC_NODE_LEN];

	return error == -ENOENT &&
	       strcmp(program->context->settings->trust, TRUST_DIRECTORY) == 0 &&
	       bpf_map_get_next_key(slots, NULL, node) < 0;
}

void verifier_follow_sessions(struct program *program)
{
	struct verifier *verifier = program->state;

	if (verifier->node != NULL)
		host_node_use_sessions(
			verifier->node, map_registry_fd(&program->context->maps, "pqc_sessions"));
}

/* Opens this host's node, if it has an identity, to exchange keys with the trusted nodes. */
static int follow_node(struct program *program, const struct trust *trust, struct failure *failure)
{
	struct program_context *context = program->context;
	struct verifier *verifier = program->state;
	int error = 0;

	if (context->settings->identity[0] == '\0' || context->look_only)
		return 0;
	if (verifier->node == NULL) {
		const struct host_node_settings settings = {
			.identity = context->settings->identity,
			.port = context->settings->n_pqc_ports > 0 ? context->settings->pqc_ports[0]
								   : PQC_PORT,
			.messages = map_registry_fd(&context->maps, "pqc_messages"),
			.sessions = map_registry_fd(&context->maps, "pqc_sessions"),
			.translated = context->settings->translated,
			.n_translated = context->settings->n_translated,
		};
		error = host_node_open(&settings, &verifier->node, failure);
		if (error == 0)
			program_watch_fd(context, host_node_fd(verifier->node));
	}
	if (error < 0)
		return error;
	verifier_follow_sessions(program);
	return host_node_follow_trust(verifier->node, trust, failure);
}

int verifier_load_keys(struct program *program, struct failure *failure)
{
	const char *directory = program->context->settings->trust;
	struct verifier *verifier = program->state;
	struct trust *trust = NULL;
	int error =
		load_pq_keys(&program->context->maps, directory, verifier->sets, &trust, failure);

	verifier->keys_failure.error = 0;
	if (error < 0 && never_trusted(program, error))
		return 0;
	if (error < 0) {
		verifier->keys_failure = *failure;
		return error;
	}
	take_names(trust, &verifier->names);
	tell_unknown(program, trust);
	tell_problems(program, trust);
	error = verifier_name_translated(&program->context->maps, trust,
		program->context->settings->translated, program->context->settings->n_translated);
	if (error < 0)
		failure_set(failure, error,
			"The verifier's map pqc_node_slots cannot be written: %s",
			strerror(-error));
	else
		error = follow_node(program, trust, failure);
	if (error < 0)
		verifier->keys_failure = *failure;
	trust_close(trust);
	return error;
}

void verifier_read_names(struct program *program)
{
	struct verifier *verifier = program->state;
	struct trust *trust;
	struct failure ignored;

	if (trust_open(program->context->settings->trust, &trust, &ignored) < 0)
		return;
	take_names(trust, &verifier->names);
	trust_close(trust);
}

/* --- verbs ----------------------------------------------------------------------------------------- */

/* Replaces the program if a key has a parameter set that it was loaded without. */
static int follow_sets(struct program *program, struct failure *failure)
{
	struct verifier *verifier = program->state;
	uint32_t sets = verifier_sets_trusted(program->context->settings->trust);

	if ((sets & ~verifier->sets) == 0)
		return 0;
	int error = program->type->replace(program, failure);
	verifier->keys_failure = *failure;
	return error;
}

static int apply_reload(const struct verb_call *call, struct failure *failure)
{
	struct program *program = call->program;
	int error = program_must_run(program, failure);

	if (error == 0 && program->context->look_only) {
		*failure = program->context->not_ours;
		error = failure->error;
	}
	if (error == 0)
		error = follow_sets(program, failure);
	return error < 0 ? error : verifier_load_keys(program, failure);
}

const struct verb pqc_verify_verbs[] = {
	[PQC_VERIFY_KEYS_RELOAD] = { "keys", "reload", NULL, "read the trust store again", NULL,
		apply_reload },
	{ .object = NULL },
};
