# What every script in tools/ shares: talk on stderr, failures with a remedy, places, checksums, packages
# from the Python index. Sourced, never run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set, so there is no place for a cache}/.cache}/landauer

say() { printf '%s\n' "$*" >&2; }

# die SENTENCE [REMEDY] [EXIT CODE]
die() {
    say "error: $1"
    [ -z "${2:-}" ] || say "remedy: $2"
    exit "${3:-1}"
}

# quietly LOG COMMAND..: runs with all output in LOG; on failure shows its end and where the rest is.
quietly() {
    local log=$1 status=0
    shift
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 15 "$log" | sed 's/^/    /' >&2
        die "'$(basename "$1") ${2:-}' ended with status $status; the whole log is $log" \
            "Read the log; run the same command again afterwards, finished steps are kept." 1
    fi
}

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }

# python_pip: a python3 that can run pip; a small virtual environment in the cache where the system has none.
python_pip() {
    command -v python3 >/dev/null || die "There is no python3." "Run tools/deps.sh."
    if python3 -m pip --version >/dev/null 2>&1; then
        command -v python3
        return
    fi
    local venv=$cache/venv
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$venv"
        mkdir -p "$cache"
        python3 -m venv "$venv" >&2 || die "python3 can make no virtual environment." "Run tools/deps.sh."
    fi
    printf '%s\n' "$venv/bin/python"
}

# pip_fetch FOLDER REQUIREMENT [pip options..]: one package file into FOLDER, nothing installed; three tries.
pip_fetch() {
    local folder=$1 requirement=$2 python try log
    shift 2
    python=$(python_pip)
    mkdir -p "$folder"
    log=$folder/pip.log
    for try in 1 2 3; do
        if "$python" -m pip download --no-deps --disable-pip-version-check --progress-bar off \
            --dest "$folder" "$@" "$requirement" >"$log" 2>&1 </dev/null; then
            return 0
        fi
        [ "$try" -eq 3 ] || sleep $((try * 3))
    done
    tail -n 15 "$log" | sed 's/^/    /' >&2
    die "pip could not download $requirement (log: $log)." \
        "Check the network and pip's index settings (pip config list), then run the same command again."
}
