"""What must be true once all is well again, whatever happened before."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import select

from central.db.models import (
    Citizen,
    FaceTemplate,
    StoredEvent,
    Ticket,
    Tombstone,
    Visit,
)
from kiosk.store.office import office_revision
from tests.simulation.kiosk import Kiosk
from tests.simulation.office import Office


def check(office: Office) -> None:
    """Raises :class:`AssertionError` for the first thing that is not as it must be."""
    for kiosk in office.kiosks:
        _printed_is_stored(office, kiosk)
        _said_is_on_the_server(office, kiosk)
    _each_event_counts_once(office)
    _order_of_each_device_is_kept(office)
    _deleted_stays_deleted(office)
    _all_know_the_same(office)


def _printed_is_stored(office: Office, kiosk: Kiosk) -> None:
    here = {row["id"] for row in kiosk.main.db.rows("SELECT id FROM ticket")}
    with office.central.database.reading() as session:
        there = {str(each) for each in session.scalars(select(Ticket.id))}
    missing = set(kiosk.papers) - here - there - office.lost
    assert not missing, f"{kiosk.name}: printed and not stored: {missing}"


def _said_is_on_the_server(office: Office, kiosk: Kiosk) -> None:
    parked = kiosk.main.db.rows("SELECT parked FROM outbox WHERE parked IS NOT NULL")
    assert not parked, f"{kiosk.name}: put aside: {[row['parked'] for row in parked]}"
    waiting = kiosk.main.db.rows("SELECT id FROM outbox")
    assert not waiting, f"{kiosk.name}: {len(waiting)} events were never sent"
    with office.central.database.reading() as session:
        there = {str(each) for each in session.scalars(select(StoredEvent.id))}
    missing = set(kiosk.events) - there - office.lost - kiosk.unsaid
    assert not missing, f"{kiosk.name}: acknowledged and not on the server: {missing}"


def _each_event_counts_once(office: Office) -> None:
    with office.central.database.reading() as session:
        events = list(session.scalars(select(StoredEvent)))
        kinds = Counter(event.body["kind"] for event in events)
        assert len({event.id for event in events}) == len(events)
        tickets = len(list(session.scalars(select(Ticket.id))))
        visits = len(list(session.scalars(select(Visit.id))))
    assert tickets == kinds["ticket_issued"], "tickets are not the events they come from"
    assert visits == kinds["visit_ended"], "visits are not the events they come from"


def _order_of_each_device_is_kept(office: Office) -> None:
    order: dict[tuple[str, int], list[int]] = defaultdict(list)
    whose = {
        event: (kiosk.name[:2], *at)
        for kiosk in office.kiosks
        for event, at in kiosk.events.items()
    }
    with office.central.database.reading() as session:
        for event in session.scalars(select(StoredEvent).order_by(StoredEvent.position)):
            assert str(event.id) in whose, f"central made up {event.body}"
            name, card, seq = whose[str(event.id)]
            order[name, card].append(seq)
    for (name, card), seqs in order.items():
        assert seqs == sorted(seqs), f"{name}, card {card}: arrived as {seqs}"


def _deleted_stays_deleted(office: Office) -> None:
    with office.central.database.reading() as session:
        living = {str(each) for each in session.scalars(select(Citizen.id))}
        faces = {str(each) for each in session.scalars(select(FaceTemplate.citizen))}
        named = {str(each) for each in session.scalars(select(Ticket.citizen)) if each}
        buried = {str(each) for each in session.scalars(select(Tombstone.citizen))}
    gone = set(office.erased_at_desk).union(*(kiosk.asked_to_forget for kiosk in office.kiosks))
    assert gone <= buried, f"central forgot to forget {gone - buried}"
    assert not gone & (living | faces | named), "central knows somebody who was deleted"
    for kiosk in office.kiosks:
        known = set(kiosk.known())
        assert not gone & known, f"{kiosk.name} knows somebody who was deleted"
        assert not gone & kiosk.recognised(), f"{kiosk.name} greets somebody who was deleted"
        unsent = kiosk.main.db.rows("SELECT body FROM outbox")
        assert not any(citizen in row["body"] for row in unsent for citizen in gone)


def _all_know_the_same(office: Office) -> None:
    with office.central.database.reading() as session:
        living = {str(each) for each in session.scalars(select(Citizen.id))}
        faces = {str(each.citizen): each.secret for each in session.scalars(select(FaceTemplate))}
    for kiosk in office.kiosks:
        assert set(kiosk.known()) == living, f"{kiosk.name} and central know other people"
        # A secret that has been replaced goes with the card or the kiosk that last held it, and
        # so does the use of a template nobody had turned anew by then.
        held = {each for each, secret in faces.items() if kiosk.main.db.secrets.get(secret)}
        assert kiosk.recognised() == held, f"{kiosk.name} and central know other faces"
        assert held == faces.keys() or office.happened.keys() & {"revoked", "card dies"}
    told = {office_revision(kiosk.main.db) for kiosk in office.kiosks}
    assert len(told) == 1, f"kiosks have other settings: {told}"
