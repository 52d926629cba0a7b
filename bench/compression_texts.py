#!/usr/bin/env python3
"""Fetches the texts that compression is calibrated and judged on: public documentation out of Debian packages.

  bench/compression_texts.py FOLDER      writes calibration.txt, in.txt and ood.txt into FOLDER

calibration: the Debian handbook. in: other books of the same domain (developers-reference, maint-guide, debian-policy).
ood: quotations (fortunes), another kind of text. Needs apt-get and dpkg-deb; nothing is installed.
"""
import argparse
import html.parser
import pathlib
import random
import re
import subprocess
import tempfile

BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "pre", "div", "td", "tr", "br"}
SKIPPED = {"script", "style", "nav", "head"}


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.skipping = [], 0

    def handle_starttag(self, tag, attrs):
        self.skipping += tag in SKIPPED
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.skipping -= tag in SKIPPED
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.skipping:
            self.parts.append(data.replace("\n", " "))  # only blocks end a line


def plain(page):
    parser = Text()
    parser.feed(page.read_text(encoding="utf-8", errors="replace"))
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(parser.parts).splitlines())
    kept = [line for line in lines if len(line) > 60]  # sentences, not menus
    return "\n\n".join(kept)


def unpacked(package, folder):
    subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
    archive = next(folder.glob(package + "_*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive, folder / package], check=True)
    return folder / package


def pages(folder, pattern):
    return [page for page in sorted(folder.rglob(pattern)) if page.is_file()]


def quotations(folder):
    """Quotations of many people in turns, so that no neighbour helps to guess the next."""
    kept = []
    for name in ("humorists", "people", "politics", "science", "wisdom", "literature", "work", "miscellaneous"):
        path = folder / "usr/share/games/fortunes" / name
        if path.is_file():
            quotes = path.read_text(encoding="utf-8", errors="replace").split("\n%\n")
            kept += [" ".join(quote.split()) for quote in quotes]  # broken lines and indents are too easily guessed
    random.Random(1).shuffle(kept)
    return "\n\n".join(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="landauer-texts-") as name:
        work = pathlib.Path(name)
        handbook = unpacked("debian-handbook", work)
        (folder / "calibration.txt").write_text(
            "\n\n".join(plain(page) for page in pages(handbook / "usr/share/doc/debian-handbook/html/en-US", "*.html")))
        books = []
        reference = unpacked("developers-reference", work) / "usr/share/developers-reference"
        books += [plain(page) for page in sorted(reference.glob("*.html"))
                  if page.stem not in ("index", "search", "genindex", "developers-reference")]
        guide = unpacked("maint-guide", work)
        books += [plain(page) for page in pages(guide, "*.en.html")]
        policy = unpacked("debian-policy", work)
        single = [page for page in pages(policy, "policy-1.html")] or pages(policy, "ch-*.html")[:12]
        books += [plain(page) for page in single[:12]]
        books = [book for book in books if book]
        chunk = 6000  # of each in turn, so that a part of the file has all of them
        turns = []
        for first in range(0, max(map(len, books)), chunk):
            turns += [book[first:first + chunk] for book in books if first < len(book)]
        (folder / "in.txt").write_text("\n\n".join(turns))
        (folder / "ood.txt").write_text(quotations(unpacked("fortunes", work)))
    for path in sorted(folder.glob("*.txt")):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
