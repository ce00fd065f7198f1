# SPDX-License-Identifier: BSD-2-Clause
# What the compiled objects are, and what kernels say of them, against tables: see tests/verify/verify.sh.

.PHONY: verify attach-table objects-table verified-table
verify: $(program) $(bpf_objects) ## check every compiled object, and what the kernels' verifiers say
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/verify/verify.sh $(bpf_objects)

attach-table: $(BUILD)/tests/integration/test_link_types ## write what attaching changes, of this kernel (as root)
	$(Q)sed -i "/^$$(uname -r | cut -d. -f1,2) /d" tests/integration/attach-table.txt
	$(Q)UPDATE_ATTACH_TABLE=1 $< >/dev/null
	$(Q)cat tests/integration/attach-table.txt

# After `make verify` or `make test-kernels` has failed because a table is out of date.
objects-table: ## write tests/verify/objects.txt from what the last `make verify` saw
	$(Q)sh tests/verify/make-objects.sh $(BUILD)/verify > $(BUILD)/verify/objects.new
	$(Q)mv $(BUILD)/verify/objects.new tests/verify/objects.txt

# GUEST_APPEND=X0_VERIFY_ONLY=1 make test-kernels KERNELS="5.10 6.1 6.12 7" is enough for it.
verified-table: ## write tests/verify/verified.txt from what the last `make test-kernels` saw
	$(Q)sh tests/verify/make-verified.sh $(BUILD) > $(BUILD)/vm/verified.new
	$(Q)mv $(BUILD)/vm/verified.new tests/verify/verified.txt
