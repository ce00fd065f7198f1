#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Changes one token of the program at random, again and again, and tells which changes the fast tests do not notice.

Works on a copy of the sources in BUILD/mutations. A run with the coverage measured first tells which tests run which
line; those are run for a change of it, the quickest first, until one fails. A line that no test runs counts as a change
that was not noticed. As root, each test has namespaces of its own, and can write nowhere but to the copy and /tmp."""

import argparse
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import coverage
import mutants

# Counters are written by whoever an x0top has become, too.
ALONE = """set -e
mount --bind "$TREE" "$TREE"; mount --bind /tmp /tmp
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /run; mkdir /run/netns; mount -t tmpfs tmpfs /var/log
mount -t bpf -o mode=0700 bpf /sys/fs/bpf; ip link set lo up
ip link add x0host type veth peer name x0peer; ip link set x0host up; ip link set x0peer up
cd "$TREE"; [ -z "${GCOV_PREFIX:-}" ] || umask 0; set +e; "$@"; exit $?"""
FILES = ("core/", "cli/", "tui/", "bpf/")
TOOLS = ("tests/faults/act", "tests/load/frames")
PLUGINS = ("tests/plugins/", "examples/")
# Below build/, which tests of the sources leave out.
BUILT, COUNTED = "build/plain", "build/counted"
PLAIN = "-O1 -g0 -fPIC -w"
COUNTING = "-O1 -g --coverage -fprofile-update=prefer-atomic -fPIC -w -include tests/mutations/exit.h"
SECONDS_MOST = 60


class Tree:
    """The copy, and how it is built."""

    def __init__(self, build):
        self.source = os.getcwd()
        self.path = os.path.join(os.path.abspath(build), "mutations", "tree")
        self.kept = os.path.join(self.path, "build", "kept")
        os.makedirs(self.kept, exist_ok=True)
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, text=True, check=True).stdout
        self.files = sorted({name for name in listed.split("\0") if name and os.path.isfile(name)})
        self.copy()
        for folder in (BUILT, COUNTED):
            os.makedirs(os.path.join(self.path, folder), exist_ok=True)
            for name in ("openssl", "second-signer"):
                made, here = os.path.join(os.path.abspath(build), name), os.path.join(self.path, folder, name)
                if os.path.isdir(made) and not os.path.lexists(here):
                    os.symlink(made, here)

    def copy(self):
        """Brings the copy up to date; what has not changed keeps its time."""
        for where, folders, names in os.walk(self.path):
            if where == self.path:
                folders[:] = [name for name in folders if name != "build"]
            for name in names:
                path = os.path.join(where, name)
                if os.path.relpath(path, self.path) not in self.files and name != "x0top":
                    os.unlink(path)
        for name in self.files:
            there = os.path.join(self.path, name)
            if not os.path.exists(there) or read(name) != read(there):
                os.makedirs(os.path.dirname(there), exist_ok=True)
                shutil.copy(name, there)

    def digest(self, names):
        digest = hashlib.sha256()
        for name in names:
            digest.update(name.encode() + read(name))
        return digest.hexdigest()

    def make(self, folder, flags, tests):
        """Builds into `folder`: the program as a shared library, which each mutant is linked into once, and tests."""
        ccache = "ccache " if shutil.which("ccache") else ""
        common = ["make", "-s", f"-j{os.cpu_count()}", f"BUILD={folder}", "ONE_LIBRARY=1", f"CFLAGS={flags}",
                  f"CC={ccache}cc", f"CLANG={ccache}clang", "-o", f"{folder}/openssl/lib/libcrypto.a"]
        library = os.path.join(self.path, folder, "libx0.so")
        programs = [f"{folder}/{test}" for test in tests if not test.endswith(".sh")]
        # What tests load or start besides: a test that lacks it fails as it is, and would be left out.
        beside = [f"{folder}/{tool}" for tool in TOOLS] + [
            f"{folder}/{name[:-2]}.o" for name in self.files if name.startswith(PLUGINS) and name.endswith(".bpf.c")]
        environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
        steps = ([*common, library, *[f"{program}.o" for program in programs]],
                 [*common, "-o", library, f"{folder}/x0top", *programs, *beside])
        for step in steps:
            done = subprocess.run(step, cwd=self.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                return done.stdout.decode(errors="replace")
        return None


def read(path):
    with open(path, "rb") as file:
        return file.read()


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setsid()


def run(tree, folder, test, limit, **more):
    """The exit status of a test, of which None stands for too long, and the seconds that it took."""
    command = ["sh", test] if test.endswith(".sh") else [f"{folder}/{test}"]
    if os.geteuid() == 0:
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                   "private", "sh", "-c", ALONE, "alone", *command]
    environment = {**os.environ, **more, "TREE": tree.path, "BUILD": folder,
                   "X0TOP": os.path.join(tree.path, folder, "x0top")}
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=tree.path, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=limits)
    try:
        output, _ = process.communicate(timeout=limit)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        status = None
    with open(os.path.join(tree.kept, f"{test.replace('/', '.')}.log"), "wb") as log:
        log.write(output)
    return status, time.monotonic() - began


class Tests:
    """What each test runs, measured once and kept until it or what it runs has changed."""

    def __init__(self, tree, names):
        self.tree, self.file = tree, os.path.join(tree.kept, "tests.json")
        parts = [name for name in tree.files if name.startswith((*FILES, "tests/lib/"))]
        # Headers and tables are no lines that a test runs.
        self.shared = [name for name in parts
                       if not name.endswith(".c") or not mutants.of_file(name, read(name).decode())]
        self.kernel = [name for name in parts if name.startswith("bpf/")]
        kept = json.loads(read(self.file)) if os.path.exists(self.file) else {}
        self.known = {name: kept[name] if kept.get(name, {}).get("of") == self.digest(name, kept.get(name, {})) else {}
                      for name in names}

    def digest(self, name, test):
        """Of all that a test's lines and verdict depend on."""
        ran = [path for path, (run, _) in test.get("lines", {}).items() if run and path in self.tree.files]
        kernel = self.kernel if name.startswith("tests/integration/") else []
        return self.tree.digest(sorted({name if name.endswith(".sh") else f"{name}.c", *self.shared, *kernel, *ran}))

    def keep(self):
        with open(self.file + ".new", "w") as file:
            json.dump(self.known, file)
        os.rename(self.file + ".new", self.file)

    def measure(self):
        missing = [name for name, test in self.known.items() if "lines" not in test]
        if not missing:
            return
        print(f"measures what {len(missing)} tests run", flush=True)
        said = self.tree.make(COUNTED, COUNTING, missing)
        if said is not None:
            sys.exit(said)
        for name in missing:
            self.measure_one(name)
            self.keep()

    def measure_one(self, name):
        test = self.known[name]
        counters = os.path.join(self.tree.path, COUNTED, "counters")
        shutil.rmtree(counters, ignore_errors=True)
        # x0top gives its rights up before it ends, and can make no folder then.
        for where, _, _ in list(os.walk(os.path.join(self.tree.path, COUNTED))):
            os.makedirs(counters + where, exist_ok=True)
        subprocess.run(["chmod", "-R", "a+rwX", counters], check=True)
        status, seconds = run(self.tree, COUNTED, name, SECONDS_MOST, GCOV_PREFIX=counters)
        lines = coverage.lines_run(self.tree.path, counters, COUNTED)
        test.update(lines=lines, seconds=seconds, of=self.digest(name, {"lines": lines}))
        if status == 0:
            test["status"] = status
        print(f"    {name}: {sum(len(run) for run, _ in lines.values())} lines, {seconds:.1f} s", flush=True)

    def passing(self):
        """Leaves out what fails without any change, or runs nothing of the program."""
        for name, test in list(self.known.items()):
            if "status" not in test:  # it fails when it is counted
                status, test["seconds"] = run(self.tree, BUILT, name, SECONDS_MOST)
                if status != 0:  # by the load of other work, perhaps
                    status, test["seconds"] = run(self.tree, BUILT, name, SECONDS_MOST)
                test["status"] = "too long" if status is None else status
                self.keep()
            if test["status"] != 0:
                print(f"left out: {name} fails as it is: {test['status']}", flush=True)
        self.known = {name: test for name, test in self.known.items() if test["status"] == 0 and
                      (test["lines"] or name.startswith("tests/integration/"))}

    def of_line(self, path, line):
        """The tests that run a line, the quickest first. For a BPF program, which the kernel runs, those that need
        the kernel, too."""
        known = set()
        for test in self.known.values():
            known.update(*test["lines"].get(path, ()))
        statement = max((number for number in known if number <= line), default=0)
        found = {name for name, test in self.known.items() if statement in test["lines"].get(path, ((),))[0]}
        kernel = {name for name in self.known if path.startswith("bpf/") and name.startswith("tests/integration/")}
        quick = lambda name: self.known[name]["seconds"]
        return sorted(found, key=quick) + sorted(kernel - found, key=quick)


