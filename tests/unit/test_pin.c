// SPDX-License-Identifier: BSD-2-Clause
/* Names as the kernel keeps them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/pin.h"

static void names_are_cut_at_15_characters(void **state)
{
	(void)state;
	assert_true(pin_kernel_name_is("xdp_root", "xdp_root"));
	assert_true(pin_kernel_name_is("xdp_mesh_filter", "xdp_mesh_filter"));
	assert_true(pin_kernel_name_is("mesh_filter_con", "mesh_filter_control"));
	assert_false(pin_kernel_name_is("mesh_filter_co", "mesh_filter_control"));
	assert_false(pin_kernel_name_is("mesh_filter_tot", "mesh_filter_control"));
	assert_false(pin_kernel_name_is("xdp_root2", "xdp_root"));
	assert_false(pin_kernel_name_is("xdp_roo", "xdp_root"));
	assert_false(pin_kernel_name_is("", "xdp_root"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cut_at_15_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
