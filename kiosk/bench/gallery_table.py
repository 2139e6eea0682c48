"""The report of ``kiosk bench gallery`` for a person to read."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from kiosk.bench.gallery_report import Cost, Report
from kiosk.vision.templates import DIMENSIONS

_NAMES = {
    "kiosk": "kiosk: tìm · search",
    "kiosk_candidate": "kiosk: ứng viên · candidate",
    "numpy": "numpy, float32",
    "usearch_exact": "usearch exact, float16",
    "usearch_hnsw": "usearch HNSW, float16",
    "faiss_flat": "faiss Flat, float32",
    "faiss_ivf": "faiss IVF 1024/32, float32",
}
_REASONS = {
    "not installed": "chưa cài · not installed",
    "too long to build": "dựng quá lâu · too long to build",
}
_GOALS = {
    "search": "một lần tìm, 100 000 người · a search of 100,000 templates",
    "against_reading": "so với đọc một lần · against reading them once",
}
_PEERS = (
    "So với usearch, faiss · against usearch and faiss: "
    "uv run --no-sync --with usearch --with faiss-cpu kiosk bench gallery"
)


def show(report: Report) -> None:
    """Print the report."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    for size, costs in report.costs.items():
        console.print(_table(size, costs))
        console.print()
    for goal in report.goals:
        style = "red" if goal.ratio > 1 else "green"
        figure = f"{goal.figure:g} {goal.unit} (≤ {goal.goal:g} {goal.unit})"
        console.print(f"{_GOALS[goal.name]}: [{style}]{figure}[/]")
    if any(cost == "not installed" for costs in report.costs.values() for cost in costs.values()):
        console.print(_PEERS)


def _table(size: int, costs: dict[str, Cost | str]) -> Table:
    title = f"{size:,} người · templates".replace(",", "\N{NO-BREAK SPACE}")
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("ms: trung vị / p95 · median / p95")
    for heading in ("tìm · search", "đọc · reading", "tỉ lệ · ratio", "MB", "recall@1"):
        table.add_column(heading, justify="right")
    for name, cost in costs.items():
        if isinstance(cost, str):
            table.add_row(f"{_NAMES[name]}: {_REASONS[cost]}")
        else:
            table.add_row(_NAMES[name], *_cells(cost))
    table.caption = f"đọc · reading: {size * DIMENSIONS / 1e6:g} MB, int8"
    return table


def _cells(cost: Cost) -> tuple[str, ...]:
    search, read = cost.search_ms, cost.read_ms
    return (
        f"{search.median:.2f} / {search.p95:.2f}",
        f"{read.median:.2f}",
        f"{cost.ratio:.2f}",
        f"{cost.megabytes:g}",
        f"{cost.recall:.1%}",
    )
