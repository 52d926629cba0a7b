#!/usr/bin/env python3
"""How often `landauer compare` is wrong and how often it sees what is there, from outside.

  bench/verdict_rates.py LANDAUER [--model MODEL.gguf] [--repeats N] [--threads N] [--effects 1.02,1.05,1.2]

With a model: that model against itself, N times, on the first three prompts of the built-in ladder, twice; every better or worse
is false. With fake models, whose time is known: one against another that is slower by each effect.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import tempfile

FAST = ["--no-score", "--idle", "0", "--idle-cap", "0", "--cooldown", "0", "--delay", "0", "-o", "json"]
FAKE = {"load_s": 0.001, "prefill_s": 0.004, "prefill_s_per_token": 1e-5, "decode_s_per_token": 1e-4, "noise": 0.02}


def compared(args, folder, base, candidate, seed, *more):
    store = folder / f"s{seed}.db"
    done = subprocess.run([args.landauer, "compare", base, candidate, "--store", store, "--seed", str(seed), *FAST, *more],
                          capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    for left in folder.glob(store.name + "*"):
        left.unlink()
    return json.loads(done.stdout)["pairs"][0]["costs"]


def prompts_of(args, folder):
    lines = (pathlib.Path(__file__).parent.parent / "data" / "ladder.jsonl").read_text().splitlines()[:3]
    path = folder / "three.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def same_model(args, folder):
    verdicts = collections.Counter()
    runs_with_one = 0
    outside = 0
    prompts = prompts_of(args, folder)
    for seed in range(1, args.repeats + 1):
        costs = compared(args, folder, args.model, args.model, seed, "--prompts", prompts, "-n", "8", "-r", "2", "-t",
                         str(args.threads), "--contention-limit", "100000")
        false = [c for c in costs if c["verdict"] in ("better", "worse")]
        verdicts.update(c["metric"] for c in false)
        runs_with_one += bool(false)
        seconds = next(c for c in costs if c["metric"] == "seconds")
        outside += not seconds["effect"]["ci95"][0] <= 1 <= seconds["effect"]["ci95"][1]
    print(f"{args.model.name} against itself, {args.repeats} times: some cost better or worse in {runs_with_one} "
          f"({100 * runs_with_one / args.repeats:.1f} %; nominal 5 %), the time's 95 % interval without 1 in {outside}; "
          f"by cost: {dict(verdicts) or 'none'}")


def planted(args, folder, effect, noise):
    base = folder / "base.fake.json"
    candidate = folder / "slow.fake.json"
    base.write_text(json.dumps({**FAKE, "noise": noise}))
    slow = {key: value * effect for key, value in FAKE.items() if key.endswith(("_s", "_token"))}
    candidate.write_text(json.dumps({**FAKE, **slow, "noise": noise, "seed": 2}))
    found = collections.Counter()
    inside = 0
    for seed in range(1, args.repeats + 1):
        costs = compared(args, folder, base, candidate, seed, "-n", "8", "-r", "2", "--contention-limit", "100000")
        seconds = next(c for c in costs if c["metric"] == "seconds")
        found[seconds["verdict"]] += 1
        inside += seconds["effect"]["ci95"][0] <= effect <= seconds["effect"]["ci95"][1]
    share = ", ".join(f"{verdict} {100 * n / args.repeats:.0f} %" for verdict, n in sorted(found.items()))
    print(f"planted {100 * (effect - 1):4.0f} %, noise {100 * noise:.0f} % a phase: {share}; inside the interval "
          f"{100 * inside / args.repeats:.0f} %", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landauer", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--model", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--effects", default="1,1.02,1.05,1.2")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landauer-rates-") as name:
        folder = pathlib.Path(name)
        for effect in map(float, args.effects.split(",") if args.effects else []):
            planted(args, folder, effect, 0.02)
        if args.model:
            same_model(args, folder)


if __name__ == "__main__":
    main()
