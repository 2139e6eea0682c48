"""A process that waits stops when it is told to, whichever thread the signal reaches."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from kiosk.stopping import told_to_stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [None, 30.0])
def test_told(number: signal.Signals, seconds: float | None) -> None:
    with told_to_stop() as wait:
        os.kill(os.getpid(), number)
        assert wait(seconds)
        assert wait(seconds)


def test_told_while_waiting_through_another_thread() -> None:
    with told_to_stop() as wait:
        other = threading.Thread(
            target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        )
        other.start()
        assert wait(30.0)
        other.join()


def test_not_told() -> None:
    with told_to_stop() as wait:
        assert not wait(0.0)


def test_signals_work_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with told_to_stop():
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
