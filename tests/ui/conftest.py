"""A Qt that needs no display."""

from __future__ import annotations

import os

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"

from PySide6.QtGui import QGuiApplication


@pytest.fixture(scope="session")
def application() -> QGuiApplication:
    instance = QGuiApplication.instance()
    return instance if isinstance(instance, QGuiApplication) else QGuiApplication(["kiosk"])
