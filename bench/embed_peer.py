#!/usr/bin/env python3
"""Answers embedded by landauer and by llama.cpp's own llama-embedding, the same file, in turns.

  bench/embed_peer.py BENCH_EMBED LLAMA_EMBEDDING MODEL [--answers N] [--words N] [--rounds N] [--threads N]

Whole programs are timed, loading and printing included. llama-embedding batches as many answers as fit 2048 tokens. A
ratio is the median over pairs of landauer's seconds by the other's, with the pairs' range; the two programs' vectors
are compared as well. Where the package sentence-transformers is installed for this python, it takes a turn as a third.
"""
import argparse
import importlib.util
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

WORDS = ("the of and a to in is was for on that with as by at from his it an were which are this also be had or has one "
         "first new their after but who not they have her she two been other when there all during into school time may "
         "years more most only over city some world would where later up such used many can state about national out "
         "known university united then made energy water river history system science model paper answer number").split()


def answers(n, words):
    chance = random.Random(7)
    for _ in range(n):
        made = [chance.choice(WORDS) for _ in range(max(8, int(chance.gauss(words, words / 5))))]
        yield " ".join(word + ("." if place % 14 == 13 else "") for place, word in enumerate(made))


def timed(command, into):
    started = time.monotonic()
    with open(into, "wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return time.monotonic() - started


def vectors(path, n):
    rows = []
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split()
        if len(words) > 100:
            rows.append([float(word) for word in words])
    if len(rows) != n:
        raise SystemExit(f"{path} holds {len(rows)} vectors, not {n}.")
    return rows


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


SENTENCE_TRANSFORMERS = """
import sys, time, torch
from sentence_transformers import SentenceTransformer
folder, texts, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
lines = open(texts, encoding="utf-8").read().splitlines()
model = SentenceTransformer(folder, device="cpu")
model.max_seq_length = 512
started = time.monotonic()
model.encode(lines, batch_size=32, show_progress_bar=False)
print(time.monotonic() - started)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench_embed")
    parser.add_argument("llama_embedding")
    parser.add_argument("model")
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--words", type=int, default=190)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--folder", help="the model's Hugging Face folder, for sentence-transformers")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landauer-bench-") as name:
        texts, ours_out, theirs_out = (pathlib.Path(name, part) for part in ("texts.txt", "ours.txt", "theirs.txt"))
        texts.write_text("\n".join(answers(args.answers, args.words)) + "\n")
        programs = {
            "landauer": ([args.bench_embed, args.model, "--threads", str(args.threads), texts], ours_out),
            "llama-embedding": ([args.llama_embedding, "-m", args.model, "-f", texts, "-t", str(args.threads), "-c", "2048",
                                 "-b", "2048", "-ub", "2048", "--embd-output-format", "raw"], theirs_out),
        }
        seconds = {who: [] for who in programs}
        for turn in range(args.rounds):
            for who in (list(programs) if turn % 2 == 0 else list(programs)[::-1]):
                seconds[who].append(timed(*programs[who]))
        ratios = sorted(a / b for a, b in zip(seconds["landauer"], seconds["llama-embedding"]))
        errors = [1 - cosine(a, b) for a, b in zip(vectors(ours_out, args.answers), vectors(theirs_out, args.answers))]
        print(f"{args.answers} answers of about {args.words} words, {args.threads} threads, {args.rounds} rounds")
        for who, took in seconds.items():
            print(f"{who}: {statistics.median(took):.2f} s")
        print(f"landauer by llama-embedding: {statistics.median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]")
        print(f"largest cosine error between the two: {max(errors):.1e}")
        if args.folder and importlib.util.find_spec("sentence_transformers"):
            told = subprocess.run([sys.executable, "-c", SENTENCE_TRANSFORMERS, args.folder, texts, str(args.threads)],
                                  capture_output=True, text=True, check=True)
            print(f"sentence-transformers, encoding alone: {float(told.stdout.split()[-1]):.2f} s")


if __name__ == "__main__":
    main()
