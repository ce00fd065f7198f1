// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys verify: verifies a detached signature of a file by the code of the packet path. */
#include <errno.h>
#include <linux/capability.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/command_keys.h"
#include "cli/keys_read.h"
#include "crypto/request.h"
#include "crypto/verify_kernel.h"
#include "crypto/verify_native.h"
#include "kernel/capability.h"

#define HEX_PREFIX "hex:"

/* Of --native, which buffers the message. */
#define NATIVE_MESSAGE_MAX (1 << 20)

/* The input of a verification. */
struct verification {
	struct public_key public;
	struct mldsa_key key;
	size_t context_size, message_size, signature_size;
	uint8_t context[MLDSA_CONTEXT_MAX];
	uint8_t signature[MLDSA_SIGNATURE_MAX + 1];
	uint8_t message[NATIVE_MESSAGE_MAX];
};

static int read_context(
	const char *text, uint8_t context[MLDSA_CONTEXT_MAX], size_t *size, struct failure *failure)
{
	size_t prefix = strlen(HEX_PREFIX), length = strlen(text);

	*size = 0;
	if (strncmp(text, HEX_PREFIX, prefix) == 0) {
		text += prefix;
		length -= prefix;
		if (length / 2 <= MLDSA_CONTEXT_MAX && length > 0 &&
			!OPENSSL_hexstr2buf_ex(context, MLDSA_CONTEXT_MAX, size, text, '\0'))
			return failure_set(failure, -EINVAL,
				"The context after " HEX_PREFIX
				" must be pairs of hexadecimal digits");
		length /= 2;
	} else if (length <= MLDSA_CONTEXT_MAX) {
		/* Bytes, not text. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
		memcpy(context, text, length);
		*size = length;
	}
	if (length > MLDSA_CONTEXT_MAX)
		return failure_set(failure, -EINVAL,
			"The context has %zu bytes; FIPS 204 allows at most %d", length,
			MLDSA_CONTEXT_MAX);
	return 0;
}

static int read_message(
	const char *path, uint8_t *message, bool native, size_t *size, struct failure *failure)
{
	ssize_t length = keys_read_file(
		path, message, native ? NATIVE_MESSAGE_MAX : MLDSA_MESSAGE_MAX, failure);

	if (length == -EFBIG)
		failure_remedy(failure, "%s",
			native ? "Sign a hash of it"
			       : "Packets carry no longer messages: use --native");
	if (length < 0)
		return (int)length;
	*size = (size_t)length;
	return 0;
}

/* Leaves a signature that is too long to the verifier, which refuses every wrong length. */
static int read_signature(
	const char *path, uint8_t *signature, size_t room, size_t *size, struct failure *failure)
{
	ssize_t length = keys_read_file(path, signature, room, failure);

	if (length < 0 && length != -EFBIG)
		return (int)length;
	*size = length == -EFBIG ? room : (size_t)length;
	return 0;
}

/* Checks that at most one of the three files is the standard input. */
static int check_standard_input(
	const struct keys_options *options, const char *file, struct failure *failure)
{
	int n = (strcmp(options->key, "-") == 0) + (strcmp(options->signature, "-") == 0) +
		(strcmp(file, "-") == 0);

	return n <= 1 ? 0
		      : failure_set(failure, -EINVAL,
				"Only one of key, signature and file can be the standard input");
}

static int read_input(const struct keys_options *options, const char *file, struct verification *v,
	struct failure *failure)
{
	if (options->key == NULL || options->signature == NULL) {
		failure_set(failure, -EINVAL, "--%s is missing",
			options->key == NULL ? "key" : "signature");
		return failure_remedy(failure, "Try x0top keys --help");
	}
	if (check_standard_input(options, file, failure) < 0 ||
		read_context(options->context, v->context, &v->context_size, failure) < 0 ||
		keys_read_key(options->key, &v->public, failure) < 0 ||
		key_expand(&v->public, &v->key, failure) < 0 ||
		read_signature(options->signature, v->signature, sizeof(v->signature),
			&v->signature_size, failure) < 0 ||
		read_message(file, v->message, options->native, &v->message_size, failure) < 0)
		return failure->error;
	return 0;
}

/* Returns an enum mldsa_verdict, or a negative errno with *failure set. */
static int verify_in_user_space(const struct verification *v, struct failure *failure)
{
	int verdict = verify_native_message(&v->key, (struct span) { v->context, v->context_size },
		(struct span) { v->message, v->message_size },
		(struct span) { v->signature, v->signature_size });

	return verdict >= 0 ? verdict
			    : failure_set(failure, verdict, "Cannot hash the message: %s",
				      strerror(-verdict));
}

/* Returns an enum mldsa_verdict, or a negative errno with *failure set. */
static int verify_in_kernel(const struct verification *v, struct failure *failure)
{
	static struct mldsa_request request;
	const uint64_t needed = 1ull << CAP_BPF | 1ull << CAP_PERFMON | 1ull << CAP_NET_ADMIN;
	struct verify_kernel *kernel;
	char missing[64];

	if (capability_missing(needed, missing, sizeof(missing)) > 0) {
		failure_set(failure, -EPERM,
			"Verifying in the kernel needs %s, which this process lacks", missing);
		return failure_remedy(
			failure, "Run it as root, or use --native to verify in user space");
	}
	request_fill(&request, (struct span) { v->context, v->context_size },
		(struct span) { v->message, v->message_size },
		(struct span) { v->signature, v->signature_size });
	int verdict = verify_kernel_open("", &kernel, failure);
	if (verdict < 0)
		return verdict;
	verdict = verify_kernel_set_key(kernel, &v->key);
	if (verdict == 0)
		verdict = verify_kernel_run(kernel, &request, 1, NULL);
	verify_kernel_close(kernel);
	return verdict >= 0 ? verdict
			    : failure_set(failure, verdict,
				      "The kernel cannot run the verifier: %s", strerror(-verdict));
}

int keys_verify(const struct keys_options *options, int argc, char **argv)
{
	static struct verification verification;
	struct failure failure = { 0 };
	const char *where = options->native ? "in user space" : "in the kernel";
	int verdict;

	(void)argc;
	if (read_input(options, argv[0], &verification, &failure) < 0) {
		command_failed(&failure, options->verbose);
		return EXIT_USAGE;
	}
	verdict = options->native ? verify_in_user_space(&verification, &failure)
				  : verify_in_kernel(&verification, &failure);
	if (verdict < 0)
		return command_failed(&failure, options->verbose);
	if (verdict == MLDSA_VALID) {
		printf("Good: ML-DSA-%u signature of this message by this key, verified %s.\n",
			verification.public.set, where);
		return EXIT_ALL_RAN;
	}
	printf("Refused %s: %s.\n", where,
		verdict < MLDSA_VERDICTS ? request_verdict_names[verdict] : "no verdict");
	return EXIT_SOME_FAILED;
}
