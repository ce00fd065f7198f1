#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The workflow says what the project promises of it, and the check of that finds what it is for.
# `make workflow-local` runs the steps themselves, which takes too long for `make test`.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=.github/workflows/ebpf-ci.yml
failures=0

/usr/bin/python3 tests/ci/workflow.py check || failures=1

finds() # TEXT SED-SCRIPT: of the workflow with this change, the check says TEXT
{
	sed "$2" "$file" >"$work/changed.yml"
	if cmp -s "$file" "$work/changed.yml"; then
		echo "FAILED: changes nothing: $2"
	elif /usr/bin/python3 tests/ci/workflow.py check "$work/changed.yml" >"$work/out" 2>&1; then
		echo "FAILED: not found: $2"
	elif ! grep -qF "$1" "$work/out"; then
		echo "FAILED: \"$1\" is not said of $2:"
		cat "$work/out"
	else
		return
	fi
	failures=$((failures + 1))
}

finds 'jobs are' 's/^  docker-build:/  docker:/'
finds 'does not always need' 's/security-scan, performance/performance/'
finds 'does not always need' 's/^    if: always()//'
finds 'triggers are' '/workflow_dispatch/d'
finds 'does not see bpf/xdp_root.bpf.c' '/bpf\/\*\*/d'
finds 'does not see completion/x0top.bash' '/completion/d'
finds 'not those of' "s/'5.15', //"
finds 'not those of' '/kernel: .6.5. }/d'
finds 'do not run on every machine' '/^  ebpf-test/,/steps/s/, aarch64//'
finds 'is not pinned' 's/checkout@[0-9a-f]*/checkout@v4/'
finds 'not one make target' 's/run: make scan/run: make scan || true/'
finds 'there is no target' 's/run: make scan/run: make scam/'
finds 'a minute each' 's/FUZZ_SECONDS=60/FUZZ_SECONDS=6/'
finds 'a minute each' '/make fuzz/d'
finds 'nothing runs make test-deb' '/make test-deb/d'
finds 'nothing runs make test-unit LIBC=musl' 's/test-unit LIBC=musl/test-unit/'
finds 'packages of both machines' 's/name: x0top-.*/name: x0top/'
finds '7 days' 's/retention-days: 7/retention-days: 90/'
finds 'leaves no report' 's/report-scan/scan/'
finds 'findings are ignored' 's/^    timeout-minutes: 5$/    continue-on-error: true/'
finds 'permissions' 's/contents: read/contents: write/'

# The gate opens only if every job has succeeded.
for results in '' 'success failure' 'success skipped' cancelled; do
	if make --no-print-directory quality-gate RESULTS="$results" >/dev/null 2>&1; then
		echo "FAILED: the gate opens for \"$results\""
		failures=$((failures + 1))
	fi
done
make --no-print-directory quality-gate RESULTS='success success' >/dev/null || failures=$((failures + 1))

[ "$failures" -eq 0 ]
