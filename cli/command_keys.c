// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys: edits the trust store, makes keys, verifies signatures by hand. */
#include "cli/command_keys.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/keys_read.h"
#include "crypto/identity.h"
#include "crypto/trust.h"
#include "kernel/messages.h"

#define KEYS_SCHEMA "x0top-keys/1"

#define NODE_TEXT_LEN (2 * PQC_NODE_LEN + 1)

static const char usage[] =
	"Usage: x0top keys list [--json] [--trust DIRECTORY]\n"
	"       x0top keys add FILE [NAME] [--trust DIRECTORY]\n"
	"       x0top keys remove NAME [--trust DIRECTORY]\n"
	"       x0top keys generate NAME [--set 44|65|87] [--directory DIRECTORY]\n"
	"       x0top keys verify --key FILE --signature FILE\n"
	"                         [--context TEXT|hex:BYTES] [--native] FILE\n"
	"list, add and remove work on the trust store, " TRUST_DIRECTORY ":\n"
	"a file NAME.pub.pem for each trusted node.\n"
	"generate writes NAME.key.pem, readable by its owner only, and NAME.pub.pem for\n"
	"others.\n"
	"verify checks an ML-DSA signature of a file in the kernel, with the code that\n"
	"verifies packets, up to 2048 bytes; --native runs the same code in user space,\n"
	"up to 1 MiB.\n"
	"A public key is PEM, DER or raw bytes. FILE \"-\" is the standard input.\n"
	"Exit status: 0 good; 1 refused or failed; 2 usage, or verify cannot read its\n"
	"input; 3 missing capability to verify in the kernel.\n";

static const struct option long_options[] = {
	{ "trust", required_argument, NULL, 't' },
	{ "directory", required_argument, NULL, 'd' },
	{ "set", required_argument, NULL, 's' },
	{ "key", required_argument, NULL, 'k' },
	{ "signature", required_argument, NULL, 'g' },
	{ "context", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "native", no_argument, NULL, 'n' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* --- the trust store ------------------------------------------------------------------------- */

static void print_text(const struct trust *trust, const char *directory)
{
	char node[NODE_TEXT_LEN];

	printf("%-20s %-10s %-16s %s\n", "NAME", "SET", "NODE ID", "FILE");
	for (uint32_t i = 0; i < trust->n_keys; i++) {
		const struct trusted_key *key = &trust->keys[i];
		hex_format(key->node, sizeof(key->node), node);
		printf("%-20s ML-DSA-%-3" PRIu32 " %s %s/%s" TRUST_SUFFIX "\n", key->name,
			key->key.set, node, directory, key->name);
	}
	for (uint32_t i = 0; i < trust->n_problems; i++) {
		const struct trust_problem *problem = &trust->problems[i];
		printf("%-20s %-10s %-16s %s/%s\n", "-", "-", "unused", directory, problem->file);
		printf("    %s.%s%s%s\n", problem->what, problem->remedy[0] != '\0' ? " " : "",
			problem->remedy, problem->remedy[0] != '\0' ? "." : "");
	}
	if (trust->problems_left_out > 0)
		printf("%" PRIu32 " more unused files\n", trust->problems_left_out);
}

static json_t *make_json(const struct trust *trust, const char *directory)
{
	json_t *keys = json_array(), *problems = json_array();
	char node[NODE_TEXT_LEN], file[NAME_MAX];

	for (uint32_t i = 0; i < trust->n_keys; i++) {
		const struct trusted_key *key = &trust->keys[i];
		hex_format(key->node, sizeof(key->node), node);
		snprintf(file, sizeof(file), "%s" TRUST_SUFFIX, key->name);
		json_array_append_new(
			keys, json_pack("{s:s, s:i, s:s, s:s}", "name", key->name, "set",
				      (int)key->key.set, "node", node, "file", file));
	}
	for (uint32_t i = 0; i < trust->n_problems; i++) {
		const struct trust_problem *problem = &trust->problems[i];
		json_array_append_new(
			problems, json_pack("{s:s, s:s, s:s}", "file", problem->file, "problem",
					  problem->what, "remedy", problem->remedy));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:i}", "schema", KEYS_SCHEMA, "directory", directory,
		"keys", keys, "problems", problems, "problems_left_out",
		(int)trust->problems_left_out);
}

static int print_json(const struct trust *trust, const char *directory)
{
	json_t *json = make_json(trust, directory);
	int error = json == NULL ? -1 : json_dumpf(json, stdout, JSON_INDENT(2));

	json_decref(json);
	if (error < 0) {
		fprintf(stderr, "x0top: Cannot write the keys as JSON.\n");
		return error;
	}
	printf("\n");
	return 0;
}

static int list(const struct keys_options *options, int argc, char **argv)
{
	struct failure failure = { 0 };
	struct trust *trust;
	int error = 0;

	(void)argc, (void)argv;
	if (trust_open(options->trust, &trust, &failure) < 0)
		return command_failed(&failure, options->verbose);
	if (options->json)
		error = print_json(trust, options->trust);
	else
		print_text(trust, options->trust);
	bool all = error == 0 && trust->n_problems == 0;
	trust_close(trust);
	return all ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}

/* Takes a key's name from its file's: "dir/NAME.pub.pem", or another ending. */
static void name_from_file(const char *file, char name[NAME_MAX])
{
	static const char *const endings[] = { ".pub.pem", ".pem", ".der", ".pub", ".raw" };
	const char *slash = strrchr(file, '/');

	snprintf(name, NAME_MAX, "%s", slash != NULL ? slash + 1 : file);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t length = strlen(name), ending = strlen(endings[i]);
		if (length <= ending || strcmp(name + length - ending, endings[i]) != 0)
			continue;
		name[length - ending] = '\0';
		return;
	}
}

