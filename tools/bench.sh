#!/usr/bin/env bash
# Builds and runs every program in bench/, one after the other on an otherwise quiet machine. Their commands stand in
# bench/CMakeLists.txt; @MODEL@ in one is SmolLM2-135M-Instruct.
#   tools/bench.sh [NAME..]      only these
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
mkdir -p build
tools/deps.sh build bench
tools/deps.sh clang || true
model=$(tools/models.sh smollm2-135m)
: >build/bench.log
quietly build/bench.log cmake --preset release -DLANDAUER_BUILD_BENCH=ON
quietly build/bench.log cmake --build build/release --parallel "$(nproc)" --target landauer_benches landauer

status=0
while IFS='|' read -r name arguments; do
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    say "== bench $name"
    # shellcheck disable=SC2086  # the arguments are words
    arguments=${arguments//@MODEL@/$model}
    build/release/bench/bench_"$name" ${arguments//@LANDAUER@/build/release/landauer} </dev/null || { status=1; say "bench $name failed"; }
done <build/release/bench/commands.txt
if [ $# -eq 0 ] || [[ " $* " == *" meters_peer "* ]]; then
    say "== bench meters_peer"
    python3 bench/meters_peer.py build/release/bench/bench_meter_loop || { status=1; say "bench meters_peer failed"; }
fi
if [ $# -eq 0 ] || [[ " $* " == *" verdict_rates "* ]]; then
    say "== bench verdict_rates"
    python3 bench/verdict_rates.py build/release/landauer --model "$model" || { status=1; say "bench verdict_rates failed"; }
fi
if [ $# -eq 0 ] || [[ " $* " == *" vision_peer "* ]]; then
    say "== bench vision_peer"
    tools=$(tools/llama.sh --tools)
    python3 bench/vision_peer.py build/release/landauer "$tools/llama-mtmd-cli" || { status=1; say "bench vision_peer failed"; }
fi
if [ $# -eq 0 ] || [[ " $* " == *" embed_peer "* ]]; then
    say "== bench embed_peer"
    tools=$(tools/llama.sh --tools)
    embedder=$(tools/models.sh minilm)
    python3 bench/embed_peer.py build/release/bench/bench_embed "$tools/llama-embedding" "$embedder" ||
        { status=1; say "bench embed_peer failed"; }
fi
if [ $# -eq 0 ] || [[ " $* " == *" perplexity_peer "* ]]; then
    say "== bench perplexity_peer"
    tools=$(tools/llama.sh --tools)
    python3 bench/perplexity_peer.py build/release/bench/bench_text_score "$tools/llama-perplexity" "$model" ||
        { status=1; say "bench perplexity_peer failed"; }
fi
if [ $# -eq 0 ] || [[ " $* " == *" stock_programs "* ]]; then
    say "== bench stock_programs"
    tools=$(tools/llama.sh --tools)
    files=$(mktemp -d)
    build/release/landauer compress -m "$model" -o "$files/small.gguf" --remove 20% --windows 8 --no-verdict &&
        build/release/landauer compress -m "$model" -o "$files/q2.gguf" --quantise Q2_K --windows 8 --no-verdict &&
        python3 bench/stock_programs.py build/release/landauer build/release/bench/bench_text_score "$tools" "$model" \
            "$files/small.gguf" "$files/q2.gguf" || { status=1; say "bench stock_programs failed"; }
    rm -rf "$files"
fi
exit "$status"
