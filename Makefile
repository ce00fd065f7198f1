# SPDX-License-Identifier: BSD-2-Clause
# x0top. `make help` lists the tasks.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      ?= cc
ifeq ($(origin CC),default)
CC := cc
endif
# For the BPF programs: CLANG_VERSION=19 is Debian's clang-19.
export CLANG_VERSION
CLANG      ?= clang$(addprefix -,$(CLANG_VERSION))
PKG_CONFIG ?= pkg-config
BUILD      ?= build

LIBRARIES := libbpf libelf zlib ncursesw jansson yaml-0.1 libmnl libcap-ng libseccomp

# CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS and BPF_CFLAGS belong to whoever builds; they come after the
# X0_ variables, which hold what x0top cannot do without.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla -Wundef
CFLAGS      ?= -O2 -g
BPF_CFLAGS  ?= -O2 -g
X0_CPPFLAGS := -D_GNU_SOURCE -DX0TOP_VERSION='"$(VERSION)"' -Icore -Icli -Itui -Ibpf/include -Ibpf -I.
X0_CFLAGS   := -std=gnu11 $(WARNINGS) -fPIE -fstack-protector-strong
X0_LDFLAGS  := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
X0_LDLIBS   := -lm
ifneq ($(LIBC),musl)
# The web server opens its libraries when it starts: core/serve/library.h.
X0_CPPFLAGS += -DX0_WEB
endif

# Only a build needs the libraries; `make deps`, `make help` and `make clean` run without them.
ifeq ($(filter deps deps-test deps-bench deps-fuzz deps-deb run test bench fuzz deb test-deb uninstall help clean,$(MAKECMDGOALS)),)
needs_libraries := 1
endif
include cross/cross.mk
# What runs during the build, on this machine.
HOSTCC ?= $(if $(CROSS),cc,$(CC))

ifeq ($(needs_libraries),1)
X0_CPPFLAGS += $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
X0_LDLIBS   += $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)
include core/crypto/openssl.mk
# Checked branches and protected return addresses, as the compiler's target has them: x86, arm64.
X0_CFLAGS += $(X0_SYSROOT) $(firstword $(foreach flag,-fcf-protection -mbranch-protection=standard,$(shell \
	$(CC) $(flag) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(flag))))
# A tenth of the relocations' bytes, all of which are read at the start: where the C library says that it
# reads them so (glibc from 2.36 on), and the linker does not warn that it cannot write them (arm64's).
X0_LDFLAGS += $(shell $(CC) $(X0_SYSROOT) -dM -E -include features.h -x c /dev/null 2>/dev/null | grep -q __GLIBC__ && \
	grep -qs GLIBC_ABI_DT_RELR "$$($(CC) $(X0_SYSROOT) -print-file-name=libc.so.6)" && \
	! $(CC) $(X0_SYSROOT) -Wl,-z,pack-relative-relocs -shared -x c /dev/null -o /dev/null 2>&1 | grep -q . && \
	echo -Wl,-z,pack-relative-relocs)
X0_CPPFLAGS += $(CRYPTO_CPPFLAGS)
X0_LDLIBS   += $(CRYPTO_LDLIBS)
endif

ifeq ($(SANITIZE),1)
BUILD      := $(BUILD)/sanitize
X0_CFLAGS  += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
X0_LDFLAGS += -fsanitize=address,undefined
else
# Beyond the end of an array nothing is read or written: the program ends there, by a signal. gcc wants to be told that
# a struct's last member is no longer than it says.
X0_CFLAGS += -fsanitize-undefined-trap-on-error $(firstword $(foreach flag,-fsanitize=bounds-strict -fsanitize=bounds,\
	$(shell $(CC) $(flag) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(flag))))
# The C library wants optimization for what it checks, and warns without.
ifneq ($(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,$(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))),)
X0_CFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif

# The derived constants of FIPS 202 and 204, for the kernel and for user space.
X0_CPPFLAGS     += -I$(BUILD)/bpf
mldsa_constants := $(BUILD)/bpf/mldsa_constants.h

compile_flags = $(X0_CPPFLAGS) $(CPPFLAGS) $(X0_CFLAGS) $(CFLAGS)
link_flags    = $(X0_CFLAGS) $(CFLAGS) $(X0_LDFLAGS) $(LDFLAGS)
link_libs     = $(X0_LDLIBS) $(LDLIBS)

