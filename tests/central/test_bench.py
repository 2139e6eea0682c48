"""``central bench``: a hamlet instead of a city, and every figure it promises."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from central.cli import app

HAMLET = [
    "--kiosks", "4", "--streams", "4", "--seconds", "1", "--every", "0.5", "--workers", "1",
    "--officers", "2", "--rows", "200",
]  # fmt: skip


@pytest.mark.slow
def test_a_hamlet_is_measured() -> None:
    answer = CliRunner().invoke(app, ["bench", "--json", *HAMLET])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["failed"], told["lost"], told["duplicated"], told["next_conflicts"]) == (0,) * 4
    assert told["events"] == 8
    assert told["requests"] >= told["events"]
    assert (told["streams_open"], told["streams_broken"]) == (4, 0)
    assert told["next_calls"] == 20
    for name in ("first", "sync", "empty", "next"):
        assert 0 < told[f"{name}_p50_ms"] <= told[f"{name}_p99_ms"]
    for name in ("next", "board"):
        assert told[f"{name}_ms_by_rows"]["200"] > 0
        assert any("ticket" in scan for scan in told["plans"][name])
