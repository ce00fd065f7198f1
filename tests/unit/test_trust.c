// SPDX-License-Identifier: BSD-2-Clause
/* The trust store: good keys are found by their node id, each bad file says why, changes are whole. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/trust.h"
#include "peer/message.h"
#include "tests/lib/signatures.h"

static char directory[] = "/tmp/x0top-trust-XXXXXX";
static struct public_key keys[4]; /* of set 44, 65, 87 and 44 */

static int make_keys(void **state)
{
	static struct signing_key key;

	(void)state;
	umask(022);
	for (unsigned i = 0; i < 4; i++) {
		signing_key_generate(signature_sets[i % 3], &key);
		keys[i] = key.public;
		signing_key_free(&key);
	}
	return 0;
}

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int remove_directory(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void path_of(const char *file, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", directory, file);
}

static void write_file(const char *file, const void *data, size_t size)
{
	char path[PATH_MAX];

	path_of(file, path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static void write_key(const char *file, const struct public_key *key)
{
	char pem[KEY_PEM_LEN];
	struct failure failure;
	int length = key_to_pem(key, pem, &failure);

	assert_true(length > 0);
	write_file(file, pem, (size_t)length);
}

static struct trust *load(void)
{
	struct trust *trust = NULL;
	struct failure failure = { 0 };

	assert_int_equal(trust_open(directory, &trust, &failure), 0);
	return trust;
}

/* Expects that one key is good, and one problem, of `file`, has `words`. */
static void expect_problem(const char *file, const char *words)
{
	struct trust *trust;

	write_key("good.pub.pem", &keys[1]);
	trust = load();
	assert_int_equal(trust->n_keys, 1);
	assert_string_equal(trust->keys[0].name, "good");
	assert_int_equal(trust->n_problems, 1);
	assert_string_equal(trust->problems[0].file, file);
	if (strstr(trust->problems[0].what, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, trust->problems[0].what);
	trust_close(trust);
}

/* --- loading --------------------------------------------------------------------------------- */

static void good_keys_are_found(void **state)
{
	static const char *const files[] = { "a.pub.pem", "b.b.pub.pem", "c_-9.pub.pem" };
	uint8_t node[PQC_NODE_LEN];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		write_key(files[2 - i], &keys[2 - i]);
	write_file("README", "text", 4);
	write_file(".d.pub.pem.17", "half a key", 10);
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 3);
	assert_int_equal(trust->n_problems, 0);
	assert_string_equal(trust->keys[1].name, "b.b");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(key_node(&keys[i], node), 0);
		const struct trusted_key *found = trust_find(trust, node);
		assert_ptr_equal(found, &trust->keys[i]);
		assert_memory_equal(&found->key, &keys[i], sizeof(keys[i]));
		node[PQC_NODE_LEN - 1] ^= 1;
		assert_null(trust_find(trust, node));
	}
	trust_close(trust);
}

static void an_empty_store_is_good(void **state)
{
	(void)state;
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 0);
	assert_int_equal(trust->n_problems, 0);
	trust_close(trust);
}

static void no_store(void **state)
{
	struct trust *trust = NULL;
	struct failure failure = { 0 };
	char path[PATH_MAX];

	(void)state;
	path_of("none", path);
	assert_int_equal(trust_open(path, &trust, &failure), -ENOENT);
	assert_non_null(strstr(failure.what, "no trust store"));
	write_file("none", "", 0);
	assert_int_equal(trust_open(path, &trust, &failure), -ENOTDIR);
	assert_null(trust);
}

static void a_directory_that_others_write_is_refused(void **state)
{
	struct trust *trust = NULL;
	struct failure failure = { 0 };

	(void)state;
	write_key("good.pub.pem", &keys[0]);
	for (mode_t mode = 0; mode <= 1; mode++) {
		assert_int_equal(chmod(directory, mode ? 0775 : 0707), 0);
		assert_int_equal(trust_open(directory, &trust, &failure), -EACCES);
		assert_non_null(strstr(failure.what, "other users"));
		assert_non_null(strstr(failure.remedy, "chmod go-w"));
		assert_int_equal(trust_add(directory, "x", &keys[1], &failure), -EACCES);
		assert_int_equal(trust_remove(directory, "good", &failure), -EACCES);
	}
	assert_null(trust);
}

/* Who may write above it could put another in its place. */
static void what_leads_to_the_store_is_checked(void **state)
{
	struct failure failure = { 0 };
	struct trust *trust = NULL;
	char outer[PATH_MAX], path[PATH_MAX + 8], link[PATH_MAX], through[PATH_MAX + 8];

	(void)state;
	path_of("outer", outer);
	path_of("link", link);
	snprintf(path, sizeof(path), "%s/store", outer);
	snprintf(through, sizeof(through), "%s/store", link);
	assert_int_equal(trust_add(path, "a", &keys[0], &failure), 0);
	assert_return_code(chmod(outer, 0775), errno);
	assert_int_equal(trust_open(path, &trust, &failure), -EACCES);
	assert_non_null(strstr(failure.what, "outer is writable for other users"));
	assert_non_null(strstr(failure.remedy, "chmod go-w"));
	assert_int_equal(trust_add(path, "b", &keys[1], &failure), -EACCES);
	assert_int_equal(trust_remove(path, "a", &failure), -EACCES);
	/* Nobody can exchange what is another's in a folder with the sticky bit, but add to it. */
	assert_return_code(chmod(outer, 01777), errno);
	assert_int_equal(trust_open(path, &trust, &failure), 0);
	trust_close(trust);
	assert_int_equal(trust_open(outer, &trust, &failure), -EACCES);
	assert_return_code(chmod(outer, 0755), errno);
	assert_return_code(symlink("outer", link), errno);
	assert_int_equal(trust_open(through, &trust, &failure), -ELOOP);
	assert_non_null(strstr(failure.what, "link is a symbolic link"));
	if (geteuid() != 0)
		return;
	assert_return_code(chown(outer, 65534, 65534), errno);
	assert_int_equal(trust_open(path, &trust, &failure), -EACCES);
	assert_non_null(strstr(failure.what, "outer belongs to user 65534"));
}

/* --- files that are not good ----------------------------------------------------------------- */

static void malformed(void **state)
{
	static const char text[] = "-----BEGIN PUBLIC KEY-----\nMIIU\n-----END PUBLIC KEY-----\n";
	char garbage[1312];

	(void)state;
	write_file("bad.pub.pem", "", 0);
	expect_problem("bad.pub.pem", "not a public key");
	write_file("bad.pub.pem", text, sizeof(text) - 1);
	expect_problem("bad.pub.pem", "bad.pub.pem is not a public key");
	/* As long as a raw key: what was cut off must not become one. */
	memset(garbage, 'A', sizeof(garbage));
	write_file("bad.pub.pem", garbage, sizeof(garbage));
	expect_problem("bad.pub.pem", "not a public key in PEM");
	memcpy(garbage, text, strlen("-----BEGIN PUBLIC KEY-----\n"));
	write_file("bad.pub.pem", garbage, sizeof(garbage));
	expect_problem("bad.pub.pem", "not a public key");
}

static void of_another_type(void **state)
{
	static const char ed25519[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
		"-----END PUBLIC KEY-----\n";

	(void)state;
	write_file("bad.pub.pem", ed25519, sizeof(ed25519) - 1);
	expect_problem("bad.pub.pem", "of type ED25519, not an ML-DSA key");
}

static void private(void **state)
{
	static const char text[] = "-----BEGIN PRIVATE KEY-----\nMIIU\n-----END PRIVATE KEY-----\n";

	(void)state;
	write_file("bad.pub.pem", text, sizeof(text) - 1);
	expect_problem("bad.pub.pem", "holds a private key");
}

/* A key as PEM behind so many newlines that the file has `size` bytes. */
static void write_padded(const char *file, const struct public_key *key, size_t size)
{
	static char data[20000];
	char pem[KEY_PEM_LEN];
	struct failure failure;
	int length = key_to_pem(key, pem, &failure);

	assert_true(length > 0 && size <= sizeof(data));
	memset(data, '\n', size);
	memcpy(data + size - (size_t)length, pem, (size_t)length);
	write_file(file, data, size);
}

static void too_large(void **state)
{
	static char data[20000];

	(void)state;
	memset(data, '\n', sizeof(data));
	write_file("bad.pub.pem", data, sizeof(data));
	expect_problem("bad.pub.pem", "bad.pub.pem is too large to be a public key");
	/* The most that is read, and a byte more. */
	write_padded("bad.pub.pem", &keys[2], 16384);
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 2);
	assert_int_equal(trust->n_problems, 0);
	trust_close(trust);
	write_padded("bad.pub.pem", &keys[2], 16385);
	expect_problem("bad.pub.pem", "too large");
}

static void the_key_of_another_name(void **state)
{
	(void)state;
	write_key("later.pub.pem", &keys[1]);
	expect_problem("later.pub.pem", "later is the same key as good");
}

static void the_node_id_of_another_key(void **state)
{
	struct trusted_key candidate = { .name = "twin", .key = keys[3] };
	struct failure failure = { 0 };

	(void)state;
	write_key("good.pub.pem", &keys[0]);
	struct trust *trust = load();
	assert_int_equal(key_node(&keys[3], candidate.node), 0);
	assert_int_equal(trust_admit(trust, &candidate, &failure), 0);
	/* No such key is known: it would take some 2^64 tries. */
	memcpy(candidate.node, trust->keys[0].node, PQC_NODE_LEN);
	assert_int_equal(trust_admit(trust, &candidate, &failure), -EEXIST);
	assert_non_null(strstr(failure.what, "twin has the node id of good"));
	trust_close(trust);
}

static void one_too_many(void **state)
{
	static struct public_key key;
	struct failure failure = { 0 };
	char file[32];

	(void)state;
	key = keys[0];
	for (unsigned i = 0; i <= TRUST_KEYS_MAX; i++) {
		key.bytes[100] = (uint8_t)i;
		snprintf(file, sizeof(file), "k%03u.pub.pem", i);
		write_key(file, &key);
	}
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, TRUST_KEYS_MAX);
	assert_int_equal(trust->n_problems, 1);
	assert_string_equal(trust->problems[0].file, "k064.pub.pem");
	assert_non_null(strstr(trust->problems[0].what, "exceeds the limit of 64 keys"));
	trust_close(trust);
	assert_int_equal(trust_add(directory, "one", &keys[1], &failure), -ENOSPC);
}

