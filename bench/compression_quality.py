#!/usr/bin/env python3
"""What compression costs in perplexity, beside the targets: formats and shares on a text of the calibration's domain and
on one of another kind.

  bench/compression_quality.py TEXTS --model BASE.gguf --statistics STATS.gguf [--formats factors stock]
                               [--shares 10 20 30 40] [--keep FOLDER]
  bench/compression_quality.py TEXTS --model BASE.gguf --draws 5 --shares 20

TEXTS: the folder that compression_texts.py wrote. Statistics have the gradients of all matrices; without --statistics
they are collected from TEXTS/calibration.txt once, into the folder of --keep. --draws: so many calibrations, each with
another seed and another part of the text, and their spread. Needs the programs landauer and bench_text_score.
"""
import argparse
import json
import math
import os
import pathlib
import re
import statistics as stats
import subprocess
import tempfile

BUILD = pathlib.Path(__file__).resolve().parents[1] / "build/release"
LANDAUER = os.environ.get("LANDAUER", str(BUILD / "landauer"))
SCORE = os.environ.get("BENCH_TEXT_SCORE", str(BUILD / "bench/bench_text_score"))
TEXTS = ("in", "ood")
TARGETS = {  # perplexity ratio at most: in, ood
    "factors": {10: (1.05, 1.06), 20: (1.18, 1.26), 30: (1.38, 1.56), 40: (1.65, 2.02)},
    "stock": {10: (1.12, 1.16), 20: (1.31, 1.46), 30: (1.55, 1.75), 40: (1.85, 2.2)},
}


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def compress(options, form, share, out, *more):
    words = [LANDAUER, "compress", "-m", options.model, "-o", out, "--force", "--remove", f"{share}%", "--no-verdict",
             "--json", *more]
    if form == "factors":
        words += ["--format", "factors", "--expand"]
    return json.loads(run(*words))


def scores(options, text, candidates):
    """Perplexity of the base, and ratio and its standard error (relative) of each candidate, in one walk."""
    said = run(SCORE, options.model, options.texts / f"{text}.txt", "--threads", options.threads, "--ctx", 512,
               "--chunks", options.chunks, *candidates)
    base = float(re.search(r"^PPL = ([\d.]+)", said, re.M).group(1))
    ratios = re.findall(r"ln\(PPL\(Q\)/PPL\(base\)\) : (-?[\d.]+) \+/- ([\d.]+)", said)
    return base, [(math.exp(float(ln)), float(error)) for ln, error in ratios]


def judged(ratio, error, limit):
    verdict = "" if limit is None else f" (at most {limit:.2f}: {'met' if ratio <= limit else 'missed'})"
    return f"{ratio:.3f} +- {error * ratio:.3f}{verdict}"


def calibration(options, folder, draw, n_draws):
    """The draw's part of the calibration text."""
    text = (options.texts / "calibration.txt").read_text()
    size = len(text) // n_draws
    path = folder / f"calibration-{draw}.txt"
    path.write_text(text[draw * size:(draw + 1) * size])
    return path


def collected(options, folder, draw, n_draws):
    """Options that make compress collect the statistics of a draw, or find them where they were collected before."""
    if options.statistics:
        return ["--statistics", options.statistics]
    return ["--text", calibration(options, folder, draw, n_draws), "--work", folder / f"work-{draw}",
            "--seed", draw + 1]


def table(options, folder):
    cells = [(form, share) for form in options.formats for share in options.shares]
    made = [compress(options, form, share, folder / f"{form}-{share}.gguf", *collected(options, folder, 0, 1))
            for form, share in cells]
    files = [folder / f"{form}-{share}.gguf" for form, share in cells]
    measured = {text: scores(options, text, files) for text in TEXTS}
    print("base: " + ", ".join(f"{text} {measured[text][0]:.2f}" for text in TEXTS))
    print("| format | removed | in | ood | predicted nats | CPU s |\n|---|---|---|---|---|---|")
    for i, ((form, share), said) in enumerate(zip(cells, made)):
        limits = TARGETS[form].get(share, (None, None))
        words = [judged(*measured[text][1][i], limit) for text, limit in zip(TEXTS, limits)]
        print(f"| {form} | {said['removed']:.1%} | {words[0]} | {words[1]} | {said['predicted_loss_nats']:.3f} | "
              f"{said['cpu_s']:.0f} |")


def draws(options, folder):
    """Calibration draws at each share: mean, spread and range."""
    print("| format | removed | text | mean | standard deviation | range |\n|---|---|---|---|---|---|")
    for form in options.formats:
        for share in options.shares:
            files = [folder / f"{form}-{share}-draw{draw}.gguf" for draw in range(options.draws)]
            for draw, file in enumerate(files):
                compress(options, form, share, file, *collected(options, folder, draw, options.draws))
            for text in TEXTS:
                ratios = [ratio for ratio, _ in scores(options, text, files)[1]]
                print(f"| {form} | {share} % | {text} | {stats.mean(ratios):.3f} | "
                      f"{stats.stdev(ratios) if len(ratios) > 1 else 0:.3f} | {min(ratios):.3f} to {max(ratios):.3f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--statistics", type=pathlib.Path)
    parser.add_argument("--formats", nargs="+", choices=sorted(TARGETS), default=["factors", "stock"])
    parser.add_argument("--shares", nargs="+", type=int, default=[10, 20, 30, 40])
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for statistics and models; else they are removed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landauer-quality-") as name:
        folder = options.keep or pathlib.Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if options.draws and options.statistics:
            parser.error("--draws collects its own statistics: leave --statistics out")
        (draws if options.draws else table)(options, folder)


if __name__ == "__main__":
    main()
