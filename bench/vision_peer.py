#!/usr/bin/env python3
"""An image's encoding and prefill under landauer, beside llama.cpp's own mtmd command line on the same files.

  bench/vision_peer.py LANDAUER MTMD_CLI [--shape SHAPE] [--size WxH] [--rounds N] [--threads N]

Both load synthetic weights of a true shape and see the traffic scene at one size, in turns (ABBA). The command line
says its times at -lv 4; its decoding of the image is what landauer calls image prefill. A ratio is the median over
pairs of landauer's time by the other's, its 95 % interval from resampling pairs.
"""
import argparse
import json
import pathlib
import random
import re
import statistics
import subprocess
import tempfile


def ours(args, folder):
    done = subprocess.run(
        [args.landauer, "bench", "-m", folder / "m.gguf", "--mmproj", folder / "mm.gguf", "--image",
         folder / "scene.png", "--resolutions", args.size, "-r", "1", "-n", "1", "-t", str(args.threads), "--idle", "0",
         "--idle-cap", "0", "--delay", "0", "--cooldown", "0", "--no-warmup", "--contention-limit", "100000", "--meter",
         "none", "--store", folder / "s.db", "--rerun", "-o", "csv"],
        capture_output=True, text=True, check=True)
    header, row = done.stdout.splitlines()[:2]
    figures = dict(zip(header.split(","), row.split(",")))
    return float(figures["encode_s"]), float(figures["image_prefill_s"])


def theirs(args, folder):
    done = subprocess.run(
        [args.mtmd_cli, "-m", folder / "m.gguf", "--mmproj", folder / "mm.gguf", "--image", folder / "scene.png", "-p",
         "Describe this.", "-n", "1", "-t", str(args.threads), "-lv", "4", "--no-mmproj-offload", "-c", "8192",
         "--temp", "0"],
        capture_output=True, text=True, check=True)
    said = done.stdout + done.stderr
    encoded = [int(ms) for ms in re.findall(r"(?:slice encoded|batch encoding done) in (\d+) ms", said)]
    decoded = [int(ms) for ms in re.findall(r"decoded \(batch \d+/\d+\) in (\d+) ms", said)]
    if not encoded or not decoded:
        raise SystemExit("The command line said no times:\n" + said[-2000:])
    return sum(encoded) / 1e3, sum(decoded) / 1e3


def interval(ratios):
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(5000))
    return statistics.median(ratios), medians[125], medians[4875]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landauer", type=pathlib.Path)
    parser.add_argument("mtmd_cli", type=pathlib.Path)
    parser.add_argument("--shape", default="qwen2-vl-2b")
    parser.add_argument("--size", default="448x448")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landauer-bench-") as name:
        folder = pathlib.Path(name)
        subprocess.run([args.landauer, "synth", args.shape, "-o", folder / "m.gguf", "--mmproj-out", folder / "mm.gguf"],
                       check=True, capture_output=True)
        subprocess.run([args.landauer, "synth", "traffic-scene", "--size", args.size, "-o", folder / "scene.png"],
                       check=True, capture_output=True)
        pairs = []
        for turn in range(args.rounds):
            one = (ours, theirs) if turn % 2 == 0 else (theirs, ours)
            timed = {run.__name__: run(args, folder) for run in one}
            pairs.append((timed["ours"], timed["theirs"]))
    print(json.dumps({"shape": args.shape, "size": args.size, "threads": args.threads, "rounds": args.rounds}))
    for place, phase in enumerate(("encode", "image prefill")):
        value, low, high = interval([a[place] / b[place] for a, b in pairs])
        seconds = statistics.median(b[place] for _, b in pairs)
        print(f"{phase}: {value:.3f} [{low:.3f}, {high:.3f}] of the command line's {seconds:.2f} s")


if __name__ == "__main__":
    main()
