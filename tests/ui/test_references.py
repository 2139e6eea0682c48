"""Qt's binding must give back every reference it takes."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtQml import QQmlPropertyMap


class _Speaker(QObject):
    said = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from 3.12 on")
def test_none_and_true_are_not_used_up() -> None:
    """PySide6 6.12.0 uses them up on Python 3.11: the kiosk aborts after some minutes."""
    speaker = _Speaker()
    shown = QQmlPropertyMap.create(speaker)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(100):
        shown.insert("text", "x")
        speaker.said.emit()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert all(abs(a - b) < 50 for a, b in zip(after, before, strict=True)), (before, after)
