#!/usr/bin/env bash
# The pinned llama.cpp, built once into the user's cache; prints where it is.
#   tools/llama.sh            the prefix (static libllama, libmtmd and ggml, with their CMake packages)
#   tools/llama.sh --source   the source tree
#   tools/llama.sh --tools    the folder with stock programs of the same commit, built the default way: llama-bench,
#                             llama-completion, llama-mtmd-cli, llama-perplexity, llama-embedding, llama-quantize,
#                             llama-server
#   tools/llama.sh --key      the name of the build in the cache, nothing is built
# Settings: XDG_CACHE_HOME; CC and CXX (another compiler); LANDAUER_LLAMA_SOURCE=git|pypi|FOLDER.
# Two callers at once wait for each other; an interrupted build goes on where it was.
source "$(dirname "$0")/lib/common.sh"
source "$here/lib/compiler_choice.sh"

commit=0c1e57098bba43ac29e6e3b677cdceebdd22334f
git_url=https://github.com/ggml-org/llama.cpp
sdist=llama-cpp-python==0.3.36 # carries the very same commit under vendor/
sdist_sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
home=$cache/llama
source_dir=$home/src-${commit:0:12}

read -r compiler amx <<<"$(llama_choice "$(gcc_major "${CXX:-c++}")" "$(has_amx && usable_clang || true)")"
if [ "$compiler" = clang ]; then
    version=$(usable_clang)
    export CC=clang-$version CXX=clang++-$version
else
    export CC=${CC:-cc} CXX=${CXX:-c++}
fi
command -v "$CXX" >/dev/null || die "There is no C++ compiler '$CXX'." "Run tools/deps.sh."
flags=

# What a default build of llama.cpp sets (Release, native, OpenMP), less what landauer never links.
options=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TOOLS=OFF
    -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
    -DLLAMA_BUILD_MTMD=ON -DLLAMA_OPENSSL=OFF)
# The server without its web page, which its build would download.
tool_options=(-DLLAMA_BUILD_EXAMPLES=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_UI=OFF
    -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF)
common_options=(-DLLAMA_BUILD_COMMIT="${commit:0:12}" -DLLAMA_BUILD_NUMBER=0 -DCMAKE_C_FLAGS= -DCMAKE_CXX_FLAGS=)

compiler_line() { # the first line of --version
    local line
    read -r line < <("$CXX" --version)
    echo "$line"
}

key() { # commit, compiler, options and the CPU that -march=native will see
    local digest
    digest=$({
        echo "$commit" "${options[@]}" "${common_options[@]}" "amx $amx"
        "$CC" --version
        compiler_line
        cpu_flags
        uname -m
    } | sha256sum)
    local label
    label=$(basename "$CXX")
    echo "${commit:0:12}-${label%-*}$("$CXX" -dumpversion)-${digest:0:12}"
}

locked() { # locked NAME COMMAND..: one builder at a time
    local lock=$home/$1.lock
    shift
    mkdir -p "$home"
    exec 9>"$lock"
    if ! flock -n 9; then
        say "Another process is at it; waiting."
        flock 9
    fi
    "$@"
    exec 9>&-
}

from_git() { # only where the host answers quickly
    local into=$1
    command -v git >/dev/null || return 1
    GIT_TERMINAL_PROMPT=0 timeout 10 git ls-remote --exit-code "$git_url" HEAD >/dev/null 2>&1 </dev/null || return 1
    git init --quiet "$into"
    GIT_TERMINAL_PROMPT=0 timeout 600 git -C "$into" fetch --quiet --depth 1 "$git_url" "$commit" >/dev/null 2>&1 </dev/null || return 1
    git -C "$into" -c advice.detachedHead=false checkout --quiet FETCH_HEAD
    rm -rf "$into/.git"
}

from_pypi() {
    local into=$1 folder=$home/download archive
    pip_fetch "$folder" "$sdist" --no-binary llama-cpp-python
    archive=$(find "$folder" -name 'llama_cpp_python-*.tar.gz' -print -quit)
    if [ "$(sha256_of "$archive")" != "$sdist_sha256" ]; then
        rm -f "$archive"
        die "The package index served another file for $sdist than the pinned one (sha256 differs)." \
            "Run the same command again; if it stays so, do not trust that index."
    fi
    mkdir -p "$into"
    tar -xzf "$archive" -C "$into" --strip-components=3 --wildcards '*/vendor/llama.cpp'
    rm -rf "$folder"
}

fetch_source() {
    [ ! -e "$source_dir/CMakeLists.txt" ] || return 0
    local partial=$home/src-partial wanted=${LANDAUER_LLAMA_SOURCE:-any}
    rm -rf "$partial"
    say "Fetching the source of llama.cpp ${commit:0:12} (76 MB, once)"
    case $wanted in
        git) from_git "$partial" || die "$git_url could not be fetched." "Leave LANDAUER_LLAMA_SOURCE out to use the package index." ;;
        pypi) from_pypi "$partial" ;;
        any) from_git "$partial" || { rm -rf "$partial" && from_pypi "$partial"; } ;;
        *) cp -a "$wanted" "$partial" ;;
    esac
    [ -e "$partial/CMakeLists.txt" ] || die "What was fetched holds no llama.cpp." "Run the same command again."
    mv -T "$partial" "$source_dir"
}

