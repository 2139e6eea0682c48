"""Errors people can act on.

::

    KioskError                 something a person can do something about
    ├── ConfigError            config.toml: what is wrong, where, and how to mend it
    ├── ModelError             a model file is missing or does not match its hash
    ├── CameraError            the camera cannot be opened or stopped giving frames
    ├── PrinterError           the printer cannot be reached
    ├── StoreError             the database cannot be opened or written
    │   └── KeyMismatch        the key does not open this database
    ├── CardError              a card payload that cannot be read
    ├── SyncError              the central server cannot be reached or refuses us
    ├── ProvisionError         a card, a bundle or a release that cannot be written or installed
    └── DataSetError           pictures to measure with are missing, or their tables are wrong

An error carries a *key* into the catalogue (``error.<key>``) and the fields its sentence
needs, so that the citizen's screen, the technician's terminal and the log can each say it in
their own language. Raise it where it happens, log it once, where it is handled.
"""

from __future__ import annotations

from kiosk.locale import Language, text


class KioskError(Exception):
    """Base of everything this product raises on purpose.

    ``key`` names two catalogue entries: ``error.<key>.what`` (one sentence: what is wrong)
    and ``error.<key>.do`` (one sentence: what to do). ``fields`` fill both. Fields never hold
    personal data: they reach the log.
    """

    def __init__(self, key: str, /, **fields: object) -> None:
        self.key = key
        self.fields = fields
        super().__init__(key, fields)

    def what(self, language: Language = "en") -> str:
        """What is wrong, in one sentence."""
        return text(language, f"error.{self.key}.what", **self.fields)

    def do(self, language: Language = "en") -> str:
        """What to do about it, in one sentence."""
        return text(language, f"error.{self.key}.do", **self.fields)

    def __str__(self) -> str:
        return f"{self.what('en')} {self.do('en')}"

    def both(self) -> str:
        """Vietnamese first, English beside it: what a terminal prints."""
        return f"{self.what('vi')} {self.do('vi')}\n{self.what('en')} {self.do('en')}"


class ConfigError(KioskError):
    """``config.toml`` cannot be used as it stands."""


class ModelError(KioskError):
    """A model file is missing, corrupt, or not the one the manifest names."""


class CameraError(KioskError):
    """The camera cannot be opened, or stopped giving frames."""


class PrinterError(KioskError):
    """The printer cannot be reached, or a device string cannot be understood."""


class StoreError(KioskError):
    """The database cannot be opened, read or written."""


class KeyMismatch(StoreError):
    """The key does not open this database; the database was not touched."""


class CardError(KioskError):
    """A card payload that is not an identity card, or not one we can read."""


class SyncError(KioskError):
    """The central server cannot be reached, or refuses this device."""


class DataSetError(KioskError):
    """A set of pictures to measure with is missing, or its tables are wrong."""


class ProvisionError(KioskError):
    """A card, a bundle or a release that cannot be written, verified or installed."""
