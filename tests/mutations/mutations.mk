# SPDX-License-Identifier: BSD-2-Clause
# `make mutations`: what the fast tests do not notice. N changes (30), by SEED (7), of FILES (a regular
# expression); `make mutations UNSEEN=1` lists the lines that no fast test runs.

N    ?= 30
SEED ?= 7

.PHONY: mutations
mutations: $(CRYPTO_LIBRARY) ## change one token at a time, N times (30), and list what test-fast does not notice (as root)
	@python3 -B tests/mutations/mutations.py --build '$(BUILD)' --number '$(N)' --seed '$(SEED)' \
		--files '$(FILES)' $(if $(UNSEEN),--unseen) $(fast_programs:$(BUILD)/%=%) $(fast_scripts)
