// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys: the trust store, new keys, and verifying a signature by hand. */
#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "kernel/messages.h"
#include "pqc/file.h"
#include "pqc/request.h"
#include "pqc/trust.h"
#include "pqc/verify_kernel.h"
#include "pqc/verify_native.h"

static const char usage[] =
	"Usage: x0top keys list     [--directory DIRECTORY]\n"
	"       x0top keys add      [--directory DIRECTORY] NAME KEY\n"
	"       x0top keys remove   [--directory DIRECTORY] NAME\n"
	"       x0top keys generate [--directory DIRECTORY] [--set 44|65|87] NAME\n"
	"       x0top keys verify   --key KEY --signature SIGNATURE [--context TEXT|hex:BYTES]\n"
	"                           [--native] FILE\n"
	"The trust store is a directory of NAME.pub.pem (" TRUST_DIRECTORY "). KEY is an ML-DSA\n"
	"public key as PEM, DER or raw bytes. generate makes NAME.key.pem and NAME.pub.pem.\n"
	"verify checks a detached signature of FILE in the kernel, with the code that packets are\n"
	"verified with, or with --native in this process. Exit status: 0 good, 1 refused, 2 usage\n"
	"or unreadable input, 3 no capability.\n";

struct keys_options {
	const char *directory;
	const char *key;
	const char *signature;
	const char *context;
	uint32_t set;
	bool native;
};