static void more_problems_than_are_kept(void **state)
{
	char file[32];

	(void)state;
	for (unsigned i = 0; i < TRUST_PROBLEMS_MAX + 5; i++) {
		snprintf(file, sizeof(file), "bad%03u.pub.pem", i);
		write_file(file, "bad", 3);
	}
	write_key("good.pub.pem", &keys[0]);
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 1);
	assert_int_equal(trust->n_problems, TRUST_PROBLEMS_MAX);
	assert_int_equal(trust->problems_left_out, 5);
	trust_close(trust);
}

static void more_files_than_are_read(void **state)
{
	struct trust *trust = NULL;
	struct failure failure = { 0 };
	char file[32], path[PATH_MAX];

	(void)state;
	for (unsigned i = 0; i < 1024; i++) {
		snprintf(file, sizeof(file), "%u.pub.pem", i);
		write_file(file, "", 0);
	}
	assert_int_equal(trust_open(directory, &trust, &failure), -E2BIG);
	assert_non_null(strstr(failure.what, "1024"));
	assert_null(trust);
	write_file("one-more.pub.pem", "", 0);
	assert_int_equal(trust_open(directory, &trust, &failure), -E2BIG);
	assert_null(trust);
	path_of("one-more.pub.pem", path);
	assert_int_equal(unlink(path), 0);
	path_of("0.pub.pem", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(trust_open(directory, &trust, &failure), 0);
	assert_int_equal(trust->n_problems + trust->problems_left_out, 1023);
	trust_close(trust);
}

static void not_a_regular_file(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[PATH_MAX], target[PATH_MAX];

	(void)state;
	path_of("bad.pub.pem", path);
	assert_int_equal(mkdir(path, 0755), 0);
	expect_problem("bad.pub.pem", "not a regular file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	expect_problem("bad.pub.pem", "not a regular file");
	assert_int_equal(unlink(path), 0);
	write_key("elsewhere", &keys[2]);
	path_of("elsewhere", target);
	assert_int_equal(symlink(target, path), 0);
	expect_problem("bad.pub.pem", "not a regular file");
	assert_int_equal(unlink(path), 0);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/bad.pub.pem", directory);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	expect_problem("bad.pub.pem", "not a regular file");
	close(fd);
}

static void written_by_others(void **state)
{
	char path[PATH_MAX];

	(void)state;
	write_key("bad.pub.pem", &keys[0]);
	path_of("bad.pub.pem", path);
	assert_int_equal(chmod(path, 0664), 0);
	expect_problem("bad.pub.pem", "is writable for other users");
	assert_int_equal(chmod(path, 0646), 0);
	expect_problem("bad.pub.pem", "is writable for other users");
	if (chown(path, 65534, 65534) == 0) {
		assert_int_equal(chmod(path, 0644), 0);
		expect_problem("bad.pub.pem", "belongs to user 65534");
	}
}

/* A store of root's is good for everybody, and one of the user's own for him. */
static void owned_by_root_or_the_user(void **state)
{
	struct failure failure = { 0 };
	struct trust *trust = NULL;
	char path[PATH_MAX];

	(void)state;
	if (geteuid() != 0)
		skip();
	write_key("a.pub.pem", &keys[0]);
	write_key("b.pub.pem", &keys[1]);
	path_of("b.pub.pem", path);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	for (int own = 0; own < 2; own++) {
		assert_int_equal(chown(directory, own ? 65534 : 0, 0), 0);
		assert_int_equal(seteuid(65534), 0);
		int error = trust_open(directory, &trust, &failure);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(error, 0);
		assert_int_equal(trust->n_keys, 2);
		assert_int_equal(trust->n_problems, 0);
		trust_close(trust);
	}
	assert_int_equal(chown(directory, 65534, 0), 0);
	assert_int_equal(trust_open(directory, &trust, &failure), -EACCES);
	assert_non_null(strstr(failure.what, "belongs to user 65534"));
	assert_int_equal(chown(directory, 0, 0), 0);
}

/* --- names ----------------------------------------------------------------------------------- */

static void names(void **state)
{
	static const char *const good[] = { "a", "Node-7.example_org",
		"123456789012345678901234567890123456789012345678901234567890123" };
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "a/b", "../a", "a b", "a\n",
		"\xc3\xa4", "1234567890123456789012345678901234567890123456789012345678901234" };
	struct failure failure = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(trust_name_valid(good[i]));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(trust_name_valid(bad[i]));
		assert_int_equal(trust_add(directory, bad[i], &keys[0], &failure), -EINVAL);
		assert_int_equal(trust_remove(directory, bad[i], &failure), -EINVAL);
	}
	write_key("a\033[2Jb.pub.pem", &keys[0]);
	expect_problem("a?[2Jb.pub.pem", "\"a?[2Jb.pub.pem\" cannot be the name of a key");
}

