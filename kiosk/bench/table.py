"""The report of ``kiosk bench vision`` for a person to read."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from kiosk.bench.frames import OTHERS_ENROLLED, STAGES, Spread, StageCost
from kiosk.bench.processes import Memory
from kiosk.bench.report import Report

_SITUATIONS = {
    "person_and_hand": "có người, giơ tay · person, hand up",
    "person": "có người · person",
    "nobody": "không có ai · nobody",
    "person_and_hand_720": "có người, giơ tay · person, hand up, 1280×720",
}
_GOALS = {
    "frame": "một khung hình, trung bình · a frame, mean (person, hand up, 640×480)",
    "face_decision": "nhận mặt, p95 · face decision, p95",
    "screen": "đến khi dùng được màn hình · start to usable screen",
    "memory": "bộ nhớ, tổng RSS · memory, sum of RSS",
}


def show(report: Report) -> None:
    """Print the report."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    for table in (_frames(report), _others(report), _goals(report)):
        console.print(table)
        console.print()


def _table(title: str, first: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _frames(report: Report) -> Table:
    title = (
        "CPU-ms mỗi khung hình: trung vị / p95, khi có bước ấy (phần khung hình)\n"
        "CPU-ms a frame: median / p95, where it has that stage (share of frames)"
    )
    table = _table(title, "", *STAGES, "total", "mean")
    for name, costs in report.frames.items():
        cells = (_cost(costs[stage]) for stage in (*STAGES, "total"))
        table.add_row(_SITUATIONS[name], *cells, f"{costs['total'].cpu_ms.mean:.1f}")
    return table


def _cost(cost: StageCost) -> str:
    if not cost.share:
        return "–"
    return _spread(cost.cpu_ms) + ("" if cost.share == 1 else f" ({cost.share:.0%})")


def _spread(spread: Spread) -> str:
    return f"{spread.median:.1f} / {spread.p95:.1f}"


def _others(report: Report) -> Table:
    table = _table("Nhận mặt, khởi động, bộ nhớ · Face decision, start, memory", "", "")
    start, kiosk = report.typical_start, report.kiosk
    asked = f"{report.right}/{len(report.decisions)}"
    rows = {
        f"nhận mặt giữa {OTHERS_ENROLLED} người khác, ms trung vị / p95 · "
        "face decision after a usable frame": _spread(report.waited),
        "CPU-ms cho việc ấy, trung vị / p95 · CPU-ms spent on it": _spread(report.spent),
        "nhận đúng · right": asked,
        "tiến trình thị giác: mô hình · vision process: models loaded": f"{start.models_s:.2f} s",
        "kết quả đầu tiên · its first result": f"{start.first_result_s:.2f} s",
        "bộ nhớ, 640×480 · its memory, RSS / PSS": _memory(start.memory),
        "kiosk, bộ nhớ: màn hình · whole kiosk, memory: UI, RSS / PSS": _memory(kiosk.ui),
        "thị giác, 1280×720 · vision": _memory(kiosk.vision),
        "tất cả · all its processes": _memory(kiosk.together),
    }
    for name, figure in rows.items():
        table.add_row(name, figure)
    return table


def _memory(memory: Memory) -> str:
    return f"{memory.rss_mb:.0f} / {memory.pss_mb:.0f} MB"


def _goals(report: Report) -> Table:
    table = _table("Mục tiêu · Goals", "", "đo được · figure", "mục tiêu · goal", "tỉ lệ · ratio")
    for goal in report.goals:
        figure, limit = f"{goal.figure:g} {goal.unit}", f"≤ {goal.goal:g} {goal.unit}"
        style = "red" if goal.ratio > 1 else "green"
        table.add_row(_GOALS[goal.name], figure, limit, f"[{style}]{goal.ratio:.2f}[/]")
    return table
