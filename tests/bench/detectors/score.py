# SPDX-License-Identifier: BSD-2-Clause
"""Prints the analyzer's score on the Numenta Anomaly Benchmark, beside the table: score.py NAB RESULTS

NAB holds score.py, windows.json and README.md with the table. Then, because its threshold is the best one
for all files: for each folder, and for random halves, the score of what is left out, at the threshold that
is best for the rest.
"""
import importlib.util
import json
import os
import random
import re
import statistics
import sys

HALVES = 100


def scorer(nab):
    spec = importlib.util.spec_from_file_location("score", os.path.join(nab, "score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(nab):
    with open(os.path.join(nab, "README.md")) as file:
        rows = re.findall(r"^\| (.+?) \| ([\d.]+) \| ([\d.]+) \|$", file.read(), re.MULTILINE)
    return [(name, float(here)) for name, here, _ in rows]


def total(points, threshold):
    """Returns what is scored at a threshold, 0 for nothing detected, and the number of windows."""
    hits, false = {}, 0.0
    windows = {window for _, _, window in points if window}
    for anomaly, worth, window in points:
        if anomaly < threshold:
            continue
        if window is None:
            false += worth
        else:
            hits[window] = max(hits.get(window, -1.0), worth)
    return false + sum(worth + 1 for worth in hits.values()), len(windows)


class Files:
    def __init__(self, nab, results):
        self.best = scorer(nab).best
        with open(os.path.join(nab, "windows.json")) as file:
            windows = json.load(file)
        points = scorer(nab).points
        self.points = {name: points(os.path.join(results, name), windows[name]) for name in windows}

    def choose(self, names):
        return self.best([point for name in names for point in self.points[name]])

    def left_out(self, names):
        """Returns the score of the files, at the threshold that is best for all others."""
        threshold = self.choose([name for name in self.points if name not in names])[0]
        score, windows = map(sum, zip(*(total(self.points[name], threshold) for name in names)))
        return score, windows


def main():
    nab, results = sys.argv[1:]
    files = Files(nab, results)
    threshold, score, windows = files.choose(files.points)
    ours = 50 * (score + windows) / windows
    rows = [*table(nab), ("x0top, threshold %.3f" % threshold, ours)]
    for name, here in sorted(rows, key=lambda row: -row[1]):
        print("  %-42s %5.1f" % (name, here))

    print("left out, at the threshold of the rest:")
    folders = sorted({name.split("/")[0] for name in files.points})
    for folder in folders:
        names = [name for name in files.points if name.startswith(folder + "/")]
        score, windows = files.left_out(names)
        print("  %-42s %s" % (
            folder, "%5.1f" % (50 * score / windows) if windows else "no window, %.2f" % score))
    chance = random.Random(1)
    halves = []
    for _ in range(HALVES):
        names = chance.sample(sorted(files.points), len(files.points) // 2)
        score, windows = files.left_out(names)
        halves.append(50 * score / windows)
    halves.sort()
    print("  %-42s %5.1f (%.1f to %.1f)" % (
        "%d halves: median (a tenth below, above)" % HALVES,
        statistics.median(halves), halves[HALVES // 10], halves[-HALVES // 10]))


if __name__ == "__main__":
    main()
