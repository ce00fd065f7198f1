# SPDX-License-Identifier: BSD-2-Clause
# `make fuzz`: what reads bytes of others, under libFuzzer. What it finds is in build/fuzz/NAME.*;
# build/fuzz/fuzz_NAME FILE repeats it. What is worth keeping becomes a case of a unit test.

FUZZ_SECONDS    ?= 60
FUZZ_EXECUTIONS ?= 10000000

fuzz_folder   := $(BUILD)/fuzz
# With sanitizers, some loops that ask for it cannot be unrolled.
fuzz_flags    := -O1 -g -std=gnu11 $(WARNINGS) -Wno-pass-failed -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzz_sources  := $(wildcard tests/fuzz/fuzz_*.c)
fuzz_programs := $(fuzz_sources:tests/fuzz/%.c=$(fuzz_folder)/%)
# Not what no fuzzer calls.
fuzzed_sources := $(filter-out core/lab/% core/mapek/% core/export/text_%,$(core_sources)) \
	$(wildcard core/mapek/policy*.c) core/mapek/measure.c
fuzz_library  := $(fuzzed_sources:%.c=$(fuzz_folder)/%.o) \
	$(patsubst %,$(fuzz_folder)/tests/lib/%.o,packet_model packet_native snapshot_sample fields_same)

$(fuzz_folder)/%.o: %.c $(BUILD)/flags | $(mldsa_constants) $(CRYPTO_LIBRARY)
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(X0_CPPFLAGS) $(CPPFLAGS) $(fuzz_flags) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(fuzz_folder)/libfuzzed.a: $(fuzz_library) $(BUILD)/core/kernel/objects_embedded.o
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(fuzz_programs): | $(BUILD)/bpf/xdp_root.bpf.o $(patsubst %,$(BUILD)/tests/plugins/%.bpf.o,before maps)
$(fuzz_programs): $(fuzz_folder)/fuzz_%: $(fuzz_folder)/tests/fuzz/fuzz_%.o $(fuzz_folder)/libfuzzed.a
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(fuzz_flags) -fsanitize=fuzzer $^ $(link_libs) -o $@

.PHONY: fuzz fuzz-programs deps-fuzz
fuzz: deps-fuzz ## install what is missing, build, fuzz each parser for FUZZ_SECONDS (60), again until FUZZ_EXECUTIONS (1e7)
	@$(MAKE) --no-print-directory $(jobs) fuzz-programs
	@EXECUTIONS=$(FUZZ_EXECUTIONS) sh tests/fuzz/run.sh $(fuzz_folder) $(fuzz_folder)/corpus -max_total_time=$(FUZZ_SECONDS)

fuzz-programs: $(fuzz_programs)

deps-fuzz:
	@sh packages.sh build fuzz