BPF_ARCH      := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(machine)))
X0_BPF_CFLAGS := -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra -Wshadow \
	-Wno-unused-parameter -Ibpf/include -Ibpf -I$(BUILD)/bpf $(X0_SYSROOT) \
	-idirafter $(sysroot)/usr/include/$(machine)-linux-gnu
bpf_flags      = $(X0_BPF_CFLAGS) $(BPF_CFLAGS)

bpf_sources  := $(wildcard bpf/*.bpf.c)
bpf_objects  := $(bpf_sources:bpf/%.bpf.c=$(BUILD)/bpf/%.bpf.o)
core_sources := $(wildcard core/*/*.c)
core_objects := $(core_sources:%.c=$(BUILD)/%.o) $(BUILD)/core/kernel/objects_embedded.o
tui_sources  := $(wildcard tui/*.c)
tui_objects  := $(tui_sources:%.c=$(BUILD)/%.o)
cli_sources  := $(wildcard cli/*.c)
cli_objects  := $(cli_sources:%.c=$(BUILD)/%.o)
test_library_sources := $(wildcard tests/lib/*.c)
test_library := $(test_library_sources:%.c=$(BUILD)/%.o)

libx0   := $(BUILD)/libx0.a
libtui  := $(BUILD)/libtui.a
# What the command line is made of, without main(), so that tests can have it.
libcli  := $(BUILD)/libcli.a
ifeq ($(ONE_LIBRARY),1)
# All of it as a shared one, which is linked anew without the tests: see tests/mutations.
libx0   := $(abspath $(BUILD))/libx0.so
libtui  :=
libcli  :=
endif
program := $(BUILD)/x0top

test_sources := $(wildcard tests/unit/test_*.c tests/integration/test_*.c tests/tui/test_*.c)
test_programs := $(test_sources:%.c=$(BUILD)/%)
test_scripts  := $(wildcard tests/*/test_*.sh)
test_tools    := $(BUILD)/tests/faults/act $(BUILD)/tests/load/frames

.PHONY: all
all: x0top ## build ./x0top (no root needed)

# A name for it where people look. Not a symbolic link: setcap(8) takes none.
.PHONY: x0top
ifeq ($(SANITIZE)$(CROSS)$(LIBC),)
x0top: $(program)
	@[ $@ -ef $< ] || ln -f $< $@ 2>/dev/null || cp -p $< $@
else
x0top: $(program)
	@echo '$<'
endif

.PHONY: help
help: ## list the tasks
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# What is made, in a line each; V=1 shows the commands.
ifeq ($(V),1)
say :=
Q   :=
else
say = @printf '  %-9s %s\n' $(1) $(2)
Q   := @
endif

# A text as one word of the shell: flags may hold quotes.
quoted = '$(subst ','\'',$(1))'

# For a make within make: as many jobs as there are processors, unless -j was given.
jobs = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# --- the kernel side ------------------------------------------------------------------------------

$(mldsa_constants): bpf/mldsa/constants.c
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 $(WARNINGS) -O1 -Icore -Ibpf $< -o $(BUILD)/bpf/mldsa_constants
	$(Q)$(BUILD)/bpf/mldsa_constants > $@.new
	$(Q)mv $@.new $@

# Built aside and moved into place: a failed compilation leaves the previous object as it was.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/include/*.h bpf/mldsa/*.h bpf/pqc/*.h) $(mldsa_constants) $(BUILD)/bpf/flags
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@.new
	$(Q)$(if $(shell command -v llvm-strip),llvm-strip -g $@.new)
	$(Q)mv $@.new $@

# The objects become part of the binary: `objects_embedded.S` holds them and a table of their names.
$(BUILD)/core/kernel/objects_embedded.S: core/kernel/embed-objects.sh $(bpf_objects)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)sh core/kernel/embed-objects.sh $(bpf_objects) > $@.new
	$(Q)mv $@.new $@

$(BUILD)/core/kernel/objects_embedded.o: $(BUILD)/core/kernel/objects_embedded.S $(bpf_objects) $(BUILD)/flags
	$(call say,AS,$@)
	$(Q)$(CC) -c $< -o $@

# --- user space -----------------------------------------------------------------------------------

