// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys as it is called: what it makes, what it says, and its exit status, in the kernel and not. */
#include <errno.h>
#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hex.h"
#include "cli/command.h"
#include "pqc_wire.h"
#include "tests/lib/signatures.h"

static char directory[] = "/tmp/x0top-keys-XXXXXX";
static const char *x0top;
static char output[1 << 16];

static int set_up(void **state)
{
	(void)state;
	x0top = getenv("X0TOP") ?: "./x0top";
	umask(022);
	/* Others must get through, for the test without capabilities. */
	return mkdtemp(directory) != NULL && chmod(directory, 0755) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

/* Runs a shell command in the directory, $x0top being the program; keeps what it prints. */
__attribute__((format(printf, 2, 3))) static void expect(int status, const char *format, ...)
{
	char arguments[2048], command[4096];
	va_list list;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	char *path = realpath(x0top, NULL);
	assert_non_null(path);
	snprintf(command, sizeof(command), "cd %s && x0top='%s' && { %s; } 2>&1", directory, path,
		arguments);
	free(path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	size_t size = fread(output, 1, sizeof(output) - 1, pipe);
	output[size] = '\0';
	int got = pclose(pipe);
	assert_true(WIFEXITED(got));
	if (WEXITSTATUS(got) != status)
		fail_msg("%s: exit status %d, not %d:\n%s", arguments, WEXITSTATUS(got), status,
			output);
}

static void says(const char *words)
{
	if (strstr(output, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, output);
}

static void write_file(const char *name, const void *data, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

/* --- the store ------------------------------------------------------------------------------- */

static void keys_are_made_and_trusted(void **state)
{
	(void)state;
	expect(0, "$x0top keys generate small --set 44 && $x0top keys generate middle &&"
		  "$x0top keys generate large --set=87");
	says("ML-DSA-44, node ");
	says("ML-DSA-65, node ");
	says("ML-DSA-87, node ");
	expect(0, "stat -c %%a middle.key.pem middle.pub.pem");
	assert_string_equal(output, "600\n644\n");
	expect(1, "$x0top keys generate middle");
	expect(2, "$x0top keys generate new --set 66");
	expect(2, "$x0top keys generate new --set 44x");
	expect(2, "$x0top keys generate ../new");
	expect(1, "$x0top keys generate new --directory none");
	expect(1, "$x0top keys list --trust trust");
	says("There is no trust store trust");
	expect(0, "$x0top keys add small.pub.pem --trust trust");
	says("Added small: ML-DSA-44, node ");
	expect(0, "$x0top keys add middle.pub.pem renamed --trust trust");
	expect(0, "$x0top keys add --trust trust - large <large.pub.pem");
	expect(1, "$x0top keys add middle.pub.pem --trust trust");
	says("middle is the same key as renamed");
	expect(1, "$x0top keys add middle.key.pem private --trust trust");
	expect(2, "$x0top keys add - --trust trust <large.pub.pem");
	expect(1, "$x0top keys add none.pub.pem --trust trust");
	expect(0, "$x0top keys list --trust trust");
	says("renamed              ML-DSA-65  ");
	says("trust/renamed.pub.pem\n");
}

static void a_list_tells_what_is_wrong(void **state)
{
	json_error_t error;

	(void)state;
	expect(0, "echo text >trust/text.pub.pem; ln -s /dev/null trust/link.pub.pem;"
		  "cp small.pub.pem trust/twin.pub.pem");
	expect(1, "$x0top keys list --trust trust");
	says("text.pub.pem is not a public key in PEM");
	says("link.pub.pem is not a regular file");
	says("twin is the same key as small");
	expect(1, "$x0top keys list --json --trust trust");
	json_t *json = json_loads(output, 0, &error);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "schema")), "x0top-keys/1");
	json_t *keys = json_object_get(json, "keys");
	assert_int_equal(json_array_size(keys), 3);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(keys, 0), "set")), 87);
	assert_int_equal(json_array_size(json_object_get(json, "problems")), 3);
	json_decref(json);
	expect(0, "$x0top keys remove text --trust trust");
	says("not a valid key");
	expect(0, "$x0top keys remove link --trust trust && $x0top keys remove twin --trust trust");
	expect(0, "$x0top keys remove renamed --trust trust");
	says("Removed renamed: ML-DSA-65, node ");
	expect(1, "$x0top keys remove renamed --trust trust");
	expect(2, "$x0top keys remove ../middle --trust trust");
	expect(0, "$x0top keys list --trust trust");
}

/* --- verify ---------------------------------------------------------------------------------- */

