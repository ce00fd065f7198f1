# SPDX-License-Identifier: BSD-2-Clause

.PHONY: security-scan
security-scan: export CPPFLAGS := $(CPPFLAGS)
security-scan: deps-security $(program) $(mldsa_constants) ## static analysis, and an audit of the libraries; findings fail
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/security/scan.sh

.PHONY: deps-security valgrind
deps-security: ## the packages for the analysis
	@sh packages.sh build security

# Unit tests alone: the others are about the kernel. A leak or an invalid access fails.
valgrind: deps-security $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c)) ## run the unit tests under valgrind
	@for test in $(filter $(BUILD)/tests/unit/%,$(test_programs)); do \
		echo $$test; BUILD=$(BUILD) valgrind --quiet --leak-check=full \
			--errors-for-leak-kinds=definite --error-exitcode=99 $$test >/dev/null || exit 1; done
