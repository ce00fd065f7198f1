#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The workflow, read and run.

workflow.py check [FILE]   whether it says what the project promises of it; every step has to be one
                           make target that exists
workflow.py run [JOB...]   runs the steps of all jobs, or these, in order in a clean clone, as root.
                           What only the hosting service has (the actions; kernels that have left
                           Debian's archive) is named and not run. What each step printed is left
                           in build/workflow.
"""
import itertools
import os
import pathlib
import platform
import re
import shlex
import subprocess
import sys
import tempfile
import time

import yaml

FILE = ".github/workflows/ebpf-ci.yml"
LOGS = pathlib.Path("build/workflow")
WORK = ["ebpf-build", "ebpf-test", "security-scan", "performance-benchmark", "docker-build"]
GATE = "quality-gate"
# What no step reads.
UNREAD = ["LICENSE", "screenshots/capture.sh", "screenshots/*.py", "screenshots/*.svg"]
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
COMMAND = re.compile(r"^make [a-z-]+( [A-Z_]+=(\S+|\"[^\"]*\"|\$\{\{[^}]*\}\}))*$")


def kernels():
    """(series, machine) and where each is, from the kernel matrix; `make test` boots the full ones."""
    lines = pathlib.Path("tests/vm/kernels.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {(row[0], row[1]): row[2] for row in rows if row[2] != "full"}


def targets():
    """Every target that the Makefile defines."""
    database = subprocess.run(["make", "-npq", "--no-print-directory", "help"],
                              stdout=subprocess.PIPE, text=True, check=False).stdout
    return set(re.findall(r"^([a-z-]+):(?!=)", database, re.MULTILINE))


def steps_of(workflow):
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            yield name, step


def check_steps(workflow, known):
    for name, step in steps_of(workflow):
        if ("run" in step) == ("uses" in step):
            yield f"{name}: a step is either `run` or `uses`"
        elif "uses" in step and not PINNED.match(step["uses"]):
            yield f"{name}: {step['uses']} is not pinned to a commit"
        elif "run" in step and not COMMAND.match(step["run"]):
            yield f"{name}: not one make target: {step['run']}"
        elif "run" in step and step["run"].split()[1] not in known:
            yield f"{name}: there is no target {step['run'].split()[1]}"


def matches(file, patterns):
    """As GitHub matches paths: one star stops at a slash, two do not."""
    return any(re.fullmatch(re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"), file)
               for pattern in patterns)


def check_triggers(on):
    files = subprocess.run(["git", "ls-files"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    if set(on) != {"push", "pull_request", "workflow_dispatch"}:
        yield f"triggers are {', '.join(on)}"
    for trigger in "push", "pull_request":
        paths = (on.get(trigger) or {}).get("paths", [])
        yield from (f"{trigger} does not see {file}" for file in files
                    if not matches(file, paths + UNREAD))


def check_fuzzing(workflow):
    seconds = re.findall(r"make fuzz FUZZ_SECONDS=(\d+)", str(workflow["jobs"]))
    if not seconds or int(seconds[0]) < 60:
        yield "the fuzzers do not run for a minute each"


def check_builds(workflow):
    """Debian's package and the other C library, on each machine, and what comes of it to be had."""
    steps = workflow["jobs"]["ebpf-test"]["steps"]
    commands = [step.get("run") for step in steps]
    for command in "make test-deb", "make test-unit LIBC=musl":
        if command not in commands:
            yield f"nothing runs {command}"
    kept = [step["with"] for step in steps if "with" in step and ".deb" in step["with"].get("path", "")]
    if not kept or any("matrix.machine" not in with_["name"] for with_ in kept):
        yield "the packages of both machines are not kept"


def check_artifacts(workflow):
    uploads = [step["with"] for _, step in steps_of(workflow)
               if "upload-artifact" in step.get("uses", "")]
    objects = [with_ for with_ in uploads if ".bpf.o" in with_["path"]]
    if not objects or any(with_.get("retention-days") != 7 for with_ in objects):
        yield "the objects are not kept for 7 days"
    for name, job in workflow["jobs"].items():
        text = str(job["steps"])
        if name != GATE and "report-" not in text:
            yield f"{name}: leaves no report"


def check(workflow):
    """All that is wrong with it."""
    jobs = workflow["jobs"]
    if list(jobs) != WORK + [GATE]:
        yield f"jobs are {', '.join(jobs)}"
        return
    if sorted(jobs[GATE].get("needs", [])) != sorted(WORK) or jobs[GATE].get("if") != "always()":
        yield f"{GATE} does not always need all other jobs"
    matrix = jobs["ebpf-build"]["strategy"]["matrix"]
    rows = {(row["kernel"], row["machine"]) for row in matrix_of(jobs["ebpf-build"])}
    if rows != set(kernels()):
        yield "the kernels are not those of tests/vm/kernels.txt"
    tests = jobs["ebpf-test"].get("strategy", {}).get("matrix", {})
    if set(tests.get("machine", [])) != {machine for _, machine in kernels()}:
        yield "the tests do not run on every machine"
    if len(set(matrix["clang"]) | {row["clang"] for row in matrix["include"]}) < 2:
        yield "one version of clang is no matrix"
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions are more than reading"
    yield from (f"{name}: findings are ignored" for name, step in
                [*jobs.items(), *steps_of(workflow)] if "continue-on-error" in step)
    yield from check_triggers(workflow[True])  # what YAML 1.1 makes of `on`
    yield from check_steps(workflow, targets())
    yield from check_fuzzing(workflow)
    yield from check_builds(workflow)
    yield from check_artifacts(workflow)


def matrix_of(job):
    """Every row of a job's matrix, as GitHub makes them of lists, `exclude` and `include`."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    more, less = matrix.pop("include", []), matrix.pop("exclude", [])
    names = list(matrix)
    rows = [dict(zip(names, values)) for values in itertools.product(*matrix.values())]
    return [row for row in rows if not any(out.items() <= row.items() for out in less)] + more


def fill(text, row, results):
    text = text.replace("${{ join(needs.*.result, ' ') }}", " ".join(results.values()))
    return re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found: row[found[1]], text)


def run_step(step, row, results, folder, environment):
    if "uses" in step:
        print(f"    not run here: {step['uses'].split('@')[0]}")
        return True
    command = fill(step["run"], row, results)
    began = time.monotonic()
    log = LOGS / (re.sub(r"[^\w.]+", "-", command).strip("-") + ".log")
    with log.open("wb") as output:
        status = subprocess.run(shlex.split(command), cwd=folder, env=environment, stdout=output,
                                stderr=subprocess.STDOUT, check=False).returncode
    print(f"    {'passed' if status == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s: {command}",
          flush=True)
    if status != 0:
        print("\n".join(log.read_text(errors="replace").splitlines()[-60:]))
        print(f"    all of it is in {log}", flush=True)
    return status == 0


def run_job(name, job, results, folder, environment):
    good = True
    for row in matrix_of(job):
        print(f"--- {name} {' '.join(f'{key} {value}' for key, value in row.items())}", flush=True)
        if kernels().get((row.get("kernel"), row.get("machine"))) == "snapshot":
            print("    not run here: this kernel comes from snapshot.debian.org")
            continue
        if "kernel" not in row and row.get("machine", platform.machine()) != platform.machine():
            print("    not run here: this machine is another")
            continue
        good = all([run_step(step, row, results, folder, environment)
                    for step in job["steps"]]) and good
    return "success" if good else "failure"


def run(workflow, wanted):
    with tempfile.TemporaryDirectory(prefix="x0top-workflow-") as work:
        LOGS.mkdir(parents=True, exist_ok=True)
        folder = pathlib.Path(work, "clone")
        subprocess.run(["git", "clone", "--quiet", ".", str(folder)], check=True)
        environment = {**os.environ, **{k: str(v) for k, v in workflow["env"].items()}}
        for variable in "MAKEFLAGS", "MAKELEVEL", "MFLAGS":
            environment.pop(variable, None)
        results = {}
        for name, job in workflow["jobs"].items():
            if not wanted or name in wanted:
                results[name] = run_job(name, job, results, folder, environment)
    for name, result in results.items():
        print(f"{name}: {result}")
    return set(results.values()) != {"success"}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("check", "run"):
        print(__doc__, file=sys.stderr)
        return 2
    file = sys.argv[2] if sys.argv[1] == "check" and len(sys.argv) > 2 else FILE
    workflow = yaml.safe_load(pathlib.Path(file).read_text())
    if sys.argv[1] == "run":
        return run(workflow, sys.argv[2:])
    wrong = list(check(workflow))
    print("\n".join(wrong) or "the workflow is as it should be")
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
