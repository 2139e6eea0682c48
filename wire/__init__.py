"""The sync contract between kiosk and central server, and nothing else.

Both sides import these models; JSON Schema and OpenAPI are published from them. An event is
delivered at least once; its ``id`` makes the server's effect exactly once.
"""

from wire.changes import Changes, FieldStatus, Reprint
from wire.events import (
    Ack,
    Batch,
    CitizenEnrolled,
    ConsentGiven,
    Event,
    IdentityData,
    PossibleDuplicate,
    PrinterChanged,
    Refusal,
    TicketIssued,
    TicketPrinted,
    VisitEnded,
)

__all__ = [
    "Ack",
    "Batch",
    "Changes",
    "CitizenEnrolled",
    "ConsentGiven",
    "Event",
    "FieldStatus",
    "IdentityData",
    "PossibleDuplicate",
    "PrinterChanged",
    "Refusal",
    "Reprint",
    "TicketIssued",
    "TicketPrinted",
    "VisitEnded",
]
