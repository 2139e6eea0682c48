"""The report of ``kiosk bench touchless`` for a person to read."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from kiosk.bench.clips import Clip, Seen
from kiosk.bench.touchless_report import GOALS, Report, Share, share_of

_FIGURES = {
    "wrong": "chọn nhầm · wrong selections",
    "missed": "không chọn được · missed",
    "false_per_minute": "tự chọn khi tay để yên, mỗi phút · false a minute of idle hands",
    "median_s": "từ lúc giơ tay, trung vị · hand up to choice, median (s)",
    "fingers_right": "giơ ngón tay đúng · raised fingers right",
}
_GROUPS = {
    "tile": "ô · tile",
    "hand": "tay · hand",
    "skin": "màu da · skin",
    "face_px": "bề rộng mặt, px · face width, px (64 ≈ 1.7 m … 150 ≈ 0.7 m)",
    "height": "độ cao khuôn mặt · height of the face (0.58: child, wheelchair)",
    "tremor": "run tay · tremor, of the screen",
    "pose": "dáng tay khi chỉ · pose when pointing",
    "raised_as": "dáng tay khi giơ · pose when raised",
    "background": "phông nền · background",
    "dropped": "khung hình mất · frames dropped",
    "second": "người thứ hai · second person",
    "orientation": "màn hình · screen",
}


def show(report: Report) -> None:
    """Print the report."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    console.print(_goals(report))
    console.print(_by("Chỉ tay · Pointing", report, report.pointing))
    console.print(_by("Giơ ngón · Raised fingers", report, report.fingers))
    console.print(_idle(report))
    if report.clips:
        console.print(_clips(report.clips))


def _goals(report: Report) -> Table:
    summary = report.summary()
    table = _table("Chọn không chạm · Touchless selection", "", "", "mục tiêu · goal")
    for name, label in _FIGURES.items():
        sign = "≥" if name == "fingers_right" else "≤"
        table.add_row(label, _figure(name, summary[name]), f"{sign} {_figure(name, GOALS[name])}")
    low, high = summary["wrong_ci95"]
    table.add_row("… chọn nhầm, 95 % · wrong, 95 % interval", f"{low:.1%} – {high:.1%}", "")
    table.add_row(
        "… từ khi tay bắt đầu giơ · from the first movement, median (s)",
        str(summary["median_from_start_s"]),
        "",
    )
    table.add_row(
        "con trỏ chậm hơn ngón tay · cursor behind the fingertip (frames)",
        str(summary["cursor_latency_frames"]),
        "",
    )
    return table


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if name in ("wrong", "missed", "fingers_right") else f"{value:g}"


def _by(title: str, report: Report, attempts: list) -> Table:  # type: ignore[type-arg]
    table = _table(title, "", "lượt · n", "nhầm · wrong", "hụt · missed", "s")
    _row(table, "tất cả · all", share_of(attempts))
    for name, values in report.groups(attempts).items():
        table.add_section()
        table.add_row(f"[bold]{_GROUPS[name]}[/bold]")
        for value, share in values.items():
            _row(table, f"  {value}", share)
    return table


def _row(table: Table, label: str, share: Share) -> None:
    seconds = "–" if share.median_s is None else f"{share.median_s:.2f}"
    table.add_row(label, str(share.attempts), f"{share.wrong:.1%}", f"{share.missed:.1%}", seconds)


def _idle(report: Report) -> Table:
    table = _table(
        "Tay không chọn gì · Idle hands", "", "phút · min", "chọn · picks", "bắt tay · engaged"
    )
    for motion, (minutes, picks, engaged) in report.by_motion().items():
        table.add_row(motion, f"{minutes:.1f}", str(picks), str(engaged))
    return table


def _clips(seen: Seen) -> Table:
    table = _table(
        "Phim và ảnh thật · Films and photographs",
        "",
        "khung · frames",
        "mặt · face",
        "tay · hand",
        "bắt tay · engaged (s)",
        "chọn · picks",
    )
    for clip in (*seen.films, *seen.photographs):
        table.add_row(*_cells(clip))
    return table


def _cells(clip: Clip) -> tuple[str, ...]:
    engaged = "–" if clip.engaged_s is None else f"{clip.engaged_s:.1f}"
    return (
        clip.name,
        str(clip.frames),
        f"{clip.face:.0%}",
        f"{clip.hand:.0%}",
        engaged,
        str(clip.picks),
    )


def _table(title: str, first: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table
