#!/usr/bin/env bash
# Kill -9, for real: the kiosk's writer, kiosk-sync and central are processes of their own over real
# files and a real socket, and die at any statement of their databases; then the oracle looks at what
# citizens were told. Some minutes.
#
#   scripts/campaign-kills.sh           220 deaths
#   scripts/campaign-kills.sh 1000      more
set -euo pipefail
cd "$(dirname "$0")/.."
SIMULATION_KILLS="${1:-220}" exec .venv/bin/python -m pytest -q -s tests/simulation/test_kills.py
