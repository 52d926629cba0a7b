#!/usr/bin/env python3
"""Whether one file runs as fast as another in llama.cpp's own llama-bench.

  bench/stock_speed.py TOOLS A B [--rounds 12] [--prompt 256] [--answer 48] [--threads N]

TOOLS: the folder of llama-bench. Rounds of one run of each file, in turns of who goes first. Prints, for prompt and
answer, the median tokens/s of both and the ratio B : A with its 95 % interval (bootstrap over rounds, of the median of
the ratios within a round).
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import sys

from perplexity_peer import run

RESAMPLES = 4000


def speeds(args, model):
    """Tokens a second of one run: of the prompt, of the answer."""
    _, said = run(args.tools / "llama-bench", "-m", model, "-p", args.prompt, "-n", args.answer, "-r", 1, "-t",
                  args.threads, "-o", "json", stderr=False)
    rows = json.loads(said)
    return [next(row["avg_ts"] for row in rows if bool(row["n_prompt"]) == is_prompt) for is_prompt in (True, False)]


def interval(ratios):
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", type=pathlib.Path)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--answer", type=int, default=48)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    rounds = []
    for i in range(args.rounds):
        pair = {}
        for model in (args.a, args.b) if i % 2 == 0 else (args.b, args.a):
            pair[model] = speeds(args, model)
        rounds.append((pair[args.a], pair[args.b]))
    for at, name in enumerate(("prompt", "answer")):
        ratios = [b[at] / a[at] for a, b in rounds]
        low, high = interval(ratios)
        print(f"{name}: {statistics.median(a[at] for a, _ in rounds):.1f} and "
              f"{statistics.median(b[at] for _, b in rounds):.1f} tokens/s, ratio {statistics.median(ratios):.3f} "
              f"[{low:.3f}, {high:.3f}]" + ("" if low <= 1.0 <= high else ": not the same speed"))


if __name__ == "__main__":
    sys.exit(main())