configure_and_build() { # BUILD_FOLDER LOG TARGETS.. -- OPTIONS..
    local build=$1 log=$2
    local -a targets=()
    shift 2
    while [ "$1" != -- ]; do targets+=("$1") && shift; done
    shift
    quietly "$log" cmake -S "$source_dir" -B "$build" -G Ninja "$@" "${common_options[@]}"
    quietly "$log" cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}"
}

openmp_library() { # what the objects were compiled against, for a program linked by another compiler
    [[ $("$CXX" --version) == *clang* ]] || return 0
    "$CXX" -print-file-name=libomp.so
}

record() { # read by cmake/Llama.cmake; "build" ends up in every result
    local text=$flags
    case $amx in
        none) text="${text:+$text, }no AMX in this CPU" ;;
        on) text="${text:+$text, }AMX in" ;;
        off) text="$text, AMX left out: this GCC miscompiles it" ;;
        wrong) text="$text, AMX left out: this compiler's AMX code failed the check" ;;
    esac
    printf 'commit: %s\ncompiler: %s\nflags: -march=native -O3 %s\namx: %s\nopenmp: %s\nbuild: %s, native, %s\n' \
        "$commit" "$(compiler_line)" "$flags" "$amx" "$(openmp_library)" "$(compiler_line)" "$text"
}

leave_amx_out() {
    amx=$1
    flags="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
    common_options+=(-DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags")
}

right() { # right PREFIX LOG: the new libraries multiply quantised matrices as they should
    local prefix=$1 log=$2 program=$1/probe
    {
        "$CXX" -std=c++17 -O1 "$here/lib/llama_probe.cpp" -I"$prefix/include" -L"$prefix/lib" \
            -lggml -lggml-cpu -lggml-base -fopenmp -pthread -ldl -o "$program" && "$program"
    } >>"$log" 2>&1 </dev/null || { rm -f "$program"; return 1; }
    rm -f "$program"
}

build_into() { # build_into PREFIX BUILD_FOLDER LOG
    configure_and_build "$2" "$3" all -- "${options[@]}"
    rm -rf "$1"
    quietly "$3" cmake --install "$2" --prefix "$1"
}

build_prefix() {
    local name=$1 prefix=$home/$1 build=$home/build-$1 log=$home/$1.log started=$SECONDS
    [ ! -e "$prefix/share/landauer-llama.txt" ] || return 0
    fetch_source
    say "Building llama.cpp ${commit:0:12} with $(compiler_line) (two to seven minutes on two cores, once; log: $log)"
    : >"$log"
    build_into "$prefix.partial" "$build" "$log"
    if ! right "$prefix.partial" "$log"; then
        [ "$amx" = on ] || die "The new llama.cpp multiplies wrongly on this CPU (log: $log)." \
            "Try another compiler: CC=clang-19 CXX=clang++-19, then the same command again."
        say "The new llama.cpp multiplies wrongly on this CPU; building it once more without AMX."
        leave_amx_out wrong
        build_into "$prefix.partial" "$build" "$log"
        right "$prefix.partial" "$log" || die "The new llama.cpp multiplies wrongly on this CPU (log: $log)." \
            "Try another compiler: CC=clang-19 CXX=clang++-19, then the same command again."
    fi
    mkdir -p "$prefix.partial/share"
    record >"$prefix.partial/share/landauer-llama.txt"
    rm -rf "$prefix"
    mv -T "$prefix.partial" "$prefix"
    rm -rf "$build"
    say "llama.cpp is built ($((SECONDS - started)) s)"
}

stock=(llama-bench llama-completion llama-mtmd-cli llama-perplexity llama-embedding llama-quantize llama-server)
stock_tools() {
    local program
    for program in "${stock[@]}"; do
        [ -x "$1/bin/$program" ] || return 1
    done
}

build_tools() {
    local folder=$home/$1-tools build=$home/build-$1-tools log=$home/$1-tools.log
    stock_tools "$folder" && return 0
    fetch_source
    # Where the library's check took AMX out, the program it is compared with goes without as well.
    ! grep -qs '^amx: wrong' "$home/$1/share/landauer-llama.txt" || leave_amx_out wrong
    say "Building the stock programs of ${commit:0:12} (minutes, once; log: $log)"
    : >"$log"
    # A default build has shared libraries beside the programs; they find each other wherever the folder lies.
    configure_and_build "$build" "$log" "${stock[@]}" -- "${tool_options[@]}" \
        '-DCMAKE_BUILD_RPATH=$ORIGIN' -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON
    mkdir -p "$folder"
    rm -rf "$folder/bin"
    mv -T "$build/bin" "$folder/bin"
    rm -rf "$build"
}

[ "$amx" != off ] || leave_amx_out off

case ${1:-} in
    --key) key ;;
    --source)
        locked source fetch_source
        echo "$source_dir"
        ;;
    --tools)
        name=$(key)
        stock_tools "$home/$name-tools" || locked "$name-tools" build_tools "$name"
        echo "$home/$name-tools/bin"
        ;;
    '')
        name=$(key)
        [ -e "$home/$name/share/landauer-llama.txt" ] || locked "$name" build_prefix "$name"
        echo "$home/$name"
        ;;
    *) die "llama.sh knows no '$1'." "Usage: tools/llama.sh [--source|--tools|--key]" 2 ;;
esac
