#!/usr/bin/env bash
# Do the models that ship give on arm64 what they give here? Debian trixie's Python 3.13 and the
# locked arm64 wheels, run by qemu-user; the largest difference may be 1e-3.
#   scripts/test-arm64.sh
# The root lies in .cache/ (made once, 500 MB). Needs root for debootstrap; nothing is booted.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD/.cache/roots/arm64"
uv=.cache/uv/bin/uv
[ -x "$uv" ] || { echo "test-arm64.sh: run scripts/setup.sh first" >&2; exit 1; }
qemu="$PWD/.cache/qemu-user/usr/bin/qemu-aarch64"
if [ ! -x "$qemu" ]; then
    # Debian 12's qemu 7.2 crashes in LiteRT; trixie's 10 does not. Unpacked beside the root.
    apt="$PWD/.cache/qemu-user.apt"
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$(dirname "$(dirname "$(dirname "$qemu")")")"
    echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$apt/sources.list"
    from_trixie=(apt-get -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State=$apt/state" -o "Dir::Cache=$apt/cache")
    "${from_trixie[@]}" update >"$apt/log" 2>&1
    (cd "$apt" && "${from_trixie[@]}" download qemu-user >>log 2>&1)
    dpkg-deb -x "$apt"/qemu-user_*.deb .cache/qemu-user
fi
if [ ! -f "$root/.complete" ]; then
    command -v debootstrap >/dev/null || apt-get install -y -q debootstrap
    rm -rf "$root" "$root.partial"
    mkdir -p "$(dirname "$root")"
    echo "Fetching Debian trixie for arm64 …"
    debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,libgomp1 trixie "$root.partial" \
        http://deb.debian.org/debian >"$root.log" 2>&1 || { tail -5 "$root.log" >&2; exit 1; }
    # Unpacked, not configured: nothing of it is ever booted.
    for package in "$root.partial"/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root.partial" --keep-directory-symlink
    done
    "$uv" export --frozen --no-dev --no-emit-project --no-hashes -q 2>/dev/null |
        grep -E '^(ai-edge-litert|backports-strenum|flatbuffers|ml-dtypes|numpy|protobuf|tqdm|typing-extensions)==' |
        sed 's/ ;.*//' >"$root.requirements"
    "$uv" pip install -q --target "$root.partial/opt/site" --python-version 3.13 \
        --python-platform aarch64-manylinux_2_40 --only-binary :all: --no-deps -r "$root.requirements"
    touch "$root.partial/.complete"
    mv "$root.partial" "$root"
fi
out=out/arm64
mkdir -p "$out"
.venv/bin/python scripts/arm64/outputs.py "$out/here.npz" models
status=0
# The processors of a Raspberry Pi 4 and 5: the models' kernels differ with what a processor can do.
for cpu in cortex-a72 cortex-a76; do
    echo "── $cpu"
    QEMU_CPU=$cpu QEMU_LD_PREFIX="$root" PYTHONHOME="$root/usr" PYTHONPATH="$root/opt/site" LD_LIBRARY_PATH='' \
        "$qemu" "$root/usr/bin/python3.13" scripts/arm64/outputs.py "$out/$cpu.npz" models
    .venv/bin/python scripts/arm64/outputs.py --compare "$out/here.npz" "$out/$cpu.npz" || status=1
done
exit $status
