// SPDX-License-Identifier: BSD-2-Clause
#include "fleet/prometheus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/library.h"
#include "base/secret.h"
#include "export/json_parse.h"

int prometheus_read(const char *text, size_t size, json_t **result, struct failure *failure)
{
	json_t *json = json_parse(text, size, failure);

	*result = json_incref(json_object_get(json_object_get(json, "data"), "result"));
	json_decref(json);
	if (json_is_array(*result))
		return 0;
	json_decref(*result);
	*result = NULL;
	return json == NULL && failure->error == -ENOMEM
		       ? -ENOMEM
		       : failure_set(failure, -EPROTO, "That is no answer of a Prometheus");
}

#ifdef X0_WEB
#include <curl/curl.h>
#include <unistd.h>

enum { SECRET_MAX = 1024, CA_MAX = 4 << 20 };

#define FUNCTIONS(X)                \
	X(curl_url)                 \
	X(curl_url_set)             \
	X(curl_url_get)             \
	X(curl_url_cleanup)         \
	X(curl_easy_init)           \
	X(curl_easy_setopt)         \
	X(curl_easy_getinfo)        \
	X(curl_easy_cleanup)        \
	X(curl_easy_strerror)       \
	X(curl_easy_escape)         \
	X(curl_free)                \
	X(curl_multi_init)          \
	X(curl_multi_add_handle)    \
	X(curl_multi_remove_handle) \
	X(curl_multi_perform)       \
	X(curl_multi_poll)          \
	X(curl_multi_info_read)     \
	X(curl_multi_cleanup)

/* Macros of curl.h check the types of these two's arguments. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define MEMBER(name) __typeof__(&(name)) name;

static struct {
	FUNCTIONS(MEMBER)
} curl;

struct question {
	struct prometheus *prometheus;
	CURL *easy;
	char *body; /* of the request */
	char *answer;
	size_t length;
	char error[CURL_ERROR_SIZE];
};

struct prometheus {
	CURLM *multi;
	char url[512]; /* of queries; that of ranges has a suffix */
	char server[256]; /* for messages */
	char secret[SECRET_MAX]; /* a token, or a password */
	const char *user, *ca_file;
	size_t n, n_done;
	size_t received; /* bytes of all answers */
	struct question questions[PROMETHEUS_QUERIES_MAX];
};

/* --- opening -------------------------------------------------------------------------------------- */

#define ROW(name) { #name, offsetof(__typeof__(curl), name) },

static int open_library(struct failure *failure)
{
	static const struct library_function functions[] = { FUNCTIONS(ROW) };
	const size_t n = sizeof(functions) / sizeof(functions[0]);
	int error = library_open("libcurl-gnutls.so.4", functions, n, &curl);

	if (error == -ENOENT)
		error = library_open("libcurl.so.4", functions, n, &curl);
	if (error == 0)
		return 0;
	failure_set(failure, -ENOENT, "Cannot ask Prometheus without the library libcurl");
	return failure_remedy(failure, "Install it: apt install libcurl3-gnutls");
}

static int read_secret(const char *path, char secret[SECRET_MAX], struct failure *failure)
{
	int fd = file_open(path);
	int error = fd < 0 ? fd : secret_check_mode(fd, path, failure);
	ssize_t length = fd < 0 || error < 0 ? error : file_read(fd, secret, SECRET_MAX - 1);

	if (fd >= 0)
		close(fd);
	if (error == -EINVAL)
		return error;
	if (length <= 0) {
		failure_set(failure, length < 0 ? (int)length : -EINVAL, "Cannot read %.160s: %s",
			path, length < 0 ? file_strerror((int)length) : "it is empty");
		return failure_remedy(failure, "Check the path, and that it has one line");
	}
	secret[length] = '\0';
	secret[strcspn(secret, "\r\n")] = '\0';
	return 0;
}

/* Looks whether libcurl, which opens it by itself at each connection, can read it without waiting or end. */
static int check_ca(const char *path, struct failure *failure)
{
	char *text = malloc(CA_MAX);
	ssize_t length = text == NULL ? -ENOMEM : file_read_path(path, text, CA_MAX);

	free(text);
	if (length >= 0)
		return 0;
	failure_set(
		failure, (int)length, "Cannot read %.160s: %s", path, file_strerror((int)length));
	return failure_remedy(failure, "Check --ca-file, and that it has certificates as PEM");
}

/* Returns whether that is a whole address of a server and its folder, without a name, a password or a question. */
static bool is_server(const char *url)
{
	static const CURLUPart others[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
		CURLUPART_FRAGMENT };
	CURLU *parsed = curl.curl_url();
	char *part = NULL;
	bool is = (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0) &&
		  parsed != NULL && curl.curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK;

	for (size_t i = 0; is && i < sizeof(others) / sizeof(others[0]); i++)
		is = curl.curl_url_get(parsed, others[i], &part, 0) != CURLUE_OK;
	curl.curl_free(part);
	curl.curl_url_cleanup(parsed);
	return is;
}

