"""``kiosk bench faces``: how well, and how fast, the kiosk knows people from pictures.

Every picture is looked at once, as :class:`~kiosk.vision.still.StillFaces` looks; what is judged
afterwards are the embeddings. A picture that cannot be read, or in which no face is found, is a
failure to enrol: whatever needs it fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from kiosk import config
from kiosk.bench.conditions import Advance, one_opencv_thread, progress
from kiosk.bench.dataset import DataSet, Pair, load
from kiosk.bench.det_plot import write_plots
from kiosk.bench.faces_report import Judgement, Report
from kiosk.bench.faces_table import show
from kiosk.bench.frames import Spread
from kiosk.bench.identification import (
    Embeddings,
    KioskMatcher,
    Matcher,
    Vector,
    identify,
    identify_fused,
)
from kiosk.bench.verification import NEVER, Verification, verify
from kiosk.config import Settings
from kiosk.errors import CameraError, DataSetError
from kiosk.vision.embedding import Embedder
from kiosk.vision.embedding_card import card_of
from kiosk.vision.litert import Models
from kiosk.vision.look import read
from kiosk.vision.open import open_face_finder
from kiosk.vision.still import StillFaces


@dataclass(frozen=True, slots=True)
class Looked:
    """What was made of the pictures: ``unreadable`` and ``faceless`` are those without an
    embedding; ``stages_ms`` what each of the others cost."""

    embeddings: dict[str, Vector | None]
    unreadable: list[str]
    faceless: list[str]
    stages_ms: list[dict[str, float]]


def main(data: Path | None, *, as_json: bool, plot: Path | None) -> None:
    """Measure on the pictures in ``data`` and print; draw the DET curves into ``plot``.

    Raises :class:`~kiosk.errors.DataSetError` when there are no pictures or their tables are
    wrong, and :class:`~kiosk.errors.ModelError`.
    """
    if data is None:
        raise DataSetError("data_wanted")
    report = measure(load(data), _as_configured(config.load(config.find())))
    if plot:
        write_plots(plot, {"kiosk": report.judgement})
    if as_json:
        typer.echo(json.dumps(report.summary(), ensure_ascii=False))
    else:
        show(report)


def _as_configured(settings: Settings) -> StillFaces:
    """The detector and the embedding that this kiosk is set to use."""
    models = Models()
    embedder = Embedder(models, card_of(settings.recognition.model))
    return StillFaces(models, open_face_finder(settings.vision, models), embedder)


def measure(data: DataSet, still: StillFaces) -> Report:
    """All figures."""
    images = data.images
    with progress(len(images)) as advance, one_opencv_thread():
        looked = look_at(data, images, still, advance)
    judgement = judge(data, looked.embeddings, KioskMatcher())
    return Report(
        model_id=still.model_id,
        images=len(images),
        unreadable=looked.unreadable,
        faceless=looked.faceless,
        judgement=judgement,
        cpu_ms=_spreads(looked.stages_ms),
    )


def look_at(data: DataSet, images: Iterable[str], still: StillFaces, advance: Advance) -> Looked:
    """Find and embed the face of each picture, one at a time."""
    looked = Looked({}, [], [], [])
    for image in images:
        looked.embeddings[image] = _embedded(still, data.path(image), image, looked)
        advance()
    return looked


def _embedded(still: StillFaces, path: Path, image: str, looked: Looked) -> Vector | None:
    try:
        found = still(read(path))
    except CameraError as error:
        typer.echo(error.both(), err=True)
        looked.unreadable.append(image)
        return None
    if found is None:
        looked.faceless.append(image)
        return None
    looked.stages_ms.append(found.stages_ms)
    return found.embedding


def judge(data: DataSet, embeddings: Embeddings, matcher: Matcher) -> Judgement:
    """How well ``matcher`` tells people apart by these embeddings."""
    return Judgement(
        verification=judge_pairs(data.pairs, embeddings, matcher),
        identification=identify(data, embeddings, matcher),
        multi_frame=identify_fused(data, embeddings, matcher),
    )


def judge_pairs(pairs: Sequence[Pair], embeddings: Embeddings, matcher: Matcher) -> Verification:
    """How well it tells pairs."""
    return verify(pairs, [_score(pair, embeddings, matcher) for pair in pairs])


def _score(pair: Pair, embeddings: Embeddings, matcher: Matcher) -> float:
    a, b = embeddings[pair.a], embeddings[pair.b]
    return NEVER if a is None or b is None else matcher.compare(a, b)


def _spreads(stages_ms: list[dict[str, float]]) -> dict[str, Spread]:
    names = stages_ms[0] if stages_ms else ()
    spreads = {name: Spread.of([each[name] for each in stages_ms]) for name in names}
    return spreads | {"total": Spread.of([sum(each.values()) for each in stages_ms])}
