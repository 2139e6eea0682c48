#!/usr/bin/env bash
# The long campaign of the crash simulator: kiosks, printer, sync and central in one seeded world of
# kills, power cuts, torn networks, full disks, clocks that jump, copies put back and dead cards. Hours.
#
#   scripts/campaign-crash.sh               10,000 histories
#   scripts/campaign-crash.sh 2000          fewer
#   scripts/campaign-crash.sh 10000 7000    from seed 7000 on
#
# Tells after each hundred how many there were. A failure does not end it: it names its seed and the few acts
# it takes. To see it again:
#   SIMULATION_FIRST_SEED=n SIMULATION_SEEDS=1 SIMULATION_ACTS=14 \
#     .venv/bin/pytest tests/simulation/test_simulation.py -k nothing_is_lost
set -euo pipefail
cd "$(dirname "$0")/.."

seeds="${1:-10000}"
first="${2:-0}"
slice=100
failed=0
export SIMULATION_ACTS="${SIMULATION_ACTS:-14}"
for ((seed = first; seed < first + seeds; seed += slice)); do
    left=$((first + seeds - seed))
    export SIMULATION_FIRST_SEED=$seed SIMULATION_SEEDS=$((left < slice ? left : slice))
    .venv/bin/python -m pytest -q -s tests/simulation/test_simulation.py -k nothing_is_lost ||
        failed=$((failed + 1))
    echo "$(date +%T) $((seed + SIMULATION_SEEDS - first)) of $seeds histories, the last seed" \
        "$((seed + SIMULATION_SEEDS - 1)); hundreds with a failure: $failed"
done
((failed == 0))
