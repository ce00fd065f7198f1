# SPDX-License-Identifier: BSD-2-Clause
# The matrix of real kernels: see tests/vm/test-kernels.sh.

vm := $(BUILD)/vm

$(vm)/guest_%: $(BUILD)/tests/vm/guest_%.o $(test_library) $(libtui) $(libx0)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lcmocka $(LDLIBS) -o $@

vm_programs := $(patsubst tests/vm/%.c,$(vm)/%,$(wildcard tests/vm/guest_*.c))

$(vm)/payload.cpio: tests/vm/make-payload.sh tests/vm/guest-test $(vm_programs)
	sh tests/vm/make-payload.sh $@ $(filter-out %.sh,$^)

.PHONY: test-kernels
test-kernels: $(vm)/payload.cpio ## boot every kernel of the matrix, or KERNELS="5.10 6.1", and test there
	sh tests/vm/test-console-scan.sh
	sh tests/vm/test-run-guest.sh $(vm)
	sh tests/vm/test-kernels.sh $(vm) $< $(KERNELS)