/* A byte too long: cut off, it would be the name of another key. */
static void a_name_is_not_cut_off(void **state)
{
	char file[TRUST_NAME_LEN + sizeof(TRUST_SUFFIX)];

	(void)state;
	memset(file, 'x', TRUST_NAME_LEN);
	strcpy(file + TRUST_NAME_LEN, TRUST_SUFFIX);
	write_key(file, &keys[0]);
	expect_problem(file, "cannot be the name");
	assert_int_equal(remove_directory(state) | make_directory(state), 0);
	write_key(file + 1, &keys[0]);
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 1);
	assert_int_equal(strlen(trust->keys[0].name), TRUST_NAME_LEN - 1);
	trust_close(trust);
}

/* All that is printable is shown as it is. */
static void only_the_unprintable_is_replaced(void **state)
{
	(void)state;
	write_key("a ~\x7f!.pub.pem", &keys[0]);
	expect_problem("a ~?!.pub.pem", "\"a ~?!.pub.pem\" cannot be the name of a key");
}

static void a_node_of_zeros_is_not_trusted(void **state)
{
	const uint8_t zeros[PQC_NODE_LEN] = { 0 };

	(void)state;
	write_key("a.pub.pem", &keys[0]);
	struct trust *trust = load();
	assert_int_equal(trust->n_keys, 1);
	assert_null(trust_find(trust, zeros));
	trust_close(trust);
}

