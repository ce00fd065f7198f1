# SPDX-License-Identifier: BSD-2-Clause

.PHONY: screenshots
screenshots: deps-test $(program) ## draw the pictures of the README anew, from the lab (as root)
	sh screenshots/capture.sh $(abspath $(program))
