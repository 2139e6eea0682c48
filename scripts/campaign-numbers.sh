#!/usr/bin/env bash
# The long campaign of the numbers: thousands of seeded histories of an office, and a kiosk process
# that is killed again and again while it issues and prints. Minutes, not seconds.
#
#   scripts/campaign-numbers.sh                10,000 histories, 200 kills
#   scripts/campaign-numbers.sh 2000 50        fewer
#   scripts/campaign-numbers.sh 10000 200 7000 from seed 7000 on
#
# A failure names its seed: NUMBERING_FIRST_SEED=n NUMBERING_SEEDS=1 NUMBERING_ACTS=25
# .venv/bin/pytest tests/store/test_numbering.py -k history
set -euo pipefail
cd "$(dirname "$0")/.."

seeds="${1:-10000}"
kills="${2:-200}"
first="${3:-0}"
slice=1000
export NUMBERING_ACTS="${NUMBERING_ACTS:-25}"
for ((seed = first; seed < first + seeds; seed += slice)); do
    left=$((first + seeds - seed))
    export NUMBERING_FIRST_SEED=$seed NUMBERING_SEEDS=$((left < slice ? left : slice))
    echo "seeds $seed … $((seed + NUMBERING_SEEDS - 1))"
    .venv/bin/python -m pytest -q -s tests/store/test_numbering.py -k "history"
done
echo "$kills kills"
NUMBERING_KILLS=$kills .venv/bin/python -m pytest -q -s tests/store/test_kills.py
