"""The sync contract between kiosk and central server, and nothing else.

Both sides import these models; JSON Schema and OpenAPI are published from them. An event is
delivered at least once; its ``id`` makes the server's effect exactly once.
"""

from wire.changes import (
    CHANGE_KINDS,
    AnyChange,
    Change,
    Changes,
    CitizenForgotten,
    CitizenKnown,
    FieldStatus,
    OfficeChanged,
    Reprint,
    SecretIssued,
)
from wire.device import (
    AUDIENCE,
    LEEWAY_S,
    LIFETIME_S,
    Denied,
    DeviceEnrolled,
    EnrolDevice,
    OfficeSecret,
)
from wire.events import (
    Ack,
    AnyBody,
    Batch,
    CitizenEnrolled,
    CitizenErased,
    Event,
    PossibleDuplicate,
    PrinterChanged,
    Refusal,
    TemplateIssued,
    TicketIssued,
    TicketPrinted,
    VisitEnded,
)
from wire.office import OfficeField, OfficePriority, OfficeSettings, Words
from wire.people import (
    ConsentGiven,
    IdentityData,
    MaskedPerson,
    ProtectedTemplate,
    number_index,
)

__all__ = [
    "AUDIENCE",
    "CHANGE_KINDS",
    "LEEWAY_S",
    "LIFETIME_S",
    "Ack",
    "AnyBody",
    "AnyChange",
    "Batch",
    "Change",
    "Changes",
    "CitizenEnrolled",
    "CitizenErased",
    "CitizenForgotten",
    "CitizenKnown",
    "ConsentGiven",
    "Denied",
    "DeviceEnrolled",
    "EnrolDevice",
    "Event",
    "FieldStatus",
    "IdentityData",
    "MaskedPerson",
    "OfficeChanged",
    "OfficeField",
    "OfficePriority",
    "OfficeSecret",
    "OfficeSettings",
    "PossibleDuplicate",
    "PrinterChanged",
    "ProtectedTemplate",
    "Refusal",
    "Reprint",
    "SecretIssued",
    "TemplateIssued",
    "TicketIssued",
    "TicketPrinted",
    "VisitEnded",
    "Words",
    "number_index",
]
