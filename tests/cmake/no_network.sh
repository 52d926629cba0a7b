#!/usr/bin/env bash
# The whole way from prompts to a report in a network namespace of its own, where nothing can be reached.
#   no_network.sh LANDAUER      with LANDAUER_TEST_MODEL set: once more with that model. Exit 77 where the kernel
# gives us no namespace.
set -euo pipefail
landauer=$1

alone=
for way in "unshare -n" "unshare -rn"; do
    if $way true 2>/dev/null; then alone=$way && break; fi
done
[ -n "$alone" ] || { echo "skipped: this kernel gives us no network namespace"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"load_s": 0.01, "prefill_s_per_token": 0.00001, "decode_s_per_token": 0.001}' >cost.fake.json
printf '%s\n' '{"id": "A", "text": "A short question about the sea. How deep is it?"}' \
    '{"id": "B", "text": "A rather longer question about the sea, the sky and the land. How deep, high and wide are they?"}' \
    '{"id": "C", "text": "Count from one to ten, then from ten to one, then say which of the two was harder and why you think so."}' >prompts.jsonl

# Inside there is the loopback device alone, and no route.
devices=$($alone cat /proc/self/net/dev | grep -c :)
routes=$($alone cat /proc/self/net/route | tail -n +2 | wc -l)
[ "$devices" -le 1 ] && [ "$routes" -eq 0 ] || { echo "the namespace is not closed: $devices devices, $routes routes"; exit 1; }

bench() { # NAME MODEL
    $alone "$landauer" bench -m "$2" --prompts prompts.jsonl -n 4 -r 2 --idle 0.5 --idle-cap 1 --cooldown 0 \
        --max-attempts 1 --store "$1.db" --report "$1.html" -o jsonl --out "$1.jsonl"
    # How many trials count depends on how busy this machine is; that there is a report and a store does not.
    [ -s "$1.html" ] && [ -s "$1.db" ] && [ -e "$1.jsonl" ]
    echo "$1: report and results made without a network"
}
bench fake "$work/cost.fake.json"
if [ -n "${LANDAUER_TEST_MODEL:-}" ]; then
    bench real "$LANDAUER_TEST_MODEL"
fi
$alone "$landauer" meters >/dev/null