static const struct option long_options[] = {
	{ "directory", required_argument, NULL, 'd' },
	{ "key", required_argument, NULL, 'k' },
	{ "signature", required_argument, NULL, 's' },
	{ "context", required_argument, NULL, 'c' },
	{ "set", required_argument, NULL, 'p' },
	{ "native", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int usage_error(void)
{
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* --- the trust store -------------------------------------------------------------------------- */

static void print_problem(const struct failure *failure, void *context)
{
	(void)context;
	fprintf(stderr, "x0top: %s.\n", failure->what);
}

static int keys_list(const struct keys_options *options, char **arguments)
{
	struct failure failure = { 0 };
	struct trust *trust = calloc(1, sizeof(*trust));

	(void)arguments;
	if (trust == NULL)
		return EXIT_SOME_FAILED;
	int problems = trust_load(options->directory, trust, print_problem, NULL, &failure);
	if (problems >= 0)
		printf("%-*s %-10s NODE\n", NAME_LEN, "NAME", "SET");
	for (uint32_t i = 0; problems >= 0 && i < trust->n_nodes; i++) {
		printf("%-*s ML-DSA-%u  ", NAME_LEN, trust->nodes[i].name, trust->nodes[i].key.set);
		for (int n = 0; n < PQC_NODE_LEN; n++)
			printf("%02x", trust->nodes[i].node[n]);
		printf("\n");
	}
	free(trust);
	if (problems < 0)
		return command_failed(&failure, false);
	return problems > 0 ? EXIT_SOME_FAILED : EXIT_ALL_RAN;
}

static int keys_add(const struct keys_options *options, char **arguments)
{
	struct failure failure = { 0 };
	struct public_key key;

	if (key_read(arguments[1], &key, &failure) < 0 ||
		trust_add(options->directory, arguments[0], &key, &failure) < 0)
		return command_failed(&failure, false);
	return EXIT_ALL_RAN;
}

static int keys_remove(const struct keys_options *options, char **arguments)
{
	struct failure failure = { 0 };

	if (trust_remove(options->directory, arguments[0], &failure) < 0)
		return command_failed(&failure, false);
	return EXIT_ALL_RAN;
}

static int keys_generate(const struct keys_options *options, char **arguments)
{
	struct failure failure = { 0 };

	if (trust_generate(options->directory, arguments[0], options->set, &failure) < 0)
		return command_failed(&failure, false);
	return EXIT_ALL_RAN;
}

/* --- verify ----------------------------------------------------------------------------------- */

struct verification {
	struct mldsa_key key;
	struct mldsa_request request;
};

/* Reads --context into `context`. Returns 0, or -EINVAL with *failure set. */
static int read_context(
	const char *text, uint8_t context[MLDSA_CONTEXT_MAX], size_t *size, struct failure *failure)
{
	static const char hex[] = "hex:";

	if (strncmp(text, hex, strlen(hex)) == 0) {
		if (text[strlen(hex)] == '\0')
			*size = 0;
		else if (!OPENSSL_hexstr2buf_ex(
				 context, MLDSA_CONTEXT_MAX, size, text + strlen(hex), '\0'))
			return failure_set(failure, -EINVAL,
				"The context is not 0 to %d bytes in hexadecimal",
				MLDSA_CONTEXT_MAX);
		return 0;
	}
	*size = strlen(text);
	if (*size > MLDSA_CONTEXT_MAX)
		return failure_set(
			failure, -EINVAL, "The context is longer than %d bytes", MLDSA_CONTEXT_MAX);
	memcpy(context, text, *size);
	return 0;
}

/* Reads everything that a verification needs. Returns 0, or a negative errno with *failure set. */
static int read_input(const struct keys_options *options, const char *file,
	struct verification *verification, struct failure *failure)
{
	uint8_t context[MLDSA_CONTEXT_MAX], message[MLDSA_MESSAGE_MAX];
	uint8_t signature[2 * MLDSA_SIGNATURE_MAX];
	size_t context_size, message_size, signature_size;
	struct public_key key;

	if (read_context(options->context, context, &context_size, failure) < 0 ||
		key_read(options->key, &key, failure) < 0 ||
		key_expand(&key, &verification->key, failure) < 0 ||
		file_read(options->signature, signature, sizeof(signature), &signature_size,
			failure) < 0 ||
		file_read(file, message, sizeof(message), &message_size, failure) < 0)
		return failure->error;
	return request_fill(&verification->request, (struct span) { context, context_size },
		(struct span) { message, message_size },
		(struct span) { signature, signature_size });
}

static int verify_in_kernel(const struct verification *verification, struct failure *failure)
{
	struct verify_kernel *kernel;
	int verdict = verify_kernel_open("", &kernel, failure);

	if (verdict < 0)
		return verdict;
	verdict = verify_kernel_set_key(kernel, &verification->key);
	if (verdict == 0)
		verdict = verify_kernel_run(kernel, &verification->request, 1, NULL);
	verify_kernel_close(kernel);
	if (verdict < 0)
		failure_set(failure, verdict, "The kernel could not run the verifier: %s",
			strerror(-verdict));
	return verdict;
}

static int keys_verify(const struct keys_options *options, char **arguments)
{
	static struct verification verification;
	struct failure failure = { 0 };
	int verdict;

	if (options->key == NULL || options->signature == NULL)
		return usage_error();
	if (read_input(options, arguments[0], &verification, &failure) < 0) {
		command_failed(&failure, false);
		return EXIT_USAGE;
	}
	verdict = options->native ? (int)verify_native(&verification.key, &verification.request)
				  : verify_in_kernel(&verification, &failure);
	if (verdict < 0)
		return command_failed(&failure, false);
	if (verdict == MLDSA_VALID) {
		printf("Good signature.\n");
		return EXIT_ALL_RAN;
	}
	printf("Refused: %s.\n", request_verdict_names[verdict]);
	return EXIT_SOME_FAILED;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(const struct keys_options *options, char **arguments);
	int arguments;
} verbs[] = {
	{ "list", keys_list, 0 },
	{ "add", keys_add, 2 },
	{ "remove", keys_remove, 1 },
	{ "generate", keys_generate, 1 },
	{ "verify", keys_verify, 1 },
};

/* Reads the options. Returns false when there is something wrong with them. */
static bool read_options(int argc, char **argv, struct keys_options *options, bool *help)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 'd':
			options->directory = optarg;
			break;
		case 'k':
			options->key = optarg;
			break;
		case 's':
			options->signature = optarg;
			break;
		case 'c':
			options->context = optarg;
			break;
		case 'p':
			options->set = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			options->native = true;
			break;
		case 'h':
			*help = true;
			break;
		default:
			return false;
		}
	}
	return options->set == MLDSA_44 || options->set == MLDSA_65 || options->set == MLDSA_87;
}

int command_keys(int argc, char **argv)
{
	struct keys_options options = {
		.directory = TRUST_DIRECTORY,
		.context = "",
		.set = MLDSA_65,
	};
	bool help = false;

	if (!read_options(argc, argv, &options, &help))
		return usage_error();
	if (help) {
		fputs(usage, stdout);
		return EXIT_ALL_RAN;
	}
	messages_capture(false);
	for (size_t i = 0; optind < argc && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0 &&
			argc - optind - 1 == verbs[i].arguments)
			return verbs[i].run(&options, argv + optind + 1);
	return usage_error();
}
