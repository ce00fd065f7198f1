# SPDX-License-Identifier: BSD-2-Clause
# What machine the compiler makes code for. `make CROSS=aarch64 x0top` builds for another one, in a folder
# of its own and with the libraries of its Debian packages: see cross/sysroot.sh.

machines := x86_64 aarch64

ifneq ($(CROSS),)
BUILD   := $(BUILD)/$(CROSS)-linux-gnu
sysroot := $(BUILD)/sysroot
ifeq ($(origin CC),file)
CC := $(CROSS)-linux-gnu-gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS)-linux-gnu-ar
endif
PKG_CONFIG  := PKG_CONFIG_SYSROOT_DIR=$(abspath $(sysroot)) \
	PKG_CONFIG_LIBDIR=$(abspath $(sysroot))/usr/lib/$(CROSS)-linux-gnu/pkgconfig pkg-config
X0_SYSROOT  := --sysroot=$(abspath $(sysroot))

ifeq ($(needs_libraries),1)
# make reads all again once this is there.
-include $(sysroot)/ready.mk
$(sysroot)/ready.mk: cross/sysroot.sh archive.sh packages.sh
	@echo 'Fetching the libraries of $(CROSS).'
	@mkdir -p $(@D)
	$(Q)sh $< $(CROSS) $(sysroot) $$(sh packages.sh --list libraries unit guest)
	$(Q)touch $@
endif
endif

# `make LIBC=musl x0top` builds against musl, statically: see cross/musl.sh.
ifeq ($(LIBC),musl)
BUILD := $(BUILD)/$(shell uname -m)-linux-musl
musl  := $(abspath $(BUILD))/libraries
ifeq ($(origin CC),file)
CC := musl-gcc
endif
PKG_CONFIG   := PKG_CONFIG_LIBDIR=$(musl)/lib/pkgconfig pkg-config --static
X0_INCLUDES  := -isystem $(musl)/include
X0_CPPFLAGS  += $(X0_INCLUDES)
X0_LDFLAGS   := $(filter-out -pie,$(X0_LDFLAGS)) -static -L$(musl)/lib
# Tests put functions of their own in place of libraries', which only shared ones allow unasked.
test_ldflags := -Wl,-z,muldefs

ifeq ($(needs_libraries),1)
-include $(musl)/ready.mk
$(musl)/ready.mk: cross/musl.sh archive.sh
	@echo 'Building the libraries against musl, which takes some minutes.'
	$(Q)sh $< $(@D)
	$(Q)touch $@
endif
endif

target  := $(shell $(CC) -dumpmachine 2>/dev/null)
machine := $(firstword $(subst -, ,$(target)))
ifeq ($(needs_libraries),1)
ifeq ($(filter $(machines),$(machine)),)
$(error x0top runs on x86_64 and aarch64 alone, and not on "$(or $(CROSS),$(target))", which $(CC) is for: it \
	needs a 64-bit kernel, and knows the system calls and registers of these)
endif
ifneq ($(filter-out $(machine),$(CROSS)),)
$(error CROSS=$(CROSS), but $(CC) makes code for $(target))
endif
endif
