# Which compiler builds llama.cpp, and whether its AMX code is in. GCC before 13 drops the stores to AMX's tile
# configuration, and the program dies on the first quantised prefill; so there clang builds it, or AMX stays out.
# Sourced, never run. LANDAUER_CPUINFO names another file than /proc/cpuinfo (tests).

cpu_flags() { # the instruction sets of the first core, sorted
    local file=${LANDAUER_CPUINFO:-/proc/cpuinfo}
    [ -r "$file" ] || return 0
    awk -F: '/^(flags|Features)[ \t]*:/ { print $2; exit }' "$file" | tr -s ' ' '\n' | sed '/^$/d' | sort | tr '\n' ' '
}

has_amx() { [[ " $(cpu_flags) " == *" amx_tile "* ]]; }

# gcc_major COMPILER: GCC's major version, or nothing when it is another compiler.
gcc_major() {
    "$1" -dM -E -x c++ /dev/null 2>/dev/null | awk '
        $2 == "__clang__" { clang = 1 } $2 == "__GNUC__" { major = $3 } END { if (!clang) print major }'
}

# The newest clang of 16 or later that can link OpenMP, as its version number.
usable_clang() {
    local version
    for version in 22 21 20 19 18 17 16; do
        command -v "clang++-$version" >/dev/null && command -v "clang-$version" >/dev/null || continue
        if echo 'int main() { return 0; }' | "clang++-$version" -fopenmp -include omp.h -x c++ -o /dev/null - 2>/dev/null; then
            echo "$version"
            return
        fi
    done
}

# llama_choice GCC_MAJOR CLANG_VERSION: prints "COMPILER AMX" where COMPILER is `default` or `clang` and AMX is
# `none` (the CPU has none), `on`, or `off` (left out, because this GCC miscompiles it).
llama_choice() {
    local gcc=$1 clang=$2
    if ! has_amx; then
        echo "default none"
    elif [ -z "$gcc" ] || [ "$gcc" -ge 13 ]; then
        echo "default on"
    elif [ -n "$clang" ]; then
        echo "clang on"
    else
        echo "default off"
    fi
}

# What deps.sh should try to install so that AMX can be used: nothing, where there is no such need.
clang_packages() {
    local gcc
    gcc=$(gcc_major "${CXX:-c++}")
    [ "$(llama_choice "${gcc:-}" "")" = "default off" ] || return 0
    [ -z "$(usable_clang)" ] || return 0
    local version
    for version in 19 18 17 16; do
        if command -v "clang-$version" >/dev/null; then
            echo "libomp-$version-dev"
            return
        fi
    done
    echo "clang-19|clang-18|clang-17|clang-16"
    echo "libomp-19-dev|libomp-18-dev|libomp-17-dev|libomp-16-dev"
}
