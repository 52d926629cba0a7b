#!/usr/bin/env bash
# From a fresh clone to Law 1 on a real model: set-up, build, the nineteen prompts of SmolLM2-135M-Instruct, the table
# and report.html. Ends with the report's path.
source "$(dirname "$0")/lib/common.sh"
cd "$here/.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
mkdir -p build

say "== 1/4 what landauer is built from"
tools/deps.sh build
tools/deps.sh clang || say "   (llama.cpp is built without AMX code then)"
tools/llama.sh >/dev/null
[ ! -x tools/js.sh ] || tools/js.sh >/dev/null

say "== 2/4 landauer (log: build/demo.log)"
: >build/demo.log
quietly build/demo.log cmake --preset release
quietly build/demo.log cmake --build build/release --parallel "$(nproc)" --target landauer

say "== 3/4 the model"
model=$(tools/models.sh smollm2-135m)
ready=$SECONDS

say "== 4/4 nineteen prompts, measured"
build/release/landauer bench -m "$model" --protocol quick --store build/demo.db --report report.html "$@"
say "== set-up and build $ready s, measuring $((SECONDS - ready)) s"
echo "$PWD/report.html"
