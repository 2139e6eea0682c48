"""Points of the curves that chips agree on keys with.

cryptography exchanges keys over these curves but does not add points, which generic mapping needs;
ecdsa does. The keys made here live for one session, and what they protect is a card that lies on
the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ecdsa
from ecdsa.curves import Curve as NamedCurve
from ecdsa.ellipticcurve import INFINITY, Point

from kiosk.idcard.chip.tlv import garbled

_NAMED: dict[int, NamedCurve] = {
    12: ecdsa.NIST256p,
    13: ecdsa.BRAINPOOLP256r1,
    14: ecdsa.BRAINPOOLP320r1,
    15: ecdsa.NIST384p,
    16: ecdsa.BRAINPOOLP384r1,
    17: ecdsa.BRAINPOOLP512r1,
    18: ecdsa.NIST521p,
}
PARAMETERS = frozenset(_NAMED)
"""ICAO 9303-11, table 6: standardised domain parameters; those of 256 bits and more."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One of :data:`PARAMETERS`, all of which have cofactor 1."""

    parameter: int

    @property
    def base(self) -> Point:
        """Its generator."""
        return self._named.generator.to_affine()

    def private(self, random: Callable[[int], bytes]) -> int:
        """1 … order − 1, from twice the bytes, so that all are as likely (FIPS 186-5, A.2.1)."""
        wide = int.from_bytes(random(2 * self._size), "big")
        return wide % (self._named.order - 1) + 1

    def encoded(self, point: Point) -> bytes:
        """Uncompressed (BSI TR-03111, section 3.2.1)."""
        return b"\x04" + self.abscissa(point) + point.y().to_bytes(self._size, "big")

    def abscissa(self, point: Point) -> bytes:
        """The part of a point that makes a key."""
        return point.x().to_bytes(self._size, "big")

    def point(self, encoded: bytes) -> Point:
        """A point that is on the curve.

        Raises :class:`CardError` (``chip_garbled``) when it is not one.
        """
        size, curve = self._size, self._named.curve
        if len(encoded) != 1 + 2 * size or encoded[0] != 4:
            garbled()
        x = int.from_bytes(encoded[1 : 1 + size], "big")
        y = int.from_bytes(encoded[1 + size :], "big")
        if max(x, y) >= curve.p() or not curve.contains_point(x, y):
            garbled()
        return Point(curve, x, y, self._named.order)

    @property
    def _named(self) -> NamedCurve:
        return _NAMED[self.parameter]

    @property
    def _size(self) -> int:
        return self._named.curve.p().bit_length() + 7 >> 3


def finite(point: Point) -> Point:
    """Raises :class:`CardError` (``chip_garbled``) for the one point that hides nothing."""
    if point == INFINITY:
        garbled()
    return point
