"""``kiosk bench faces`` on a folder of three people, two of them with several pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data as pictures

from kiosk import cli
from kiosk.bench.dataset import load
from kiosk.bench.faces import measure
from kiosk.bench.faces_table import show
from kiosk.vision.cutouts import media_folder
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces

PAIRS = """fold\tmated\ta\tb
0\t1\tastronaut/0.png\tastronaut/1.png
0\t0\tastronaut/0.png\tobama/0.jpg
1\t1\tobama/0.jpg\tobama/1.jpg
1\t0\tobama/1.jpg\tbiden/0.jpg
"""
IDENTIFICATION = """role\tperson\timage
gallery\tastronaut\tastronaut/0.png
gallery\tobama\tobama/0.jpg
mated\tastronaut\tastronaut/1.png
mated\tobama\tobama/1.jpg
mated\tobama\tobama/broken.jpg
nonmated\tbiden\tbiden/0.jpg
nonmated\twall\twall/0.png
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Portraits, a wall, and a file that is no picture."""
    photographs = media_folder() / "face_recognition"
    if not photographs.is_dir():
        pytest.skip(f"{photographs} is not there: run scripts/media.sh")
    folder = tmp_path_factory.mktemp("people")
    for person in ("astronaut", "obama", "biden", "wall"):
        (folder / "images" / person).mkdir(parents=True)
    portrait = cv2.cvtColor(np.asarray(pictures.astronaut(), np.uint8), cv2.COLOR_RGB2BGR)
    images = folder / "images"
    cv2.imwrite(str(images / "astronaut" / "0.png"), portrait)
    cv2.imwrite(str(images / "astronaut" / "1.png"), cv2.GaussianBlur(portrait, (5, 5), 0))
    cv2.imwrite(str(images / "wall" / "0.png"), np.full((200, 200, 3), 120, np.uint8))
    for name, copy in (("obama", "obama/0"), ("obama2", "obama/1"), ("biden", "biden/0")):
        shutil.copy(photographs / f"{name}.jpg", images / f"{copy}.jpg")
    (images / "obama" / "broken.jpg").write_bytes(b"no picture")
    (folder / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    (folder / "identification.tsv").write_text(IDENTIFICATION, encoding="utf-8")
    return folder


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The program with these arguments: exit status, standard output and error."""

    def program(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["kiosk", "bench", "faces", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return program


@pytest.mark.slow
def test_everything_is_measured(
    folder: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    status, out, err = run("--data", folder, "--json", "--plot", tmp_path / "plots")
    assert status == 0
    assert "broken.jpg" in err
    summary: dict[str, Any] = json.loads(out)
    verification, identification = summary["verification"], summary["identification"]
    assert verification["pairs"] == 4
    assert verification["accuracy"] == verification["tar_at_far_1e-3"] == 1.0
    assert verification["accuracy_std"] == verification["eer"] == 0.0
    assert verification["failed_to_enrol"] == pytest.approx(2 / 7)
    assert set(verification["ci95"]) == {"accuracy", "tar_at_far_1e-2", "tar_at_far_1e-3", "eer"}
    assert [identification[key] for key in ("gallery", "mated", "nonmated")] == [2, 3, 2]
    assert identification["rank1"] == pytest.approx(2 / 3)
    assert identification["fnir_at_fpir_1e-2"] == pytest.approx(1 / 3)
    low, high = identification["ci95"]["fnir_at_fpir_3e-3"]
    assert low <= 1 / 3 <= high
    assert summary["multi_frame"] is None
    assert summary["images"]["unreadable"] == ["obama/broken.jpg"]
    assert summary["images"]["faceless"] == ["wall/0.png"]
    assert {"detect", "align", "embed", "total"} <= set(summary["latency_ms"])
    assert summary["latency_ms"]["total"]["median"] > 0
    drawn = {path.name for path in (tmp_path / "plots").iterdir()}
    assert drawn == {"det-verification.svg", "det-identification.svg"}


@pytest.mark.slow
def test_the_table_says_how_many_and_how_sure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(measure(load(folder), StillFaces(Models())))
    out = capsys.readouterr().out
    for words in ("100.00%", "2 / 7 ảnh", "2 : 3 + 2", "33.33%*", "bootstrap", "wall/0.png"):
        assert words in out


def test_without_pictures_it_says_where_to_get_some(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    status, _, err = run()
    assert status == 2
    assert "pairs.tsv" in err
    assert "Labelled Faces in the Wild" in err


def test_a_bad_line_is_named(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "pairs.tsv").write_text("fold\tmated\ta\tb\n0\tyes\ta\tb\n", encoding="utf-8")
    status, _, err = run("--data", tmp_path)
    assert status == 2
    assert f"{tmp_path / 'pairs.tsv'}, line 2" in err
