#!/usr/bin/env bash
# Fetch the photographs and the hand mesh that demo and tests use, from package registries by
# name, into .cache/media (or $KIOSK_MEDIA). Nothing here is part of the project or its packages.
#
#   scripts/media.sh          the photographs (PyPI face_recognition, MIT): needs pip
#   scripts/media.sh hand     the hand mesh (npm @webxr-input-profiles/assets, MIT): needs npm,
#                             only for scripts/render_hands.py
#   scripts/media.sh all      both
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
media="${KIOSK_MEDIA:-$root/.cache/media}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
    echo "media.sh: $*" >&2
    exit 1
}

# Lines of "sha256  path below $media".
photographs="\
3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c  face_recognition/biden.jpg
0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6  face_recognition/obama.jpg
a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6  face_recognition/obama2.jpg
76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3  face_recognition/obama3.jpg"
hand="\
291790c14f7f88a7f9bd35330c47392ed8e8d395ae6728f4bb7089f1bc1f2b96  generic-hand/right.glb"

present() {
    [ -d "$media" ] && (cd "$media" && sha256sum --quiet --strict -c - <<<"$1") >/dev/null 2>&1
}

# Move what was unpacked under $work/unpacked into $media, once its hashes are right.
adopt() {
    (cd "$work/unpacked" && sha256sum --quiet --strict -c - <<<"$1" >&2) ||
        fail "the package does not hold the files expected (see above)"
    while read -r _ path; do
        mkdir -p "$media/$(dirname "$path")"
        mv "$work/unpacked/$path" "$media/$path"
    done <<<"$1"
}

# A Python that has pip: setup.sh makes one; those of .venv and of a fresh Debian have none.
python_with_pip() {
    local python
    for python in "$root/.cache/uv/bin/python" "$root/.venv/bin/python" python3; do
        if "$python" -m pip --version >/dev/null 2>&1; then
            echo "$python"
            return
        fi
    done
    fail "needs pip: run scripts/setup.sh first, or apt-get install python3-pip"
}

fetch_photographs() {
    local python
    python="$(python_with_pip)"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$work" face_recognition==1.3.0 >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; fail "face_recognition 1.3.0 could not be downloaded"; }
    mkdir -p "$work/unpacked/face_recognition"
    tar -xzf "$work"/face_recognition-1.3.0.tar.gz -C "$work/unpacked/face_recognition" \
        --strip-components=3 --no-same-owner face_recognition-1.3.0/tests/test_images
    adopt "$photographs"
}

fetch_hand() {
    command -v npm >/dev/null || fail "the hand mesh needs npm: apt-get install npm"
    (cd "$work" && npm pack --silent @webxr-input-profiles/assets@1.0.20 >"$work/log" 2>&1) ||
        { cat "$work/log" >&2; fail "@webxr-input-profiles/assets 1.0.20 could not be downloaded"; }
    mkdir -p "$work/unpacked"
    tar -xzf "$work"/webxr-input-profiles-assets-1.0.20.tgz -C "$work/unpacked" \
        --strip-components=3 --no-same-owner package/dist/profiles/generic-hand/right.glb
    adopt "$hand"
}

what="${1:-photographs}"
case "$what" in
photographs | hand | all) ;;
*) fail "unknown: $what (photographs, hand or all)" ;;
esac
if [ "$what" != hand ]; then
    present "$photographs" || fetch_photographs
fi
if [ "$what" != photographs ]; then
    present "$hand" || fetch_hand
fi
echo "media: $media"
