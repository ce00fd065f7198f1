# SPDX-License-Identifier: BSD-2-Clause
# Installing, and Debian's package. DESTDIR and PREFIX are honoured.

UNIT_FOLDER ?= $(PREFIX)/lib/systemd/system
units       := $(wildcard packaging/systemd/*)

# What is installed, as SOURCE:MODE:PLACE.
installed = $(program):0755:$(PREFIX)/sbin/x0top \
	$(foreach page,$(wildcard man/*.[1-8]),$(page):0644:$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page))) \
	completion/x0top.bash:0644:$(PREFIX)/share/bash-completion/completions/x0top \
	man/x0top.yaml.example:0644:/etc/x0top/x0top.yaml.example \
	packaging/x0top.yaml:0644:/etc/x0top/x0top.yaml \
	$(foreach file,$(wildcard packaging/prometheus/*),$(file):0644:$(PREFIX)/share/x0top/prometheus/$(notdir $(file))) \
	$(foreach unit,$(units),$(unit):0644:$(UNIT_FOLDER)/$(notdir $(unit)))

.PHONY: install uninstall
install: all ## install into PREFIX (/usr/local), DESTDIR is honoured
	@set -e; for file in $(installed); do \
		source=$${file%%:*} place=$${file##*:}; mode=$${file#*:}; mode=$${mode%%:*}; \
		echo "  INSTALL   $(DESTDIR)$$place"; \
		case $$place in /etc/*) [ ! -e $(DESTDIR)$$place ] || continue ;; esac; \
		install -D -m $$mode $$source $(DESTDIR)$$place; \
	done
	@$(foreach unit,$(units),sed -i 's|/usr/sbin/x0top|$(PREFIX)/sbin/x0top|' $(DESTDIR)$(UNIT_FOLDER)/$(notdir $(unit));)

# What somebody has changed in /etc/x0top stays. A running service is not stopped, and what an enforcing
# x0top has pinned goes on: x0top programs down.
uninstall: ## remove what `make install` put there; what was changed or added in /etc/x0top stays
	@for file in $(installed); do \
		source=$${file%%:*} place=$(DESTDIR)$${file##*:}; \
		case $$file in *:/etc/*) cmp -s $$source $$place || continue ;; esac; \
		rm -f $$place; \
	done
	@rmdir $(DESTDIR)$(PREFIX)/share/x0top/prometheus $(DESTDIR)$(PREFIX)/share/x0top \
		$(DESTDIR)/etc/x0top 2>/dev/null || true

# --- Debian's package -----------------------------------------------------------------------------

architecture = $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(machine)))
deb_folder   = $(abspath $(BUILD))/deb

.PHONY: deb deps-deb test-deb
deb: deps-deb ## build Debian's package, BUILD/x0top_VERSION_ARCHITECTURE.deb; with CROSS=aarch64, the one for arm64
	@rm -rf $(deb_folder)
	@$(MAKE) --no-print-directory $(jobs) install DESTDIR=$(deb_folder)/debian/x0top PREFIX=/usr units=
	@sh packaging/make-deb.sh $(architecture) $(VERSION) $(deb_folder) $(sysroot)
	@echo $(BUILD)/x0top_$(VERSION)_$(architecture).deb

deps-deb:
	@sh packages.sh build package $(if $(CROSS),cross)

test-deb: deb ## install, try and purge that package in new Debian 12 and 13 (as root); with CROSS=aarch64, in an emulated 12
	@sh packages.sh chroot $(if $(CROSS),test)
	@BUILD=$(BUILD) sh $(if $(CROSS),tests/packaging/guest.sh $(CROSS) bookworm,tests/packaging/debian.sh bookworm trixie)
