"""The report of ``kiosk bench faces`` for a person to read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from kiosk.bench.faces_report import FAR, FPIR, Report, tar_at
from kiosk.bench.identification import FUSED, Identification, MultiFrame
from kiosk.bench.trials import Rate
from kiosk.bench.verification import Verification
from kiosk.proportion import Interval, Proportion

_INTERVALS = (
    "[…]: khoảng tin cậy 95 %, bootstrap theo người (không có lỗi nào thì Clopper–Pearson). "
    "95 % confidence, bootstrap over people (Clopper–Pearson where there was no error)."
)
_STAR = "*: ít người lạ quá: không ai được nhầm. *: so few non-mated trials that none may match."


def show(report: Report) -> None:
    """Print the report."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 120
    judged = report.judgement
    tables = (
        _verification(judged.verification, report.failed),
        _identification(judged.identification, judged.multi_frame),
        _latency(report),
    )
    for table in tables:
        console.print(table)
        console.print()
    console.print(_INTERVALS)
    console.print(_STAR)
    if report.faceless:
        console.print("không thấy mặt · no face found:", ", ".join(report.faceless))


def _verification(verification: Verification, failed: Proportion) -> Table:
    table = Table(
        title="Hai ảnh có cùng một người? · One person or two? (1:1)",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("", "đo được · figure", "95 %", "trên · of"):
        table.add_column(heading)
    for name, rate, of in _verification_rows(verification):
        table.add_row(name, _percent(rate.share), _interval(rate.ci95), of)
    table.add_row(
        "không lấy được mặt · failed to enrol",
        _percent(failed.share),
        _interval(failed.ci95),
        f"{failed.events} / {failed.trials} ảnh · images",
    )
    return table


def _verification_rows(verification: Verification) -> Iterator[tuple[str, Rate, str]]:
    mated, nonmated = len(verification.trials.mated), len(verification.trials.nonmated)
    pairs = f"{verification.pairs} cặp · pairs"
    both = f"{mated} + {nonmated} cặp · pairs"
    std = f"±{_percent(verification.accuracy_std)}"
    yield f"đúng, ngưỡng chọn ở các phần khác · accuracy ({std})", verification.accuracy, pairs
    for far in FAR.values():
        name = f"nhận đúng khi nhận nhầm ≤ {far:.1%} · TAR at FAR"
        yield name + _few(far, nonmated), tar_at(verification, far), both
    yield "hai lỗi bằng nhau · EER", verification.trials.equal_error(), both


def _identification(one: Identification, multi: MultiFrame | None) -> Table:
    table = Table(
        title="Là ai trong số người đã ghi nhớ, nếu có? · Who of the enrolled, if anybody? (1:N)",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("ảnh ghi nhớ : ảnh hỏi\nimages enrolled : probe")
    table.add_column("người : đúng người + người lạ\ngallery : mated + non-mated")
    table.add_column("rank 1", justify="right")
    for fpir in FPIR.values():
        table.add_column(f"bỏ sót khi nhầm ≤ {fpir:.1%}\nFNIR at FPIR", justify="right")
    table.add_row(*_identification_cells("1 : 1", one))
    if multi:
        table.add_row(*_identification_cells(f"{FUSED} : 1", multi.one))
        table.add_row(*_identification_cells(f"{FUSED} : {FUSED}", multi.fused))
    return table


def _identification_cells(name: str, figures: Identification) -> Iterator[str]:
    trials = figures.trials
    yield name
    yield f"{figures.gallery} : {len(trials.mated)} + {len(trials.nonmated)}"
    yield f"{_percent(figures.rank1.share)}\n{_interval(figures.rank1.ci95)}"
    for fpir in FPIR.values():
        rate = trials.misses_at(fpir)
        few = _few(fpir, len(trials.nonmated))
        yield f"{_percent(rate.share)}{few}\n{_interval(rate.ci95)}"


def _few(rate: float, nonmated: int) -> str:
    """A mark where no non-mated trial may succeed: the sample is too small for the rate."""
    return "*" if rate * nonmated < 1 else ""


def _latency(report: Report) -> Table:
    table = Table(
        title="CPU-ms mỗi ảnh, một luồng · CPU-ms an image, one thread",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    for heading in report.cpu_ms:
        table.add_column(heading, justify="right")
    table.add_row("trung vị · median", *(f"{each.median:.1f}" for each in report.cpu_ms.values()))
    table.add_row("p95", *(f"{each.p95:.1f}" for each in report.cpu_ms.values()))
    return table


def _percent(share: float) -> str:
    return f"{share:.2%}"


def _interval(interval: Interval) -> str:
    low, high = interval
    return f"[{100 * low:.2f}, {100 * high:.2f}]"
