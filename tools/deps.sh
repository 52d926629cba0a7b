#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that landauer is built from, and only those that are missing.
#   tools/deps.sh [build] [test] [fuzz] [bench] [coverage]     default: build
#   tools/deps.sh --missing GROUP..                      prints what is missing, installs nothing (exit 2 if any)
# Works as root, or through sudo. With neither it prints the exact command and exits with 2.
source "$(dirname "$0")/lib/common.sh"
source "$here/lib/compiler_choice.sh"

# One need a line: package names, the first that the system offers is taken ("a|b"). "name:command" is met by
# the command as well, wherever it came from.
packages_of() {
    case $1 in
        build)
            cat <<'LIST'
g++:c++
cmake:cmake
ninja-build:ninja
ccache:ccache
mold:mold
git:git
ca-certificates
python3:python3
python3-venv
libexpected-dev
libfmt-dev
nlohmann-json3-dev
libeigen3-dev
libopenblas-dev
liblapacke-dev
libsqlite3-dev
libssl-dev
libsqlitecpp-dev
libcli11-dev
libhidapi-dev
libusb-1.0-0-dev
libcpp-httplib-dev
libstb-dev
pkg-config:pkg-config
LIST
            ;;
        test)
            cat <<'LIST'
libgtest-dev
libgmock-dev
clang-format-19|clang-format-18|clang-format-17|clang-format-16|clang-format-15|clang-format-14
clang-tidy-19|clang-tidy-18|clang-tidy-17|clang-tidy-16|clang-tidy-15|clang-tidy-14
util-linux
LIST
            ;;
        fuzz)  # a clang of 14 or later and libFuzzer with the sanitizers for that same one
            cat <<'LIST'
clang-19|clang-18|clang-17|clang-16|clang-15|clang-14
libclang-rt-19-dev|libclang-rt-18-dev|libclang-rt-17-dev|libclang-rt-16-dev|libclang-rt-15-dev|libclang-rt-14-dev
LIST
            ;;
        bench) echo libbenchmark-dev ;;
        coverage) echo gcovr:gcovr ;;
        clang) clang_packages ;;  # only where GCC must not build AMX code: lib/compiler_choice.sh
        *) die "deps.sh knows no group '$1'." "Groups: build test fuzz bench coverage." 2 ;;
    esac
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

met() {
    local need=$1 command= name
    case $need in *:*) command=${need#*:} need=${need%%:*} ;; esac
    [ -n "$command" ] && command -v "$command" >/dev/null && return 0
    for name in ${need//|/ }; do
        installed "$name" && return 0
    done
    return 1
}

offered() { [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]; }

# The first name of a need that apt can install; the first name at all when it offers none.
pick() {
    local names=${1%%:*} name
    for name in ${names//|/ }; do
        offered "$name" && { echo "$name"; return; }
    done
    echo "${names%%|*}"
}

missing_of() {
    local group need
    for group in "$@"; do
        while read -r need; do
            met "$need" || echo "$need"
        done < <(packages_of "$group")
    done
}

install() {
    local -a as_root=() names=()
    local need name
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            as_root=(sudo)
        else
            for need in "$@"; do names+=("$(pick "$need")"); done
            say "These packages are missing: ${names[*]}"
            die "Installing them needs root, and there is no sudo here that works without a question." \
                "As root: apt-get update && apt-get install -y --no-install-recommends ${names[*]}" 2
        fi
    fi
    mkdir -p "$cache/log"
    local log=$cache/log/deps.log
    : >"$log"
    quietly "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
    for need in "$@"; do
        name=$(pick "$need")
        offered "$name" || die "This system's package sources offer none of: ${need%%:*}." \
            "Enable the distribution's full archive (on Ubuntu: universe), or use a newer release." 2
        names+=("$name")
    done
    say "Installing ${#names[@]} packages: ${names[*]}"
    quietly "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${names[@]}"
}

main() {
    local only_list=
    [ "${1:-}" = --missing ] && { only_list=yes; shift; }
    [ $# -gt 0 ] || set -- build
    local group
    for group in "$@"; do packages_of "$group" >/dev/null; done
    local -a missing
    mapfile -t missing < <(missing_of "$@")
    if [ -n "$only_list" ]; then
        [ ${#missing[@]} -eq 0 ] && return 0
        printf '%s\n' "${missing[@]}"
        exit 2
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        command -v apt-get >/dev/null || die "This is no Debian or Ubuntu; what is missing: ${missing[*]}" \
            "Install the same libraries with your own package manager (docs/dependencies.md says what each is for)." 2
        install "${missing[@]}"
    fi
}
main "$@"
