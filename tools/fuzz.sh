#!/usr/bin/env bash
# Feeds every parser with inputs that grow out of tests/fuzz/corpus, under AddressSanitizer and
# UndefinedBehaviorSanitizer, and prints how many it took and how long that lasted.
#   tools/fuzz.sh [--runs N] [--seed S] [TARGET..]     default: 1000000 inputs each, seed 1, all targets
# Finds are kept in build/fuzz/found/TARGET, inputs that break something in build/fuzz/crash/TARGET.
# Exit 1 when anything broke, 77 (skipped) where there is no clang with libFuzzer: tools/deps.sh fuzz.
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."

runs=1000000 seed=1
only=()
while [ $# -gt 0 ]; do
    case $1 in
        --runs | --seed)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "$1 needs a number above 0." "Example: tools/fuzz.sh --runs 20000" 2
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        -*) die "fuzz.sh knows no option '$1'." "Options: --runs N, --seed S." 2 ;;
        *)
            [ -f "tests/fuzz/$1.cpp" ] || die "There is no fuzz target '$1'." \
                "Targets: $(cd tests/fuzz && ls fuzz_*.cpp | sed 's/[.]cpp//' | tr '\n' ' ')" 2
            only+=("$1")
            shift
            ;;
    esac
done
[ ${#only[@]} -gt 0 ] || mapfile -t only < <(cd tests/fuzz && ls fuzz_*.cpp | sed 's/[.]cpp//')

fuzzing_clang() { # the newest clang that can link libFuzzer and both sanitizers
    local version
    for version in 22 21 20 19 18 17 16 15 14; do
        command -v "clang++-$version" >/dev/null || continue
        if echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
            "clang++-$version" -x c++ -fsanitize=fuzzer,address,undefined -o /dev/null - 2>/dev/null; then
            echo "clang++-$version"
            return
        fi
    done
}

compiler=$(fuzzing_clang)
if [ -z "$compiler" ]; then
    say "skipped: there is no clang with libFuzzer here (tools/deps.sh fuzz installs one)"
    exit 77
fi
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
mkdir -p build/fuzz
: >build/fuzz/build.log
quietly build/fuzz/build.log cmake -S tests/fuzz -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER="$compiler" "${launcher[@]}"
quietly build/fuzz/build.log cmake --build build/fuzz --parallel "$(nproc)" --target "${only[@]}"

# A parser that hangs is as bad as one that crashes: no input may take ten seconds.
run_target() {
    local name=$1 status=0
    mkdir -p "build/fuzz/found/$name" "build/fuzz/crash/$name"
    "build/fuzz/$name" -runs="$runs" -seed="$seed" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/crash/$name/" "build/fuzz/found/$name" "tests/fuzz/corpus/$name" \
        >"build/fuzz/$name.log" 2>&1 </dev/null || status=$?
    awk -v name="$name" -v status="$status" '
        /^stat::number_of_executed_units/ { inputs = $2 }
        / cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") edges = $(i + 1) }
        /^Done [0-9]+ runs in/ { seconds = $5 }
        END { printf "%-18s %9d %8d %8d  %s\n", name, inputs, seconds, edges, status ? "BROKE" : "ok" }
    ' "build/fuzz/$name.log"
    return $status
}
export -f run_target
export runs seed
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

printf '%-18s %9s %8s %8s\n' target inputs seconds edges
status=0
printf '%s\n' "${only[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_target "$1"' _ {} || status=1
if [ "$status" -ne 0 ]; then
    for name in "${only[@]}"; do
        grep -E -A12 'ERROR: |runtime error' "build/fuzz/$name.log" | head -n 20 >&2 || true
    done
    die "A parser broke; the input lies in build/fuzz/crash." "Run it alone: build/fuzz/TARGET build/fuzz/crash/TARGET/FILE"
fi
