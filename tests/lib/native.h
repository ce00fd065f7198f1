/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs each test of generic XDP, the default, again in native XDP. */
#ifndef X0_TESTS_NATIVE_H
#define X0_TESTS_NATIVE_H

/* An entry of a table of struct CMUnitTest. */
#define native_test(function, setup, teardown)                                               \
	{                                                                                    \
		.name = #function "_native", .test_func = (function), .setup_func = (setup), \
		.teardown_func = (teardown),                                                 \
	}

#endif
