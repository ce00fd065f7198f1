# SPDX-License-Identifier: BSD-2-Clause
# What continuous integration runs beside `make test`. .github/workflows/ebpf-ci.yml calls nothing but
# make targets; `make workflow-local` runs them here.

# --- unit tests, sanitizers, valgrind -------------------------------------------------------------

unit_programs := $(filter $(BUILD)/tests/unit/% $(BUILD)/tests/tui/%,$(test_programs))

.PHONY: test-unit test-sanitize test-valgrind
test-unit: x0top $(unit_programs) ## run the tests that need neither privileges nor a certain kernel
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/run.sh $(unit_programs)

# Not the kernel matrix and not the build's own test: those would only do the same again.
sanitize_scripts := tests/integration/test_command_line.sh tests/tui/test_end_to_end.sh

ifeq ($(SANITIZE),1)
test_scripts := $(sanitize_scripts)
# The first error ends the program, with a status that no test expects.
export ASAN_OPTIONS  ?= detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99
export UBSAN_OPTIONS ?= print_stacktrace=1
export LSAN_OPTIONS  ?= suppressions=$(abspath tests/ci/leaks.txt):print_suppressions=0
endif

test-sanitize: ## run the tests with the address and the undefined-behaviour sanitizer (as root)
	@$(MAKE) --no-print-directory test SANITIZE=1

test-valgrind: deps-valgrind ## run the unit tests under valgrind
	@$(MAKE) --no-print-directory $(jobs) $(unit_programs)
	@BUILD=$(BUILD) sh tests/ci/valgrind.sh $(filter $(BUILD)/tests/unit/%,$(unit_programs))

# --- what looks at the sources --------------------------------------------------------------------

c_sources := $(core_sources) $(cli_sources) $(tui_sources) $(wildcard tests/*/*.c bpf/mldsa/*.c)
c_headers := $(wildcard */*.h */*/*.h)
scan      := $(BUILD)/scan

.PHONY: scan scan-cppcheck scan-tidy scan-analyzer scan-dependencies
scan: deps-scan ## cppcheck, clang-tidy, gcc -fanalyzer, known faults of dependencies; findings fail
	@$(MAKE) --no-print-directory --keep-going --output-sync $(jobs) scan-cppcheck scan-tidy scan-analyzer scan-dependencies

# LIBBPF_OPTS and the loops of jansson are macros that cppcheck has no header for.
scan-cppcheck:
	@mkdir -p $(scan)
	$(call say,CPPCHECK,)
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/ci/cppcheck.txt \
		'-DLIBBPF_OPTS(type,name,...)=struct type name = { __VA_ARGS__ }' \
		'-Djson_object_foreach(object,key,value)=while (next(object, key, value))' \
		'-Djson_array_foreach(array,index,value)=while (next(array, index, value))' \
		-D_GNU_SOURCE -D__x86_64__ -Icore -Icli -Itui -Ibpf/include -Ibpf -I. \
		$(c_sources) 2>&1 | tee $(scan)/cppcheck.txt; [ ! -s $(scan)/cppcheck.txt ]

# One file each: in a second file, clang-tidy 14 takes every va_list for uninitialised.
scan-tidy: $(c_sources:%.c=$(scan)/%.tidy)
$(scan)/%.tidy: %.c $(c_headers) .clang-tidy tests/.clang-tidy $(BUILD)/flags | $(mldsa_constants) $(CRYPTO_LIBRARY)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- $(filter-out -W%,$(compile_flags)) >$@.log 2>/dev/null || \
		{ cat $@.log; exit 1; }
	@mv $@.log $@

scan-analyzer: $(c_sources:%.c=$(scan)/%.analyzed)
$(scan)/%.analyzed: %.c $(c_headers) $(BUILD)/flags | $(mldsa_constants) $(CRYPTO_LIBRARY)
	$(call say,ANALYZE,$<)
	@mkdir -p $(@D)
	$(Q)gcc $(compile_flags) -fanalyzer -Werror -c $< -o /dev/null
	@touch $@

scan-dependencies: $(program)
	@mkdir -p $(scan)
	@BUILD=$(BUILD) sh tests/ci/audit.sh $(program) $(scan)/audit.txt

# --- performance ----------------------------------------------------------------------------------

.PHONY: bench-check bench-ratios
bench-check: deps-bench ## run the benchmarks; fail if a ratio is worse than tests/bench/ratios.json says (as root)
	@$(MAKE) --no-print-directory $(jobs) $(program) $(bench) $(test_plugins) $(examples)
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) python3 tests/bench/check.py $(bench) tests/bench/ratios.json $(BUILD)/bench

bench-ratios: ## write tests/bench/ratios.json from what the last `make bench-check` measured
	$(Q)python3 tests/bench/check.py --store tests/bench/ratios.json $(BUILD)/bench

# --- the container --------------------------------------------------------------------------------

.PHONY: container
container: deps-container ## build Dockerfile.ebpf and run the image (as root); BASE=image, or one made by debootstrap
	@BUILD=$(BUILD) BASE=$(BASE) sh tests/container/run.sh

# --- the workflow ---------------------------------------------------------------------------------

.PHONY: workflow-local quality-gate
workflow-local: ## run the steps of the workflow in a clean clone; takes 40 minutes (as root)
	@/usr/bin/python3 tests/ci/workflow.py run

quality-gate: ## fail unless every one of RESULTS="success ..." is success
	@[ -n "$(strip $(RESULTS))" ] && [ -z "$(strip $(filter-out success,$(RESULTS)))" ] || \
		{ echo "quality-gate: not all succeeded: $(RESULTS)" >&2; exit 1; }
	@echo "quality-gate: all succeeded"

.PHONY: deps-scan deps-valgrind deps-container
deps-scan:
	@sh packages.sh build test scan
deps-valgrind:
	@sh packages.sh build unit valgrind
deps-container:
	@sh packages.sh container
