#!/usr/bin/env python3
"""clang-tidy over src/, remembering what was clean.

  tools/tidy.py BUILD_FOLDER [FILE..]

A file is looked at again only when it, a header of ours that it reaches, its compile command, .clang-tidy, the
tool or the system's packages changed: what was clean is kept as an empty file in the user's cache, so a fresh clone
starts warm. Exit 1 when anything is found, 77 (skipped) where there is no clang-tidy 16 or later.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "landauer" / "tidy"
OLDEST, NEWEST = 16, 25
INCLUDE = re.compile(rb'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


def find_tool():
    for name in [f"clang-tidy-{v}" for v in (19, *range(NEWEST, OLDEST - 1, -1))] + ["clang-tidy"]:
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if (match := re.search(r"version (\d+)", said)) and int(match[1]) >= OLDEST:
                return path, said
    return None, None


class Headers:
    """Which of our own files a source reaches, by reading the #include lines."""

    def __init__(self):
        self.known = {}

    def of(self, path):
        if path not in self.known:
            text = path.read_bytes()
            found = set()
            for name in INCLUDE.findall(text):
                for folder in (path.parent, ROOT / "src", ROOT / "include"):
                    if (header := (folder / os.fsdecode(name))).is_file():
                        found.add(header.resolve())
                        break
            self.known[path] = (hashlib.sha256(text).digest(), found)
        return self.known[path]

    def digest(self, source):
        seen, todo = {}, [source]
        while todo:
            path = todo.pop()
            if path not in seen:
                seen[path], more = self.of(path)
                todo += more
        return b"".join(seen[path] for path in sorted(seen))


def system_state(said):
    """What changes the result from outside: the tool, its settings, the packages whose headers are read."""
    packages = subprocess.run(
        ["dpkg-query", "-W", "lib*-dev", "nlohmann-json3-dev", "g++"], capture_output=True
    ).stdout if shutil.which("dpkg-query") else b""
    return said.encode() + (ROOT / ".clang-tidy").read_bytes() + packages


def plain_command(entry, build):
    """The compile command without what differs between clones."""
    words = entry.get("arguments") or shlex.split(entry["command"])
    text = " ".join(w for w in words if not w.endswith((".o", ".cpp")) and "ccache" not in w and "CCACHE_" not in w)
    return text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode()


def look_at(tool, build, source):
    started = time.monotonic()
    done = subprocess.run([tool, "-p", str(build), "--quiet", str(source)], capture_output=True, text=True)
    return source, done.returncode, done.stdout + (done.stderr if done.returncode else ""), time.monotonic() - started


def main():
    build = Path(sys.argv[1]).resolve()
    only = {Path(name).resolve() for name in sys.argv[2:]}
    tool, said = find_tool()
    if not tool:
        print(f"skipped: there is no clang-tidy {OLDEST} or later here")
        return 77
    entries = {Path(e["file"]).resolve(): e for e in json.loads((build / "compile_commands.json").read_text())}
    sources = sorted(f for f in entries if f.is_relative_to(ROOT / "src") and (not only or f in only))
    state, headers = system_state(said), Headers()
    CACHE.mkdir(parents=True, exist_ok=True)
    stamps = {}
    for source in sources:
        digest = hashlib.sha256(state + plain_command(entries[source], build) + headers.digest(source)).hexdigest()
        stamps[source] = CACHE / f"{source.stem}-{digest[:24]}"
    # The largest first, so that the last one does not keep everybody waiting.
    todo = sorted((s for s in sources if not stamps[s].exists()), key=lambda s: -s.stat().st_size)
    print(f"clang-tidy: {len(sources)} files, {len(todo)} to look at", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, status, output, seconds in pool.map(lambda s: look_at(tool, build, s), todo):
            if status == 0:
                stamps[source].touch()
                continue
            failed += 1
            print(f"== {source.relative_to(ROOT)} ({seconds:.0f} s)\n{output.strip()}", flush=True)
    for stamp in stamps.values():
        if stamp.exists():
            os.utime(stamp)
    forget_old()
    print(f"clang-tidy: {len(sources) - failed} files clean, {failed} not")
    return 1 if failed else 0


def forget_old(days=60):
    limit = time.time() - days * 86400
    for stamp in CACHE.iterdir():
        if stamp.stat().st_mtime < limit:
            stamp.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
