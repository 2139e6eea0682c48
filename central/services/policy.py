"""Whom to call next: the office's rule, and how it is explained.

Everybody is called in the order of their *rank*: the moment they took their number, for a
priority class minus its head start. Nobody is overtaken by someone of a class who came later
than the head start: whatever the crowd, the wait of everybody else is bounded. A rank is a
column, so that whoever is next is the first entry of an index, however many wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from wire import OfficePriority

HEAD_START_MIN = 60.0
"""Of a class the office says nothing about: called before everybody who came up to an hour
earlier. A whole day (1440) is: before everybody."""

Return = Literal["keeps", "end"]


class QueuePolicy(BaseModel):
    """How an office calls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head_start_min: dict[str, Annotated[float, Field(ge=0, le=1440)]] = {}
    """By priority class; see :data:`HEAD_START_MIN`."""
    transferred: Return = "keeps"
    """Somebody sent on to another field: keeps the place of their first number, or goes to the
    end of the other queue."""
    absent: Return = "end"
    """Somebody who was not there when called, and comes after all."""
    absent_after_recalls: int = Field(default=1, ge=0, le=5)
    """The console asks for so many recalls before it offers "not there"."""

    def rank(self, issued_at: datetime, priority: str) -> datetime:
        """Where a ticket stands: the earliest is next."""
        return issued_at - self.head_start(priority)

    def rank_again(
        self, how: Return, issued_at: datetime, priority: str, now: datetime
    ) -> datetime:
        """Where a ticket stands that comes back into a queue."""
        return self.rank(issued_at if how == "keeps" else now, priority)

    def head_start(self, priority: str) -> timedelta:
        """By how much a class stands before its time; nothing for those of no class."""
        if not priority:
            return timedelta(0)
        return timedelta(minutes=self.head_start_min.get(priority, HEAD_START_MIN))


class Explanation(BaseModel):
    """One sentence of the rule, in both languages."""

    model_config = ConfigDict(frozen=True)

    vi: str
    en: str


def explain(policy: QueuePolicy, priorities: tuple[OfficePriority, ...]) -> list[Explanation]:
    """The office's rule in sentences for those who wait and those who call."""
    return [
        Explanation(
            vi="Ai lấy số trước được gọi trước, tính trên tất cả lĩnh vực mà quầy phục vụ.",
            en="Whoever took a number first is called first, among all fields a counter serves.",
        ),
        *(_of_class(policy, priority) for priority in priorities),
        _of_transfer(policy.transferred),
        _of_absence(policy.absent),
    ]


def _of_class(policy: QueuePolicy, priority: OfficePriority) -> Explanation:
    minutes = policy.head_start_min.get(priority.id, HEAD_START_MIN)
    vi, en = priority.name.vi, priority.name.en or priority.name.vi
    if minutes >= 24 * 60:
        return Explanation(
            vi=f"{vi}: được gọi trước tất cả mọi người.",
            en=f"{en}: called before everybody else.",
        )
    return Explanation(
        vi=f"{vi}: được xếp như đã đến sớm hơn {minutes:.0f} phút. Không ai phải nhường người "
        f"đến sau mình quá {minutes:.0f} phút.",
        en=f"{en}: ranked as if they had come {minutes:.0f} minutes earlier. Nobody is overtaken "
        f"by someone who came more than {minutes:.0f} minutes later.",
    )


def _of_transfer(how: Return) -> Explanation:
    if how == "keeps":
        return Explanation(
            vi="Người được chuyển sang lĩnh vực khác giữ thứ tự theo giờ lấy số ban đầu.",
            en="Somebody sent on to another field keeps the place of their first number.",
        )
    return Explanation(
        vi="Người được chuyển sang lĩnh vực khác xếp cuối hàng của lĩnh vực đó.",
        en="Somebody sent on to another field goes to the end of its queue.",
    )


def _of_absence(how: Return) -> Explanation:
    if how == "keeps":
        return Explanation(
            vi="Người vắng mặt khi được gọi, nếu quay lại, giữ thứ tự cũ.",
            en="Somebody who was not there when called and comes back keeps their place.",
        )
    return Explanation(
        vi="Người vắng mặt khi được gọi, nếu quay lại, xếp cuối hàng.",
        en="Somebody who was not there when called and comes back goes to the end of the queue.",
    )
