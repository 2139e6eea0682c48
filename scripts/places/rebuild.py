"""Make kiosk/idcard/tables/ again from a registry package.

    .venv/bin/python scripts/places/rebuild.py            write the tables
    .venv/bin/python scripts/places/rebuild.py --check    compare only; status 1 when they differ

Source: PyPI ``vietnamadminunits`` 1.0.4 (MIT, © Hieu Tran), which collected the resolutions of the
National Assembly's Standing Committee on the communes and wards of 2025. Only its data is read:
names, codes, and which old unit became which new one. Old units that were divided keep every new
unit they were divided among.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "vietnamadminunits==1.0.4"
SHA256 = "737ee3662e877290386c1c45ed4d71f2e5fae34ab6fb9c64bfb4cb74b216ea35"
FOLDER = Path(__file__).parents[2] / "kiosk" / "idcard" / "tables"

Table = dict[str, Any]


def main() -> int:
    """Rebuild or compare."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = fetch(Path(folder))
        tables = tables_of(wheel)
    if "--check" in sys.argv:
        same = all((FOLDER / name).read_text(encoding="utf-8") == t for name, t in tables.items())
        print("places: the same" if same else "places: different")
        return 0 if same else 1
    for name, content in tables.items():
        (FOLDER / name).write_text(content, encoding="utf-8")
        print(f"{name}: {content.count(chr(10))} lines")
    return 0


def fetch(folder: Path) -> Path:
    """The package's wheel, checked against the hash it had when the tables were made."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), PACKAGE], check=True)
    (wheel,) = folder.glob("*.whl")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{wheel.name} has sha256 {found}, expected {SHA256}")
    return wheel


def tables_of(wheel: Path) -> dict[str, str]:
    """File name → content of both tables."""
    with zipfile.ZipFile(wheel) as archive:

        def data(name: str) -> Table:
            return json.loads(archive.read(f"vietnamadminunits/data/{name}.json"))

        new = dict(new_units(data("parser_from_2025")))
        old = dict(old_units(data("parser_legacy")))
        became = moves(data("converter_2025"))
    wards = sorted({(unit[0], unit[1], unit[2]) for unit in new.values()})
    moved = sorted(
        ("\t".join(old[key]), " ".join(sorted(new[unit][0] for unit in units)))
        for key, units in became.items()
        if key in old and units <= new.keys()
    )
    missing = [key for key, units in became.items() if key not in old or not units <= new.keys()]
    print(f"left out, not found by name: {len(missing)}", file=sys.stderr)
    return {
        "wards.tsv": "".join("\t".join(ward) + "\n" for ward in wards),
        "moved.tsv": "".join("\t".join(row) + "\n" for row in moved),
    }


def new_units(parser: Table) -> Iterator[tuple[tuple[str, str], tuple[str, str, str]]]:
    """(province key, ward key) → code, ward, province."""
    for table in ("DICT_PROVINCE_WARD_NO_ACCENTED", "DICT_PROVINCE_WARD_ACCENTED"):
        for province, wards in parser[table].items():
            name = parser["DICT_PROVINCE"][province]["provinceShort"]
            for key, ward in wards.items():
                yield (province, key), (ward["wardCode"], ward["ward"], name)


def old_units(parser: Table) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Key as the converter writes it → province, district, ward."""
    for table in (
        "DICT_PROVINCE_DISTRICT_WARD_NO_ACCENTED",
        "DICT_PROVINCE_DISTRICT_WARD_ACCENTED",
    ):
        for province, districts in parser[table].items():
            for district, wards in districts.items():
                for key, ward in wards.items():
                    names = (
                        parser["DICT_PROVINCE"][province]["provinceShort"],
                        parser["DICT_PROVINCE_DISTRICT"][province][district]["district"],
                        ward["ward"],
                    )
                    yield f"{province}_{district}_{key}", names


def moves(converter: Table) -> dict[str, set[tuple[str, str]]]:
    """Old unit → the new units it is part of today."""
    became: dict[str, set[tuple[str, str]]] = {}
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for old in olds:
                became.setdefault(old, set()).add((province, ward))
    for province, olds in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in olds.items():
            became.setdefault(old, set()).update((province, p["newWardKey"]) for p in parts)
    return became


if __name__ == "__main__":
    raise SystemExit(main())
