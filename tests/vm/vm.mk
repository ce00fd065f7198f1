# SPDX-License-Identifier: BSD-2-Clause
# The matrix of real kernels: see tests/vm/test_kernels.sh.

vm := $(BUILD)/vm

$(vm)/guest_trials: $(BUILD)/tests/vm/guest_trials.o $(libx0)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# What is tested there beside the trials: what depends on the kernel, and is worth its time under
# emulation. The statistics of the secure histogram are not; that it attaches and counts is.
vm_tests := $(addprefix $(BUILD)/tests/integration/, test_attach_modes test_errors test_interface \
	test_lab test_mesh_filter test_mldsa_verify test_packet_parse \
	test_pqc_program test_pqc_verify test_syscall_latency test_tc_classifier \
	test_tracepoint_net test_xdp_chain)
vm_files := tests/vm/guest-test $(program) $(vm)/guest_trials $(vm_tests) $(bpf_objects)

$(vm)/payload.cpio: tests/vm/make-payload.sh $(vm_files)
	sh tests/vm/make-payload.sh $@ $(vm_files)

# With sanitizers no guest is booted: their libraries are not in it.
ifneq ($(SANITIZE),1)
tests: $(vm)/payload.cpio
endif

.PHONY: test-kernels verified-table
test-kernels: $(vm)/payload.cpio ## boot each kernel of the matrix, or KERNELS="5.10 6.1", and test there
	BUILD=$(BUILD) sh tests/vm/test_kernels.sh $(KERNELS)

# After `make test-kernels` has failed because the table is out of date.
verified-table: ## write tests/vm/verified.txt from what the last `make test-kernels` saw
	sh tests/vm/make-verified.sh $(vm) > $(vm)/verified.new
	mv $(vm)/verified.new tests/vm/verified.txt

.PHONY: verify
verify: $(program) $(vm)/guest_trials ## check every compiled object, and what the kernels' verifiers say
	BUILD=$(BUILD) X0TOP=$(program:x0top=./x0top) sh tests/verify.sh $(bpf_objects)
