"""Tables made of a folder of people are tables the bench reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk.bench.dataset import load
from scripts import bench_tables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty people with one to seven pictures each; what is in the pictures does not matter."""
    for number in range(60):
        person = tmp_path / "images" / f"P{number:02}"
        person.mkdir(parents=True)
        for picture in range(1 + number % 7):
            (person / f"{picture}.jpg").touch()
        (person / "notes.txt").touch()
    (tmp_path / "images" / "nobody").mkdir()
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["bench_tables.py", str(folder)])
    bench_tables.main()


def test_the_bench_reads_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, folder)
    data = load(folder)
    assert {pair.fold for pair in data.pairs} == set(range(10))
    folds: dict[str, set[int]] = {}
    for pair in data.pairs:
        a, b = (Path(image).parent.name for image in (pair.a, pair.b))
        assert (a == b) == pair.mated
        for name in (a, b):
            folds.setdefault(name, set()).add(pair.fold)
    assert all(len(each) == 1 for each in folds.values())
    assert all(data.path(image).is_file() for image in data.images)
    assert max(len([s for s in data.of_role("mated") if s.person == p]) for p in folds) == 5


def test_they_are_the_same_every_time(folder: Path) -> None:
    people = bench_tables.people_in(folder / "images")
    assert list(bench_tables.pairs(people)) == list(bench_tables.pairs(people))
    assert "nobody" not in people


def test_nothing_is_written_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, folder)
    before = (folder / "pairs.tsv").read_text()
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, folder)
    assert end.value.code == 2
    assert "pairs.tsv: File exists" in capsys.readouterr().err
    assert (folder / "pairs.tsv").read_text() == before
