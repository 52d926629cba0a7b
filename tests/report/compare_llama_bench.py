#!/ usr / bin / env python3
"""Feeds landauer's records to llama.cpp's own compare script: ours are a superset of llama-bench's.

usage: compare_llama_bench.py LLAMA_CPP_SOURCE FILE.. [--cache FOLDER]

The files are landauer's JSONL (or JSON; or SQL, which is run into a database first), together from
two builds of llama.cpp (two values of build_commit). One file of one build is compared with a copy of
itself under another commit. Prints the script's table; exits 0 when it holds as many rows as there are
tests, 1 when not, 77 (skip) when GitPython and tabulate cannot be had.

The compare script wants a git repository with a branch `master` round it, and GitPython and tabulate:
they go into a virtual environment of their own, in the cache, and never into the caller's Python.
"""
import argparse
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv

PACKAGES = ["GitPython==3.1.45", "tabulate==0.9.0"]
SKIP = 77


def python_with_packages(folder: pathlib.Path) -> pathlib.Path | None:
    """A Python that can import git and tabulate; None where the packages cannot be fetched."""
    python = folder / "bin" / "python"
    check = [str(python), "-c", "import git, tabulate"]
    if python.exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"no virtual environment: {problem}", file=sys.stderr)
        return None
    got = subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                         capture_output=True, text=True, check=False)
    if got.returncode != 0:
        print(got.stderr[-2000:], file=sys.stderr)
        return None
    return python


def read_records(file: pathlib.Path) -> list[dict]:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".sql":
        connection = sqlite3.connect(":memory:")
        connection.executescript(text)
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM llama_bench")]
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines() if line]


def two_builds(records: list[dict]) -> list[dict]:
    """The records; of one build only, with a copy of them under another commit."""
    builds = {record["build_commit"] for record in records}
    if len(builds) > 1:
        return records
    other = "f" * len(next(iter(builds)))
    return records + [{
        **record, "build_commit" : other} for record in records]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("llama_source", type=pathlib.Path)
    parser.add_argument("files", type=pathlib.Path, nargs="+")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    parser.add_argument("--cache", type=pathlib.Path, default=cache / "landauer" / "compare-venv")
    options = parser.parse_args()
    script = options.llama_source / "scripts" / "compare-llama-bench.py"
    if not script.exists():
        print(f"there is no {script}", file=sys.stderr)
        return 2
    records = two_builds([record for file in options.files for record in read_records(file)])
    builds = list(dict.fromkeys(record["build_commit"] for record in records))
    tests = {(r["n_prompt"], r["n_gen"], r["n_depth"]) for r in records}
    python = python_with_packages(options.cache)
    if python is None:
        print("skipped: GitPython and tabulate could not be fetched", file=sys.stderr)
        return SKIP
    with tempfile.TemporaryDirectory() as work:
        lines = pathlib.Path(work) / "records.jsonl"
        lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        git = ["git", "-C", work, "-c", "user.name=landauer", "-c", "user.email=landauer@localhost"]
        subprocess.run([*git, "init", "--quiet", "--initial-branch=master"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "root"], check=True)
        done = subprocess.run([str(python), str(script), "--tool", "llama-bench", "--input", str(lines), "--baseline", builds[0],
                               "--compare", builds[1]], cwd=work, capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")][2:]
    if done.returncode != 0 or len(rows) != len(tests):
        print(f"{len(rows)} rows for {len(tests)} tests, exit status {done.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
