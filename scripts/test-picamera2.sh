#!/usr/bin/env bash
# The kiosk's camera driver and vision process on the real picamera2, without a Raspberry Pi.
#
#   scripts/test-picamera2.sh              # 40 s of frames, then the faults: two minutes
#   scripts/test-picamera2.sh --soak 600   # and ten minutes of soak
#
# A Debian trixie root in .cache/ (made once: some minutes and 1.1 GB) holds Debian's libcamera with
# its virtual camera and picamera2 from PyPI. Needs root (chroot, mount namespace).
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD/.cache/roots/picamera2"
soak=0
while [ $# -gt 0 ]; do
    case "$1" in
        --soak) soak="${2:?--soak takes seconds}"; shift 2 ;;
        -h | --help) sed -n '2,/^set/p' "$0" | sed 's/^# \{0,1\}//;$d'; exit 0 ;;
        *) echo "test-picamera2.sh: $1 is not known; see --help" >&2; exit 2 ;;
    esac
done
[ "$(id -u)" = 0 ] || { echo "test-picamera2.sh: run it as root: it changes the root folder" >&2; exit 1; }

uv=.cache/uv/bin/uv
[ -x "$uv" ] || { echo "test-picamera2.sh: run scripts/setup.sh first" >&2; exit 1; }

if [ ! -f "$root/.complete" ]; then
    command -v debootstrap >/dev/null || apt-get install -y -q debootstrap
    rm -rf "$root" "$root.partial"
    mkdir -p "$(dirname "$root")"
    echo "Installing Debian trixie into $root …"
    debootstrap --variant=minbase --include=python3,python3-libcamera,libcamera-ipa,libcamera-tools,libgl1,libegl1,libgomp1,python3-prctl,python3-av,python3-piexif,python3-libarchive-c,python3-jsonschema,python3-setuptools,python3-dev,gcc,libc6-dev \
        trixie "$root.partial" http://deb.debian.org/debian >"$root.log" 2>&1 || { tail -5 "$root.log" >&2; exit 1; }
    mv "$root.partial" "$root"

    echo "Installing picamera2 and what vision needs, as locked …"
    into=("$uv" pip install -q --target "$root/opt/site" --python-version 3.13 --python-platform x86_64-manylinux_2_40 --no-deps)
    "$uv" export --frozen --no-dev --no-emit-project --no-hashes -q 2>/dev/null |
        grep -E '^(ai-edge-litert|annotated-types|backports-strenum|flatbuffers|ml-dtypes|numpy|opencv-python-headless|pillow|protobuf|pydantic|pydantic-core|simsimd|tesserocr|tqdm|typing-extensions|typing-inspection|tzdata|uuid6|zxing-cpp)==' |
        sed 's/ ;.*//' >"$root/tmp/requirements.txt"
    "${into[@]}" --only-binary :all: -r "$root/tmp/requirements.txt"
    "${into[@]}" --only-binary :all: picamera2==0.3.38 videodev2==0.0.4 simplejpeg==1.9.0
    # PiDNG has no wheel; picamera2 imports it whether a raw picture is wanted or not.
    .venv/bin/python -m pip --version >/dev/null 2>&1 || "$uv" pip install -q pip
    .venv/bin/python -m pip download -q --no-deps --no-binary :all: -d "$root/tmp" pidng==4.0.9
    mkdir -p "$root/tmp/pidng"
    tar xf "$root"/tmp/pidng-*.tar.gz -C "$root/tmp/pidng" --strip-components 1
    chroot "$root" sh -c 'cd /tmp/pidng && PYTHONPATH=/opt/site python3 setup.py -q build --build-lib /opt/pidng' >"$root.log" 2>&1 ||
        { tail -5 "$root.log" >&2; exit 1; }
    touch "$root/.complete"
fi

# The project as it is now, frames of a scene that ships, the virtual camera, the shim.
rm -rf "$root/opt/kiosk" "$root/opt/frames"
mkdir -p "$root/opt/kiosk" "$root/opt/frames" "$root/run/faults" "$root/usr/share/libcamera/pipeline/virtual"
rm -f "$root"/run/faults/*
cp -r kiosk wire models "$root/opt/kiosk/"
cp -r scripts/picamera2 "$root/opt/kiosk/soak"
cp scripts/picamera2/virtual.yaml "$root/usr/share/libcamera/pipeline/virtual/"
.venv/bin/python scripts/picamera2/frames.py "$root/opt/frames"
gcc -shared -fPIC -O2 -Wall -o "$root/opt/shim.so" scripts/picamera2/shim.c -ldl

inside() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount bash -c '
        set -e
        root=$1; shift
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
            PYTHONPATH=/opt/kiosk:/opt/kiosk/soak:/opt/site:/opt/pidng KIOSK_MODELS=/opt/kiosk/models \
            LD_PRELOAD=/opt/shim.so CAMERA_FAULTS=/run/faults LIBCAMERA_LOG_LEVELS="*:ERROR" "$@"
    ' _ "$root" "$@"
}

status=0
echo "── frames"
inside python3 /opt/kiosk/soak/soak.py frames --seconds 40 || status=1
echo "── faults: a driver that hangs, a camera that breaks off, a process that is killed"
inside python3 /opt/kiosk/soak/soak.py faults --seconds 6 || status=1
if [ "$soak" != 0 ]; then
    echo "── soak, $soak s"
    inside python3 /opt/kiosk/soak/soak.py soak --seconds "$soak" || status=1
fi
exit $status
