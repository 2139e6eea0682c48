"""When an office's counters work."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from wire import OfficeSettings

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours:
    """The hours of an office that has said them, or none: always."""

    def __init__(self, settings: OfficeSettings | None, zone: ZoneInfo) -> None:
        self._spans = {
            day: [_times(span) for span in spans]
            for day, spans in (settings.hours if settings and settings.hours else {}).items()
        }
        self._zone = zone

    def working(self, moment: datetime) -> datetime:
        """The first moment, not before ``moment``, at which counters call on its day.

        After the day's last hours: the same moment. Whoever still waits then is served.
        """
        local = moment.astimezone(self._zone)
        for start, end in self._spans.get(_DAYS[local.weekday()], ()):
            if local.time() < start:
                return local.replace(
                    hour=start.hour, minute=start.minute, second=0, microsecond=0
                ).astimezone(moment.tzinfo)
            if local.time() < end:
                return moment
        return moment


def _times(span: str) -> tuple[time, time]:
    start, end = span.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)
