"""Face templates turned by a secret of the office.

A template is a direction in a space that everybody who has the embedding knows: a leaked one can
be compared with any gallery of the world. Turned by a secret rotation it can be compared with
nothing but templates turned by the same one. Angles between templates stay as they are, so scores
do not change (Teoh et al., "Random multispace quantization as an analytic mechanism for
BioHashing", IEEE TPAMI 2006, without the quantisation).

What it does not do: whoever has as many templates as there are dimensions in both forms can solve
for the rotation. Then the secret must be changed, see :meth:`Citizens.reissue
<kiosk.store.citizens.Citizens.reissue>`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Templates of one model, (n, d)."""


def protect(vectors: Vectors, key: bytes, model: str) -> Vectors:
    """``vectors``, made by embedding ``model``, as they may be stored and sent."""
    return _turned(vectors, rotation(key, model, vectors.shape[1]))


def recover(vectors: Vectors, key: bytes, model: str) -> Vectors:
    """What :func:`protect` was given, to about 1e-7."""
    return _turned(vectors, rotation(key, model, vectors.shape[1]).T)


def _turned(vectors: Vectors, by: NDArray[np.float64]) -> Vectors:
    return (vectors.astype(np.float64) @ by).astype(np.float32)


@lru_cache(maxsize=8)
def rotation(key: bytes, model: str, dimensions: int) -> NDArray[np.float64]:
    """An orthogonal matrix (d, d) drawn uniformly, the same for the same ``key`` and ``model``
    on every machine.

    A product of Householder reflections of Gaussian vectors (Stewart, "The efficient generation
    of random orthogonal matrices", SIAM J. Numer. Anal. 17, 1980). Nothing here is left to a
    library whose random stream or factorisation could change: machines differ by a few units in
    the last place of a logarithm, which moves no element by more than 1e-12.
    """
    matrix = np.eye(dimensions)
    drawn = _gaussian(key, model, dimensions)
    for first in range(dimensions - 1):
        normal = drawn[first, first:].copy()
        sign = np.copysign(1.0, normal[0])
        normal[0] += sign * np.sqrt((normal * normal).sum())
        normal /= np.sqrt((normal * normal).sum())
        block = matrix[:, first:]
        block -= 2.0 * np.outer((block * normal).sum(axis=1), normal)
        matrix[:, first] *= -sign
    matrix[:, -1] *= np.copysign(1.0, drawn[-1, -1])
    matrix.flags.writeable = False
    return matrix


def _gaussian(key: bytes, model: str, dimensions: int) -> NDArray[np.float64]:
    """Standard normal numbers, (d, d), by Box and Muller's method from SHAKE-256's stream."""
    count = dimensions * dimensions
    seed = b"kiosk/template-rotation/1\0" + key + model.encode()
    stream = hashlib.shake_256(seed).digest(16 * count)
    # 53 bits each, in (0, 1): the logarithm of 0 is none.
    uniform = ((np.frombuffer(stream, "<u8") >> np.uint64(11)) + 0.5) * 2.0**-53
    radius, angle = np.sqrt(-2.0 * np.log(uniform[:count])), 2.0 * np.pi * uniform[count:]
    return (radius * np.cos(angle)).reshape(dimensions, dimensions)