static void hidden_and_long_names(void **state)
{
	char file[256];

	(void)state;
	write_key(".pub.pem", &keys[0]);
	expect_problem(".pub.pem", "cannot be the name");
	assert_int_equal(remove_directory(state) | make_directory(state), 0);
	memset(file, 'x', sizeof(file));
	strcpy(file + 255 - strlen(".pub.pem"), ".pub.pem");
	write_key(file, &keys[0]);
	expect_problem(file, "cannot be the name");
}

/* --- changes --------------------------------------------------------------------------------- */

static unsigned count_files(void)
{
	DIR *stream = opendir(directory);
	unsigned n = 0;

	assert_non_null(stream);
	while (readdir(stream) != NULL)
		n++;
	closedir(stream);
	return n - 2; /* . and .. */
}

static void keys_are_added_and_removed(void **state)
{
	struct failure failure = { 0 };
	struct trust *trust;
	struct stat status;
	char path[PATH_MAX];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const char name[] = { (char)('a' + i), '\0' };
		assert_int_equal(trust_add(directory, name, &keys[i], &failure), 0);
	}
	assert_int_equal(count_files(), 3);
	path_of("b.pub.pem", path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	trust = load();
	assert_int_equal(trust->n_keys, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_memory_equal(&trust->keys[i].key, &keys[i], sizeof(keys[i]));
	trust_close(trust);
	assert_int_equal(trust_remove(directory, "b", &failure), 0);
	assert_int_equal(trust_remove(directory, "b", &failure), -ENOENT);
	assert_non_null(strstr(failure.what, "no key b"));
	trust = load();
	assert_int_equal(trust->n_keys, 2);
	assert_string_equal(trust->keys[1].name, "c");
	trust_close(trust);
}

static void what_is_there_is_not_overwritten(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(trust_add(directory, "a", &keys[0], &failure), 0);
	assert_int_equal(trust_add(directory, "a", &keys[1], &failure), -EEXIST);
	assert_non_null(strstr(failure.remedy, "keys remove a"));
	assert_int_equal(trust_add(directory, "a", &keys[0], &failure), -EEXIST);
	assert_int_equal(trust_add(directory, "b", &keys[0], &failure), -EEXIST);
	write_file("bad.pub.pem", "bad", 3);
	assert_int_equal(trust_add(directory, "bad", &keys[1], &failure), -EEXIST);
	assert_int_equal(count_files(), 2);
	struct trust *trust = load();
	assert_memory_equal(&trust->keys[0].key, &keys[0], sizeof(keys[0]));
	trust_close(trust);
	assert_int_equal(trust_remove(directory, "bad", &failure), 0);
	assert_int_equal(trust_add(directory, "bad", &keys[1], &failure), 0);
}

static void a_store_is_made(void **state)
{
	struct failure failure = { 0 };
	struct trust *trust = NULL;
	char path[PATH_MAX];

	(void)state;
	path_of("new/trust", path);
	assert_int_equal(trust_add(path, "a", &keys[0], &failure), 0);
	assert_int_equal(trust_open(path, &trust, &failure), 0);
	assert_int_equal(trust->n_keys, 1);
	trust_close(trust);
}

/* Every part of the path is made, also those of one letter, without a slash before or behind. */
static void a_store_is_made_at_any_path(void **state)
{
	static const char *const paths[] = { "d", "e/f", "g/h/i", "./j", "k/" };
	char before[PATH_MAX], longest[PATH_MAX + 1];
	struct failure failure = { 0 };
	struct trust *trust = NULL;

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(directory), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(trust_add(paths[i], "a", &keys[0], &failure), 0);
		assert_int_equal(trust_open(paths[i], &trust, &failure), 0);
		assert_int_equal(trust->n_keys, 1);
		trust_close(trust);
	}
	assert_int_equal(chdir(before), 0);
	memset(longest, 'x', sizeof(longest));
	longest[PATH_MAX] = '\0';
	assert_int_equal(trust_add(longest, "a", &keys[0], &failure), -ENAMETOOLONG);
	longest[PATH_MAX - 1] = '\0';
	assert_int_equal(trust_add(longest, "a", &keys[0], &failure), -ENAMETOOLONG);
}

