"""What must be known of an embedding model before its templates mean anything.

The one that ships is described here. Another is named in ``recognition.model``: a ``.tflite``
file with a card of the same name beside it, in TOML. ``docs/recognition.md`` shows one.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from kiosk.errors import ConfigError, ModelError
from kiosk.vision.calibration import ImpostorTail, shipped
from kiosk.vision.templates import DIMENSIONS

Places = tuple[tuple[float, float], ...]

FIVE_PLACES: Places = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
"""Where the person's right eye, left eye, nose tip and corners of the mouth, right and left,
belong in the crop: ArcFace's five points (Deng et al., "ArcFace: Additive Angular Margin Loss for
Deep Face Recognition", CVPR 2019; ``arcface_dst`` in InsightFace's ``face_align.py``), to which
the training faces of MobileFaceNet were aligned. Crops 5 % larger or smaller, or 3 px higher or
lower, were measured to be worse."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Lengths(_Table):
    """How a vague face is made up for: see :mod:`kiosk.vision.embedding`."""

    vague: PositiveFloat
    """Length of the network's output for a face too blurred to tell apart."""
    usual: PositiveFloat
    """The median of good photographs."""
    clear: PositiveFloat
    """About the most of any."""
    allowance: float = Field(ge=0, le=1)
    """The power of the length that an embedding is divided by."""


class _Impostors(_Table):
    """An :class:`ImpostorTail`."""

    location: float = Field(ge=-1, le=1)
    scale: float = Field(gt=0, le=1)
    shape: float = Field(ge=-1, lt=0)
    people: PositiveInt
    comparisons: PositiveInt


class EmbeddingCard(_Table):
    """A card. ``places`` are pixels of the crop, ``side`` wide and high; the network sees
    (colour − ``mean``) / ``scale``."""

    name: str = Field(pattern=r"^[a-z0-9_]{1,32}$")
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    """Of the model file; empty for the one that ships, which the manifest checks."""
    side: Annotated[int, Field(ge=32, le=512)] = 112
    places: Annotated[Places, Field(min_length=5, max_length=5)] = FIVE_PLACES
    colours: Literal["RGB", "BGR"] = "RGB"
    mean: float = 127.5
    scale: PositiveFloat = 128.0
    dimensions: int = Field(ge=16, le=2048)
    lengths: Lengths | None = None
    impostors: _Impostors
    file: Path | None = Field(default=None, exclude=True)
    """The model; ``None`` for the one that ships."""

    @property
    def tail(self) -> ImpostorTail:
        """How scores of different people are distributed near the top."""
        return ImpostorTail(**self.impostors.model_dump())

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change with anything that changes an embedding."""
        seen = self.model_dump_json(exclude={"impostors"})
        return hashlib.sha256(seen.encode()).hexdigest()[:12]

    def content(self) -> bytes:
        """The model file of another embedding, verified.

        Raises :class:`ModelError` when it is missing or not the one the card is about.
        """
        assert self.file is not None  # noqa: S101 -- asked of other models only
        try:
            content = self.file.read_bytes()
        except OSError as error:
            reason = error.strerror
            raise ModelError("embedding_card", file=self.file, reason=reason) from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise ModelError("embedding_card", file=self.file, reason=f"sha256 {digest}")
        return content


_LENGTHS = Lengths(vague=40, usual=70, clear=100, allowance=0.15)
"""Of MobileFaceNet. The usual length is the median of 3,598 press photographs. With an allowance
of 0, 0.1, 0.15 and 0.2 eight kinds of spoiled probes came to 0.6, 0.9, 1.0 and 1.2 times the
false-match rate of good ones (geometric mean, at 1e-3)."""


def shipped_card() -> EmbeddingCard:
    """MobileFaceNet, as in ``models/mobilefacenet.md``."""
    tail = shipped()
    return EmbeddingCard(
        name="mobilefacenet",
        dimensions=DIMENSIONS,
        lengths=_LENGTHS,
        impostors=_Impostors(
            location=tail.location,
            scale=tail.scale,
            shape=tail.shape,
            people=tail.people,
            comparisons=tail.comparisons,
        ),
    )


def card_of(model: Path | None) -> EmbeddingCard:
    """The card of the embedding ``model``, a ``.tflite`` file; ``None``: the one that ships.

    Raises :class:`ConfigError` naming the card, and what is wrong with it.
    """
    if model is None:
        return shipped_card()
    path = model.with_suffix(".toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        card = EmbeddingCard.model_validate({**table, "file": model})
        if not card.sha256:
            raise ValueError("sha256: missing")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise ConfigError("embedding_card", file=path, reason=reason) from error
    except (OSError, ValueError) as error:
        raise ConfigError("embedding_card", file=path, reason=error) from error
    return card
