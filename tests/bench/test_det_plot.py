from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kiosk.bench.det_plot import Curve, drawn
from kiosk.bench.trials import Trials

SVG = "{http://www.w3.org/2000/svg}"


def curve(label: str, mated: list[float], nonmated: list[float]) -> Curve:
    trials = Trials.of([("m", each) for each in mated], [("n", each) for each in nonmated])
    return Curve.of(label, trials)


def picture(*curves: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(drawn("1:N", "FPIR", "FNIR", curves))  # noqa: S314 - our own


def test_it_names_axes_curves_and_sample_sizes() -> None:
    root = picture(curve("<kiosk>", [0.9, 0.1], [0.5, 0.2, 0.1]))
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"DET, 1:N", "FPIR", "FNIR", "<kiosk> (2 + 3)", "100 %", "≤ 10 %"} <= set(words)


def test_a_curve_steps_where_its_rates_are() -> None:
    # One of two missed once the two strangers above 0.1 are kept out; both axes one decade.
    root = picture(curve("kiosk", [0.9, 0.4], [0.5, 0.2, 0.1]))
    (path,) = (p for p in root.iter(f"{SVG}path") if p.get("fill") == "none")
    places = [float(number) for number in re.findall(r"[\d.]+", path.get("d", ""))]
    assert places[0] == pytest.approx(624 - 548 * 0.1761, abs=1)  # log10(2/3)
    assert places[1] == pytest.approx(416, abs=1)  # nothing missed: the bottom
    assert min(places[2::2]) == pytest.approx(48 + 368 * 0.301, abs=1)  # log10(1/2)


def test_curves_without_an_error_or_without_a_score_are_drawn_too() -> None:
    never = float("-inf")
    root = picture(curve("perfect", [0.9], [0.1]), curve("blind", [never], [never]))
    assert len(list(root.iter(f"{SVG}path"))) == 4 + 2 * 2  # grid lines; curve and key of each
