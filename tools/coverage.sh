#!/usr/bin/env bash
# Runs all tests with line coverage and prints it for the rooms whose figures people rely on.
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CTEST_PARALLEL_LEVEL=$(nproc)
rooms="core analysis store plan run"
mkdir -p build
tools/deps.sh build test coverage
LANDAUER_TEST_MODEL=${LANDAUER_TEST_MODEL:-$(tools/models.sh smollm2-135m)}
LANDAUER_TEST_EMBEDDER=${LANDAUER_TEST_EMBEDDER:-$(tools/models.sh minilm)}
export LANDAUER_TEST_MODEL LANDAUER_TEST_EMBEDDER
: >build/coverage.log
quietly build/coverage.log cmake --preset coverage
quietly build/coverage.log cmake --build build/coverage --parallel "$(nproc)"
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage --output-on-failure -E '^build\.' >build/coverage.ctest.log 2>&1 ||
    { tail -n 30 build/coverage.ctest.log >&2; die "Tests failed, so their coverage says little (log: build/coverage.ctest.log)."; }
filters=()
for room in $rooms; do filters+=(--filter "src/$room/"); done
gcovr --root . --object-directory build/coverage "${filters[@]}" -j "$(nproc)" --json-summary build/coverage.json >>build/coverage.log 2>&1
python3 - build/coverage.json $rooms <<'PYTHON'
import json, sys
files = json.load(open(sys.argv[1]))["files"]
for room in sys.argv[2:]:
    mine = [f for f in files if f["filename"].startswith(f"src/{room}/")]
    total, hit = sum(f["line_total"] for f in mine), sum(f["line_covered"] for f in mine)
    print(f"{room:10} {100 * hit / max(total, 1):5.1f} % of {total} lines")
    for f in sorted(mine, key=lambda f: f["line_covered"] - f["line_total"]):
        if f["line_covered"] < 0.85 * f["line_total"]:
            print(f"{'':14} {f['filename']}: {f['line_covered']} of {f['line_total']}")
PYTHON
