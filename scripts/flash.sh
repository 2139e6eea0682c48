#!/usr/bin/env bash
# Write the card of one kiosk, on a laptop with Linux. As root, for a real card.
#   scripts/flash.sh --image raspios.img.xz --bundle kiosk.bundle --config site.toml /dev/sdX
#   scripts/flash.sh … --output card.img      a file instead of a card
#   scripts/flash.sh --verify /dev/sdX        later: is the card still what was written?
#   scripts/flash.sh --help                   everything else
# Needs Python 3.11 or later and mtools, nothing from PyPI.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
for python in "$root/.venv/bin/python" python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        PYTHONPATH="$root" exec "$python" -m scripts.flash "$@"
    fi
done
echo "flash.sh cần Python 3.11 trở lên. flash.sh needs Python 3.11 or later." >&2
exit 2
