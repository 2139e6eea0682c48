#!/usr/bin/env bash
# Make .venv with everything the kiosk, the central server and the tests need, on Debian 12 or 13.
# Idempotent: a second call only checks. Installs Debian packages when they are missing (as root or
# through sudo) and Python packages exactly as locked in uv.lock.
#
#   scripts/setup.sh          everything (kiosk, central server, demo, development)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

# Qt Quick's libraries (PySide6's wheels do not carry them), the voice, and the card reader: its
# service, a virtual reader to test with, and what pyscard is built with. zbar is measured against.
# Tesseract reads print on cards, and cards to test with are drawn in their zone's typeface.
# PostgreSQL's and nginx's programs: the tests start servers of their own. The browser walks central's
# pages. mtools fills cards' boot partitions.
packages="python3-venv ca-certificates libegl1 libgl1 libopengl0 libxkbcommon0 libfontconfig1
libdbus-1-3 libglib2.0-0 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1
libxcb-shape0 espeak-ng pcscd vsmartcard-vpcd libpcsclite-dev swig gcc libc6-dev python3-dev
libzbar0 xvfb xdotool postgresql nginx-light chromium tesseract-ocr tesseract-ocr-vie fonts-ocr-b mtools
shellcheck"

missing() {
    for package in $packages; do
        # trixie renamed some: libglib2.0-0 is libglib2.0-0t64 there
        for name in "$package" "${package}t64"; do
            if [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ]; then
                continue 2
            fi
        done
        echo "$package"
    done
}

install_packages() {
    local wanted sudo=""
    wanted="$(missing)"
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            { echo "setup.sh: as root run: apt-get install" $wanted >&2; exit 1; }
        sudo=sudo
    fi
    say "Installing Debian packages:" $wanted
    $sudo apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        -y $wanted >/dev/null
}

find_python() {
    for python in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$python" ] && "$python" -c 'import sys, venv; assert sys.version_info >= (3, 11)' \
            2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    echo "setup.sh: needs Python 3.11 or later (Debian 12 and 13 have it)" >&2
    exit 1
}

command -v dpkg-query >/dev/null && install_packages
python="$(find_python)"
uv="$root/.cache/uv/bin/uv"
if [ ! -x "$uv" ]; then
    "$python" -m venv "$root/.cache/uv"
    "$root/.cache/uv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
fi
say "Installing Python packages as locked (the first time takes a minute or two) …"
UV_PYTHON_DOWNLOADS=never "$uv" sync --quiet --frozen --all-extras --python "$python"
