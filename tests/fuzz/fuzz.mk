# SPDX-License-Identifier: BSD-2-Clause
# Fuzzing, by clang's libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer.

FUZZ_SECONDS ?= 60
fuzz_folder  := $(BUILD)/fuzz
fuzz_sources := core/kernel/failure.c core/pqc/exchange.c core/pqc/file.c core/pqc/identity.c \
	core/pqc/key.c core/pqc/message.c core/pqc/peer.c core/pqc/prefix.c core/pqc/reassembly.c \
	core/pqc/request.c core/pqc/session.c core/pqc/verify_native.c

$(fuzz_folder)/fuzz_%: tests/fuzz/fuzz_%.c $(fuzz_sources) $(wildcard core/pqc/*.h bpf/*/*.h) \
		$(mldsa_constants) $(CRYPTO_LIBRARY)
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -O1 -g -std=gnu11 $(WARNINGS) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined $< $(fuzz_sources) $(LDLIBS) -o $@

.PHONY: fuzz
fuzz: $(fuzz_folder)/fuzz_message ## fuzz what arrives from the wire, FUZZ_SECONDS (60) long
	@mkdir -p $(fuzz_folder)/corpus
	cd $(fuzz_folder) && ./fuzz_message -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -len_control=0 \
		-print_final_stats=1 corpus
