#!/usr/bin/env python3
"""Perplexity and divergence by landauer and by llama.cpp's own llama-perplexity, digit for digit and second for second.

  bench/perplexity_peer.py BENCH_TEXT_SCORE LLAMA_PERPLEXITY MODEL [--type TYPE] [--chunks N] [--ctx N] [--rounds N]
                           [--threads N] [--text FILE]

The candidate is MODEL quantised to TYPE. llama-perplexity runs twice, once for the base's log-probabilities and once for
the candidate; landauer walks the text once with both. Whole programs are timed, in turns; a ratio is the median over
pairs, with the pairs' range. Ends with 1 where a printed digit differs. The text: this project's documentation.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

NUMBER = r"\s*:?\s*=?\s*(-?[\d.]+)(?:\s*(?:±|\+/-)\s*([\d.]+))?"
FIGURES = {"PPL of the base": r"(?:estimate: )?PPL" + NUMBER, "PPL": r"Mean PPL\(Q\)" + NUMBER,
           "ln ratio": r"Mean ln\(PPL\(Q\)/PPL\(base\)\)" + NUMBER, "KL": r"Mean\s+KLD" + NUMBER,
           "KL 99 %": r"99\.0%\s+KLD" + NUMBER, "same top": r"Same top p:" + NUMBER}


def run(*command, stderr=True):
    """Seconds and what it said; without what it said beside it where `stderr` is false."""
    started = time.monotonic()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.monotonic() - started, done.stdout + (done.stderr if stderr else "")


def figures(said):
    found = {name: re.search(pattern, said) for name, pattern in FIGURES.items()}
    return {name: match.groups() for name, match in found.items() if match}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench_text_score")
    parser.add_argument("llama_perplexity")
    parser.add_argument("model")
    parser.add_argument("--type", default="Q3_K_M")
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("--ctx", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--text", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landauer-bench-") as name:
        folder = pathlib.Path(name)
        text = args.text or folder / "text.txt"
        if not args.text:
            pages = sorted(pathlib.Path(__file__).resolve().parents[1].glob("docs/*.md"))
            text.write_text("\n".join(page.read_text() for page in pages))
        small, kept = folder / "small.gguf", folder / "base.kld"
        run(args.bench_text_score, "--quantise", args.model, args.type, small)
        common = ("-f", text, "-c", args.ctx, "-t", args.threads, "--kl-divergence-base", kept)

        def theirs():
            base = run(args.llama_perplexity, "-m", args.model, "--chunks", args.chunks, *common)
            candidate = run(args.llama_perplexity, "-m", small, "--kl-divergence", *common)
            return base[0] + candidate[0], base[1] + candidate[1]

        def ours():
            return run(args.bench_text_score, args.model, text, "--threads", args.threads, "--ctx", args.ctx, "--chunks",
                       args.chunks, small)

        seconds, said = {ours: [], theirs: []}, {}
        for turn in range(args.rounds):
            for who in ((ours, theirs) if turn % 2 == 0 else (theirs, ours)):
                took, said[who] = who()
                seconds[who].append(took)
    ratios = sorted(a / b for a, b in zip(seconds[ours], seconds[theirs]))
    print(f"{args.type} against the base, {args.chunks} chunks of {args.ctx}, {args.threads} threads, {args.rounds} rounds")
    print(f"landauer {statistics.median(seconds[ours]):.2f} s, llama-perplexity {statistics.median(seconds[theirs]):.2f} s, "
          f"ratio {statistics.median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]")
    mine, other = figures(said[ours]), figures(said[theirs])
    differ = [name for name in FIGURES if mine.get(name) != other.get(name)]
    for name in FIGURES:
        print(f"{name}: {mine.get(name)} and {other.get(name)}", "(differ)" if name in differ else "")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