/* A process of the same id that died while it wrote. */
static void what_a_crash_left_is_no_obstacle(void **state)
{
	struct failure failure = { 0 };
	char file[64];

	(void)state;
	snprintf(file, sizeof(file), ".a.pub.pem.%d", getpid());
	write_file(file, "half", 4);
	assert_int_equal(trust_add(directory, "a", &keys[0], &failure), 0);
	assert_int_equal(count_files(), 1);
}

/* A reader sees all of a key or nothing of it, while keys come and go. */
static void a_reader_never_sees_half_a_key(void **state)
{
	struct failure failure = { 0 };
	int status = -1;

	(void)state;
	pid_t writer = fork();
	if (writer == 0) {
		for (unsigned i = 0; i < 200; i++)
			if (trust_add(directory, "a", &keys[2], &failure) < 0 ||
				trust_remove(directory, "a", &failure) < 0)
				_exit(1);
		_exit(0);
	}
	while (waitpid(writer, &status, WNOHANG) == 0) {
		struct trust *trust = load();
		assert_int_equal(trust->n_problems, 0);
		if (trust->n_keys > 0)
			assert_memory_equal(&trust->keys[0].key, &keys[2], sizeof(keys[2]));
		trust_close(trust);
	}
	assert_int_equal(status, 0);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(good_keys_are_found),
		in_directory(an_empty_store_is_good),
		in_directory(no_store),
		in_directory(a_directory_that_others_write_is_refused),
		in_directory(what_leads_to_the_store_is_checked),
		in_directory(malformed),
		in_directory(of_another_type),
		in_directory(private),
		in_directory(too_large),
		in_directory(the_key_of_another_name),
		in_directory(the_node_id_of_another_key),
		in_directory(one_too_many),
		in_directory(more_problems_than_are_kept),
		in_directory(more_files_than_are_read),
		in_directory(not_a_regular_file),
		in_directory(written_by_others),
		in_directory(owned_by_root_or_the_user),
		in_directory(names),
		in_directory(a_name_is_not_cut_off),
		in_directory(only_the_unprintable_is_replaced),
		in_directory(a_node_of_zeros_is_not_trusted),
		in_directory(hidden_and_long_names),
		in_directory(keys_are_added_and_removed),
		in_directory(what_is_there_is_not_overwritten),
		in_directory(a_store_is_made),
		in_directory(a_store_is_made_at_any_path),
		in_directory(what_a_crash_left_is_no_obstacle),
		in_directory(a_reader_never_sees_half_a_key),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
