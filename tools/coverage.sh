#!/usr/bin/env bash
# Runs all tests with line coverage and prints it for the rooms whose figures people rely on.
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CTEST_PARALLEL_LEVEL=$(nproc)
rooms="core analysis store plan run"
mkdir -p build
tools/deps.sh build test coverage
LANDAUER_TEST_MODEL=${LANDAUER_TEST_MODEL:-$(tools/models.sh smollm2-135m)}
export LANDAUER_TEST_MODEL
: >build/coverage.log
quietly build/coverage.log cmake --preset coverage
quietly build/coverage.log cmake --build build/coverage --parallel "$(nproc)"
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage --output-on-failure -E '^build\.' >build/coverage.ctest.log 2>&1 ||
    { tail -n 30 build/coverage.ctest.log >&2; die "Tests failed, so their coverage says little (log: build/coverage.ctest.log)."; }
for room in $rooms; do
    percent=$(gcovr --root . --object-directory build/coverage --filter "src/$room/" --filter 'include/landauer/' \
        --exclude-throw-branches --json-summary - 2>/dev/null |
        python3 -c "
import json, sys
files = [f for f in json.load(sys.stdin)['files'] if f['filename'].startswith('src/$room/')]
total, hit = sum(f['line_total'] for f in files), sum(f['line_covered'] for f in files)
print(f'{100 * hit / max(total, 1):5.1f} %  {hit:5d} of {total:5d} lines')
for f in sorted(files, key=lambda f: f['line_percent'] or 0):
    if (f['line_percent'] or 0) < 85: print(f\"             {f['line_percent']} % {f['filename']}\")")
    printf '%-10s %s\n' "$room" "$percent"
done
