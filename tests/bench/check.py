#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""check.py BENCH RATIOS FOLDER: runs the benchmarks and compares with the stored ratios.
check.py --store RATIOS FOLDER: stores the ratios that the last run measured.

Only ratios are compared, of two things that were measured in turn on one machine: they say little
about the machine. A row may be worse than its ratio by its tolerance (0.3 is 30 per cent). A part with
a row that is worse is measured again, twice at most, and the best of a row counts: noise passes, a
regression stays. What was measured is left in FOLDER. Exit: 0, or 1 for a regression.
"""
import json
import pathlib
import subprocess
import sys

TRIES = 3


def measure(bench, part):
    """The rows of a part, by section and name. A row that was not measured has no ratio."""
    run = subprocess.run([bench, "--json", part], stdout=subprocess.PIPE, check=False)
    rows = json.loads(run.stdout)
    return rows, {(row["section"], row["what"], row.get("unit", "")): row for row in rows}


def badness(wanted, row):
    """How much worse than stored: 1 is the same, 2 is twice as bad. None: not measured."""
    if row is None or not row.get("ratio"):
        return None
    if wanted["better"] == "higher":
        return wanted["ratio"] / row["ratio"]
    return row["ratio"] / wanted["ratio"]


def check_part(bench, part, wanted_rows, report):
    best = {}
    for attempt in range(TRIES):
        rows, found = measure(bench, part)
        report += rows
        for wanted in wanted_rows:
            key = (wanted["section"], wanted["what"], wanted["unit"])
            now = badness(wanted, found.get(key))
            if now is not None and (key not in best or now < best[key]):
                best[key] = now
        worse = []
        for wanted in wanted_rows:
            key = (wanted["section"], wanted["what"], wanted["unit"])
            if key not in best or best[key] > 1 + wanted["tolerance"]:
                worse.append(key)
        if not worse:
            break
        print(f"{part}: {len(worse)} rows are worse than stored (try {attempt + 1} of {TRIES})")
    for wanted in wanted_rows:
        key = (wanted["section"], wanted["what"], wanted["unit"])
        limit = 1 + wanted["tolerance"]
        if key not in best:
            reason = found.get(key, {}).get("not_measured", "there is no such row")
            print(f"  NOT MEASURED  {wanted['what']}: {reason}")
        else:
            word = "REGRESSION" if key in worse else "ok"
            print(f"  {word:<12}{best[key]:6.2f} of the stored ratio {wanted['ratio']:<8} "
                  f"(limit {limit:.2f})  {wanted['section']}: {wanted['what']}")
    return len(worse)


def store(ratios, folder):
    """Takes over the best ratio of the last run's tries; what was not measured stays as it is."""
    rows = json.loads((pathlib.Path(folder) / "bench.json").read_text())
    stored = json.loads(pathlib.Path(ratios).read_text())
    for wanted in stored["rows"]:
        key = (wanted["section"], wanted["what"], wanted["unit"])
        found = [row for row in rows if row.get("ratio") and
                 (row["section"], row["what"], row.get("unit", "")) == key]
        if found:
            wanted["ratio"] = round(min(found, key=lambda row: badness(wanted, row))["ratio"], 3)
    pathlib.Path(ratios).write_text(json.dumps(stored, indent=2) + "\n")


def main():
    if sys.argv[1] == "--store":
        return store(*sys.argv[2:])
    bench, ratios, folder = sys.argv[1:]
    wanted = json.loads(pathlib.Path(ratios).read_text())["rows"]
    report = []
    failed = 0
    for part in dict.fromkeys(row["part"] for row in wanted):
        failed += check_part(bench, part, [row for row in wanted if row["part"] == part], report)
        sys.stdout.flush()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    (pathlib.Path(folder) / "bench.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