static void write_key(const char *name, EVP_PKEY *key, int (*write)(BIO *, const EVP_PKEY *))
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	assert_true(write(bio, key));
	long size = BIO_get_mem_data(bio, &data);
	write_file(name, data, (size_t)size);
	BIO_free(bio);
}

/* Writes message, signature and key, the key in three forms; and the context as hex. */
static void write_signed(const struct signed_message *m, char context[2 * MLDSA_CONTEXT_MAX + 1])
{
	write_file("message", m->message, m->message_length);
	write_file("signature", m->signature, m->signature_length);
	write_file("key.raw", m->key->public.bytes, m->key->public.length);
	write_key("key.pem", m->key->openssl, PEM_write_bio_PUBKEY);
	write_key("key.der", m->key->openssl, i2d_PUBKEY_bio);
	hex_format(m->context, m->context_length, context);
}

#define VERIFY "$x0top keys verify --key key.raw --signature signature"

static void good_signatures(void **state)
{
	static const size_t messages[] = { 0, 1, 1400, MLDSA_MESSAGE_MAX };
	static const size_t contexts[] = { MLDSA_CONTEXT_MAX, 0, 7, 100 };
	static const char *const forms[] = { "raw", "der", "pem" };
	static struct signing_key key;
	static struct signed_message m;
	char context[2 * MLDSA_CONTEXT_MAX + 1];

	(void)state;
	for (unsigned set = 0; set < 3; set++) {
		signing_key_generate(signature_sets[set], &key);
		for (unsigned i = 0; i < 4; i++) {
			signed_message_make(&key, contexts[i], messages[i], &m);
			write_signed(&m, context);
			for (unsigned native = 0; native < 2; native++) {
				expect(0,
					"$x0top keys verify --key key.%s --signature signature "
					"--context hex:%s message %s",
					forms[(i + set) % 3], context, native ? "--native" : "");
				says(native ? "verified in user space" : "verified in the kernel");
			}
		}
		signing_key_free(&key);
	}
}

static void spoilt_signatures(void **state)
{
	static struct signing_key key;
	static struct signed_message m;
	char context[2 * MLDSA_CONTEXT_MAX + 1];
	unsigned n = 0;

	(void)state;
	for (unsigned set = 0; set < 3; set++) {
		signing_key_generate(signature_sets[set], &key);
		for (const struct spoiler *spoiler = spoilers; spoiler->name != NULL; spoiler++) {
			signed_message_make(&key, 3, 200, &m);
			if (!spoiler->spoil(&m))
				continue;
			write_signed(&m, context);
			/* Each in user space; in the kernel, which loads for each, some. */
			expect(1, VERIFY " --context hex:%s message --native", context);
			if (spoiler->verdict != SPOILT_ANYHOW)
				says(request_verdict_names[spoiler->verdict]);
			if (n++ % 5 != 0)
				continue;
			expect(1, VERIFY " --context hex:%s message", context);
			if (spoiler->verdict != SPOILT_ANYHOW)
				says(request_verdict_names[spoiler->verdict]);
		}
		signing_key_free(&key);
	}
	assert_true(n > 30);
}

/* Signs a message with a private key, as a node does. Returns the signature's length. */
static size_t sign(const char *path, const uint8_t *message, size_t message_size,
	uint8_t signature[MLDSA_SIGNATURE_MAX])
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, PQC_CONTEXT, 7),
		OSSL_PARAM_END,
	};
	size_t size = MLDSA_SIGNATURE_MAX;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	assert_int_equal(
		EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key, parameters), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &size, message, message_size), 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return size;
}

/* A signature as nodes make them, by a key that x0top made. */
static void the_identitys_own(void **state)
{
	uint8_t signature[MLDSA_SIGNATURE_MAX];
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/middle.key.pem", directory);
	size_t size = sign(path, (const uint8_t *)"text", 4, signature);
	write_file("own.sig", signature, size);
	write_file("own", "text", 4);
	for (unsigned native = 0; native < 2; native++) {
		const char *verify = "$x0top keys verify --key middle.pub.pem --signature own.sig";
		const char *where = native ? "--native" : "";
		expect(0, "%s %s --context x0top/2 own", verify, where);
		expect(0, "%s %s --context hex:7830746f702F32 own", verify, where);
		expect(0, "printf text | %s %s --context x0top/2 -", verify, where);
		expect(1, "%s %s own", verify, where);
		says("not a signature of this message by this key");
		expect(1, "%s %s --context x0top/9 own", verify, where);
		expect(1, "printf tex | %s %s --context x0top/2 -", verify, where);
		expect(1, "%s %s --key small.pub.pem --context x0top/2 own", verify, where);
		says("not the length of a signature by this key");
	}
	expect(0, "cat own.sig | $x0top keys verify --native --key middle.pub.pem --signature - "
		  "--context x0top/2 own");
	expect(0, "cat middle.pub.pem | $x0top keys verify --native --key - --signature own.sig "
		  "--context x0top/2 own");
}

