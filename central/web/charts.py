"""Charts as SVG, drawn by the server: they print, need no script, and say in words what they show.

Colours and type are in ``central.css``. Each has a title that is read aloud; the figures stand in
a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH = 720
_LABEL, _VALUE = 190, 120
_BAR, _GAP = 24, 12
Write = Callable[[float, str], str]
"""As :func:`format`, or as the reader's language writes numbers."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` is drawn solid; ``reach``, a larger one, as a thin line behind it. ``said``: the
    figures in words, at the end of the bar."""

    label: str
    value: float
    reach: float
    said: str


def bars(
    title: str, each: Sequence[Bar], target: float | None = None, write: Write = format
) -> Markup:
    """Lying bars from nought, one under the other; ``target``: a line through all of them."""
    top = 26 if target is not None else 6
    height = top + len(each) * (_BAR + _GAP)
    room = _WIDTH - _LABEL - _VALUE
    most = nice(max([bar.reach for bar in each] + [bar.value for bar in each] + [target or 0, 1]))

    def x(value: float) -> float:
        return round(_LABEL + room * value / most, 1)

    parts: list[str] = []
    for place, bar in enumerate(each):
        y = top + place * (_BAR + _GAP)
        middle = y + _BAR / 2
        parts += [
            f'<text class="label" x="{_LABEL - 10}" y="{middle + 5}" text-anchor="end">'
            f"{escape(_short(bar.label))}</text>",
            f'<rect class="bar" x="{_LABEL}" y="{y}" width="{x(bar.value) - _LABEL:.1f}" '
            f'height="{_BAR}" rx="3"/>',
        ]
        if bar.reach > bar.value:
            parts.append(
                f'<path class="reach" d="M{x(bar.value)} {middle}H{x(bar.reach)}'
                f'M{x(bar.reach)} {y + 4}V{y + _BAR - 4}"/>'
            )
        parts.append(
            f'<text class="said" x="{x(max(bar.value, bar.reach)) + 8}" y="{middle + 5}">'
            f"{escape(bar.said)}</text>"
        )
    if target is not None:
        parts.append(f'<path class="target" d="M{x(target)} {top - 6}V{height}"/>')
        parts.append(
            f'<text class="target-said" x="{x(target)}" y="14" text-anchor="middle">'
            f"{write(target, 'g')}</text>"
        )
    return _svg(title, height, parts)


def columns(
    title: str, each: Sequence[Bar], target: float | None = None, write: Write = format
) -> Markup:
    """Standing columns in time, left to right: days or hours."""
    top, foot, floor = 18, 34, 220
    height = floor + foot
    room = _WIDTH - 60
    step = room / max(1, len(each))
    wide = min(44.0, step * 0.7)
    most = nice(max([bar.reach for bar in each] + [bar.value for bar in each] + [target or 0, 1]))

    def y(value: float) -> float:
        return round(floor - (floor - top) * value / most, 1)

    parts: list[str] = []
    for line in range(5):
        value = most * line / 4
        parts.append(f'<path class="rule" d="M44 {y(value)}H{_WIDTH}"/>')
        parts.append(
            f'<text class="tick" x="38" y="{y(value) + 4}" text-anchor="end">'
            f"{write(value, 'g')}</text>"
        )
    every = max(1, math.ceil(len(each) / 14))
    for place, bar in enumerate(each):
        middle = 52 + step * (place + 0.5)
        left = middle - wide / 2
        parts.append(
            f'<rect class="bar" x="{left:.1f}" y="{y(bar.value)}" width="{wide:.1f}" '
            f'height="{floor - y(bar.value):.1f}" rx="2"><title>{escape(bar.said)}</title></rect>'
        )
        if bar.reach > bar.value:
            parts.append(
                f'<path class="reach" d="M{middle:.1f} {y(bar.value)}V{y(bar.reach)}'
                f'M{middle - 6:.1f} {y(bar.reach)}h12"/>'
            )
        if place % every == 0:
            parts.append(
                f'<text class="tick" x="{middle:.1f}" y="{floor + 20}" text-anchor="middle">'
                f"{escape(bar.label)}</text>"
            )
    if target is not None:
        parts.append(f'<path class="target" d="M44 {y(target)}H{_WIDTH}"/>')
    return _svg(title, height, parts)


def heat(
    title: str,
    rows: Sequence[str],
    hours: Sequence[int],
    counts: Mapping[tuple[int, int], float],
    write: Write = format,
) -> Markup:
    """Weekdays by hours; the fuller the darker, and the figure stands in each square."""
    left, top, high = 110, 26, 38
    wide = (_WIDTH - left) / max(1, len(hours))
    most = max([*counts.values(), 1])
    parts = [
        f'<text class="tick" x="{left + wide * (place + 0.5):.1f}" y="16" text-anchor="middle">'
        f"{hour}h</text>"
        for place, hour in enumerate(hours)
    ]
    for row, name in enumerate(rows):
        y = top + row * high
        parts.append(
            f'<text class="label" x="{left - 10}" y="{y + high / 2 + 5}" text-anchor="end">'
            f"{escape(name)}</text>"
        )
        for place, hour in enumerate(hours):
            count = counts.get((row, hour), 0)
            depth = math.ceil(count / most * 5) if count else 0
            x = left + wide * place
            parts.append(
                f'<rect class="heat{depth}" x="{x + 1:.1f}" y="{y + 1}" width="{wide - 2:.1f}" '
                f'height="{high - 2}" rx="3"/>'
            )
            if count:
                parts.append(
                    f'<text class="count{depth}" x="{x + wide / 2:.1f}" y="{y + high / 2 + 5}" '
                    f'text-anchor="middle">{_count(count, write)}</text>'
                )
    return _svg(title, top + len(rows) * high + 2, parts)


def nice(most: float) -> float:
    """The next round number: a small multiple of a power of ten."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= most - 1e-9)


def _count(count: float, write: Write) -> str:
    return write(count, ".0f" if count >= 9.5 or count == int(count) else ".1f")


def _short(label: str) -> str:
    return label if len(label) <= 24 else label[:23].rstrip() + "…"


def _svg(title: str, height: float, parts: Sequence[str]) -> Markup:
    inside = "".join(parts)
    return Markup(  # noqa: S704  # every word in it was escaped above
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>'
    )
