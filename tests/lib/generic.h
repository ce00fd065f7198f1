/* SPDX-License-Identifier: BSD-2-Clause */
/* A test that runs in native XDP runs once more in generic XDP, which its setup asks for. */
#ifndef X0_TESTS_GENERIC_H
#define X0_TESTS_GENERIC_H

/* An entry of a table of struct CMUnitTest. */
#define generic_test(function, setup, teardown)                                               \
	{                                                                                     \
		.name = #function "_generic", .test_func = (function), .setup_func = (setup), \
		.teardown_func = (teardown),                                                  \
	}

#endif
