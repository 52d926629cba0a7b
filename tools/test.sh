#!/usr/bin/env bash
# Everything that `make test` means: set-up, release build, all tests, clang-tidy, sanitizers. Says what it does, how
# long each part took, and ends with 'N passed, N failed'. A part that fails does not stop the ones after it.
#   tools/test.sh [PART..]      parts: setup release lint fuzz asan-ubsan tsan; default: all of them in this order
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."

# Paths relative to the checkout: another clone finds the same objects in ccache.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1}
tsan_rooms="core platform meters run"

passed=0 failed=0 skipped=0
declare -a times=()

count() { # count OUTCOME NAME: one check that is not ctest's
    say "   $2: $1"
    case $1 in passed) passed=$((passed + 1)) ;; skipped) skipped=$((skipped + 1)) ;; *) failed=$((failed + 1)) ;; esac
}

build() { # build PRESET TARGETS..
    local preset=$1
    shift
    # build.ninja is made again by itself when a file of the build changes; configuring anew keeps options right.
    cmake --preset "$preset" -DLANDAUER_BUILD_TESTS=ON >build/"$preset".configure.log 2>&1 ||
        { tail -n 20 build/"$preset".configure.log >&2; return 1; }
    local -a only=()
    [ $# -eq 0 ] || only=(--target "$@")
    cmake --build "build/$preset" --parallel "$(nproc)" "${only[@]}" >build/"$preset".build.log 2>&1 ||
        { grep -E -A8 'error|FAILED|undefined' build/"$preset".build.log | head -n 60 >&2
          say "   (the whole log: build/$preset.build.log)"; return 1; }
}

run_ctest() { # run_ctest PRESET [ctest options..]: all its output in a log, its closing lines and failures here
    local preset=$1 log=build/$1.ctest.log total=0 bad=0 skips
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@" >"$log" 2>&1 || true
    if [[ $(grep -E 'tests? passed, ' "$log" | tail -n 1) =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
        bad=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    else
        tail -n 20 "$log" >&2
        count failed "ctest in build/$preset"
        return
    fi
    skips=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$log" || true)
    if [ "$bad" -gt 0 ]; then
        awk '/^[ 0-9]+\/[0-9]+ Test .*(Passed|Skipped)/ { shown = 0 } /\*\*\*(Failed|Timeout|Exception|Not Run)/ { shown = 1 } shown' "$log" |
            head -n 300 >&2
        sed -n '/tests FAILED:/,$p' "$log" >&2
    fi
    grep -E 'tests? passed, ' "$log" | tail -n 1
    [ "$skips" -eq 0 ] || say "   skipped: $(grep -E 'Test .*\*\*\*Skipped' "$log" | sed 's/.*: \([^ ]*\) .*/\1/' | tr '\n' ' ')"
    passed=$((passed + total - bad - skips)) failed=$((failed + bad)) skipped=$((skipped + skips))
}

part_setup() {
    tools/deps.sh build test
    tools/deps.sh clang || say "   (llama.cpp is built without AMX code then)"
    tools/llama.sh >/dev/null
    [ ! -x tools/js.sh ] || tools/js.sh >/dev/null
    LANDAUER_TEST_MODEL=${LANDAUER_TEST_MODEL:-$(tools/models.sh smollm2-135m)}
    LANDAUER_TEST_EMBEDDER=${LANDAUER_TEST_EMBEDDER:-$(tools/models.sh minilm)}
    LANDAUER_LLAMA_SOURCE_DIR=${LANDAUER_LLAMA_SOURCE_DIR:-$(tools/llama.sh --source)}
    export LANDAUER_TEST_MODEL LANDAUER_TEST_EMBEDDER LANDAUER_LLAMA_SOURCE_DIR
}

part_release() {
    build release || { count failed "release build"; return; }
    run_ctest release
}

part_lint() {
    [ -e build/release/compile_commands.json ] || build release || { count failed "clang-tidy"; return; }
    local status=0
    tools/tidy.py build/release || status=$?
    case $status in 0) count passed clang-tidy ;; 77) count skipped clang-tidy ;; *) count failed clang-tidy ;; esac
}

part_fuzz() {
    local status=0
    tools/deps.sh fuzz || say "   (no clang can be installed here)"
    tools/fuzz.sh --runs 20000 || status=$?
    case $status in 0) count passed fuzzing ;; 77) count skipped fuzzing ;; *) count failed fuzzing ;; esac
}

part_asan-ubsan() {
    build asan-ubsan || { count failed "asan-ubsan build"; return; }
    run_ctest asan-ubsan -E '^(build\.|cli\.(kill|compress|factors|quantise)$)'
}

part_tsan() {
    build tsan $(printf 'test_%s ' $tsan_rooms) || { count failed "tsan build"; return; }
    run_ctest tsan -R "^($(tr ' ' '|' <<<"$tsan_rooms"))\\."
}

describe() {
    case $1 in
        setup) echo "what is needed to build and test" ;;
        release) echo "release build and all tests" ;;
        lint) echo "clang-tidy (a cold cache takes minutes)" ;;
        fuzz) echo "20,000 inputs to every parser, with both sanitizers" ;;
        asan-ubsan) echo "all tests with AddressSanitizer and UndefinedBehaviorSanitizer" ;;
        tsan) echo "the tests of $tsan_rooms with ThreadSanitizer" ;;
        *) die "test.sh knows no part '$1'." "Parts: setup release lint fuzz asan-ubsan tsan." 2 ;;
    esac
}

[ $# -gt 0 ] || set -- setup release lint fuzz asan-ubsan tsan
for part in "$@"; do describe "$part" >/dev/null; done
[ "$1" = setup ] || set -- setup "$@"
mkdir -p build
for part in "$@"; do
    started=$SECONDS
    say "== $part: $(describe "$part")"
    "part_$part"
    times+=("$part $((SECONDS - started)) s")
done
printf -v line '%s, ' "${times[@]}"
say "== times: ${line%, }; all together $SECONDS s"
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
