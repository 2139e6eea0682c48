#!/usr/bin/env bash
# The kiosk and face_recognition (dlib) on the same pictures in the same run: who errs how often,
# CPU time an image, memory.
#   scripts/bench-peers.sh --data DIR [--sample PAIRS [--seed N]] [--plot DIR] [--json]
# DIR as kiosk bench faces reads it (docs/recognition.md). All pictures of a large set take some
# minutes; --sample 400 takes about one. face_recognition lives in an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh >&2
environment=.cache/peers
if [ ! -f "$environment/ready" ]; then
    python="$(.venv/bin/python -c 'import sys; print(sys._base_executable)')"
    "$python" -m venv --clear "$environment"
    pip=("$environment/bin/python" -m pip install --quiet --disable-pip-version-check)
    # dlib itself has no wheels, dlib-bin is the same; the models ask setuptools for pkg_resources.
    "${pip[@]}" dlib-bin 'setuptools<81' face-recognition-models pillow numpy >&2
    "${pip[@]}" --no-deps face_recognition==1.3.0 >&2
    touch "$environment/ready"
fi
exec .venv/bin/python -m scripts.peers.compare --peer "$environment/bin/python" "$@"
