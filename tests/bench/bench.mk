# SPDX-License-Identifier: BSD-2-Clause
# `make bench`: what x0top costs, beside what there is to compare with.

bench_sources := $(wildcard tests/bench/*.c)
bench_objects := $(bench_sources:%.c=$(BUILD)/%.o) \
	$(patsubst %,$(BUILD)/tests/lib/%.o,bpf_program cells links live_frames mesh_filter mesh_many netns packets snapshot_sample wait)
bench         := $(BUILD)/tests/bench/bench

$(bench): $(bench_objects) $(libcli) $(libtui) $(libx0)
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) $^ -lcmocka $(link_libs) -o $@

.PHONY: bench deps-bench
bench: deps-bench ## install what is missing, build, measure what x0top costs (as root)
	@$(MAKE) --no-print-directory $(jobs) $(program) $(bench) $(test_plugins) $(examples)
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) $(bench) $(BENCH)

deps-bench:
	@sh packages.sh build test bench

# The detectors on a public benchmark: its data, scorer and table are in the folder NAB.
NAB       ?= ../shared/nab
detectors := $(BUILD)/tests/bench/detectors/detectors

# Built with the tests, so that what they share cannot change without it.
tests: $(bench) $(detectors)

$(detectors): $(detectors).o $(patsubst %,$(BUILD)/core/mapek/%.o,analyze baseline context cusum tail window)
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) $^ -lm -o $@

.PHONY: bench-detectors
bench-detectors: $(detectors) ## score the detectors of MAPE-K on the series in NAB (../shared/nab)
	@$< $(NAB) $(BUILD)/nab
	@python3 tests/bench/detectors/score.py $(NAB) $(BUILD)/nab

.PHONY: bench-shaping
bench-shaping: deps-bench x0top ## the rates that x0top qos shapes and polices to, for iperf3: some 7 minutes (as root)
	@unshare --mount --net sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && mount -t tmpfs tmpfs /var/log && \
		python3 tests/bench/shaping.py $(abspath $(program)) $(BENCH)'

# Queues that this kernel may lack: 6.12 is booted, which has them all.
$(BUILD)/vm/queues.cpio: tests/vm/make-payload.sh tests/vm/queues/guest-test $(bench)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)sh tests/vm/make-payload.sh / $@ tests/vm/queues/guest-test $(bench)

.PHONY: bench-queues
bench-queues: $(BUILD)/vm/queues.cpio ## how long what is urgent waits: x0top qos beside pfifo, fq_codel and cake, in a guest
	@BUILD=$(BUILD) sh tests/vm/queues/boot.sh
