#!/usr/bin/env python3
"""What reading every Linux meter costs, beside a Python peer that does the same job at the same rate.

  bench/meters_peer.py BENCH_METER_LOOP [--seconds S] [--rounds N]

The peer is CodeCarbon's own RAPL reader with psutil's CPU and memory figures, in a loop of this file, from a virtual
environment of its own in the cache (fetched once). Both read one made-up machine (tests/fixtures/sysfs) and take
turns. CPU time is that of the sampling thread here and of the sampling loop there.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TREES = ("pi5", "laptop-battery", "intel-2socket")  # laid over each other: every Linux meter at once
PEER = "codecarbon==3.3.2"

LOOP = """
import sys, time, psutil
from codecarbon.core.cpu import IntelRAPL
from codecarbon.external.hardware import Time
root, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
rapl = IntelRAPL(rapl_dir=root + "/sys/class/powercap", rapl_include_dram=True)
rapl.start()
process = psutil.Process()
kept = []
begin = time.perf_counter()
cpu = time.thread_time()
ticks = 0
while time.perf_counter() - begin < seconds:
    kept.append((time.monotonic_ns(), rapl.get_cpu_details(Time(1.0 / rate)), psutil.cpu_times(percpu=True),
                 psutil.virtual_memory(), process.cpu_times(), process.memory_info()))
    ticks += 1
    time.sleep(max(0.0, begin + ticks / rate - time.perf_counter()))
print(ticks, time.thread_time() - cpu, time.perf_counter() - begin, len(rapl._rapl_files))
"""


def lay_out(tree, root):
    path, lines = None, []

    def finish():
        if path:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("".join(lines))

    for line in (HERE.parent / "tests/fixtures/sysfs" / f"{tree}.tree").read_text().splitlines():
        if not line.startswith("== "):
            lines.append(line + "\n")
            continue
        finish()
        path, lines, words = None, [], line[3:]
        if " -> " in words:
            link, target = words.split(" -> ")
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            if not (root / link).is_symlink() and not (root / link).exists():
                (root / link).symlink_to(target)
        elif " = " in words:
            name, text = words.removesuffix(" !root").split(" = ", 1)
            path, lines = name, [text + "\n"]
            finish()
            path = None
        else:
            path = words
    finish()


def peer_python():
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "landauer/peer"
    python = folder / "bin/python"
    if not python.exists() or subprocess.run([python, "-c", "import codecarbon, psutil"], capture_output=True).returncode:
        print("Fetching the Python peer (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", PEER], check=True)
    return python


def numbers(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("loop")
    asked.add_argument("--seconds", type=float, default=6.0)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    python = peer_python()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for tree in TREES:
            lay_out(tree, root)
        print("| rate, Hz | landauer, % of a core | us a tick | energy channels | peer, % of a core | us a tick | "
              "energy channels | peer / landauer |")
        print("|---|---|---|---|---|---|---|---|")
        for rate in (5, 50):
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(numbers(options.loop, root, rate, options.seconds))
                theirs.append(numbers(python, "-c", LOOP, root, rate, options.seconds))
            cost = [cpu / ticks for ticks, cpu, *_ in ours]
            peer = [cpu / ticks for ticks, cpu, *_ in theirs]
            ratios = [b / a for a, b in zip(cost, peer)]
            print(f"| {rate} | {100 * statistics.median(c / w for _, c, w, *_ in ours):.3f} | "
                  f"{1e6 * statistics.median(cost):.0f} | {ours[0][3]:.0f} | "
                  f"{100 * statistics.median(c / w for _, c, w, *_ in theirs):.3f} | {1e6 * statistics.median(peer):.0f} | "
                  f"{theirs[0][3]:.0f} | {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f}) |")
        print("\n| meter | channels | read p50, us | p99, us |\n|---|---|---|---|")
        told = subprocess.run([options.loop, folder], capture_output=True, text=True, check=True).stdout
        for line in told.splitlines():
            print("| " + " | ".join(line.split()) + " |")


if __name__ == "__main__":
    main()
