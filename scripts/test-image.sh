#!/usr/bin/env bash
# The whole way from a blank card to a printed ticket, without a Raspberry Pi. As root, on Debian.
#   scripts/test-image.sh nspawn    amd64 in a container, with a central server: ten minutes
#   scripts/test-image.sh disk      partitions, file systems and overlay in an emulated arm64 machine
#   scripts/test-image.sh qemu      a Raspberry Pi's card in an emulated arm64 machine: 3/4 hour
#   scripts/test-image.sh cuts      power cuts at random moments of the first boot and of updates: an hour
# The root file systems are made once and kept in .cache/image (arm64: half an hour, emulated).
set -euo pipefail
cd "$(dirname "$0")/.."
packages=""
need() { command -v "$1" >/dev/null || packages="$packages $2"; }
need mmdebstrap mmdebstrap
need systemd-nspawn systemd-container
need mcopy mtools
need mkfs.vfat dosfstools
need sfdisk fdisk
need ip iproute2
need openssl openssl
need qemu-system-aarch64 qemu-system-arm
need qemu-aarch64-static qemu-user-static # makes the arm64 root
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086  # a list of names
    apt-get install -qq -y --no-install-recommends $packages debian-archive-keyring >/dev/null
fi
qemu=.cache/image/qemu10
if qemu-system-aarch64 --version | grep -q 'version [0-7]\.' && [ ! -e "$qemu/usr" ]; then
    # Debian 12's QEMU needs a third more time than the one that Debian 13 has and backported.
    apt="$PWD/$qemu.apt"
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$qemu"
    echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main' >"$apt/sources.list"
    backports=(apt-get -qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State=$apt/state" -o "Dir::Cache=$apt/cache")
    "${backports[@]}" update
    (cd "$apt" && "${backports[@]}" download qemu-system-arm qemu-system-data)
    for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$qemu"; done
fi
PATH="$PWD/$qemu/usr/bin:$PATH"
scripts/setup.sh
exec .venv/bin/python -m scripts.image "$@"