# What the compiler warned of lies beside the object: see tests/unit/test_build.sh.
$(BUILD)/%.o: %.c $(BUILD)/flags | $(mldsa_constants) $(CRYPTO_LIBRARY)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(compile_flags) -MMD -MP -c $< -o $@ 2>$@.said || { cat $@.said >&2; exit 1; }
	@[ -s $@.said ] && cat $@.said >&2 || rm -f $@.said

# What the compilers are called with. Remade only if it changes, and then all is built anew.
$(BUILD)/flags: wanted = $(CC) $(compile_flags) $(X0_LDFLAGS) $(LDFLAGS) $(link_libs)
$(BUILD)/bpf/flags: wanted = $(CLANG) $(bpf_flags)
$(BUILD)/flags $(BUILD)/bpf/flags: FORCE
	@mkdir -p $(@D)
	@echo $(call quoted,$(wanted)) | cmp -s - $@ || echo $(call quoted,$(wanted)) > $@
FORCE:

$(BUILD)/libx0.a: $(core_objects)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libtui.a: $(tui_objects)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libcli.a: $(filter-out $(BUILD)/cli/main.o,$(cli_objects))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

%/libx0.so: $(core_objects) $(tui_objects) $(filter-out $(BUILD)/cli/main.o,$(cli_objects))
	$(call say,LINK,$@)
	$(Q)$(CC) $(filter-out -pie,$(link_flags)) -shared $^ $(link_libs) -o $@

$(program): $(BUILD)/cli/main.o $(libcli) $(libtui) $(libx0)
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) $^ $(link_libs) -o $@.new
	$(Q)mv $@.new $@

# --- tests ----------------------------------------------------------------------------------------

# lld links each of 300 programs in a third of GNU ld's time. Version 14 does not know packed relocations.
ifneq ($(if $(CROSS)$(LIBC)$(SANITIZE)$(ONE_LIBRARY),,$(shell command -v ld.lld)),)
$(test_programs): private link_flags := $(filter-out %pack-relative-relocs,$(link_flags)) -fuse-ld=lld
endif

$(test_programs) $(test_tools): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(test_library) $(libcli) $(libtui) $(libx0)
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) $(test_ldflags) $^ -lcmocka $(link_libs) -o $@

