# SPDX-License-Identifier: BSD-2-Clause
# The matrix of real kernels: see tests/vm/test_kernels.sh.

vm := $(BUILD)/vm

# What is tested there beside what the verifier says of each program: what depends on the kernel, and is
# worth its time under emulation. The statistics of the secure histogram are not; that it attaches and
# counts is. Of test_watch, only devices that hosts may lack.
vm_tests := $(addprefix $(BUILD)/tests/integration/, test_attach_modes test_errors test_interface test_link_types \
	test_class_acts test_lab test_map_carry test_mesh_filter test_mesh_kills test_mesh_limits test_mesh_rules test_mesh_talkers test_mldsa_verify \
	test_packet_parse test_plugin_maps test_plugin_programs test_pqc_devices test_pqc_program test_pqc_verify test_rights test_syscall_latency test_syscall_pair test_tc_classifier \
	test_timed_rates test_tracepoint_net test_watch test_xdp_chain)
vm_files := tests/vm/guest-test tests/integration/attach-table.txt $(program) $(vm_tests) $(bpf_objects) \
	$(patsubst %,$(BUILD)/tests/plugins/%.bpf.o,before calls entry maps points probe tc_drop)

# The rate of the clock that guests read: see machine.sh.
$(vm)/tsc_khz: tests/vm/tsc_khz.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 $(WARNINGS) -O1 $< -o $@

$(vm)/payload.cpio: tests/vm/make-payload.sh $(vm_files)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)TOOLS='$(notdir $(wildcard $(sysroot)/usr/bin/wg))' sh tests/vm/make-payload.sh $(sysroot)/ $@ $(vm_files)

# What no cloud kernel has: neighbours of batman-adv, and of WireGuard with them.
$(vm)/originators: tests/vm/mesh/originators.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 $(WARNINGS) -O1 $< -o $@

$(vm)/mesh.cpio: tests/vm/make-payload.sh tests/vm/mesh/guest-test $(vm)/originators $(program)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)TOOLS='wg batctl' sh tests/vm/make-payload.sh / $@ tests/vm/mesh/guest-test $(vm)/originators $(program)

.PHONY: test-mesh
test-mesh: $(vm)/mesh.cpio ## boot Debian's full kernel, and test neighbours of batman-adv and WireGuard there
	@BUILD=$(BUILD) sh tests/vm/test_mesh.sh

.PHONY: guest-payload guest-payloads
guest-payload: $(vm)/payload.cpio
# Of this machine and of the others, which are built in folders of their own.
guest-payloads: $(machines:%=guest-payload-%)
guest-payload-$(machine): $(vm)/payload.cpio $(vm)/tsc_khz
$(patsubst %,guest-payload-%,$(filter-out $(machine),$(machines))): guest-payload-%:
	@$(MAKE) --no-print-directory $(jobs) CROSS=$* CC=$*-linux-gnu-gcc guest-payload

.PHONY: test-kernels
test-kernels: ## boot each kernel of the matrix, or KERNELS="5.10 6.1" and MACHINES="aarch64", and test there
	@$(MAKE) --no-print-directory $(jobs) $(or $(MACHINES:%=guest-payload-%),guest-payloads)
	@BUILD=$(BUILD) ALL_KERNELS=1 MACHINES='$(MACHINES)' sh tests/vm/test_kernels.sh $(KERNELS)

.PHONY: test-small-host
test-small-host: $(program) ## boot hosts of 128 MB, and run all programs by --small there
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/vm/small-host.sh
