"""Whatever happens to the printer: *printed* is never said of a paper that is not whole, and no
number has two whole papers of which neither says that it is a reprint."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.spool import Job, Outcome, Spool
from tests.printer.model import CUT, KINDS, Model, Nature, Trouble, pictures, whole_papers

natures = st.builds(
    Nature,
    fences=st.sampled_from([True, True, True, False]),
    clears=st.booleans(),
    sticky=st.booleans(),
    pace=st.integers(1, 4),
    # The slowest takes four seconds for a ticket.
    seconds=st.sampled_from([0, 0, 0.1, 0.3]),
)
# Nobody changes a roll in less than three seconds; PAPER waits one for a printer that is silent.
a_trouble = st.tuples(st.integers(0, 25), st.sampled_from(KINDS), st.floats(3, 40))
# They like to come together.
troubles = st.lists(
    st.tuples(st.integers(1, 200), st.lists(a_trouble, min_size=1, max_size=3)), max_size=3
).map(
    lambda days: [
        Trouble(start + later, kind, seconds)
        for start, together in days
        for later, kind, seconds in together
    ]
)
_A_FEW = 3
PAPER = PrinterSettings(device="model", dots=256, timeout_s=1.0)


class Script(queue.Queue["Job | None"]):
    """An inbox in which a ticket is found after so many looks at an idle printer each, and one
    more when every trouble is over."""

    def __init__(self, model: Model, looks: list[int]) -> None:
        super().__init__()
        self.over = threading.Event()
        self._model = model
        self._looks = [*looks, _A_FEW]
        jobs = zip(range(len(self._looks)), pictures(), strict=False)
        self._jobs = [Job(f"t{n}", lambda again, rows=rows: drawn(rows(again))) for n, rows in jobs]

    def get(self, block: bool = True, timeout: float | None = None) -> Job | None:
        if not self._jobs:
            self.over.set()
            return super().get()
        last = len(self._jobs) == 1
        if last and not self._model.over:
            self._looks[0] = _A_FEW
        if self._looks[0]:
            self._looks[0] -= 1
            self._model.wait(timeout or 0)
            raise queue.Empty
        self._looks.pop(0)
        return self._jobs.pop(0)


def drawn(rows: list[bytes]) -> Image.Image:
    dots = bytes(byte ^ 0xFF for byte in b"".join(rows))
    return Image.frombytes("1", (8 * len(rows[0]), len(rows)), dots)


Reports = dict[str, list[tuple[Outcome, bool]]]


def day(model: Model, looks: list[int]) -> Reports:
    """What the spool reports of each ticket."""
    reports: Reports = defaultdict(list)
    script = Script(model, looks)
    spool = Spool(
        PAPER,
        sending=lambda _: None,
        report=lambda ticket, outcome, _, again: reports[ticket].append((outcome, again)),
        status_changed=lambda _: None,
        inbox=script,
        clock=lambda: model.now,
        connect=model.connect,
    )
    spool.start()
    assert script.over.wait(60)
    spool.stop()
    return reports


@pytest.fixture(autouse=True)
def _trouble(expected_warnings: list[str]) -> None:
    expected_warnings += ["printer (ok|bad|unknown) ", "ticket t[0-9]+: "]


@settings(max_examples=400, deadline=None)
@given(natures, troubles, st.lists(st.integers(0, 5), min_size=1, max_size=4))
@example(Nature(), [Trouble(31, "noise", 3), Trouble(34, "paper_out", 3)], [0])
@example(Nature(sticky=True, clears=False, seconds=0.3), [Trouble(31, "noise", 4)], [0])
@example(
    Nature(sticky=True, clears=False, seconds=0.3),
    [Trouble(1, "paper_out", 3), Trouble(64, "paper_out", 3), Trouble(64, "noise", 3)],
    [3, 0, 0],
)
def test_whatever_happens_nothing_is_said_that_is_not_so(
    nature: Nature, happens: list[Trouble], looks: list[int]
) -> None:
    model = Model(nature, happens)
    reports = day(model, looks)
    papers = dict(zip(reports, pictures(), strict=False))
    assert list(reports) == [f"t{n}" for n in range(len(looks) + 1)]
    for ticket, rows in papers.items():
        (_, first_again), *more = reports[ticket]
        assert (first_again, {again for _, again in more} <= {True}) == (False, True)
        assert all(outcome == "uncertain" for outcome, _ in reports[ticket][:-1])
        assert whole_papers(model.roll, rows(False)) <= 1
        for outcome, again in reports[ticket]:
            if outcome == "printed":
                assert whole_papers(model.roll, [*rows(again), CUT]) == 1
    last = list(reports.values())[-1]
    if not nature.seconds and "noise" not in {trouble.kind for trouble in happens}:
        assert last == [("printed" if nature.fences else "uncertain", False)]
