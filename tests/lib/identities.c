// SPDX-License-Identifier: BSD-2-Clause
#include "identities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct identity *identity_for_test(uint32_t set)
{
	char folder[] = "/tmp/x0top-identities-XXXXXX";
	char name[64], private_path[80], public_path[80];
	struct failure failure = { 0 };
	struct identity *identity = NULL;

	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/node", folder);
	snprintf(private_path, sizeof(private_path), "%s.key.pem", name);
	snprintf(public_path, sizeof(public_path), "%s.pub.pem", name);
	int error = identity_generate(name, set, &failure);
	if (error == 0)
		error = identity_open(private_path, &identity, &failure);
	unlink(private_path);
	unlink(public_path);
	rmdir(folder);
	if (error < 0)
		fail_msg("%s", failure.what);
	return identity;
}
