// SPDX-License-Identifier: BSD-2-Clause
#include "base/library.h"

#ifdef X0_WEB
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_open(const char *file, const struct library_function *wanted, size_t n, void *functions)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return -ENOENT;
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(library, wanted[i].name);
		if (function == NULL)
			return -ENOSYS;
		memcpy((char *)functions + wanted[i].offset, &function, sizeof(function));
	}
	return 0;
}
#endif
