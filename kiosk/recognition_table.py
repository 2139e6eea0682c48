"""``kiosk recognition report``: read the office's gallery, and print what it says."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from kiosk.attendant import policy_of
from kiosk.clock import Reading
from kiosk.config import Settings
from kiosk.recognition_report import Group, RecognitionReport, report
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.vision.embedding import model_id
from kiosk.vision.embedding_card import card_of
from kiosk.vision.litert import Models


def read(settings: Settings) -> RecognitionReport:
    """The report on the kiosk's own database, which may be in use.

    Raises :class:`~kiosk.errors.StoreError`.
    """
    card = card_of(settings.recognition.model)
    model = model_id(Models(), card)
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        citizens = Citizens(db, settings.privacy, lambda: Reading(datetime.now(UTC)))
        ids, matrix = citizens.gallery(model)
        people, pairs = citizens.demographics(), citizens.possible_duplicates()
    return report(policy_of(settings), model, card.tail, ids, matrix, people, pairs)


def show(found: RecognitionReport) -> None:
    """Print the report."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    console.print(_threshold(found))
    if found.groups:
        console.print(_differential(found))
    for first, second in found.possible_duplicates:
        console.print(f"không phân biệt được · cannot be told apart: {first} {second}")


def _threshold(found: RecognitionReport) -> Table:
    table = Table(title="Ngưỡng đang dùng · The threshold in force", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    own = found.tail.people - found.shipped.people
    rows = {
        "mô hình · model": found.model,
        "số mẫu khuôn mặt · templates": str(found.enrolled),
        "nhiều nhất một lần chào nhầm trong · at most one wrong greeting in": (
            f"{found.wrong_greeting_visits} lượt · visits"
        ),
        "xác suất trùng ngẫu nhiên cho phép · false-match probability allowed": (
            f"{found.false_match_limit:.1e}"
        ),
        "ngưỡng · threshold": f"{found.threshold:.3f}",
        "khi chưa biết người của cơ quan · before the office's own people": (
            f"{found.shipped.threshold(found.false_match_limit):.3f}"
        ),
        "hiệu chỉnh theo · calibrated on": (
            f"{own} công dân · citizens (+ {found.shipped.people})"
        ),
    }
    for name, figure in rows.items():
        table.add_row(name, figure)
    for name, score in found.quantiles.items():
        label = f"điểm hai người khác nhau, phân vị · scores of two people, quantile {name}"
        table.add_row(label, f"{score:.3f}")
    return table


def _differential(found: RecognitionReport) -> Table:
    table = Table(
        title=f"Nhầm trong nhóm ở điểm {found.reference:.3f} (chung: 0,1 %) · "
        f"False matches within a group at score {found.reference:.3f} (all: 0.1 %)",
        title_justify="left",
    )
    for heading in (
        "nhóm · group",
        "người · people",
        "trùng · matches",
        "tỉ lệ · rate",
        "95 %",
    ):
        table.add_column(heading, justify="right")
    for group in found.groups:
        table.add_row(group.name, str(group.people), *_figures(group))
    return table


def _figures(group: Group) -> tuple[str, str, str]:
    if not group.enough:
        return ("quá ít · too few", "–", "–")
    low, high = group.ci95
    return (
        f"{group.false_matches} / {group.comparisons}",
        f"{group.share:.3%}",
        f"{low:.3%} – {high:.3%}",
    )
