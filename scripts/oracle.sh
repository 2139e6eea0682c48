#!/usr/bin/env bash
# Ask mediapipe 0.10.18 about the pictures our detectors are held against, keep its answers in
# tests/vision/oracle/, and print how far the two agree.
#   scripts/oracle.sh                published pictures
#   scripts/oracle.sh --media DIR    the project's private test pictures too (numbers are kept,
#                                    no pixels and no names)
# Needs Python 3.11 (mediapipe 0.10.18 wants numpy < 2) in an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

media=()
if [ "${1:-}" = --media ] && [ -d "${2:-}" ]; then
    media=("$(realpath "$2")")
elif [ $# != 0 ]; then
    echo "usage: scripts/oracle.sh [--media DIR]" >&2
    exit 2
fi
scripts/setup.sh
scripts/media.sh

environment=.cache/oracle
if [ ! -f "$environment/ready-2" ]; then
    command -v python3.11 >/dev/null || {
        echo "oracle.sh: cần Python 3.11 / Python 3.11 is needed: apt-get install python3.11-venv" >&2
        exit 2
    }
    python3.11 -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        mediapipe==0.10.18 'numpy<2' 'scikit-image>=0.25,<0.26' \
        ai-edge-litert==2.3.0 pydantic zxing-cpp simsimd pytest
    touch "$environment/ready-2"
fi

photographs="${KIOSK_MEDIA:-.cache/media}/face_recognition"
export GLOG_minloglevel=2 TF_CPP_MIN_LOG_LEVEL=2
"$environment/bin/python" -W ignore scripts/oracle/answers.py "$photographs" "${media[@]}"
"$environment/bin/python" -W ignore -m pytest -q --noconftest -o addopts= tests/vision/test_mediapipe_faces.py
exec .venv/bin/python -m scripts.oracle.agreement "$photographs" "${media[@]}"
