"""The cards of one visit, in memory only: what was read of them, by whatever means.

The visit knows a card by a reference; here is the document behind it, put together from all that
was read. It ends with the visit, and nothing of it is ever written down before consent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from kiosk.errors import CardError
from kiosk.idcard import mrz, qr
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.chip.expiry import zone_keys
from kiosk.idcard.chip.passive import Authenticity
from kiosk.idcard.chip.reading import ChipReading
from kiosk.idcard.document import IdentityDocument, merged
from kiosk.idcard.printed import Suggestion
from kiosk.visit.events import CardRead, CardRefused
from wire import CardEvidence

Known = Callable[[str], str | None]
"""The citizen id behind a number, if any."""


@dataclass(frozen=True, slots=True, repr=False)
class HeldCard:
    """One card, as far as it was read."""

    reference: str
    document: IdentityDocument
    evidence: CardEvidence = CardEvidence()  # noqa: RUF009 -- frozen
    keys: tuple[ZoneKey, ...] = ()
    """What may open its chip."""
    portrait: bytes = b""
    """From the chip, to be compared with the face in front."""


class CardDesk:
    """Cards that lie on the desk: the citizen's, and for a child the representative's."""

    def __init__(self, today: Callable[[], date], known: Known) -> None:
        self._today, self._known = today, known
        self._refused = ""
        self.holder: HeldCard | None = None
        self.representative: HeldCard | None = None

    def clear(self) -> None:
        """Forget all cards."""
        self.holder = self.representative = None
        self._refused = ""

    def look_afresh(self) -> None:
        """Another card is asked for: say again what is wrong with what is shown."""
        self._refused = ""

    # ── what was read ─────────────────────────────────────────────────────────────────────────

    def code(
        self, payload: str | bytes, at: float, *, representing: bool
    ) -> CardRead | CardRefused | None:
        """A code was seen or scanned; ``None`` when the same refusal was told before."""
        try:
            document = qr.parse(payload)
        except CardError as error:
            return self._refusal(error.key, at)
        held = HeldCard(str(uuid4()), document, keys=zone_keys(document, self._today()))
        return self._laid(held, at, representing=representing)

    def zone(self, text: str, at: float, *, representing: bool) -> CardRead | None:
        """Three lines were read off a card's back; ``None`` when they prove nothing."""
        try:
            found = mrz.parse(text)
        except CardError:
            return None
        held = HeldCard(str(uuid4()), found.document(), keys=(ZoneKey.of(found),))
        return self._laid(held, at, representing=representing)

    def printed(self, suggestion: Suggestion, at: float, *, representing: bool) -> CardRead:
        """The printed side was read: what the citizen has to confirm."""
        held = HeldCard(str(uuid4()), suggestion.document)
        event = self._laid(held, at, representing=representing)
        return replace(event, to_confirm=suggestion.fields())

    def confirmed(self) -> None:
        """The citizen says that what was read off the printed side is right."""
        if self.holder is not None:
            evidence = self.holder.evidence.model_copy(update={"confirmed": True})
            self.holder = replace(self.holder, evidence=evidence)

    def chip(self, reading: ChipReading, at: float) -> CardRead | CardRefused:
        """The holder's chip was read. One that failed its tests, or is another card's, counts
        for nothing."""
        held, verdict = self.holder, reading.verdict
        if held is None:
            return CardRefused(at, "card_other")
        if verdict.authenticity is Authenticity.FAILED:
            return CardRefused(at, "chip_failed", final=True)
        try:
            document = merged(reading.document, held.document)
        except CardError as error:
            return CardRefused(at, error.key, final=True)
        chip = "verified" if verdict.authenticity is Authenticity.VERIFIED else "issuer_unknown"
        evidence = held.evidence.model_copy(update={"chip": chip})
        self.holder = replace(held, document=document, evidence=evidence, portrait=reading.portrait)
        return replace(self._read(self.holder, at), chip=True)

    def face_is_alike(self) -> None:
        """The face in front is like the portrait on the chip, which is not needed any more."""
        if self.holder is not None:
            evidence = self.holder.evidence.model_copy(update={"face": "alike"})
            self.holder = replace(self.holder, evidence=evidence, portrait=b"")

    # ── as the visit hears of it ──────────────────────────────────────────────────────────────

    def _refusal(self, key: str, at: float) -> CardRefused | None:
        if key == self._refused:  # a code held up is seen on every frame
            return None
        self._refused = key
        return CardRefused(at, key)

    def _laid(self, held: HeldCard, at: float, *, representing: bool) -> CardRead:
        if representing:
            same = self.holder is not None and self.holder.document.number == held.document.number
            self.representative = None if same else held
            return replace(self._read(held, at), same=same)
        self.holder = held
        return self._read(held, at)

    def _read(self, held: HeldCard, at: float) -> CardRead:
        document = held.document
        return CardRead(
            at,
            held.reference,
            document.masked_name,
            age=document.age(self._today()),
            known=self._known(document.number),
        )
