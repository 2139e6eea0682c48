"""``kiosk card …`` in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.commands.card import app
from kiosk.idcard.synthetic import payload, synthetic, zone

CARD = synthetic(7)


def test_a_qr_payload_becomes_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["parse", "--qr", "-"], input=payload(CARD) + "\n")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert list(told) == [
        "number",
        "old_number",
        "name",
        "date_of_birth",
        "sex",
        "address",
        "issued",
        "source",
        "warnings",
    ]
    assert (told["number"], told["name"], told["source"]) == (CARD.number, CARD.name, "qr")
    assert told["warnings"] == []
    file = tmp_path / "code.txt"
    file.write_text(payload(CARD), encoding="utf-8")
    again = CliRunner().invoke(app, ["parse", "--qr", str(file)])
    assert json.loads(again.stdout) == told


def test_a_zone_becomes_json() -> None:
    done = CliRunner().invoke(app, ["parse", "--mrz", "-"], input=zone(CARD))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["number"], told["source"]) == (0, CARD.number, "mrz")


@pytest.mark.parametrize(
    ("option", "read"),
    [
        ("--qr", b"https://example.com/001190012345"),
        ("--qr", b"\xff" * 10_000),
        ("--mrz", b"\xff\xfe"),
        ("--mrz", zone(CARD).replace("VNM", "VNN").encode()),
    ],
)
def test_anything_else_is_one_line_and_status_2(option: str, read: bytes) -> None:
    done = CliRunner().invoke(app, ["parse", option, "-"], input=read)
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert CARD.number not in done.stderr


def test_neither_a_code_nor_a_zone() -> None:
    assert CliRunner().invoke(app, ["parse"]).exit_code == 2


def test_a_code_and_a_zone_are_put_together(tmp_path: Path) -> None:
    back = tmp_path / "zone.txt"
    back.write_text(zone(CARD), encoding="ascii")
    arguments = ["parse", "--fields", "--qr", "-", "--mrz", str(back)]
    told = json.loads(CliRunner().invoke(app, arguments, input=payload(CARD)).stdout)
    assert (told["source"], told["fields"]["name"]) == ("qr", {"source": "qr", "certainty": 4})
    assert told["ward"] is None or set(told["ward"]) == {"code", "name", "province"}
    other = CliRunner().invoke(app, arguments, input=payload(synthetic(8)))
    assert (other.exit_code, other.stdout) == (2, "")
