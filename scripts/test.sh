#!/usr/bin/env bash
# Run everything a change must pass: format, lint, types, tests. Installs what is missing first.
#
#   scripts/test.sh                 all of it; this is what CI runs
#   scripts/test.sh tests/visit -x  only these tests (arguments go to pytest), no lint
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
scripts/setup.sh
scripts/media.sh
if [ $# = 0 ]; then
    .venv/bin/ruff format --check .
    .venv/bin/ruff check .
    .venv/bin/pyright
    # Each file is one process's: its fixtures are made once. In our order: see tests/conftest.py.
    set -- -n auto --dist loadfile --no-loadscope-reorder
fi
exec .venv/bin/python -m pytest "$@"