static int set_url(struct prometheus *p, const char *url, struct failure *failure)
{
	size_t length = strlen(url);

	if (length + sizeof("/api/v1/query") > sizeof(p->url) || !is_server(url)) {
		failure_set(failure, -EINVAL, "\"%.100s\" is no address of a Prometheus", url);
		return failure_remedy(failure, "Write one such as http://127.0.0.1:9090; "
					       "names and passwords by options");
	}
	while (url[length - 1] == '/')
		length--;
	snprintf(p->url, sizeof(p->url), "%.*s/api/v1/query", (int)length, url);
	snprintf(p->server, sizeof(p->server), "%.*s", (int)length, url);
	return 0;
}

int prometheus_open(
	const struct prometheus_access *access, struct prometheus **opened, struct failure *failure)
{
	struct prometheus *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	p->user = access->user;
	p->ca_file = access->ca_file;
	int error = open_library(failure);
	if (error == 0)
		error = set_url(p, access->url, failure);
	if (error == 0 && access->ca_file != NULL)
		error = check_ca(access->ca_file, failure);
	if (error == 0 && access->token_file != NULL)
		error = read_secret(access->token_file, p->secret, failure);
	if (error == 0 && access->password_file != NULL)
		error = read_secret(access->password_file, p->secret, failure);
	if (error == 0 && (p->multi = curl.curl_multi_init()) == NULL)
		error = failure_set(failure, -ENOMEM, "Not enough memory");
	if (error < 0)
		prometheus_close(p);
	else
		*opened = p;
	return error;
}

static void forget(struct prometheus *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct question *question = &p->questions[i];
		if (question->easy != NULL) {
			curl.curl_multi_remove_handle(p->multi, question->easy);
			curl.curl_easy_cleanup(question->easy);
		}
		free(question->body);
		free(question->answer);
	}
	memset(p->questions, 0, sizeof(p->questions));
	p->n = p->n_done = p->received = 0;
}

void prometheus_close(struct prometheus *p)
{
	if (p == NULL)
		return;
	forget(p);
	if (p->multi != NULL)
		curl.curl_multi_cleanup(p->multi);
	explicit_bzero(p, sizeof(*p));
	free(p);
}

/* --- asking --------------------------------------------------------------------------------------- */

static size_t take(char *bytes, size_t size, size_t n, void *data)
{
	struct question *question = data;
	size_t length = size * n;

	if (length > PROMETHEUS_BYTES_MAX - question->prometheus->received)
		return 0;
	question->prometheus->received += length;
	char *grown = realloc(question->answer, question->length + length);
	if (grown == NULL)
		return 0;
	question->answer = grown;
	memcpy(grown + question->length, bytes, length);
	question->length += length;
	return length;
}

static void set_access(const struct prometheus *p, CURL *easy)
{
	if (p->user != NULL) {
		curl.curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl.curl_easy_setopt(easy, CURLOPT_USERNAME, p->user);
		curl.curl_easy_setopt(easy, CURLOPT_PASSWORD, p->secret);
	} else if (p->secret[0] != '\0') {
		curl.curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl.curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, p->secret);
	}
	if (p->ca_file != NULL)
		curl.curl_easy_setopt(easy, CURLOPT_CAINFO, p->ca_file);
}

/* Writes the body of a request. Returns its length, or negative without memory. */
static int write_body(
	struct question *question, const char *escaped, const struct prometheus_range *range)
{
	int length = range == NULL
			     ? asprintf(&question->body, "query=%s", escaped)
			     : asprintf(&question->body, "query=%s&start=%.3f&end=%.3f&step=%.3f",
				       escaped, range->start, range->end, range->step);

	if (length < 0)
		question->body = NULL;
	return length;
}

static int ask(struct prometheus *p, struct question *question, const char *expression,
	const struct prometheus_range *range)
{
	char url[sizeof(p->url) + sizeof("_range")];

	question->prometheus = p;
	question->easy = curl.curl_easy_init();
	char *escaped = question->easy != NULL
				? curl.curl_easy_escape(question->easy, expression, 0)
				: NULL;
	if (escaped == NULL || write_body(question, escaped, range) < 0)
		return -ENOMEM;
	snprintf(url, sizeof(url), "%s%s", p->url, range != NULL ? "_range" : "");
	curl.curl_free(escaped);
	CURL *easy = question->easy;
	curl.curl_easy_setopt(easy, CURLOPT_URL, url);
	curl.curl_easy_setopt(easy, CURLOPT_POSTFIELDS, question->body);
	curl.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl.curl_easy_setopt(easy, CURLOPT_WRITEDATA, question);
	curl.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, question->error);
	curl.curl_easy_setopt(easy, CURLOPT_PRIVATE, question);
	curl.curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)PROMETHEUS_SECONDS);
	curl.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl.curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl.curl_easy_setopt(easy, CURLOPT_USERAGENT, "x0top/" X0TOP_VERSION);
	set_access(p, easy);
	return curl.curl_multi_add_handle(p->multi, easy) == CURLM_OK ? 0 : -ENOMEM;
}

