"""Detection error trade-off curves as SVG (ISO/IEC 19795-1), both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from kiosk.bench.faces_report import Judgement
from kiosk.bench.identification import FUSED
from kiosk.bench.trials import Scores, Trials

_WIDTH, _HEIGHT = 960, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 336, 48, 64
"""Margins; the names of the curves stand in the right one."""
_COLOURS = ("#0b5cad", "#b3261e", "#1b7f3b", "#8a4fbf", "#a15c00", "#333333")
"""Dark enough on white, and told apart by their dashes too."""
_DASHES = ("", "8 4", "2 3", "10 3 2 3", "5 5", "1 4")


@dataclass(frozen=True, slots=True)
class Curve:
    """``label`` and the rates of :meth:`~kiosk.bench.trials.Trials.curve`."""

    label: str
    false: Scores
    missed: Scores

    @classmethod
    def of(cls, label: str, trials: Trials) -> Curve:
        """Labelled with how many trials it rests on."""
        sizes = f"{len(trials.mated)} + {len(trials.nonmated)}"
        return cls(f"{label} ({sizes})", *trials.curve())


def write_plots(folder: Path, judgements: Mapping[str, Judgement]) -> None:
    """``det-verification.svg`` and ``det-identification.svg`` of everyone who was judged."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [Curve.of(name, each.verification.trials) for name, each in judgements.items()]
    verification = drawn("1:1", "FMR", "FNMR", pairs)
    (folder / "det-verification.svg").write_text(verification, encoding="utf-8")
    searches = [curve for name, each in judgements.items() for curve in _searches(name, each)]
    identification = drawn("1:N", "FPIR", "FNIR", searches)
    (folder / "det-identification.svg").write_text(identification, encoding="utf-8")


def _searches(name: str, judgement: Judgement) -> Iterator[Curve]:
    yield Curve.of(f"{name} 1 : 1", judgement.identification.trials)
    if judgement.multi_frame:
        yield Curve.of(f"{name} {FUSED} : 1", judgement.multi_frame.one.trials)
        yield Curve.of(f"{name} {FUSED} : {FUSED}", judgement.multi_frame.fused.trials)


def drawn(title: str, across: str, up: str, curves: Sequence[Curve]) -> str:
    """An SVG picture of ``curves``: ``across`` the false rate, ``up`` the miss rate."""
    axes = _Axes.around(curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_LEFT, 28, f"DET, {title}", "start", "16"),
        *axes.grid(),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 16, across),
        f'<g transform="translate(20 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)">'
        f"{_text(0, 0, up)}</g>",
    ]
    for number, curve in enumerate(curves):
        look = f'stroke="{_COLOURS[number % len(_COLOURS)]}" stroke-width="2" ' + (
            f'stroke-dasharray="{_DASHES[number % len(_DASHES)]}"'
        )
        parts.append(f'<path d="{axes.path(curve)}" fill="none" {look}/>')
        y = _TOP + 12 + 24 * number
        parts.append(f'<path d="M{_WIDTH - _RIGHT + 28} {y - 4}h36" {look}/>')
        parts.append(_text(_WIDTH - _RIGHT + 74, y, curve.label, "start"))
    return "\n".join([*parts, "</svg>\n"])


@dataclass(frozen=True, slots=True)
class _Axes:
    """Decades that the lowest rates shown lie in, as negative exponents; both axes end at 1."""

    false: int
    missed: int

    @classmethod
    def around(cls, curves: Sequence[Curve]) -> _Axes:
        return cls(
            _decade(min(_least(curve.false) for curve in curves)),
            _decade(min(_least(curve.missed) for curve in curves)),
        )

    def x(self, rate: float) -> float:
        share = max(0.0, 1 - math.log10(max(rate, 1e-12)) / self.false)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    def y(self, rate: float) -> float:
        share = max(0.0, 1 - math.log10(max(rate, 1e-12)) / self.missed)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    def grid(self) -> Iterator[str]:
        for exponent in range(self.false, 1):
            x = self.x(10**exponent)
            yield f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#d5d5d5"/>'
            yield _text(x, _HEIGHT - _BOTTOM + 20, _label(exponent, self.false))
        for exponent in range(self.missed, 1):
            y = self.y(10**exponent)
            yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#d5d5d5"/>'
            yield _text(_LEFT - 8, y + 4, _label(exponent, self.missed), "end")

    def path(self, curve: Curve) -> str:
        """Steps from one threshold to the next, none smaller than a pixel: rates between two
        thresholds are not reached by any."""
        seen = [(round(self.x(f)), round(self.y(m), 1)) for f, m in _points(curve)]
        corners = dict(seen)  # of thresholds in one pixel column, the one that misses most
        (x, y), *others = corners.items()
        return f"M{x} {y}" + "".join(f"V{up}H{across}" for across, up in others)


def _points(curve: Curve) -> list[tuple[float, float]]:
    return list(zip(curve.false.tolist(), curve.missed.tolist(), strict=True)) or [(1.0, 1.0)]


def _least(rates: Scores) -> float:
    return float(min(rates[rates > 0], default=0.1))


def _decade(rate: float) -> int:
    return min(-1, math.floor(math.log10(rate) + 1e-9))


def _label(exponent: int, lowest: int) -> str:
    """The lowest stands for zero too, which has no logarithm."""
    return f"{'≤ ' if exponent == lowest else ''}{100 * 10.0**exponent:g} %"


def _text(x: float, y: float, words: str, anchor: str = "middle", size: str = "13") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(words)}</text>"
    )
