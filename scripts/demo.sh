#!/usr/bin/env bash
# The main job, once, on this machine: central server, virtual printer and kiosk; a first visit that
# is remembered with consent, a second visit that is recognised, and a stranger who is not.
#
#   scripts/demo.sh                 scripted visitors, a window where there is a display
#   scripts/demo.sh --camera 0      you, at your own webcam
#   scripts/demo.sh --help          everything else
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
scripts/setup.sh
scripts/media.sh
exec .venv/bin/kiosk demo "$@"
