#!/usr/bin/env bash
# Fuzz the reading of cards with atheris: what a code, a zone, a scanner or a chip may say.
#   scripts/fuzz-card.sh [SECONDS] [TARGET …]     60 seconds each, all of scripts/fuzz/targets.py
# An input that is found to break something, or to take over a second, is left in .cache/fuzz/found/
# and the run fails.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-60}"
shift || true
targets=("$@")
[ "${#targets[@]}" -gt 0 ] ||
    targets=(qr mrz print scanner apdu apdu-distorted groups group-14 portrait)

environment=.cache/fuzz/environment
if [ ! -f "$environment/ready" ]; then
    python3.11 -m venv --clear "$environment" # atheris has wheels for 3.11 to 3.13
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        atheris asn1crypto cryptography ecdsa numpy pillow pydantic pyserial uuid6
    touch "$environment/ready"
fi

mkdir -p .cache/fuzz/found
failed=0
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    "$environment/bin/python" scripts/fuzz/run.py "$target" \
        -max_total_time="$seconds" -timeout=1 -max_len=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix=".cache/fuzz/found/$target-" ".cache/fuzz/corpus/$target" 2>&1 |
        grep -E "stat::(number_of_executed_units|average_exec|slowest)|ERROR|exception|Error|Traceback|File" ||
        true
    [ "${PIPESTATUS[0]}" = 0 ] || failed=1
done
exit "$failed"
