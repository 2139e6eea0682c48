"""Stands where picamera2 looks for kms++, which Debian does not have: the kiosk draws with Qt, and
picamera2's own display is imported and never used."""

from __future__ import annotations


class _Anything(type):
    def __getattr__(cls, name: str) -> str:
        return name


class PixelFormat(metaclass=_Anything):
    pass