int prometheus_begin(struct prometheus *p, const char *const *expressions, size_t n,
	const struct prometheus_range *range, struct failure *failure)
{
	int error = 0;

	forget(p);
	for (size_t i = 0; error == 0 && i < n; i++) {
		p->n++;
		error = ask(p, &p->questions[i], expressions[i], range);
	}
	return error < 0 ? failure_set(failure, error, "Not enough memory") : 0;
}

/* --- answers -------------------------------------------------------------------------------------- */

static int cannot_reach(const struct prometheus *p, const struct question *question, CURLcode code,
	struct failure *failure)
{
	if (code == CURLE_WRITE_ERROR) {
		failure_set(failure, -EFBIG, "Prometheus at %.90s answers with more than %d MB",
			p->server, PROMETHEUS_BYTES_MAX >> 20);
		return failure_remedy(failure, "Check --prometheus and --job");
	}
	failure_set(failure, -EIO, "Prometheus at %.90s does not answer: %.130s", p->server,
		question->error[0] != '\0' ? question->error : curl.curl_easy_strerror(code));
	return failure_remedy(
		failure, code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE
				 ? "Name the authority of its certificate by --ca-file"
				 : "Check --prometheus, and that it runs");
}

/* A Prometheus says why; what else is there may say nothing. */
static int refused(const struct prometheus *p, const struct question *question, long status,
	struct failure *failure)
{
	struct failure odd;
	json_t *json = question->answer != NULL
			       ? json_parse(question->answer, question->length, &odd)
			       : NULL;
	const char *why = json_string_value(json_object_get(json, "error"));
	char *elsewhere = NULL;

	curl.curl_easy_getinfo(question->easy, CURLINFO_REDIRECT_URL, &elsewhere);
	if (elsewhere != NULL)
		failure_set(failure, -EREMCHG, "Prometheus at %.90s sends elsewhere: to %.110s",
			p->server, elsewhere);
	else
		failure_set(failure, -EACCES, "Prometheus at %.90s answers with status %ld%s%.120s",
			p->server, status, why != NULL ? ": " : "", why != NULL ? why : "");
	json_decref(json);
	return failure_remedy(failure,
		status == 401 || status == 403 ? "Give --token-file, or --user and --password-file"
		: elsewhere != NULL	       ? "Name that by --prometheus, if it is yours"
				    : "Check the path of --prometheus, and what its log says");
}

static int take_answer(struct prometheus *p, const CURLMsg *message, struct failure *failure)
{
	struct question *question;
	long status = 0;

	curl.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&question);
	if (message->data.result != CURLE_OK)
		return cannot_reach(p, question, message->data.result, failure);
	curl.curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	p->n_done++;
	return status == 200 ? 0 : refused(p, question, status, failure);
}

static int read_answer(const struct prometheus *p, const struct question *question, json_t **result,
	struct failure *failure)
{
	int error = prometheus_read(question->answer != NULL ? question->answer : "",
		question->length, result, failure);

	if (error != -EPROTO)
		return error;
	failure_set(
		failure, -EPROTO, "%.160s is no Prometheus: it answers something else", p->server);
	return failure_remedy(failure, "Check --prometheus");
}

int prometheus_step(struct prometheus *p, int wait_ms, json_t **results, struct failure *failure)
{
	int running, left, error = 0;
	CURLMsg *message;

	curl.curl_multi_poll(p->multi, NULL, 0, wait_ms, NULL);
	curl.curl_multi_perform(p->multi, &running);
	while (error == 0 && (message = curl.curl_multi_info_read(p->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			error = take_answer(p, message, failure);
	if (error < 0 || p->n_done < p->n)
		return error;
	for (size_t i = 0; i < p->n; i++)
		results[i] = NULL;
	for (size_t i = 0; error == 0 && i < p->n; i++)
		error = read_answer(p, &p->questions[i], &results[i], failure);
	for (size_t i = 0; error < 0 && i < p->n; i++)
		json_decref(results[i]);
	return error < 0 ? error : 1;
}
#else

int prometheus_open(
	const struct prometheus_access *access, struct prometheus **opened, struct failure *failure)
{
	(void)access, (void)opened;
	failure_set(failure, -ENOSYS, "This x0top is linked statically, and asks no Prometheus");
	return failure_remedy(failure, "Use one that is built for the system's C library");
}

void prometheus_close(struct prometheus *p)
{
	(void)p;
}

int prometheus_begin(struct prometheus *p, const char *const *expressions, size_t n,
	const struct prometheus_range *range, struct failure *failure)
{
	(void)p, (void)expressions, (void)n, (void)range;
	return failure_set(failure, -ENOSYS, "There is no libcurl");
}

int prometheus_step(struct prometheus *p, int wait_ms, json_t **results, struct failure *failure)
{
	(void)p, (void)wait_ms, (void)results;
	return failure_set(failure, -ENOSYS, "There is no libcurl");
}
#endif
