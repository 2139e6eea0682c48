#!/usr/bin/env bash
# Print our tickets on emupos, a receipt printer of software that others wrote, and hold its
# paper against our bitmaps, dot for dot, and our reading of its state against the faults it is
# given. emupos wants Python 3.13 or later and has an environment of its own.
#   scripts/test-emupos.sh             find Python 3.13, or let uv bring it
#   PYTHON=/path/to/python3.13 scripts/test-emupos.sh
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

version=0.4.0
environment=.cache/emupos
uv=.cache/uv/bin/uv

find_python() {
    for python in "${PYTHON:-}" python3 python3.14 python3.13 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9].*/bin/python3; do
        if [ -n "$python" ] &&
            "$python" -c 'import sys, venv; assert sys.version_info >= (3, 13)' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    echo 3.13 # of uv's own
}

if [ ! -f "$environment/$version" ]; then
    "$uv" venv --quiet --clear --python "$(find_python)" "$environment"
    "$uv" pip install --quiet --python "$environment/bin/python" "emupos==$version"
    touch "$environment/$version"
fi
exec .venv/bin/python -m scripts.emupos.agreement "$environment/bin/emupos"
