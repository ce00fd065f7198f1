# SPDX-License-Identifier: BSD-2-Clause
# What continuous integration runs beside `make test`. .github/workflows/ebpf-ci.yml calls nothing but
# make targets; `make workflow-local` runs them all here.

unit_programs := $(filter $(BUILD)/tests/unit/% $(BUILD)/tests/tui/%,$(test_programs))

.PHONY: test-unit
test-unit: $(unit_programs) ## run the tests that need neither privileges nor a certain kernel
	@BUILD=$(BUILD) sh tests/run.sh $(unit_programs)

.PHONY: objects
objects: $(bpf_objects) ## build the BPF objects alone

# --- what looks at the sources --------------------------------------------------------------------

.PHONY: scan scan-cppcheck scan-tidy scan-analyzer scan-dependencies
scan: scan-cppcheck scan-tidy scan-analyzer scan-dependencies ## cppcheck, clang-tidy, gcc -fanalyzer, npm audit, package updates

# --- the container --------------------------------------------------------------------------------

.PHONY: container
container: deps-container ## build Dockerfile.ebpf and run the image (as root); BASE=image, or one made by debootstrap
	BUILD=$(BUILD) BASE=$(BASE) sh tests/container/run.sh

# --- the workflow ---------------------------------------------------------------------------------

.PHONY: quality-gate
quality-gate: ## fail unless every one of RESULTS="success ..." is success
	@[ -n "$(strip $(RESULTS))" ] && [ -z "$(strip $(filter-out success,$(RESULTS)))" ] || \
		{ echo "quality-gate: not all succeeded: $(RESULTS)" >&2; exit 1; }

.PHONY: deps-scan deps-container
deps-scan:
	@sh packages.sh build test scan
deps-container:
	@sh packages.sh build container
