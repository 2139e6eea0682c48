from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.bench.dataset import Pair, Sighting, load
from kiosk.errors import DataSetError

PAIRS = ["fold\tmated\ta\tb", "0\t1\tA/1.jpg\tA/2.jpg", "0\t0\tA/1.jpg\tB/1.jpg"]
PAIRS += ["1\t1\tC/1.jpg\tC/2.jpg", "1\t0\tC/1.jpg\tD/1.jpg"]
SIGHTINGS = ["role\tperson\timage", "gallery\tA\tA/1.jpg", "mated\tA\tA/2.jpg"]
SIGHTINGS += ["nonmated\tB\tB/1.jpg"]


def write(folder: Path, pairs: list[str], sightings: list[str]) -> Path:
    (folder / "pairs.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    (folder / "identification.tsv").write_text("\n".join(sightings) + "\n", encoding="utf-8")
    return folder


def test_tables_are_read_in_order(tmp_path: Path) -> None:
    data = load(write(tmp_path, PAIRS, SIGHTINGS))
    assert data.pairs[0] == Pair(0, True, "A/1.jpg", "A/2.jpg")
    assert [pair.mated for pair in data.pairs] == [True, False, True, False]
    assert data.of_role("mated") == [Sighting("mated", "A", "A/2.jpg")]
    assert data.images == ["A/1.jpg", "A/2.jpg", "B/1.jpg", "C/1.jpg", "C/2.jpg", "D/1.jpg"]
    assert data.path("A/1.jpg") == tmp_path / "images" / "A" / "1.jpg"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (2, "0\t2\tA/1.jpg\tA/2.jpg"),
        (3, "0\t0\tA/1.jpg"),
        (4, "one\t1\tC/1.jpg\tC/2.jpg"),
        (5, "1\t0\tC/1.jpg\t"),
        (1, "fold\tsame\ta\tb"),
    ],
)
def test_a_bad_pair_is_named_by_its_line(tmp_path: Path, line: int, wrong: str) -> None:
    pairs = [*PAIRS]
    pairs[line - 1] = wrong
    with pytest.raises(DataSetError) as caught:
        load(write(tmp_path, pairs, SIGHTINGS))
    assert caught.value.key == "data_line"
    assert caught.value.fields["file"] == tmp_path / "pairs.tsv"
    assert caught.value.fields["line"] == line


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (2, "album\tA\tA/1.jpg"),
        (3, "mated\tZ\tA/2.jpg"),  # not in the gallery
        (4, "nonmated\tA\tA/3.jpg"),  # in the gallery
        (4, "gallery\tA\tA/3.jpg"),  # twice
    ],
)
def test_a_bad_sighting_is_named_by_its_line(tmp_path: Path, line: int, wrong: str) -> None:
    sightings = [*SIGHTINGS]
    sightings[line - 1] = wrong
    with pytest.raises(DataSetError) as caught:
        load(write(tmp_path, PAIRS, sightings))
    assert (caught.value.key, caught.value.fields["line"]) == ("data_line", line)


def test_a_fold_needs_both_kinds(tmp_path: Path) -> None:
    for pairs in (PAIRS[:3], [*PAIRS[:3], PAIRS[3]]):
        with pytest.raises(DataSetError) as caught:
            load(write(tmp_path, pairs, SIGHTINGS))
        assert caught.value.key == "data_folds"


def test_every_role_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DataSetError) as caught:
        load(write(tmp_path, PAIRS, SIGHTINGS[:3]))
    assert (caught.value.key, caught.value.fields["role"]) == ("data_role", "nonmated")


def test_no_folder_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataSetError) as caught:
        load(tmp_path / "nowhere")
    assert caught.value.key == "data_unreadable"
    write(tmp_path, PAIRS, SIGHTINGS)
    (tmp_path / "pairs.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataSetError) as caught:
        load(tmp_path)
    assert caught.value.key == "data_unreadable"
