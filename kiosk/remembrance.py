"""The attendant's part that has to do with cards: reading them, remembering and forgetting.

It holds what the visit must not know, the documents behind its cards, and carries out what the
visit decides about them. Frames, codes and chips come in; events go to the visit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from kiosk.card_desk import CardDesk
from kiosk.clock import Clock
from kiosk.config import Settings
from kiosk.errors import CardError
from kiosk.idcard import printed
from kiosk.idcard.chip.reading import ChipReading
from kiosk.parts import Parts
from kiosk.slips import consent_slip, erasure_slip
from kiosk.store.consents import Agreement, Purpose
from kiosk.store.records import Records
from kiosk.store.templates import Template
from kiosk.vision.percepts import CardText, Enrolment, Percept
from kiosk.visit.events import (
    CardRead,
    CardRefused,
    CardShown,
    ChipProgress,
    Enrolled,
    Erased,
    Event,
    SlipPrinted,
)
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit

SAME_PERSON = 1e-3
"""Two faces that chance brings as near more seldom are taken for one person's where only those
two are compared: on the card and in front, or enrolled before under the same number. The usual
false-match rate of one-to-one comparisons at doors (FRONTEX, "Best practice technical guidelines
for automated border control", 2015)."""

Keep = Callable[[Callable[[Records], object]], bool]


class Remembrance:
    """One for each attendant. ``happens`` takes events, ``keep`` does something with the records
    and says whether it could be done."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        clock: Clock,
        policy: Policy,
        happens: Callable[[Event], None],
        keep: Keep,
        today: Callable[[], datetime],
    ) -> None:
        self._settings, self._parts, self._clock = settings, parts, clock
        self._policy, self._happens, self._keep = policy, happens, keep
        self._today = today
        zone = ZoneInfo(settings.office.timezone)
        self._desk = CardDesk(lambda: today().astimezone(zone).date(), self._citizen_with)
        self._enrolled: str | None = None
        self._erased: str | None = None
        self._slips = 0

    # ── cards come in ─────────────────────────────────────────────────────────────────────────

    def saw(self, percept: Percept, visit: Visit) -> None:
        """A frame was looked at while a card is looked for."""
        if visit.phase is not Phase.CARD:
            return
        at = self._clock.now()
        if percept.barcodes:
            self._code(percept.barcodes[0].text, visit)
        elif percept.text is not None:
            self._text(percept.text, visit)
        else:
            hint = percept.card.hint if percept.card else ""
            if hint != visit.hint:
                self._happens(CardShown(at, hint))

    def scanned(self, payload: bytes, visit: Visit) -> None:
        """The scanner read a code; it counts where a card is asked for, and while choosing, when
        it is the card of somebody known."""
        if visit.phase in (Phase.CARD, Phase.CHOOSE):
            self._code(payload, visit)

    def _code(self, payload: str | bytes, visit: Visit) -> None:
        representing = visit.card is not None and visit.needs_representative()
        event = self._desk.code(payload, self._clock.now(), representing=representing)
        if isinstance(event, CardRefused) and visit.phase is Phase.CHOOSE:
            return
        self._told(event)

    def _text(self, text: CardText, visit: Visit) -> None:
        representing = visit.card is not None and visit.needs_representative()
        at = self._clock.now()
        if text.side == "zone":
            self._told(self._desk.zone("\n".join(text.lines), at, representing=representing))
            return
        suggestion = printed.read(text.lines)
        if suggestion is not None and not representing:
            self._told(self._desk.printed(suggestion, at, representing=False))

    def _told(self, event: CardRead | CardRefused | None) -> None:
        if event is not None:
            self._happens(event)

    def _citizen_with(self, number: str) -> str | None:
        found: list[str | None] = []
        self._keep(lambda records: found.append(records.citizens.with_number(number)))
        return found[0] if found else None

    # ── what the visit decides ────────────────────────────────────────────────────────────────

    def look_for_card(self, on: bool) -> None:
        """Look for a card, or no longer."""
        self._desk.look_afresh()
        self._parts.eyes.look_for_card(on)

    def forget_cards(self) -> None:
        """Nothing of a card stays in memory."""
        self._desk.clear()
        self._parts.chips.stop()

    def read_chip(self) -> None:
        """Read the chip of the card that was shown."""
        if self._desk.holder is not None:
            self._parts.chips.read(self._desk.holder.keys)

    def enrol(self, track: int | None, visit: Visit) -> None:
        """Remember the holder, by the face of ``track`` or without one."""
        if visit.card is not None and visit.card.to_confirm:
            self._desk.confirmed()
        if track is not None:
            portrait = self._desk.holder.portrait if self._desk.holder else b""
            self._parts.eyes.start_enrolment(track, portrait)
        else:
            self._remember(None, visit)

    def erase(self, citizen: str) -> None:
        """Forget a citizen for good."""
        ok = self._keep(lambda records: records.citizens.erase(citizen))
        self._erased = citizen if ok else None
        self._happens(Erased(self._clock.now(), ok))

    def print_slip(self, visit: Visit) -> None:
        """Put on paper what was just agreed to, or erased."""
        now = self._today()
        face = None
        if visit.forgotten and self._erased is not None:
            face = erasure_slip(self._settings, visit.language, self._erased, now)
        elif self._enrolled is not None:
            citizen, found = self._enrolled, []
            self._keep(lambda records: found.extend(records.citizens.consents(citizen)))
            face = consent_slip(self._settings, visit.language, found, now) if found else None
        if face is None:
            self._happens(SlipPrinted(self._clock.now(), ok=False))
            return
        self._slips += 1
        self._parts.paper.print_slip(f"slip-{self._slips}", face)

    def ended(self) -> None:
        """The visit is over."""
        self._enrolled = self._erased = None

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    def chip_moved(self, share: float) -> None:
        """The chip is read so far."""
        self._happens(ChipProgress(self._clock.now(), share))

    def chip_read(self, reading: ChipReading) -> None:
        """The chip was read whole."""
        self._happens(self._desk.chip(reading, self._clock.now()))

    def chip_refused(self, error: CardError, *, final: bool) -> None:
        """The chip could not be read; ``final``: nor will it be."""
        self._happens(CardRefused(self._clock.now(), error.key, final))

    def slip_printed(self, *, ok: bool) -> None:
        """The printer is finished with a slip."""
        self._happens(SlipPrinted(self._clock.now(), ok))

    def collected(self, enrolment: Enrolment, visit: Visit) -> None:
        """Vision made a template of the person who consented."""
        person = visit.person
        if visit.phase is not Phase.ENROL or self._desk.holder is None or person is None:
            return  # the person left or took it back: nothing may be kept
        if enrolment.track_id != person.track or "recognise" not in visit.consented:
            return  # asked for on an earlier visit: somebody else's face
        if enrolment.portrait is not None:
            if enrolment.portrait > SAME_PERSON:
                self._happens(Enrolled(self._clock.now(), ok=False, reason="not_holder"))
                return
            self._desk.face_is_alike()
        self._remember(enrolment, visit)

    def _remember(self, enrolment: Enrolment | None, visit: Visit) -> None:
        kept = self._keep(lambda records: self._enrol(records, enrolment, visit))
        self._happens(Enrolled(self._clock.now(), ok=kept))

    def _enrol(self, records: Records, enrolment: Enrolment | None, visit: Visit) -> None:
        holder, representative = self._desk.holder, self._desk.representative
        if holder is None:
            raise CardError("card_gone")
        purposes: tuple[Purpose, ...] = ("recognise", "keep_identity")
        agreement = Agreement(
            purposes=purposes if enrolment else ("keep_identity",),
            representative=representative.document if representative else None,
            assent="assent" in visit.consented,
            evidence=holder.evidence,
        )
        version = self._settings.privacy.consent_version
        if enrolment is None:
            self._enrolled = records.citizens.enrol(
                holder.document, version, None, agreement=agreement
            )
            return
        vector = np.frombuffer(enrolment.template, "<f4")
        eyes = self._parts.eyes
        self._enrolled = records.citizens.enrol(
            holder.document,
            version,
            Template(enrolment.template, enrolment.model_id, enrolment.quality),
            eyes.lookalikes(vector, self._policy.false_match_limit),
            alike=eyes.lookalikes(vector, lambda _enrolled: SAME_PERSON),
            agreement=agreement,
        )
