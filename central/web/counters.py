"""The office's counters, and the rule by which they call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from central.db.accounts import UserRole
from central.db.models import Office
from central.services.counters import (
    QueueRefusal,
    add_counter,
    change_counter,
    counters_of,
    retire_counter,
)
from central.services.offices import settings_of
from central.services.policy import HEAD_START_MIN, QueuePolicy, explain
from central.services.queue import policy_of, settle_policy
from central.web.fields import names_in
from central.web.page import Page, PageDep, pages

router = pages(UserRole.ADMINISTRATOR)
Fields = Annotated[list[str] | None, Form()]
CounterForm = Annotated[int, Form(alias="counter", ge=1, le=2**31 - 1)]
_HEAD_START = "head_start."


@router.get("/counters")
def get_counters(page: PageDep) -> Response:
    """Both, to be changed."""
    return _form(page)


@router.post("/counters/add")
def post_add(page: PageDep, label: Annotated[str, Form()], fields: Fields = None) -> Response:
    """Another counter."""
    try:
        with page.database.writing() as session:
            made = add_counter(session, page.me.office_id, label, fields or [])
            page.record(session, "counter.added", f"counter:{made.id}")
            return page.go("/counters", "queue.setup.added", label=made.label)
    except QueueRefusal as refusal:
        return _refused(page, refusal)


@router.post("/counters/change")
def post_change(page: PageDep, counter: CounterForm, fields: Fields = None) -> Response:
    """Other fields."""
    try:
        with page.database.writing() as session:
            row = change_counter(session, page.me.office_id, counter, fields or [])
            page.record(session, "counter.changed", f"counter:{row.id}")
            return page.go("/counters", "queue.setup.changed", label=row.label)
    except QueueRefusal as refusal:
        return _refused(page, refusal)


@router.post("/counters/retire")
def post_retire(page: PageDep, counter: CounterForm) -> Response:
    """Out of use."""
    try:
        with page.database.writing() as session:
            row = retire_counter(session, page.me.office_id, counter, page.now)
            page.record(session, "counter.retired", f"counter:{row.id}")
            return page.go("/counters", "queue.setup.retired", label=row.label)
    except QueueRefusal as refusal:
        return _refused(page, refusal)


@router.post("/counters/policy")
async def post_policy(page: PageDep, request: Request) -> Response:
    """Call by this rule from now on."""
    form = await request.form()
    typed = {name: said for name, said in form.items() if isinstance(said, str)}
    return await run_in_threadpool(_settle, page, typed)


def _settle(page: Page, typed: dict[str, str]) -> Response:
    starts = {
        name.removeprefix(_HEAD_START): said.replace(",", ".")
        for name, said in typed.items()
        if name.startswith(_HEAD_START)
    }
    rule = {name: typed[name] for name in QueuePolicy.model_fields if name in typed}
    try:
        policy = QueuePolicy.model_validate(rule | {"head_start_min": starts})
    except ValidationError:
        return _form(page, 422, fault=page.text("queue.setup.policy_fault"))
    with page.database.writing() as session:
        settle_policy(session, page.me.office_id, policy, page.today)
        page.record(session, "queue.policy", f"office:{page.me.office_id}")
    return page.go("/counters", "queue.setup.policy_saved")


def _refused(page: Page, refusal: QueueRefusal) -> Response:
    said = page.text(f"queue.refused.{refusal.reason}", detail=refusal.detail)
    return _form(page, 409, fault=said)


def _form(page: Page, status: int = 200, fault: str = "") -> Response:
    with page.database.reading() as session:
        office_id = page.me.office_id
        settings = settings_of(session.get_one(Office, office_id))
        policy = policy_of(session, office_id)
        priorities = settings.priorities if settings else ()
        context: dict[str, Any] = {
            "counters": counters_of(session, office_id),
            "names": names_in(settings, page.language),
            "policy": policy,
            "starts": {
                each.id: policy.head_start_min.get(each.id, HEAD_START_MIN) for each in priorities
            },
            "rule": explain(policy, priorities),
            "fault": fault,
        }
        return page.show("counters.html", status, **context)
