# SPDX-License-Identifier: BSD-2-Clause
# `make mutations`: what the fast tests do not notice. N changes (30), by SEED (7), of FILES (a regular
# expression); `make mutations UNSEEN=1` lists the lines that no fast test runs.

N    ?= 30
SEED ?= 7

# What judges how the binary is built, not what it does: the copy is built in another way.
built_tests := tests/unit/test_hardening.sh

.PHONY: mutations
mutations: $(CRYPTO_LIBRARY) ## change one token at a time, N times (30), and list what test-fast does not notice (as root)
	@python3 -B tests/mutations/mutations.py --build '$(BUILD)' --number '$(N)' --seed '$(SEED)' \
		--files '$(FILES)' $(if $(UNSEEN),--unseen) $(fast_programs:$(BUILD)/%=%) $(filter-out $(built_tests),$(fast_scripts))
