#!/usr/bin/env bash
# Writes the golden files under tests/golden anew from what the program writes now.
#   tools/approve_goldens.sh [BUILD FOLDER]
# Read `git diff tests/golden` afterwards: whatever is committed is what reports say from then on.
source "$(dirname "$0")/lib/common.sh"

build=${1:-$here/build}
program=$build/tests/test_report
[ -x "$program" ] || die "There is no $program." "Build it first: cmake --build $build --target test_report"
LANDAUER_APPROVE=1 "$program" --gtest_filter='Golden.*' --gtest_brief=1
git -C "$here" --no-pager diff --stat -- tests/golden >&2