def noticed_by(tree, tests, mutant):
    """The test that notices a mutant, or None."""
    for name in tests.of_line(mutant.file, mutant.line):
        limit = min(SECONDS_MOST, 10 + 4 * tests.known[name]["seconds"])
        status, _ = run(tree, BUILT, name, limit)
        if status not in (0, 77):
            return name
    return None


def score(tree, tests, wanted, chosen):
    """Tries mutants until `wanted` of them have been; a line is chosen first, then what becomes of it."""
    survivors, tried = [], 0
    for candidates in chosen:
        if tried == wanted:
            break
        mutant = random.choice(candidates)
        path = os.path.join(tree.path, mutant.file)
        original = read(mutant.file).decode()
        began = time.monotonic()
        runs = bool(tests.of_line(mutant.file, mutant.line))
        try:
            with open(path, "w") as file:
                file.write(mutant.applied(original))
            if runs and tree.make(BUILT, PLAIN, tests.known) is not None:
                continue
            tried += 1
            by = noticed_by(tree, tests, mutant) if runs else None
        finally:
            with open(path, "w") as file:
                file.write(original)
        if by is None:
            survivors.append((mutant, runs))
        said = f"noticed by {os.path.basename(by)}" if by else "SURVIVED" if runs else "SURVIVED, no test runs it"
        print(f"{tried - len(survivors)}/{tried} {said} ({time.monotonic() - began:.0f} s)\n    {mutant}", flush=True)
    return survivors, tried


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--number", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--files", default="", help="a regular expression")
    parser.add_argument("--unseen", action="store_true", help="list the lines that no test runs, and change none")
    parser.add_argument("tests", nargs="+", help="tests/unit/test_x, tests/unit/test_y.sh")
    options = parser.parse_args()
    random.seed(options.seed)
    tree = Tree(options.build)
    tests = Tests(tree, options.tests)
    tests.measure()
    said = tree.make(BUILT, PLAIN, tests.known)
    if said is not None:
        sys.exit(said)
    tests.passing()
    sources = [name for name in tree.files if name.startswith(FILES) and name.endswith((".c", ".h"))
               and re.search(options.files, name)]
    lines = [line for name in sources for line in mutants.of_file(name, read(name).decode())]
    if options.unseen:
        for line in lines:
            if not tests.of_line(line[0].file, line[0].line):
                print(f"{line[0].file}:{line[0].line}: {line[0].old.strip()}")
        return
    random.shuffle(lines)
    survivors, tried = score(tree, tests, options.number, lines)
    print("\nNot noticed:")
    for mutant, runs in survivors:
        print(f"{mutant}{'' if runs else '  (no test runs it)'}")
    print(f"seed {options.seed}: {tried - len(survivors)} of {tried} noticed")


if __name__ == "__main__":
    main()
