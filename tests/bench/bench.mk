# SPDX-License-Identifier: BSD-2-Clause
# `make bench`: what x0top costs, beside what there is to compare with.

bench_sources := $(wildcard tests/bench/*.c)
bench_objects := $(bench_sources:%.c=$(BUILD)/%.o) \
	$(patsubst %,$(BUILD)/tests/lib/%.o,netns packets snapshot_sample)
bench         := $(BUILD)/tests/bench/bench

$(bench): $(bench_objects) $(libcli) $(libx0)
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) $^ -lcmocka $(link_libs) -o $@

.PHONY: bench deps-bench
bench: deps-bench ## install what is missing, build, measure what x0top costs (as root)
	@$(MAKE) --no-print-directory $(jobs) $(program) $(bench)
	@X0TOP=$(abspath $(program)) $(bench) $(BENCH)

deps-bench:
	@sh packages.sh build test bench
