#!/usr/bin/env bash
# Draw every state of the screen in every look into out/screens (index.html), checking each, and
# put the pictures of docs/citizen-flow.md together anew. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
KIOSK_SCREENS=all .venv/bin/python -m pytest tests/ui/test_screens.py -q "$@"
.venv/bin/python -m scripts.draw_citizen_flow