# Plugins of the tests: objects with all that BTF says.
test_plugins := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard tests/plugins/*.bpf.c))

$(test_plugins): $(BUILD)/%.bpf.o: %.bpf.c $(BUILD)/bpf/flags
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

# Plugins, as an operator writes them: with nothing of x0top's.
examples := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard examples/*.bpf.c))

.PHONY: examples
examples: $(examples) ## compile the plugins in examples/

$(examples): $(BUILD)/%.bpf.o: %.bpf.c $(BUILD)/bpf/flags
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(filter-out -I%,$(bpf_flags)) -c $< -o $@

# BPF programs that a test calls read headers where they lie.
ifeq ($(SANITIZE),1)
$(BUILD)/tests/unit/test_%_program.o: private X0_CFLAGS += -fno-sanitize=alignment
endif

# An ML-DSA implementation from npm, pinned, that signs for the tests. They say so if it is missing.
.PHONY: second-signer
second-signer: $(BUILD)/second-signer/node_modules ## fetch what signs for the tests (needs npm)

$(BUILD)/second-signer/node_modules: $(wildcard tests/second-signer/*)
	$(call say,NPM,$@)
	@mkdir -p $(@D)
	$(Q)cp $^ $(@D)
	$(Q)cd $(@D) && npm ci --no-audit --no-fund
	$(Q)touch $@

.PHONY: tests
tests: x0top $(test_programs) $(test_tools) $(test_plugins) $(examples) $(if $(shell command -v npm),second-signer)

# What it needs, fq, is in the kernels of the guests, and may not be in this one.
guest_programs := $(BUILD)/tests/integration/test_timed_rates

.PHONY: test
test: deps-test ## install what is missing, build, run every test (as root)
	@$(MAKE) --no-print-directory $(jobs) tests $(if $(SANITIZE),,guest-payloads $(BUILD)/vm/mesh.cpio)
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/run.sh $(filter-out $(guest_programs),$(test_programs)) $(test_scripts)

# All but the slow ones: each of these takes more than about 10 seconds on a processor of its own.
slow_tests := $(patsubst %,tests/unit/test_%,build.sh fuzz.sh) \
	$(patsubst %,tests/tui/test_%,replay.sh) \
	$(patsubst %,tests/integration/test_%,asked.sh command_line.sh consistency.sh fleet.sh \
	mapek.sh mesh_kills mesh_rules mldsa_verify neighbours.sh peer.sh pins.sh qos.sh \
	qos_command.sh qos_kills pqc_program replace.sh replace_observers.sh rights.sh rule_changes.sh rules_check.sh second_peer.sh serve.sh set_feeds.sh set_nodes.sh \
	sets.sh shortage.sh syscall_secure systemd.sh talkers.sh timed_rates)
fast_folders := tests/unit tests/tui $(if $(filter 0,$(shell id -u)),tests/integration)
fast = $(filter-out $(slow_tests),$(filter $(fast_folders:%=%/%),$1))
fast_programs := $(addprefix $(BUILD)/,$(call fast,$(test_sources:.c=)))
fast_scripts   = $(call fast,$(test_scripts))

.PHONY: test-replace
test-replace: x0top $(BUILD)/tests/load/frames ## replace each program 1,000 times under 1,000,000 packets and 100,000 system calls a second (as root)
	@for test in replace replace_observers; do REPLACEMENTS=1000 RATE=1000000 BUILD=$(BUILD) \
		X0TOP=$(abspath $(program)) sh tests/integration/test_$$test.sh || exit 1; done

# The older one is built once: remove $(BUILD)/older for another.
.PHONY: test-upgrade
test-upgrade: x0top $(BUILD)/tests/load/frames ## let x0top and one of an older commit, OLD=COMMIT, take over from each other under traffic (as root)
	@[ -x $(BUILD)/older/x0top ] || sh tests/upgrade/build.sh $(BUILD)/older $(OLD)
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/upgrade/upgrade.sh $(BUILD)/older/x0top

rule_programs := $(patsubst %,$(BUILD)/tests/integration/test_mesh_%,rules kills limits nftables)

.PHONY: test-rules
test-rules: x0top $(rule_programs) ## run the tests of mesh rules, with a million random packets (as root)
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) X0_RANDOM_RULES=1000000 \
		sh tests/run.sh $(rule_programs) tests/integration/test_two_operators.sh

.PHONY: test-fast
test-fast: x0top $(fast_programs) ## run the quick tests in some 3 minutes: as root those of the kernel, too
	@BUILD=$(BUILD) X0TOP=$(abspath $(program)) sh tests/run.sh $(fast_programs) $(fast_scripts)

.PHONY: schema
schema: $(BUILD)/tests/unit/test_schema ## write the JSON Schema anew from the field tables
	$(Q)$< write > core/export/x0top.schema.json.new
	$(Q)mv core/export/x0top.schema.json.new core/export/x0top.schema.json

.PHONY: metrics-manual
metrics-manual: $(BUILD)/tests/unit/test_metrics_manual ## write the manual of metrics anew from the field tables
	$(Q)$< write > man/x0top-metrics.7.new
	$(Q)mv man/x0top-metrics.7.new man/x0top-metrics.7

include tests/bench/bench.mk

.PHONY: check-warnings
check-warnings: ## compile every C file, or FILES, with CC and nothing else
	@for file in $(or $(FILES),$$(git ls-files '*.c' | grep -v '\.bpf\.c$$')); do \
		$(CC) $(compile_flags) $$file || exit 1; done

.PHONY: check-format
check-format: ## what clang-format would change
	@clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h')

# --- running and installing -----------------------------------------------------------------------

.PHONY: run
run: deps ## install what is missing, build, open the dashboard on a lab mesh (as root)
	@$(MAKE) --no-print-directory $(jobs) all
	./x0top lab

.PHONY: deps deps-test
deps: ## install the packages that a build needs; nothing where they are there
	@sh packages.sh build $(if $(CROSS),cross) $(LIBC)
deps-test: ## the same for the tests
	@sh packages.sh build test

include packaging/packaging.mk
include tests/fuzz/fuzz.mk
include tests/mutations/mutations.mk
include tests/verify/verify.mk
include tests/vm/vm.mk
include tests/ci/ci.mk
include screenshots/screenshots.mk

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) x0top

# build/container and the folders of other machines hold whole file systems.
-include $(shell find $(BUILD) \( -path $(BUILD)/container -o -path '$(BUILD)/*-linux-*' \) -prune -o -name '*.d' -type f -print 2>/dev/null)
