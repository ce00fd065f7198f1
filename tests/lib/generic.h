/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs each test of native XDP again in generic XDP. */
#ifndef X0_TESTS_GENERIC_H
#define X0_TESTS_GENERIC_H

/* An entry of a table of struct CMUnitTest. */
#define generic_test(function, setup, teardown)                                               \
	{                                                                                     \
		.name = #function "_generic", .test_func = (function), .setup_func = (setup), \
		.teardown_func = (teardown),                                                  \
	}

#endif
