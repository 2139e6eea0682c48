"""Releases of the kiosk that central offers to its kiosks, to some of them first.

Central hands out bundles and decides how far each has been let out; what a kiosk installs is
decided by the publisher's signature, which central cannot make.
"""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wire.model import Model

LARGEST_BUNDLE = 4 << 30
"""Bytes; today's is a twelfth of it."""

Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+_-]{1,80}$")]
Word = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+_-]{1,16}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Release(Model):
    """One bundle, as its manifest describes it, and how far it has been let out."""

    version: Version
    built: int = Field(ge=0, le=2**53, description="seconds since 1970; a newer one is greater")
    arch: Word = Field(description="as Debian says it")
    python: Word
    system: Sha256 = Field(description="of the list of Debian packages it needs")
    bytes: int = Field(ge=1, le=LARGEST_BUNDLE)
    sha256: Sha256 = Field(description="of the whole bundle; names it in /v1/releases/{sha256}")
    percentage: int = Field(ge=0, le=100, description="of the kiosks that may take it by now")

    def is_for(self, device: UUID) -> bool:
        """Whether ``device`` is among the first :attr:`percentage`.

        Whoever is in stays in when the percentage grows. Each release begins with other kiosks,
        so that not the same citizens meet every fault first.
        """
        digest = hashlib.sha256(f"{self.sha256}/{device}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % 100 < self.percentage


class Releases(Model):
    """``GET /v1/releases``: what is offered for one kind of machine, and what no longer is."""

    offered: tuple[Release, ...] = Field(max_length=32, description="newest first")
    withdrawn: tuple[Version, ...] = Field(
        max_length=64, description="not to be installed, wherever it was had from; newest first"
    )
