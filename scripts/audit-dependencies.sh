#!/usr/bin/env bash
# Look for known vulnerabilities in what is locked (pip-audit), and for careless code of our own
# (bandit). pip-audit asks PyPI about each package; where that is not to be had it says so and the
# script ends with 2. Both are installed into .cache/audit by name.
#
#   scripts/audit-dependencies.sh          both
#   scripts/audit-dependencies.sh bandit   our own code only, without a network
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
tools="$root/.cache/audit"
if [ ! -x "$tools/bin/pip-audit" ] || [ ! -x "$tools/bin/bandit" ]; then
    python3 -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit bandit
fi

# What ruff's S rules look for too, with our reasons beside each line (noqa); of bandit's own the
# ones below are no faults here, and single lines say theirs (nosec):
#   B101 assert            python -O is never used
#   B105               a column named number_secret that is None
#   B406               saxutils.escape writes XML, it reads none
#   B404 B603 B607         programs are started on purpose, with fixed arguments
#   B311                   seeded randomness is for simulations, never for secrets
#   B303 B324              SHA-1 is what RFC 6238 and ICAO 9303 ask for
#   B608                   table names of our own in a migration
#   B704                   markup made by Markup.format, which escapes what it is given
"$tools/bin/bandit" --quiet --recursive kiosk central wire \
    --skip B101,B105,B404,B406,B603,B607,B311,B303,B324,B608,B704 --severity-level low
[ "${1:-}" = bandit ] && exit 0

uv="$root/.cache/uv/bin/uv"
"$uv" export --quiet --frozen --all-extras --no-emit-project --format requirements-txt \
    >"$tools/requirements.txt"
"$tools/bin/pip-audit" --disable-pip --requirement "$tools/requirements.txt" \
    --format json --output "$tools/report.json" || true
"$tools/bin/python" - "$tools/report.json" <<'REPORT'
import json, sys
rows = json.load(open(sys.argv[1]))["dependencies"]
skipped = [row["name"] for row in rows if "skip_reason" in row]
bad = [(row["name"], row["version"], each["id"]) for row in rows for each in row.get("vulns", [])]
for name, version, advisory in bad:
    print(f"{name} {version}: {advisory}")
print(f"{len(rows) - len(skipped)} of {len(rows)} packages looked up, {len(bad)} vulnerabilities")
if skipped:
    print("PyPI's advisories were not to be had for the others", file=sys.stderr)
sys.exit(1 if bad else 2 if skipped else 0)
REPORT
