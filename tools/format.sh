#!/usr/bin/env bash
# clang-format over our sources.   tools/format.sh: rewrites them   tools/format.sh --check: says which are not clean
# Exit 77 (skipped) where clang-format 19 is not there: other versions lay the same code out differently.
source "$(dirname "$0")/lib/common.sh"

wanted=19
tool=
for name in "clang-format-$wanted" clang-format; do
    if command -v "$name" >/dev/null && [[ $("$name" --version) =~ version\ $wanted\. ]]; then
        tool=$name
        break
    fi
done
if [ -z "$tool" ]; then
    say "skipped: there is no clang-format $wanted here"
    exit 77
fi
cd "$here/.."
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- 'src/*.cpp' 'src/*.h' 'include/*.h' \
    'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' 'bench/*.h' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done)
if [ "${1:-}" = --check ]; then
    "$tool" --dry-run --Werror "${files[@]}"
    echo "${#files[@]} files are laid out as .clang-format says"
else
    "$tool" -i "${files[@]}"
fi