/* Longer than a packet's message, in user space: standard vectors are. */
static void long_messages(void **state)
{
	static const size_t sizes[] = { MLDSA_MESSAGE_MAX + 1, 8192, 65536, 1 << 20 };
	static uint8_t message[(1 << 20) + 1];
	uint8_t signature[MLDSA_SIGNATURE_MAX];
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/middle.key.pem", directory);
	random_fill(message, sizeof(message));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *verify = "$x0top keys verify --key middle.pub.pem --signature long.sig "
				     "--context x0top/2 long";
		size_t size = sign(path, message, sizes[i], signature);

		write_file("long.sig", signature, size);
		write_file("long", message, sizes[i]);
		expect(0, "%s --native", verify);
		expect(2, "%s", verify);
		says("longer than 2048 bytes");
		says("--native");
		message[sizes[i] - 1] ^= 1;
		write_file("long", message, sizes[i]);
		expect(1, "%s --native", verify);
		says("not a signature of this message by this key");
	}
	write_file("long", message, sizeof(message));
	expect(2, "$x0top keys verify --native --key middle.pub.pem --signature long.sig long");
	says("longer than 1048576 bytes");
}

/* Expects exit status 2 and `words` from x0top keys verify with these arguments. */
static void unusable(const char *arguments, const char *words)
{
	expect(2, "$x0top keys verify --native %s </dev/null", arguments);
	says(words);
}

static void unusable_input(void **state)
{
	char arguments[2048], digits[521];

	(void)state;
	memset(digits, 'a', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	expect(0, "head -c 2048 /dev/zero >most; cp most long; echo garbage >garbage;"
		  "head -c 100000 /dev/urandom >random; : >empty");
	unusable("--key garbage --signature own.sig own", "garbage is not a public key");
	unusable("--key random --signature own.sig own", "too large");
	unusable("--key middle.key.pem --signature own.sig own", "not a public key");
	unusable("--key none --signature own.sig own", "Cannot open none");
	unusable("--key middle.pub.pem --signature none own", "Cannot open none");
	unusable("--key middle.pub.pem --signature own.sig none", "Cannot open none");
	unusable("--key middle.pub.pem --signature own.sig .", "Cannot open .: ");
	unusable("--key middle.pub.pem own", "--signature is missing");
	unusable("--signature own.sig own", "--key is missing");
	unusable("--key - --signature - own", "Only one of");
	unusable("--key middle.pub.pem --signature own.sig", "Usage");
	unusable("--key middle.pub.pem --signature own.sig own own", "Usage");
	unusable("--key middle.pub.pem --signature own.sig --trust x own", "Usage");
	unusable("--nonsense", "Unknown option --nonsense");
	unusable("--key middle.pub.pem --signature own.sig --context hex:123 own", "hexadecimal");
	unusable("--key middle.pub.pem --signature own.sig --context hex:xy own", "hexadecimal");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(arguments, sizeof(arguments),
			"--key middle.pub.pem --signature own.sig --context %s%s own",
			i ? "hex:" : "", digits);
		unusable(arguments, "FIPS 204 allows at most 255");
	}
	for (unsigned i = 0; i < 4; i++)
		expect(1, "$x0top keys verify --native --key middle.pub.pem --signature %s %s",
			(const char *[]) { "empty", "garbage", "random", "long" }[i], "most");
	says("not the length of a signature");
	expect(2, "$x0top keys");
	expect(2, "$x0top keys nonsense");
	expect(0, "$x0top keys --help && $x0top keys verify --help");
}

static void without_capabilities(void **state)
{
	(void)state;
	expect(3, "setpriv --reuid 65534 --regid 65534 --clear-groups "
		  "$x0top keys verify --key middle.pub.pem --signature own.sig own");
	says("CAP_BPF");
	says("--native");
	expect(0, "setpriv --reuid 65534 --regid 65534 --clear-groups $x0top keys verify --native "
		  "--key middle.pub.pem --signature own.sig --context x0top/2 own");
}

int main(void)
{
	/* Later ones use what earlier ones made. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_made_and_trusted),
		cmocka_unit_test(a_list_tells_what_is_wrong),
		cmocka_unit_test(good_signatures),
		cmocka_unit_test(spoilt_signatures),
		cmocka_unit_test(the_identitys_own),
		cmocka_unit_test(long_messages),
		cmocka_unit_test(unusable_input),
		cmocka_unit_test(without_capabilities),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
