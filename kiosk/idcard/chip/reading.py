"""Reading a chip from the first command to the verdict."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.errors import CardError
from kiosk.idcard.chip import files, groups
from kiosk.idcard.chip.access import AccessKey, ZoneKey
from kiosk.idcard.chip.apdu import Card, PlainChannel
from kiosk.idcard.chip.bac import open_by_bac
from kiosk.idcard.chip.genuine import actively_authenticated, chip_authenticated
from kiosk.idcard.chip.messaging import SecureChannel
from kiosk.idcard.chip.pace import offers, open_by_pace
from kiosk.idcard.chip.passive import Authenticity, TrustStore, Verdict, authenticated
from kiosk.idcard.document import IdentityDocument, Sex
from kiosk.idcard.number import oddities

LONGEST_S = 5.0
"""A card that is held by hand for longer moves, and who holds it doubts."""

_SEX: dict[str, Sex] = {"nam": "M", "nữ": "F"}


class Progress(Protocol):
    """Told how far the reading is."""

    def __call__(self, share: float, /) -> None:
        """``share``: 0 … 1."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class ChipReading:
    """What a chip said, and how far it can be believed. ``repr`` tells nothing personal."""

    document: IdentityDocument
    portrait: bytes
    """JPEG or JPEG 2000, to be compared in memory and dropped."""
    verdict: Verdict
    genuine: bool | None
    """The chip proved that it is no copy; ``None``: it offers no such proof."""

    def __repr__(self) -> str:
        return f"ChipReading({self.verdict.authenticity}, genuine={self.genuine})"


class InTime:
    """A card that has to be done by a deadline."""

    def __init__(self, card: Card, clock: Callable[[], float], longest_s: float) -> None:
        self._card, self._clock = card, clock
        self._until = clock() + longest_s

    def transmit(self, command: bytes) -> bytes:
        """See :class:`~kiosk.idcard.chip.apdu.Card`."""
        if self._clock() > self._until:
            raise CardError("chip_slow")
        return self._card.transmit(command)


def read_chip(
    card: Card,
    key: AccessKey,
    trust: TrustStore,
    at: datetime,
    clock: Callable[[], float],
    progress: Progress = lambda _share: None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> ChipReading:
    """Everything wanted from the chip of ``card``.

    ``at`` is the moment (aware) that certificates must be valid; ``clock`` gives seconds and
    decides when it has taken too long. Raises :class:`CardError`: ``chip_none`` (no identity
    card), ``chip_key`` (the key does not open it), ``chip_removed``, ``chip_slow``,
    ``chip_garbled``, ``chip_refused`` or ``chip_copied``.
    """
    timed = InTime(card, clock, LONGEST_S)
    channel = opened(timed, key, random)
    security_object = _wanted(channel, files.SECURITY_OBJECT)
    found = {n: _wanted(channel, files.group_file(n)) for n in (groups.ZONE, groups.NATIONAL)}
    for number in (groups.KEY_AGREEMENT, groups.SIGNING_KEY):
        content = files.read_file(channel, files.group_file(number))
        if content is not None:
            found[number] = content
    channel, genuine = _proved(channel, found, random)
    picture = groups.PORTRAIT
    content = files.read_file(
        channel, files.group_file(picture), lambda done, size: progress(done / size)
    )
    found[picture] = content or _missing()
    verdict = authenticated(security_object, found, trust, at)
    if verdict.authenticity is not Authenticity.FAILED and genuine is False:
        verdict = Verdict(Authenticity.FAILED, "copied")
    return ChipReading(
        document(found[groups.ZONE], found[groups.NATIONAL]),
        groups.portrait(found[picture]),
        verdict,
        genuine,
    )


def opened(card: Card, key: AccessKey, random: Callable[[int], bytes]) -> SecureChannel:
    """A secure channel with the application selected: by PACE where the card offers it, else by
    BAC, which the card access number cannot open."""
    plain = PlainChannel(card)
    card_access = files.read_file(plain, files.CARD_ACCESS)
    known = offers(card_access) if card_access else []
    if known:
        channel = open_by_pace(card, key, known[0], random)
        files.select_application(channel)
        return channel
    files.select_application(plain)
    if not isinstance(key, ZoneKey):
        raise CardError("chip_needs_zone")
    return open_by_bac(card, key, random)


def _proved(
    channel: SecureChannel, found: dict[int, bytes], random: Callable[[int], bytes]
) -> tuple[SecureChannel, bool | None]:
    """Chip authentication where it is offered, else active authentication."""
    agreement = found.get(groups.KEY_AGREEMENT)
    if agreement is not None:
        renewed = chip_authenticated(channel, agreement, files.group_file(groups.ZONE))
        if renewed is not None:
            return renewed, True
    signing = found.get(groups.SIGNING_KEY)
    if signing is not None:
        return channel, actively_authenticated(channel, signing, agreement, random)
    return channel, None


def document(group_1: bytes, group_13: bytes) -> IdentityDocument:
    """The document that the zone and the national group of a chip make together.

    Raises :class:`CardError` (``chip_garbled``) when they are of two cards.
    """
    zone, national = groups.zone(group_1), groups.national(group_13)
    if zone.number != national.number:
        raise CardError("chip_garbled")
    sex: Sex | None = _SEX.get(national.sex.casefold()) or zone.sex
    return IdentityDocument(
        number=zone.number,
        name=national.name or zone.name,
        date_of_birth=zone.date_of_birth.isoformat(),
        sex=sex,
        address=national.address,
        source="chip",
        old_number=national.old or None,
        issued=national.issued,
        warnings=oddities(zone.number, zone.date_of_birth.year, sex),
    )


def _wanted(channel: SecureChannel, file: int) -> bytes:
    return files.read_file(channel, file) or _missing()


def _missing() -> bytes:
    raise CardError("chip_none")
