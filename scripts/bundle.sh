#!/usr/bin/env bash
# Make one file with everything a kiosk needs, to be installed where there is no network.
#   scripts/bundle.sh                     for a Raspberry Pi, to out/
#   scripts/bundle.sh --sign release.pem  signed, so that running kiosks take it as an update
#   scripts/bundle.sh --help              everything else
# Needs apt (Debian) on the machine that builds; any Debian release does.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in apt-get dpkg-deb git; do
    command -v "$program" >/dev/null || {
        echo "bundle.sh cần $program. bundle.sh needs $program (any Debian has it)." >&2
        exit 2
    }
done
scripts/setup.sh
exec .venv/bin/python -m scripts.bundle "$@"
