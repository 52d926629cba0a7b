#!/usr/bin/env python3
"""Holds the source against the house's rules that no compiler checks.

  tools/check_rooms.py [ROOT]

The rooms and what each may include are read from the landauer_room() lines of ROOT/CMakeLists.txt. Prints one
line a violation and exits with 1 when there is any. Standard library only.
"""
import re
import subprocess
import sys
from pathlib import Path

# Headers of others stay in the rooms named. The first pattern that matches a header decides.
CONFINED = [
    (r"gguf\.h", {"gguf", "engine"}),
    (r"ggml(-[a-z]+)?\.h", {"engine", "gguf"}),
    (r"(llama|llama-cpp|mtmd|mtmd-[a-z]+)\.h", {"engine"}),
    (r"SQLiteCpp/.*|sqlite3(ext)?\.h", {"store"}),
    (r"Eigen/.*|unsupported/Eigen/.*|(lapacke|cblas|lapack)\.h", {"tensor"}),
    (r"CLI/.*", {"cli"}),
    (r"(stb/)?stb_.*\.h", {"image"}),
    (r"(hidapi|libusb|httplib)\.h|openssl/.*", {"platform"}),
    (
        r"(sys|linux|asm|net|netinet|arpa|mach|CoreFoundation|IOKit)/.*|(unistd|fcntl|dirent|sched|pthread|poll|signal|termios|dlfcn|"
        r"spawn|fts|ftw|glob|grp|pwd|ifaddrs|netdb|ucontext|semaphore|syslog|utime|wordexp|time|malloc)\.h",
        {"platform"},
    ),
]
# The session's clock is core's own and needs the system's.
EXEMPT = {"src/core/clock.h", "src/core/clock.cpp"}

STUB_WORDS = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|place" r"holder|not (yet )?implemented|un" r"implemented)\b", re.IGNORECASE
)
# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN_TEXT = [
    (re.compile(r"\b(pypi\.|files\.python" r"hosted\.|registry\.npm" r"js\.|registry\.yarn" r"pkg\.)[a-z]+\b|"
                r"\b(deb|security|archive|snapshot)\.(debian|ubuntu)\.[a-z]+\b|\b(index\.)?crates" r"\.io\b|"
                r"\bproxy\.go" r"lang\.org\b|\brepo1?\.maven\b"), "names a package registry's host"),
    (re.compile(r"(?<![\w.$}/-])/(work|ro" r"ot|fa" r"rm)(?=[/\s\"'`:;,)]|$)|/tmp/bash" r"_jobs"), "names a path of one machine"),
]
LONG_FILE = 400
SOURCE = {".cpp", ".h", ".cc", ".hpp", ".c"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(<([^>]+)>|"([^"]+)")')


def read_rooms(root):
    """{room: rooms it may include} from the landauer_room() calls."""
    text = (root / "CMakeLists.txt").read_text()
    text = re.sub(r"#.*", "", text)
    rooms = {}
    for call in re.findall(r"landauer_room\(([^)]*)\)", text):
        name, *rest = call.split()
        allowed, taking = set(), False
        for word in rest:
            if word.isupper():
                taking = word == "ROOMS"
            elif taking:
                allowed.add(word)
        rooms[name] = allowed
    return rooms


def tracked_files(root):
    """Every file git knows or would add; every file below ROOT where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, check=True,
        ).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(root)) for p in root.rglob("*")]
    return sorted(name for name in names if (root / name).is_file())


def check_include(path, header, quoted, rooms, root):
    """Why this file may not include that header, or None."""
    parts = Path(path).parts
    room = parts[1] if parts[0] == "src" and len(parts) > 2 else None
    if parts[0] == "include":
        return None if header.startswith("landauer/") or (not quoted and "/" not in header and "." not in header) or \
            header == "tl/expected.hpp" else f"public headers include the standard library and <landauer/...> only, not {header}"
    if room is None:
        return None
    first = header.split("/", 1)[0]
    if quoted:
        if first in rooms or first == "cli":
            if first == "cli" and room != "cli":
                return f"nobody includes cli: {header}"
            if room not in ("cli", first) and first not in rooms.get(room, set()):
                return f"room {room} may not include {header}"
            if not (root / "src" / header).exists():
                return f"there is no src/{header}"
            return None
        if (root / path).parent.joinpath(header).exists():
            return f'write the room too: "{header}" should read "{room}/..."'
    if path in EXEMPT:
        return None
    for pattern, homes in CONFINED:
        if re.fullmatch(pattern, header):
            return None if room in homes else f"{header} belongs in {', '.join(sorted(homes))}"
    return None


def check_source(path, text, rooms, root):
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            header, quoted = match[2] or match[3], match[3] is not None
            if why := check_include(path, header, quoted, rooms, root):
                yield f"{path}:{number}: {why}"
        if path.startswith(("src/", "include/")) and (match := STUB_WORDS.search(line)):
            yield f"{path}:{number}: unfinished: '{match[0]}'"


def check_text(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in FORBIDDEN_TEXT:
            if match := pattern.search(line):
                yield f"{path}:{number}: {what}: {match[0]}"


def check(root):
    """(violations, warnings), each a list of lines."""
    rooms = read_rooms(root)
    violations, warnings = [], []
    if not rooms:
        return [f"{root}/CMakeLists.txt: no landauer_room() line"], []
    for room, allowed in rooms.items():
        for other in sorted(allowed - rooms.keys()):
            violations.append(f"CMakeLists.txt: room {room} lists '{other}', which is declared nowhere")
    for path in tracked_files(root):
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        violations += check_text(path, text)
        if Path(path).suffix in SOURCE:
            violations += check_source(path, text, rooms, root)
            if (lines := text.count("\n")) > LONG_FILE:
                warnings.append(f"{path}: {lines} lines, asking to be two files")
    return violations, warnings


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    violations, warnings = check(root)
    for line in warnings:
        print(f"warning: {line}", file=sys.stderr)
    for line in violations:
        print(line)
    print(f"{len(violations)} violations of the rooms' rules", file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
