"""A process that waits stops when it is told to, however often it is tried."""

from __future__ import annotations

import os
import signal

import pytest

from kiosk.stopping import told_to_stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [None, 30.0])
def test_told(number: signal.Signals, seconds: float | None) -> None:
    with told_to_stop() as wait:
        os.kill(os.getpid(), number)
        assert wait(seconds)


def test_not_told() -> None:
    with told_to_stop() as wait:
        assert not wait(0.0)


def test_signals_work_as_before_afterwards() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with told_to_stop():
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) > before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