/* Writes "ML-DSA-65, node 0123456789abcdef". */
static void describe_key(const struct public_key *key, char *text, size_t size)
{
	uint8_t node[PQC_NODE_LEN] = { 0 };
	char node_text[NODE_TEXT_LEN];

	key_node(key, node);
	hex_format(node, sizeof(node), node_text);
	snprintf(text, size, "ML-DSA-%" PRIu32 ", node %s", key->set, node_text);
}

static int add(const struct keys_options *options, int argc, char **argv)
{
	char name[NAME_MAX], description[64];
	struct failure failure = { 0 };
	struct public_key key = { 0 };

	name_from_file(argv[0], name);
	if (argc == 2)
		snprintf(name, sizeof(name), "%s", argv[1]);
	if (keys_read_key(argv[0], &key, &failure) < 0 ||
		trust_add(options->trust, name, &key, &failure) < 0)
		return command_failed(&failure, options->verbose);
	describe_key(&key, description, sizeof(description));
	printf("Added %s: %s.\n", name, description);
	return EXIT_ALL_RAN;
}

static int remove_key(const struct keys_options *options, int argc, char **argv)
{
	char path[PATH_MAX], description[64] = "not a valid key";
	struct failure failure = { 0 };
	struct public_key key;

	(void)argc;
	snprintf(path, sizeof(path), "%s/%s" TRUST_SUFFIX, options->trust, argv[0]);
	if (trust_name_valid(argv[0]) && key_read(path, &key, &failure) == 0)
		describe_key(&key, description, sizeof(description));
	if (trust_remove(options->trust, argv[0], &failure) < 0)
		return command_failed(&failure, options->verbose);
	printf("Removed %s: %s.\n", argv[0], description);
	return EXIT_ALL_RAN;
}

/* --- new keys -------------------------------------------------------------------------------- */

static int generate(const struct keys_options *options, int argc, char **argv)
{
	char base[PATH_MAX], path[PATH_MAX + sizeof(TRUST_SUFFIX)], description[64];
	struct failure failure = { 0 };
	struct public_key key;
	char *end;
	unsigned long set = strtoul(options->set, &end, 10);

	(void)argc;
	if (*end != '\0' || end == options->set || set > UINT32_MAX)
		set = 0;
	if (!trust_name_valid(argv[0])) {
		trust_name_wrong(argv[0], &failure);
		return command_failed(&failure, options->verbose);
	}
	if (snprintf(base, sizeof(base), "%s/%s", options->directory, argv[0]) >= PATH_MAX)
		failure_set(&failure, -ENAMETOOLONG, "The directory's path is too long");
	snprintf(path, sizeof(path), "%s" TRUST_SUFFIX, base);
	secret_protect_process();
	if (failure.error < 0 || identity_generate(base, (uint32_t)set, &failure) < 0 ||
		key_read(path, &key, &failure) < 0)
		return command_failed(&failure, options->verbose);
	describe_key(&key, description, sizeof(description));
	printf("Made %s.\nPrivate key: %s.key.pem (keep it secret).\n"
	       "Public key: %s (add it on hosts that trust this node).\n",
		description, base, path);
	return EXIT_ALL_RAN;
}

/* --- the command ----------------------------------------------------------------------------- */

static const struct verb {
	const char *name;
	int (*run)(const struct keys_options *options, int argc, char **argv);
	int arguments_min;
	int arguments_max;
	const char *options; /* accepted ones, by their letters in long_options */
} verbs[] = {
	{ "list", list, 0, 0, "tjv" },
	{ "add", add, 1, 2, "tv" },
	{ "remove", remove_key, 1, 1, "tv" },
	{ "generate", generate, 1, 1, "sdv" },
	{ "verify", keys_verify, 1, 1, "kgcnv" },
};

static int usage_error(void)
{
	fputs(usage, stderr);
	return EXIT_USAGE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static void set_option(struct keys_options *options, int letter, const char *value)
{
	const struct {
		char letter;
		const char **text;
		bool *flag;
	} targets[] = {
		{ 't', &options->trust, NULL },
		{ 'd', &options->directory, NULL },
		{ 's', &options->set, NULL },
		{ 'k', &options->key, NULL },
		{ 'g', &options->signature, NULL },
		{ 'c', &options->context, NULL },
		{ 'j', NULL, &options->json },
		{ 'n', NULL, &options->native },
		{ 'v', NULL, &options->verbose },
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (targets[i].letter != letter)
			continue;
		if (targets[i].flag != NULL)
			*targets[i].flag = true;
		else
			*targets[i].text = value;
	}
}

int command_keys(int argc, char **argv)
{
	struct keys_options options = {
		.trust = TRUST_DIRECTORY, .directory = ".", .set = "65", .context = ""
	};
	const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;
	int letter;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_ALL_RAN;
	}
	if (verb == NULL)
		return usage_error();
	argc--, argv++;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":v", long_options, NULL)) != -1) {
		if (letter == 'h') {
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		}
		if (letter == '?' || letter == ':')
			return command_wrong_option("keys", letter, argv);
		if (strchr(verb->options, letter) == NULL)
			return usage_error();
		set_option(&options, letter, optarg);
	}
	argc -= optind;
	argv += optind;
	if (argc < verb->arguments_min || argc > verb->arguments_max)
		return usage_error();
	messages_capture(false);
	return verb->run(&options, argc, argv);
}
