#!/usr/bin/env bash
# Proves the set-up on a machine without our packages: an empty Debian root, a clone inside, and the commands in it.
#   tools/fresh_root.sh [--root FOLDER] [--keep] [--suite NAME] [COMMAND..]     default: make demo, make test
# Needs root and debootstrap. Everything comes from this machine's own apt sources and pip settings. The root gets
# what a person has before `git clone`: apt, git and make.
source "$(dirname "$0")/lib/common.sh"

root= keep= suite=bookworm
while [ $# -gt 0 ]; do
    case $1 in
        --root) root=$2 && shift 2 ;;
        --suite) suite=$2 && shift 2 ;;
        --keep) keep=yes && shift ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || set -- "make demo" "make test"
[ "$(id -u)" -eq 0 ] || die "An empty root can only be made as root." "Run it with sudo." 2
command -v debootstrap >/dev/null || die "There is no debootstrap." "apt-get install -y debootstrap" 2
root=${root:-$(mktemp -d)}
repository=$(cd "$here/.." && pwd)

mirror() { # the archive that this machine itself uses for that release
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | awk -v suite="$suite" '$1 == suite { print $2; exit }'
}

leave() {
    local point
    for point in proc dev/pts dev sys; do
        mountpoint -q "$root/$point" && umount -l "$root/$point"
    done
    [ -n "$keep" ] || rm -rf --one-file-system "$root"
}
trap leave EXIT

make_root() {
    [ -x "$root/usr/bin/apt-get" ] && return
    local from
    from=$(mirror)
    [ -n "$from" ] || die "No apt source of this machine offers $suite." "Run apt-get update, or name another --suite." 2
    say "== an empty $suite root in $root"
    mkdir -p "$cache/log"
    quietly "$cache/log/debootstrap.log" debootstrap --variant=minbase "$suite" "$root" "$from"
}

# The machine's way to the outside, and nothing else of it.
carry_settings() {
    local file
    rm -rf "$root/etc/apt/sources.list.d"
    cp -a /etc/apt/sources.list.d "$root/etc/apt/"
    : >"$root/etc/apt/sources.list"
    [ ! -s /etc/apt/sources.list ] || cp /etc/apt/sources.list "$root/etc/apt/"
    for file in /etc/apt/apt.conf.d/*; do
        grep -qiE 'Acquire::|Proxy' "$file" && cp "$file" "$root/etc/apt/apt.conf.d/"
    done
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf; do
        [ ! -e "$file" ] || cp -L "$file" "$root$file"
    done
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/host-ca.crt"
}

mount_points() {
    mkdir -p "$root/proc" "$root/dev" "$root/sys"
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
    mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
    mountpoint -q "$root/sys" || mount --rbind -o ro /sys "$root/sys"
    mount --make-rslave "$root/dev"
    mount --make-rslave "$root/sys"
}

inside() { # runs one command line in the clone, with a clean environment plus proxy, index and certificate settings
    local -a pass=(HOME="$(awk -F: '$3 == 0 { print $6; exit }' "$root/etc/passwd")" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8)
    local line name
    while IFS= read -r line; do
        name=${line%%=*}
        case $name in
            PIP_FIND_LINKS) ;;
            *_CA_BUNDLE | *_CERT | SSL_CERT_FILE | *_CA_CERTS | GIT_SSL_CAINFO) pass+=("$name=/etc/host-ca.crt") ;;
            PIP_* | *_proxy | *_PROXY | npm_config_* | NPM_CONFIG_*) pass+=("$line") ;;
        esac
    done < <(env)
    pass+=(NPM_CONFIG_CAFILE=/etc/host-ca.crt)
    env -i "${pass[@]}" chroot "$root" /bin/bash -c "$1"
}

make_root
carry_settings
mount_points
say "== what is there before git clone: apt, git, make"
inside "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends git make" >"$root/tmp/prepare.log" 2>&1 ||
    die "apt does not work inside the root (log: $root/tmp/prepare.log)." "Compare its sources with /etc/apt here."
rm -rf "$root/landauer"
git clone --quiet --no-hardlinks "$repository" "$root/landauer"

status=0
declare -a times=()
for command in "$@"; do
    say "== $command"
    started=$SECONDS
    inside "cd /landauer && $command" || { status=$?; say "== '$command' ended with status $status"; }
    times+=("$((SECONDS - started)) s   $command")
    [ "$status" -eq 0 ] || break
done
say "== times in the fresh root"
printf '%s\n' "${times[@]}"
exit "$status"
