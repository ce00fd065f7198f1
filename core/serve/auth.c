// SPDX-License-Identifier: BSD-2-Clause
#include "serve/auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "serve/library.h"

enum { HEADER_MAX = 512 };

/* --- reading -------------------------------------------------------------------------------------- */

/* Returns what follows a scheme's name, in any case, and its spaces; NULL if the header has another. */
static const char *after_scheme(const char *header, const char *scheme)
{
	size_t length = strlen(scheme);

	if (strncasecmp(header, scheme, length) != 0 || header[length] != ' ')
		return NULL;
	return header + length + strspn(header + length, " ");
}

static int digit_value(char digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Reads base64 with or without its padding. Returns the length, terminated; -1 if it is none, or too long. */
static int read_base64(const char *from, char *to, size_t size)
{
	unsigned int bits = 0, n_bits = 0;
	size_t length = 0;

	for (; *from != '\0' && *from != '='; from++) {
		int value = digit_value(*from);
		if (value < 0 || length + 1 >= size)
			return -1;
		bits = (bits << 6 | (unsigned int)value) & 0xffff;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		to[length++] = (char)(bits >> n_bits & 0xff);
	}
	to[length] = '\0';
	return from[strspn(from, "=")] == '\0' ? (int)length : -1;
}

bool auth_read_basic(const char *header, char *text, size_t size, const char **password)
{
	const char *encoded = after_scheme(header, "Basic");
	int length = encoded != NULL ? read_base64(encoded, text, size) : -1;

	if (length < 0 || strlen(text) != (size_t)length)
		return false;
	char *colon = strchr(text, ':');
	if (colon == NULL)
		return false;
	*colon = '\0';
	*password = colon + 1;
	return true;
}

/* --- judging -------------------------------------------------------------------------------------- */

static bool is_token(const struct web_config *config, const char *header)
{
	const char *expected = config->text[WEB_TOKEN];
	const char *token = after_scheme(header, "Bearer");

	if (expected == NULL || token == NULL)
		return false;
	/* Neither the time nor the length compared tells how much of it was right. */
	size_t length = strlen(expected);
	return strlen(token) == length && CRYPTO_memcmp(token, expected, length) == 0;
}

static bool digest(struct auth *auth, const char *header, unsigned char result[AUTH_DIGEST_LEN])
{
	unsigned char input[AUTH_DIGEST_LEN + HEADER_MAX];
	size_t length = strlen(header), size;

	if (!auth->seeded)
		auth->seeded = RAND_bytes(auth->seed, sizeof(auth->seed)) == 1;
	if (!auth->seeded || length > HEADER_MAX)
		return false;
	memcpy(input, auth->seed, sizeof(auth->seed));
	memcpy(input + sizeof(auth->seed), header, length);
	bool done = EVP_Q_digest(NULL, "SHA256", NULL, input, sizeof(auth->seed) + length, result,
			    &size) == 1;
	OPENSSL_cleanse(input, sizeof(input));
	return done;
}

static bool is_known(const struct auth *auth, const unsigned char of[AUTH_DIGEST_LEN])
{
	bool known = false;

	for (unsigned int i = 0; i < auth->n_good && i < AUTH_KEPT; i++)
		known |= CRYPTO_memcmp(auth->good[i], of, AUTH_DIGEST_LEN) == 0;
	return known;
}

#ifdef X0_WEB
static bool is_password(const struct web_config *config, const char *name, const char *password)
{
	/* An unknown name takes as long as a known one. */
	const struct web_user *user = &config->users[0];
	bool known = false;

	for (uint32_t i = 0; i < config->n_users; i++)
		if (strcmp(config->users[i].name, name) == 0) {
			user = &config->users[i];
			known = true;
		}
	const char *hash = web_library.p_crypt(password, user->hash);
	return hash != NULL && strlen(hash) == strlen(user->hash) &&
	       CRYPTO_memcmp(hash, user->hash, strlen(user->hash)) == 0 && known;
}
#else
static bool is_password(const struct web_config *config, const char *name, const char *password)
{
	(void)config, (void)name, (void)password;
	return false;
}
#endif

static enum auth_result check_basic(
	struct auth *auth, const struct web_config *config, const char *header, uint64_t now)
{
	unsigned char of[AUTH_DIGEST_LEN];
	char text[HEADER_MAX];
	const char *password;

	if (config->n_users == 0 || !digest(auth, header, of) ||
		!auth_read_basic(header, text, sizeof(text), &password))
		return AUTH_WRONG;
	bool good = is_known(auth, of);
	if (!good && now < auth->wait_until) {
		OPENSSL_cleanse(text, sizeof(text));
		return AUTH_BUSY;
	}
	if (!good) {
		good = is_password(config, text, password);
		if (good)
			memcpy(auth->good[auth->n_good++ % AUTH_KEPT], of, sizeof(of));
		else
			auth->wait_until = now + NS_PER_SECOND;
	}
	OPENSSL_cleanse(text, sizeof(text));
	return good ? AUTH_GOOD : AUTH_WRONG;
}

enum auth_result auth_check(
	struct auth *auth, const struct web_config *config, const char *header, uint64_t now)
{
	if (config->n_users == 0 && config->text[WEB_TOKEN] == NULL)
		return AUTH_GOOD;
	if (header == NULL)
		return AUTH_WRONG;
	return is_token(config, header) ? AUTH_GOOD : check_basic(auth, config, header, now);
}
