# SPDX-License-Identifier: BSD-2-Clause
# What the compiled objects are, and what kernels say of them, against tables: see tests/verify/verify.sh.

.PHONY: verify objects-table verified-table
verify: $(program) $(bpf_objects) ## check every compiled object, and what the kernels' verifiers say
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/verify/verify.sh $(bpf_objects)

# After `make verify` or `make test-kernels` has failed because a table is out of date.
objects-table: ## write tests/verify/objects.txt from what the last `make verify` saw
	$(Q)sh tests/verify/make-objects.sh $(BUILD)/verify > $(BUILD)/verify/objects.new
	$(Q)mv $(BUILD)/verify/objects.new tests/verify/objects.txt

verified-table: ## write tests/verify/verified.txt from what the last `make test-kernels` saw
	$(Q)sh tests/verify/make-verified.sh $(BUILD)/vm > $(BUILD)/vm/verified.new
	$(Q)mv $(BUILD)/vm/verified.new tests/verify/verified.txt
