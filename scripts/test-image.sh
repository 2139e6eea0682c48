#!/usr/bin/env bash
# The whole way from a blank card to a printed ticket, without a Raspberry Pi. As root, on Debian.
#   scripts/test-image.sh nspawn    amd64 in a container: some minutes
#   scripts/test-image.sh disk      partitions, file systems and overlay in an emulated arm64 machine
#   scripts/test-image.sh qemu      a Raspberry Pi's card in an emulated arm64 machine: half an hour
#   scripts/test-image.sh cuts      power cuts at random moments of the first boot and of an update
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
need qemu-system-aarch64 "qemu-system-arm ipxe-qemu"
need qemu-aarch64-static qemu-user-static # makes the arm64 root
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086  # a list of names
    apt-get install -qq -y --no-install-recommends $packages debian-archive-keyring >/dev/null
fi
scripts/setup.sh
exec .venv/bin/python -m scripts.image "$@"
